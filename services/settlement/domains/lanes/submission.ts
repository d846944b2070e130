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
import { isSilence, type Simulation, simulate } from './routerCall.ts';
import { claimBatch, readBatchesToSign } from './routing.ts';
import { type Sendable, sendAttempt } from './send.ts';
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

/** So many batches are simulated ahead of the one that is signed. */
const AHEAD = 3;

/**
 * Submits as many batches as there is room for. One that the simulation refuses waits for its back-off and blocks
 * nobody; the others of its account wait for the next round, as they are likely to be refused too. While one is signed,
 * the next are simulated and those before are sent, in the order of their nonces.
 */
export async function submitBatches(
  parts: LaneParts,
  lane: Lane,
  view: ChainView,
  room: Room,
): Promise<Submission> {
  let sending: Promise<unknown> = Promise.resolve();
  const send = (attempt: Sendable, batchId: string) => {
    sending = sending
      .then(() => sendAttempt(parts, lane, attempt))
      .catch((error: unknown) => putOff(parts, batchId, error));
    sending.catch(() => undefined); // it is waited for below
  };
  const [submission] = await Promise.allSettled([signBatches(parts, lane, view, room, send)]);
  await sending;
  if (submission.status === 'rejected') throw submission.reason;
  return submission.value;
}

async function signBatches(
  parts: LaneParts,
  lane: Lane,
  view: ChainView,
  { places, wei }: Room,
  send: (attempt: Sendable, batchId: string) => void,
): Promise<Submission> {
  let submitted = 0;
  let left = wei;
  const refused = new Set<string>();
  const waiting = await readBatchesToSign(parts.database, lane, places);
  for (const [{ id, accountId, isTroubled }, look] of ahead(waiting, (one) => simulated(parts, one.id))) {
    if (parts.stopping?.aborted || submitted >= places) break;
    if (refused.has(accountId)) continue;
    try {
      const { batch, simulation } = await look();
      const gas = await gasOf(parts, view, batch, simulation);
      const cost = (gas ?? 0n) * view.fees.maxFeePerGas;
      if (cost > left) return { submitted, stoppedBy: unfunded(parts.signer.address, left, cost) };
      const signed = gas === undefined ? undefined : await sign(parts, lane, view, batch, gas);
      if (signed) {
        send(signed, id);
        submitted++;
        left -= cost;
        if (isTroubled) await noteRecovery(parts.database, parts.chainId, accountId);
      } else refused.add(accountId);
    } catch (error) {
      if (error instanceof SignerError) return { submitted, stoppedBy: findingOf(error) };
      await putOff(parts, id, error);
      refused.add(accountId);
    }
  }
  return { submitted };
}

/** What goes wrong with one batch is that batch's; what goes wrong with lane or node ends the round. */
async function putOff(parts: LaneParts, batchId: string, error: unknown): Promise<void> {
  if (error instanceof LaneLost || isSilence(error)) throw error;
  parts.log.error({ err: error, settlementBatchId: batchId }, 'a batch cannot be sent; it waits');
  await refuse(parts, batchId, (error as Error).message);
}

/** Each item with the result of `look`, which is begun a few items before its turn. */
function* ahead<Item, Result>(
  items: readonly Item[],
  look: (item: Item) => Promise<Result>,
): Generator<[Item, () => Promise<Result>]> {
  const begun: Promise<Result>[] = [];
  for (const [index, item] of items.entries()) {
    for (const next of items.slice(begun.length, index + AHEAD)) {
      const result = look(next);
      result.catch(() => undefined); // whoever comes to it is told
      begun.push(result);
    }
    yield [item, () => begun[index] as Promise<Result>];
  }
}

async function simulated(
  { database, chain, router, signer }: LaneParts,
  id: string,
): Promise<{ batch: SettlementBatch; simulation: Simulation }> {
  const batch = await readSettlementBatch(database, id);
  return { batch, simulation: await simulate(chain, router, signer.address, batch) };
}

function unfunded(address: Address, left: bigint, cost: bigint): LaneFinding {
  return {
    state: 'unfunded',
    sentence: `${address} has ${formatEther(left)} ETH besides what is under way, the next batch may cost ${formatEther(cost)}. It waits: send the signer ETH.`,
  };
}

/** Gas to give the batch. Undefined when the simulation refuses it: the batch waits or, when its sequences are gone, is held. */
async function gasOf(
  parts: LaneParts,
  view: ChainView,
  batch: SettlementBatch,
  simulation: Simulation,
): Promise<bigint | undefined> {
  const { database, lifecycle, log } = parts;
  const { id } = batch;
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

async function sign(
  parts: LaneParts,
  lane: Lane,
  view: ChainView,
  batch: SettlementBatch,
  gas: bigint,
): ReturnType<typeof signAttempt> {
  const prepared = await prepare(parts, lane, view, batch, gas);
  return prepared && signAttempt(parts, lane, prepared);
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
