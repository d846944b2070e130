/** Signs waiting batches, each with the lane's next nonce, and sends them. */
import { type Address, formatEther } from 'viem';
import { withTransaction } from '../../../platform/database.ts';
import { type Fees, SignerError } from '../../../platform/signer.ts';
import { insertPrepared, type PreparedAttempt } from './attempts.ts';
import { batchGasLimit } from './batchSize.ts';
import { noteFailure, noteRecovery } from './batchStates.ts';
import { findingOf, type LaneFinding } from './laneState.ts';
import { type Lane, LaneLost, takeNonce } from './lease.ts';
import type { ChainView, LaneParts } from './parts.ts';
import { isSilence, type Simulation, simulate } from './routerCall.ts';
import { claimBatch, readBatchesToSign } from './routing.ts';
import { type Sendable, sendAttempt } from './send.ts';
import { fitToLimits, refuse } from './setbacks.ts';
import { readSettlementBatch, type SettlementBatch } from './settlementBatch.ts';
import { signAttempt } from './signing.ts';

/** What the lane can still take on. */
export interface Room {
  places: number;
  /** As many places when a batch is urgent. */
  urgentPlaces: number;
  /** What is urgent may have more. */
  gas: bigint;
  /** Payments in a batch that the chain includes now. */
  batchTarget: number;
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

/** An urgent batch pays so many times the priority fee that others pay, if the chain asks for one. */
const URGENT_TIP_FACTOR = 2n;

/** Enough to single out two bad payments of 256 in one round; what is left of a batch then has its turn in the next one. */
const LOOKS_AT_A_BATCH = 32;

/**
 * Submits as many batches as there is room for, those of an account in their order. One that the simulation refuses blocks
 * no other account. Where the reason lies in one of its payments, it is divided in halves, both are tried at once, and so on:
 * only that payment waits, by itself. Where it lies in the account, the others of it wait too, as they would be refused as
 * well. While one is signed, the next are simulated and those before are sent, in the order of their nonces.
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
  room: Room,
  send: (attempt: Sendable, batchId: string) => void,
): Promise<Submission> {
  let submitted = 0;
  let left = room.wei;
  let gasLeft = room.gas;
  const held = new Set<string>();
  const due = await readBatchesToSign(parts.database, lane, room.urgentPlaces);
  const waiting = due.filter(({ isUrgent }) => isUrgent || room.places > 0);
  for (const [one, look] of ahead(waiting, ({ id }) => simulated(parts, id))) {
    const { accountId, isTroubled, isSetAside, isUrgent } = one;
    const places = isUrgent ? room.urgentPlaces : room.places;
    const fees = isUrgent ? urgentFees(view.fees) : view.fees;
    if (held.has(accountId) && !isSetAside) continue;
    const queue = [{ id: one.id, look }];
    for (let looks = 0; queue.length > 0; looks++) {
      if (parts.stopping?.aborted || submitted >= places) return { submitted };
      if (looks === LOOKS_AT_A_BATCH) {
        held.add(accountId);
        break;
      }
      const [{ id, look: lookAtPart }] = queue.splice(0, 1) as [(typeof queue)[number]];
      try {
        const { batch, simulation } = await lookAtPart();
        const { isOthersFault, toTry } =
          'refusal' in simulation
            ? await refuse(parts, lane, view, batch, simulation.refusal)
            : await fitToLimits(parts, lane, batch, simulation.gas, {
                gas: batchGasLimit(view.blockGasLimit, parts.batchGasPercent),
                payments: room.batchTarget,
              });
        if (isOthersFault) {
          held.add(accountId);
          queue.length = 0;
        }
        queue.unshift(...toTry.map((part) => ({ id: part, look: begun(() => simulated(parts, part)) })));
        if ('refusal' in simulation || toTry.length > 0 || isOthersFault) continue;
        if (!isUrgent && simulation.gas > gasLeft && gasLeft < view.blockGasLimit) return { submitted };
        const cost = simulation.gas * fees.maxFeePerGas;
        if (cost > left) return { submitted, stoppedBy: unfunded(parts.signer.address, left, cost) };
        const signed = await sign(parts, lane, { ...view, fees }, batch, simulation.gas);
        if (signed) {
          send(signed, id);
          submitted++;
          left -= cost;
          gasLeft -= simulation.gas;
          if (isTroubled && !held.has(accountId))
            await noteRecovery(parts.database, parts.chainId, accountId);
        } else {
          held.add(accountId);
          queue.length = 0;
        }
      } catch (error) {
        if (error instanceof SignerError) return { submitted, stoppedBy: findingOf(error) };
        await putOff(parts, id, error);
      }
    }
  }
  return { submitted };
}

/** What goes wrong with one batch is that batch's; what goes wrong with lane or node ends the round. */
async function putOff(parts: LaneParts, batchId: string, error: unknown): Promise<void> {
  if (error instanceof LaneLost || isSilence(error)) throw error;
  parts.log.error({ err: error, settlementBatchId: batchId }, 'a batch cannot be sent; it waits');
  await withTransaction(parts.database, (tx) =>
    noteFailure(tx, parts.lifecycle, batchId, (error as Error).message, true),
  );
}

function urgentFees({ maxFeePerGas, maxPriorityFeePerGas }: Fees): Fees {
  const more = maxPriorityFeePerGas * (URGENT_TIP_FACTOR - 1n);
  return { maxFeePerGas: maxFeePerGas + more, maxPriorityFeePerGas: maxPriorityFeePerGas + more };
}

/** Each item with the result of `look`, which is begun a few items before its turn. */
function* ahead<Item, Result>(
  items: readonly Item[],
  look: (item: Item) => Promise<Result>,
): Generator<[Item, () => Promise<Result>]> {
  const looks: (() => Promise<Result>)[] = [];
  for (const [index, item] of items.entries()) {
    for (const next of items.slice(looks.length, index + AHEAD)) looks.push(begun(() => look(next)));
    yield [item, looks[index] as () => Promise<Result>];
  }
}

/** Begins to look at once. Whoever waits for it is told what went wrong. */
function begun<Result>(look: () => Promise<Result>): () => Promise<Result> {
  const result = look();
  result.catch(() => undefined);
  return () => result;
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
