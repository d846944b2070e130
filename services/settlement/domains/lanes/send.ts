/** Hands stored bytes to the node. It may be done any number of times: the same bytes are the same transaction. */
import { type Hex, type PublicClient, TransactionNotFoundError } from 'viem';
import { withTransaction } from '../../../platform/database.ts';
import type { SignedAttempt } from './attempts.ts';
import { moveCargo } from './cargo.ts';
import { guardEpoch, type Lane } from './lease.ts';
import type { LaneParts } from './parts.ts';

/** Stored bytes. */
export type Sendable = Pick<SignedAttempt, 'hash' | 'raw' | 'settlementBatchId' | 'callId' | 'nonce'>;

/**
 * Sends an attempt and notes that the node has it. When the node refuses the bytes ("already known", "nonce too low",
 * or whatever its words are) we look whether it has the transaction instead of reading the words; if it has not, the
 * attempt stays as it is, and the lane's care finds out what became of its nonce, or sends it again: nothing is tried twice here,
 * where a node that does not come to an answer would keep the lane for as many times its patience.
 */
export async function sendAttempt(parts: LaneParts, lane: Lane, attempt: Sendable): Promise<void> {
  const { chain, log } = parts;
  try {
    await chain.request({ method: 'eth_sendRawTransaction', params: [attempt.raw] }, { retryCount: 0 });
  } catch (error) {
    if (!(await isKnown(chain, attempt.hash))) {
      log.warn(
        { err: error, nonce: attempt.nonce, transactionHash: attempt.hash },
        'the node refused a transaction',
      );
      return;
    }
  }
  await noteBroadcast(parts, lane, attempt);
}

async function isKnown(chain: PublicClient, hash: Hex): Promise<boolean> {
  try {
    await chain.getTransaction({ hash });
    return true;
  } catch (error) {
    if (error instanceof TransactionNotFoundError) return false;
    throw error;
  }
}

async function noteBroadcast(parts: LaneParts, lane: Lane, attempt: Sendable): Promise<void> {
  const { hash, nonce } = attempt;
  await withTransaction(parts.database, async (tx) => {
    await guardEpoch(tx, lane);
    await tx.query(
      `update settlement.attempts
          set last_broadcast_at = now(), state = case when state = 'signed' then 'broadcast' else state end
        where transaction_hash = $1`,
      [hash],
    );
    await moveCargo(tx, parts, attempt, ['signed'], 'broadcast', { transactionHash: hash, nonce });
  });
}
