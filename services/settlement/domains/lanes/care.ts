/** Looks after transactions that are under way: sends them again, raises their fee, finds out what became of their nonce. */
import { type Hex, type TransactionReceipt, TransactionReceiptNotFoundError } from 'viem';
import { type Transaction, withTransaction } from '../../../platform/database.ts';
import { raiseFees } from '../../../platform/signer.ts';
import { type Attempt, insertAttempt, readSettlementBatch, readUnfinished } from './attempts.ts';
import { moveBatch, noteFailure } from './batchStates.ts';
import { guardEpoch, type Lane } from './lease.ts';
import type { ChainView, LaneParts } from './parts.ts';
import { settleBatchData } from './routerCall.ts';
import { sendAttempt } from './send.ts';

/** A transaction that is not in a block is sent again so often. */
const RESEND_MS = 5_000;
/** A transaction that is not in a block after so many pays more, up to so many times what a new one would pay. */
const PATIENCE_BLOCKS = 10n;
const DEAREST = 10n;

/**
 * Goes through the lane's unfinished attempts.
 * @param isNewHolder true in the first round after the lane was taken: everything is sent again at once.
 * @returns how many nonces are under way.
 */
export async function careForAttempts(
  parts: LaneParts,
  lane: Lane,
  view: ChainView,
  isNewHolder: boolean,
): Promise<number> {
  const unfinished = await readUnfinished(parts.database, lane, view.latestNonce);
  const byNonce = Map.groupBy(unfinished, (attempt) => attempt.nonce);
  for (const [nonce, attempts] of byNonce) {
    if (nonce < view.latestNonce) await learnFate(parts, lane, view, attempts);
    else await keepAlive(parts, lane, view, attempts, isNewHolder);
  }
  return byNonce.size;
}

/** The nonce is not used yet: the node must have the newest bytes, and they must pay enough. */
async function keepAlive(
  parts: LaneParts,
  lane: Lane,
  view: ChainView,
  attempts: readonly Attempt[],
  isNewHolder: boolean,
): Promise<void> {
  const newest = attempts.at(-1) as Attempt;
  const isFirst = newest.nonce === view.latestNonce;
  const isTooCheap = newest.maxFeePerGas < view.baseFeePerGas;
  const isLate = view.headNumber - newest.signedAtBlock >= PATIENCE_BLOCKS;
  const isOpen = newest.state === 'signed' || newest.state === 'broadcast';
  const isDear = newest.maxFeePerGas >= view.fees.maxFeePerGas * DEAREST;
  // Those behind the first wait for it, not for their price.
  if (isOpen && isLate && !isDear && (isFirst || isTooCheap)) {
    const replacement = await replace(parts, lane, view, newest);
    if (replacement) await sendAttempt(parts, lane, replacement);
    return;
  }
  const sentAt = newest.lastBroadcastAt?.getTime() ?? 0;
  if (isNewHolder || Date.now() - sentAt >= RESEND_MS) await sendAttempt(parts, lane, newest);
}

/** Signs the same calldata under the same nonce for a higher fee. The earlier bytes stay stored: they may land too. */
function replace(
  { database, chainId, router, signer, log }: LaneParts,
  lane: Lane,
  view: ChainView,
  old: Attempt,
) {
  return withTransaction(database, async (tx: Transaction) => {
    await guardEpoch(tx, lane);
    const { rowCount } = await tx.query(
      `select from settlement.settlement_batches where id = $1 and state in ('signed', 'broadcast') for update`,
      [old.settlementBatchId],
    );
    if (rowCount === 0) return undefined;
    const batch = await readSettlementBatch(tx, old.settlementBatchId);
    const fees = raiseFees(old, view.fees);
    const unsigned = {
      chainId,
      to: router,
      data: settleBatchData(batch),
      gas: old.gas,
      nonce: old.nonce,
      ...fees,
    };
    const signed = await signer.sign(unsigned);
    await insertAttempt(tx, lane, batch.id, unsigned, signed, view.headNumber);
    log.info(
      { nonce: old.nonce, was: old.hash, transactionHash: signed.hash },
      'a late transaction pays more',
    );
    return { ...signed, nonce: old.nonce, settlementBatchId: batch.id };
  });
}

/**
 * The nonce is used. Success shows in the index, by the confirmation; here we find the two other fates: our transaction
 * reverted in a block that the index has too, or, for good, the nonce went to a transaction that is none of ours.
 */
async function learnFate(
  parts: LaneParts,
  lane: Lane,
  view: ChainView,
  attempts: readonly Attempt[],
): Promise<void> {
  const receipts = await Promise.all(attempts.map(({ hash }) => receiptOf(parts, hash)));
  const receipt = receipts.find((found) => found !== undefined);
  const [attempt] = attempts as [Attempt];
  if (receipt?.status === 'reverted' && (await isIndexed(parts, receipt))) {
    await endNonce(
      parts,
      lane,
      attempt,
      receipt.transactionHash,
      `Transaction ${receipt.transactionHash} reverted`,
    );
  } else if (!receipt && attempt.nonce < view.finalNonce) {
    const reason = `Nonce ${attempt.nonce} was used by a transaction that is none of ours`;
    await endNonce(parts, lane, attempt, undefined, reason);
  }
}

async function receiptOf({ chain }: LaneParts, hash: Hex): Promise<TransactionReceipt | undefined> {
  try {
    return await chain.getTransactionReceipt({ hash });
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return undefined;
    throw error;
  }
}

async function isIndexed({ database, chainId }: LaneParts, receipt: TransactionReceipt): Promise<boolean> {
  const { rowCount } = await database.query(
    'select from indexer.blocks where chain_id = $1 and number = $2 and hash = $3',
    [chainId, receipt.blockNumber, receipt.blockHash],
  );
  return rowCount === 1;
}

/**
 * Ends the attempts of a nonce. Their batch, if nothing else of it is under way, waits to be signed again under a new
 * nonce: the same calldata, so that at most one of its transactions takes effect.
 */
async function endNonce(
  { database, lifecycle, log }: LaneParts,
  lane: Lane,
  { nonce, settlementBatchId }: Attempt,
  revertedHash: Hex | undefined,
  reason: string,
): Promise<void> {
  log.warn({ nonce, settlementBatchId, reason }, 'a transaction had no effect; its batch is signed again');
  await withTransaction(database, async (tx) => {
    await guardEpoch(tx, lane);
    await tx.query(
      `update settlement.attempts
          set state = case when transaction_hash = $4 then 'reverted' else 'replaced' end
        where chain_id = $1 and signer = $2 and nonce = $3 and state in ('signed', 'broadcast')`,
      [lane.chainId, lane.signer, nonce, revertedHash ?? ''],
    );
    const { rowCount } = await tx.query(
      `select from settlement.attempts where settlement_batch_id = $1 and state in ('signed', 'broadcast')`,
      [settlementBatchId],
    );
    if (rowCount !== 0) return;
    if (await moveBatch(tx, lifecycle, settlementBatchId, ['signed', 'broadcast'], 'batched', { nonce }))
      await noteFailure(tx, lifecycle, settlementBatchId, reason);
  });
}
