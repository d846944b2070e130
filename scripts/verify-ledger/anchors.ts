import type { Hex, PublicClient } from 'viem';
import type { Deployment } from '../../services/core/deployment.ts';
import type { Queryable } from '../../services/platform/database.ts';
import { type AnchorEvent, readAnchorEvents } from '../../services/settlement/domains/ledger/anchorEvents.ts';
import { LedgerDiffers } from './difference.ts';

export interface Anchors {
  /** Of this ledger, by number. */
  byNumber: Map<bigint, AnchorEvent>;
  /** Anchors in the same contract under other ids: other ledgers, or this one before it was given another id. */
  others: { ledgerId: Hex; number: bigint }[];
}

/**
 * Reads what the chain has been told of ledgers.
 * @throws LedgerDiffers when the database knows of a final anchor that the chain does not have
 */
export async function readAnchors(
  database: Queryable,
  chain: PublicClient,
  { ledgerAnchor, startBlock }: Deployment,
  ledgerId: Hex,
): Promise<Anchors> {
  const { rows } = await database.query<{ number: bigint; block_hash: Hex }>(
    'select number, block_hash from settlement.ledger_anchors where ledger_id = $1 and block_number is not null order by number',
    [ledgerId],
  );
  const latest = await chain.getBlockNumber({ cacheTime: 0 });
  const events = await readAnchorEvents(chain, ledgerAnchor, [BigInt(startBlock), latest]);
  const byNumber = new Map(
    events.filter((event) => event.ledgerId === ledgerId).map((event) => [event.number, event]),
  );
  for (const { number, block_hash } of rows) {
    const found = byNumber.get(number)?.blockHash;
    if (found !== block_hash)
      throw new LedgerDiffers(
        `The anchor of posting ${number}`,
        `block ${block_hash}`,
        found ? `block ${found}` : 'none on the chain',
      );
  }
  const others = new Map(
    events.filter((event) => event.ledgerId !== ledgerId).map((event) => [event.ledgerId, event.number]),
  );
  return { byNumber, others: [...others].map(([id, number]) => ({ ledgerId: id, number })) };
}

/** The anchored head of a posting is its seal. @throws LedgerDiffers */
export function compareAnchor(event: AnchorEvent, seal: Hex | undefined): void {
  if (seal === event.head) return;
  throw new LedgerDiffers(
    `Posting ${event.number}, anchored in block ${event.blockNumber} by transaction ${event.transactionHash}`,
    `the seal ${event.head}`,
    seal ?? 'no such posting',
  );
}
