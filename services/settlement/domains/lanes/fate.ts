/** What became of a nonce that the chain has used. */
import { type Hex, type TransactionReceipt, TransactionReceiptNotFoundError } from 'viem';
import { type Transaction, withTransaction } from '../../../platform/database.ts';
import type { Lifecycle } from '../payments/lifecycle.ts';
import type { Attempt } from './attempts.ts';
import { type Cargo, cargoId, includeCall, moveCargo, noteCargoFailure } from './cargo.ts';
import { divideBatch, firstHalf } from './division.ts';
import { guardEpoch, type Lane } from './lease.ts';
import type { ChainView, LaneParts } from './parts.ts';

/**
 * That a batch took effect shows in the index, by the confirmation; that a call did, by its receipt. Here we find this and the other fates: ours reverted, or only
 * used up its nonce, in a block that the index has too; or, for good, the nonce went to a transaction that is none of
 * ours. What is final is closed, whatever it was.
 */
export async function learnFate(
  parts: LaneParts,
  lane: Lane,
  view: ChainView,
  attempts: readonly Attempt[],
): Promise<void> {
  const signed = attempts.flatMap((attempt) => (attempt.state === 'prepared' ? [] : [attempt]));
  const receipts = await Promise.all(signed.map(({ hash }) => receiptOf(parts, hash)));
  const place = receipts.findIndex((found) => found !== undefined);
  const [receipt, landed] = [receipts[place], signed[place]];
  const { nonce } = attempts[0] as Attempt;
  const isFinal = nonce < view.finalNonce;
  const cargos = new Map(attempts.map((attempt) => [cargoId(attempt), attempt])).values();
  const end = (fate: Fate) => endNonce(parts, lane, nonce, [...cargos], fate);
  if (!receipt || !landed) {
    if (isFinal) await end({ reason: `Nonce ${nonce} was used by a transaction that is none of ours` });
  } else if (isFinal || (await isIndexed(parts, receipt))) {
    const { transactionHash: hash } = receipt;
    if (receipt.status === 'reverted')
      await end({ hash, state: 'reverted', reason: `Transaction ${hash} reverted` });
    else if (landed.callId) await end({ hash, state: 'included', receipt });
    else if (!landed.settlementBatchId)
      await end({
        hash,
        state: 'included',
        reason: `Its transaction did not land in time; ${hash} took its nonce`,
      });
    else if (isFinal) await end({ hash, state: 'included' });
  }
}

/** The receipt of a transaction that is in a block, as the node says. */
export async function receiptOf({ chain }: LaneParts, hash: Hex): Promise<TransactionReceipt | undefined> {
  try {
    return await chain.getTransactionReceipt({ hash });
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return undefined;
    throw error;
  }
}

/** True when the index has the receipt's block, by its hash. */
export async function isIndexed(
  { database, chainId }: LaneParts,
  receipt: TransactionReceipt,
): Promise<boolean> {
  const { rowCount } = await database.query(
    'select from indexer.blocks where chain_id = $1 and number = $2 and hash = $3',
    [chainId, receipt.blockNumber, receipt.blockHash],
  );
  return rowCount === 1;
}

/** How a nonce ended. With a reason its cargo did not take effect by it, and is signed again; with a receipt a call did. */
interface Fate {
  hash?: Hex;
  state?: 'included' | 'reverted';
  reason?: string;
  receipt?: TransactionReceipt;
}

/** Divides a batch whose transaction had no effect. @returns false when it has only one payment. */
async function divideFailed(
  tx: Transaction,
  lifecycle: Lifecycle,
  settlementBatchId: string,
  reason: string,
): Promise<boolean> {
  const { rows } = await tx.query<{ count: number }>(
    'select payment_count as count from settlement.settlement_batches where id = $1',
    [settlementBatchId],
  );
  const { count } = rows[0] as { count: number };
  if (count === 1) return false;
  await lifecycle.note(tx, settlementBatchId, { reason });
  return (await divideBatch(tx, settlementBatchId, firstHalf(count))) !== undefined;
}

/**
 * Ends the attempts of a nonce. A batch or call that did not take effect, if nothing else of it is under way, waits to be
 * signed again under a new nonce: the same calldata, so that at most one of its transactions takes effect.
 */
async function endNonce(
  parts: LaneParts,
  lane: Lane,
  nonce: number,
  cargos: readonly Cargo[],
  { hash, state, reason, receipt }: Fate,
): Promise<void> {
  await withTransaction(parts.database, async (tx) => {
    await guardEpoch(tx, lane);
    await tx.query(
      `update settlement.attempts set state = case when transaction_hash = $4 then $5 else 'replaced' end
        where chain_id = $1 and signer = $2 and nonce = $3 and state in ('prepared', 'signed', 'broadcast')`,
      [lane.chainId, lane.signer, nonce, hash ?? '', state ?? 'replaced'],
    );
    for (const cargo of cargos) {
      if (receipt && cargo.callId) await includeCall(tx, parts, cargo.callId, receipt);
      if (!reason || !cargoId(cargo)) continue;
      const { rowCount } = await tx.query(
        `select from settlement.attempts
          where (settlement_batch_id = $1 or call_id = $1) and state in ('prepared', 'signed', 'broadcast')`,
        [cargoId(cargo)],
      );
      if (rowCount !== 0) continue;
      if (!(await moveCargo(tx, parts, cargo, ['signed', 'broadcast'], 'waiting', { nonce }))) continue;
      // One of a batch's payments may be the cause: the halves are tried at once, a single payment lets the others pass.
      const { settlementBatchId, callId } = cargo;
      const isOurs = hash !== undefined;
      if (isOurs && settlementBatchId && (await divideFailed(tx, parts.lifecycle, settlementBatchId, reason)))
        continue;
      await noteCargoFailure(tx, parts, cargo, reason, isOurs);
      parts.log.warn(
        { nonce, settlementBatchId, callId, reason },
        'a transaction had no effect; what it carried is signed again',
      );
    }
  });
}
