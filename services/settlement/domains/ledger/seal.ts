/** The seals of the ledger, as anybody can compute them. The database computes them as it posts, in migration 0006. */
import { createHash } from 'node:crypto';
import type { Hex } from 'viem';

/** What a seal covers of a posting. */
export interface PostingRecord {
  /** From 1, without gaps. */
  number: bigint;
  id: string;
  kind: string;
  chainId: bigint;
  blockNumber: bigint;
  blockHash: Hex;
  logIndex: number;
  transactionHash: Hex;
  accountId: string;
  partnerId: string;
  paymentId: string | null;
  /** RFC 3339, UTC, in microseconds: `2026-11-21T17:00:00.000000Z`. */
  bookedAt: string;
  entries: readonly { accountId: string; kind: string; currency: string; amount: bigint }[];
}

/** The seal before the first posting. */
export const FIRST_HEAD: Hex = `0x${'00'.repeat(32)}`;

/** SHA-256 over the seal before it and the UTF-8 bytes of the posting's record. */
export function nextSeal(head: Hex, posting: PostingRecord): Hex {
  return `0x${createHash('sha256').update(head.slice(2), 'hex').update(recordOf(posting)).digest('hex')}`;
}

/** A line a fact, each ended by a line feed; the entries' lines last, in the order of their bytes. */
function recordOf(posting: PostingRecord): string {
  const entries = posting.entries
    .map(({ accountId, kind, currency, amount }) => `entry ${accountId} ${kind} ${currency} ${amount}`)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return [
    'corridor ledger 1',
    `number ${posting.number}`,
    `posting ${posting.id}`,
    `kind ${posting.kind}`,
    `chain ${posting.chainId}`,
    `block ${posting.blockNumber} ${posting.blockHash}`,
    `log ${posting.logIndex}`,
    `transaction ${posting.transactionHash}`,
    `account ${posting.accountId} ${posting.partnerId}`,
    `payment ${posting.paymentId ?? '-'}`,
    `booked ${posting.bookedAt}`,
    ...entries,
    '',
  ].join('\n');
}
