/** What became of a nonce that the chain has used. */
import { type Hex, type TransactionReceipt, TransactionReceiptNotFoundError } from 'viem';
import { withTransaction } from '../../../platform/database.ts';
import type { Attempt } from './attempts.ts';
import { moveBatch, noteFailure } from './batchStates.ts';
import { guardEpoch, type Lane } from './lease.ts';
import type { ChainView, LaneParts } from './parts.ts';

/**
 * That a batch took effect shows in the index, by the confirmation. Here we find the other fates: ours reverted, or only
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
  const batchIds = [...new Set(attempts.flatMap(({ settlementBatchId }) => settlementBatchId ?? []))];
  const end = (fate: Fate) => endNonce(parts, lane, nonce, batchIds, fate);
  if (!receipt || !landed) {
    if (isFinal) await end({ reason: `Nonce ${nonce} was used by a transaction that is none of ours` });
  } else if (isFinal || (await isIndexed(parts, receipt))) {
    const { transactionHash: hash } = receipt;
    if (receipt.status === 'reverted')
      await end({ hash, state: 'reverted', reason: `Transaction ${hash} reverted` });
    else if (!landed.settlementBatchId)
      await end({
        hash,
        state: 'included',
        reason: `Its transaction did not land in time; ${hash} took its nonce`,
      });
    else if (isFinal) await end({ hash, state: 'included' });
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

/** How a nonce ended. With a reason its batch did not take effect by it, and is signed again. */
interface Fate {
  hash?: Hex;
  state?: 'included' | 'reverted';
  reason?: string;
}

/**
 * Ends the attempts of a nonce. A batch that did not take effect, if nothing else of it is under way, waits to be signed
 * again under a new nonce: the same calldata, so that at most one of its transactions takes effect.
 */
async function endNonce(
  { database, lifecycle, log }: LaneParts,
  lane: Lane,
  nonce: number,
  batchIds: readonly string[],
  { hash, state, reason }: Fate,
): Promise<void> {
  await withTransaction(database, async (tx) => {
    await guardEpoch(tx, lane);
    await tx.query(
      `update settlement.attempts set state = case when transaction_hash = $4 then $5 else 'replaced' end
        where chain_id = $1 and signer = $2 and nonce = $3 and state in ('prepared', 'signed', 'broadcast')`,
      [lane.chainId, lane.signer, nonce, hash ?? '', state ?? 'replaced'],
    );
    if (!reason) return;
    for (const id of batchIds) {
      const { rowCount } = await tx.query(
        `select from settlement.attempts where settlement_batch_id = $1 and state in ('prepared', 'signed', 'broadcast')`,
        [id],
      );
      if (rowCount !== 0) continue;
      if (!(await moveBatch(tx, lifecycle, id, ['signed', 'broadcast'], 'batched', { nonce }))) continue;
      await noteFailure(tx, lifecycle, id, reason);
      log.warn(
        { nonce, settlementBatchId: id, reason },
        'a transaction had no effect; its batch is signed again',
      );
    }
  });
}
