/** Signs waiting batches, each with the lane's next nonce, and sends them. */
import type { Address } from 'viem';
import { paymentRouterAbi } from '../../../core/abi/paymentRouter.ts';
import { type Transaction, withTransaction } from '../../../platform/database.ts';
import { insertAttempt, readBatchesToSign, readSettlementBatch, type SettlementBatch } from './attempts.ts';
import { moveBatch, noteFailure, noteRecovery } from './batchStates.ts';
import { type Lane, LaneLost, takeNonce } from './lease.ts';
import type { ChainView, LaneParts } from './parts.ts';
import { isSilence, settleBatchData, simulate } from './routerCall.ts';
import { sendAttempt } from './send.ts';

/**
 * Submits up to `limit` batches. One that the simulation refuses waits for its back-off and blocks nobody; the others
 * of its account wait for the next round, as they are likely to be refused too.
 * @returns how many were signed.
 */
export async function submitBatches(
  parts: LaneParts,
  lane: Lane,
  view: ChainView,
  limit: number,
): Promise<number> {
  let signed = 0;
  const refused = new Set<string>();
  for (const { id, accountId, isTroubled } of await readBatchesToSign(parts.database, parts.chainId, limit)) {
    if (parts.stopping?.aborted || signed >= limit) break;
    if (refused.has(accountId)) continue;
    try {
      if (await submitBatch(parts, lane, view, id)) {
        signed++;
        if (isTroubled) await noteRecovery(parts.database, parts.chainId, accountId);
      } else refused.add(accountId);
    } catch (error) {
      if (error instanceof LaneLost || isSilence(error)) throw error;
      parts.log.error({ err: error, settlementBatchId: id }, 'a batch cannot be sent; it waits');
      await refuse(parts, id, (error as Error).message);
      refused.add(accountId);
    }
  }
  return signed;
}

async function submitBatch(parts: LaneParts, lane: Lane, view: ChainView, id: string): Promise<boolean> {
  const { database, chain, router, signer, lifecycle, log } = parts;
  const batch = await readSettlementBatch(database, id);
  const simulation = await simulate(chain, router, signer.address, batch);
  if ('refusal' in simulation) {
    const { name, detail } = simulation.refusal;
    log.warn({ settlementBatchId: id, refusal: detail }, 'the simulation of a batch failed; it waits');
    if (name === 'SequenceAlreadyUsed' && (await isUsedByOthers(parts, view, batch)))
      await withTransaction(database, (tx) =>
        moveBatch(tx, lifecycle, id, ['batched'], 'held', { reason: detail }),
      );
    else await refuse(parts, id, detail);
    return false;
  }
  const attempt = await signBatch(parts, lane, view, batch, simulation.gas);
  if (!attempt) return false;
  await sendAttempt(parts, lane, attempt);
  return true;
}

function refuse({ database, lifecycle }: LaneParts, batchId: string, reason: string): Promise<void> {
  return withTransaction(database, (tx) => noteFailure(tx, lifecycle, batchId, reason));
}

/** Nonce, signed bytes and the batch's new state are one commit. Undefined when the batch is not waiting any more. */
function signBatch(
  { database, signer, router, lifecycle, chainId }: LaneParts,
  lane: Lane,
  view: ChainView,
  batch: SettlementBatch,
  gas: bigint,
) {
  const call = { chainId, to: router, data: settleBatchData(batch), gas, ...view.fees };
  return withTransaction(database, async (tx: Transaction) => {
    const { rowCount } = await tx.query(
      `select from settlement.settlement_batches where id = $1 and state = 'batched' for update skip locked`,
      [batch.id],
    );
    if (rowCount === 0) return undefined;
    const nonce = await takeNonce(tx, lane, view.finalNonce);
    const signed = await signer.sign({ ...call, nonce });
    await insertAttempt(tx, lane, batch.id, { ...call, nonce }, signed, view.headNumber);
    await moveBatch(tx, lifecycle, batch.id, ['batched'], 'signed', { transactionHash: signed.hash, nonce });
    return { ...signed, nonce, settlementBatchId: batch.id };
  });
}

/**
 * True when sequences of the batch are used for good and the index, which has every final block, shows no payment of
 * them: cancelled by the payer, or used in a way that is none of ours. If the index has them, the confirmation adopts them.
 */
async function isUsedByOthers(
  { database, chain, chainId, router }: LaneParts,
  view: ChainView,
  { payer, firstSequence, payments }: SettlementBatch,
): Promise<boolean> {
  const end = firstSequence + BigInt(payments.length);
  const { rowCount } = await database.query(
    'select from indexer.payments where chain_id = $1 and payer = $2 and sequence >= $3 and sequence < $4 limit 1',
    [chainId, payer, firstSequence, end],
  );
  if (rowCount !== 0) return false;
  const used = await Promise.all(
    payments.map((_, index) =>
      chain.readContract({
        address: router as Address,
        abi: paymentRouterAbi,
        functionName: 'isSequenceUsed',
        args: [payer, firstSequence + BigInt(index)],
        blockNumber: view.finalNumber,
      }),
    ),
  );
  return used.includes(true);
}
