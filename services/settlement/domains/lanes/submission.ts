/** Signs waiting batches, each with the lane's next nonce, and sends them. */
import { type Address, formatEther } from 'viem';
import { paymentRouterAbi } from '../../../core/abi/paymentRouter.ts';
import { withTransaction } from '../../../platform/database.ts';
import { SignerError } from '../../../platform/signer.ts';
import { insertPrepared, type PreparedAttempt } from './attempts.ts';
import { moveBatch, noteFailure, noteRecovery } from './batchStates.ts';
import { findingOf, type LaneFinding } from './laneState.ts';
import { type Lane, LaneLost, takeNonce } from './lease.ts';
import type { ChainView, LaneParts } from './parts.ts';
import { isSilence, simulate } from './routerCall.ts';
import { claimBatch, readBatchesToSign } from './routing.ts';
import { sendAttempt } from './send.ts';
import { readSettlementBatch, type SettlementBatch } from './settlementBatch.ts';
import { signAttempt } from './signing.ts';

/** What the lane can still take on. */
export interface Room {
  places: number;
  wei: bigint;
}

export interface Submission {
  /** How many batches were signed. */
  submitted: number;
  /** What kept the lane from going on, if anything. */
  stoppedBy?: LaneFinding;
}

/**
 * Submits as many batches as there is room for. One that the simulation refuses waits for its back-off and blocks
 * nobody; the others of its account wait for the next round, as they are likely to be refused too.
 */
export async function submitBatches(
  parts: LaneParts,
  lane: Lane,
  view: ChainView,
  { places, wei }: Room,
): Promise<Submission> {
  let submitted = 0;
  let left = wei;
  const refused = new Set<string>();
  for (const { id, accountId, isTroubled } of await readBatchesToSign(parts.database, lane, places)) {
    if (parts.stopping?.aborted || submitted >= places) break;
    if (refused.has(accountId)) continue;
    try {
      const batch = await readSettlementBatch(parts.database, id);
      const gas = await estimateGas(parts, view, batch);
      const cost = (gas ?? 0n) * view.fees.maxFeePerGas;
      if (cost > left) return { submitted, stoppedBy: unfunded(parts.signer.address, left, cost) };
      if (gas !== undefined && (await submitBatch(parts, lane, view, batch, gas))) {
        submitted++;
        left -= cost;
        if (isTroubled) await noteRecovery(parts.database, parts.chainId, accountId);
      } else refused.add(accountId);
    } catch (error) {
      if (error instanceof SignerError) return { submitted, stoppedBy: findingOf(error) };
      if (error instanceof LaneLost || isSilence(error)) throw error;
      parts.log.error({ err: error, settlementBatchId: id }, 'a batch cannot be sent; it waits');
      await refuse(parts, id, (error as Error).message);
      refused.add(accountId);
    }
  }
  return { submitted };
}

function unfunded(address: Address, left: bigint, cost: bigint): LaneFinding {
  return {
    state: 'unfunded',
    sentence: `${address} has ${formatEther(left)} ETH besides what is under way, the next batch may cost ${formatEther(cost)}. It waits: send the signer ETH.`,
  };
}

/** Gas to give the batch. Undefined when the simulation refuses it: the batch waits or, when its sequences are gone, is held. */
async function estimateGas(
  parts: LaneParts,
  view: ChainView,
  batch: SettlementBatch,
): Promise<bigint | undefined> {
  const { database, chain, router, signer, lifecycle, log } = parts;
  const { id } = batch;
  const simulation = await simulate(chain, router, signer.address, batch);
  if ('gas' in simulation) return simulation.gas;
  const { name, detail } = simulation.refusal;
  log.warn({ settlementBatchId: id, refusal: detail }, 'the simulation of a batch failed; it waits');
  if (name === 'SequenceAlreadyUsed' && (await isUsedByOthers(parts, view, batch)))
    await withTransaction(database, (tx) =>
      moveBatch(tx, lifecycle, id, ['batched'], 'held', { reason: detail }),
    );
  else await refuse(parts, id, detail);
  return undefined;
}

async function submitBatch(
  parts: LaneParts,
  lane: Lane,
  view: ChainView,
  batch: SettlementBatch,
  gas: bigint,
): Promise<boolean> {
  const prepared = await prepare(parts, lane, view, batch, gas);
  const signed = prepared && (await signAttempt(parts, lane, prepared));
  if (!signed) return false;
  await sendAttempt(parts, lane, signed);
  return true;
}

function refuse({ database, lifecycle }: LaneParts, batchId: string, reason: string): Promise<void> {
  return withTransaction(database, (tx) => noteFailure(tx, lifecycle, batchId, reason));
}

/** Nonce and attempt are one commit. Undefined when the batch is not this lane's to sign any more. */
function prepare(
  { database }: LaneParts,
  lane: Lane,
  { fees, headNumber }: ChainView,
  batch: SettlementBatch,
  gas: bigint,
): Promise<PreparedAttempt | undefined> {
  return withTransaction(database, async (tx) => {
    if (!(await claimBatch(tx, lane, batch.id))) return undefined;
    const nonce = await takeNonce(tx, lane);
    return insertPrepared(tx, lane, { settlementBatchId: batch.id, nonce, gas, ...fees }, headNumber);
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
        address: router,
        abi: paymentRouterAbi,
        functionName: 'isSequenceUsed',
        args: [payer, firstSequence + BigInt(index)],
        blockNumber: view.finalNumber,
      }),
    ),
  );
  return used.includes(true);
}
