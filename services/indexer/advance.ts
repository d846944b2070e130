/** The only place that writes blocks: cursor and effects, backwards and forwards, in one commit. */
import type { WatchedContracts } from './contractEvents.ts';
import { type Cursor, moveCursor } from './cursor.ts';
import { addBlocks, undoBlocksAbove } from './domains/chain/projection.ts';
import { addPayments } from './domains/payments/projection.ts';
import { paymentsOf, type UnprovenBatch } from './domains/payments/settledBatch.ts';
import type { Step } from './steps.ts';
import type { Writer } from './writer.ts';

interface Advance extends Step {
  /** Where the cursor is. When that is above the step's base, the blocks between are undone. */
  from: Cursor;
  finalNumber: bigint;
}

/** Readers see the state before the step or after it, never between; they are told by NOTIFY `indexer_head`. */
export async function advance(
  writer: Writer,
  contracts: WatchedContracts,
  chainId: number,
  { from, base, headers, events, finalNumber }: Advance,
): Promise<UnprovenBatch[]> {
  const { payments, unproven } = paymentsOf(contracts, events);
  await writer.transaction(async (tx) => {
    await moveCursor(tx, chainId, from, headers.at(-1) ?? base, finalNumber);
    if (base.number < from.head.number) await undoBlocksAbove(tx, chainId, base.number);
    if (headers.length > 0) await addBlocks(tx, chainId, headers, events);
    await addPayments(tx, chainId, payments);
    await tx.query(`select pg_notify('indexer_head', $1)`, [String(chainId)]);
  });
  return unproven;
}
