/** Signs waiting calls, each with the lane's next nonce, and sends them. */
import { type Address, formatEther, type Hex } from 'viem';
import { type Queryable, withTransaction } from '../../../platform/database.ts';
import { SignerError } from '../../../platform/signer.ts';
import { insertPrepared, type PreparedAttempt } from './attempts.ts';
import { claimCall, isOutOfTheWay, readCallsToSign } from './callRouting.ts';
import { type CallSimulation, type Refusal, refusalAt, simulateCall } from './callSimulation.ts';
import { type Call, type CallState, moveCalls, noteCallFailure, readCall } from './calls.ts';
import { includeCall } from './cargo.ts';
import { isIndexed, receiptOf } from './fate.ts';
import { findingOf } from './laneState.ts';
import { type Lane, LaneLost, takeNonce } from './lease.ts';
import type { ChainView, LaneParts } from './parts.ts';
import { isSilence } from './routerCall.ts';
import { sendAttempt } from './send.ts';
import { signAttempt } from './signing.ts';
import type { Room, Submission } from './submission.ts';

/**
 * Submits as many calls as there is room for. One that its contract refuses waits for its back-off and delays nobody, or
 * ends when it can never succeed any more.
 * @returns also what the signed ones may cost, in wei
 */
export async function submitCalls(
  parts: LaneParts,
  lane: Lane,
  view: ChainView,
  { places, wei }: Room,
): Promise<Submission & { cost: bigint }> {
  const done = { submitted: 0, cost: 0n };
  if (places <= 0) return done;
  const ids = await readCallsToSign(parts.database, lane, places);
  const looks = await Promise.all(ids.map((id) => look(parts, id)));
  for (const { call, simulation } of looks) {
    if (parts.stopping?.aborted || done.submitted >= places) break;
    try {
      if (call.guard && !(await isOutOfTheWay(parts.database, call.id, view.finalNonce))) continue;
      if ('refusal' in simulation) {
        await refuse(parts, call, simulation.refusal);
        continue;
      }
      const cost = simulation.gas * view.fees.maxFeePerGas;
      if (call.guard && (await includeLanded(parts, call))) continue;
      if (cost > wei - done.cost)
        return { ...done, stoppedBy: unfunded(parts.signer.address, wei - done.cost, cost) };
      if (!(await submit(parts, lane, view, call, simulation.gas))) continue;
      done.submitted++;
      done.cost += cost;
    } catch (error) {
      if (error instanceof SignerError) return { ...done, stoppedBy: findingOf(error) };
      // What goes wrong with one call is that call's; what goes wrong with lane or node ends the round.
      if (error instanceof LaneLost || isSilence(error)) throw error;
      parts.log.error({ err: error, callId: call.id }, 'a call cannot be sent; it waits');
      await wait(parts, call, (error as Error).message);
    }
  }
  return done;
}

async function look(
  { database, chain, signer }: LaneParts,
  id: string,
): Promise<{ call: Call; simulation: CallSimulation }> {
  const call = await readCall(database, id);
  return { call, simulation: await simulateCall(chain, signer.address, call) };
}

/** @returns false when the call is not this lane's to sign any more */
async function submit(
  parts: LaneParts,
  lane: Lane,
  view: ChainView,
  call: Call,
  gas: bigint,
): Promise<boolean> {
  const prepared = await prepare(parts, lane, view, call, gas);
  const signed = prepared && (await signAttempt(parts, lane, prepared));
  if (signed) await sendAttempt(parts, lane, signed);
  return signed !== undefined;
}

/** Nonce and attempt are one commit. */
function prepare(
  { database }: LaneParts,
  lane: Lane,
  { fees, headNumber }: ChainView,
  { id }: Call,
  gas: bigint,
): Promise<PreparedAttempt | undefined> {
  return withTransaction(database, async (tx) => {
    if (!(await claimCall(tx, lane, id))) return undefined;
    const nonce = await takeNonce(tx, lane);
    return insertPrepared(tx, lane, { callId: id, nonce, gas, ...fees }, headNumber);
  });
}

/**
 * Its contract refuses the call: because it has taken effect already, because it never can any more, or for the moment.
 * That it never can is decided by what is final, so that no reorganisation brings it back.
 */
async function refuse(parts: LaneParts, call: Call, { detail }: Refusal): Promise<void> {
  const { chain, signer, log } = parts;
  if (await includeLanded(parts, call)) return;
  const final = await readFinal(parts.database, parts.chainId);
  if (final && call.hopelessErrors.length > 0) {
    const refusal = await refusalAt(chain, signer.address, call, final.number);
    if (refusal && call.hopelessErrors.includes(refusal.name))
      return end(parts, call, 'failed', refusal.detail);
  }
  if (final && call.notAfter !== null && final.time > call.notAfter)
    return end(parts, call, 'expired', detail);
  log.warn({ callId: call.id, refusal: detail }, 'the simulation of a call failed; it waits');
  await wait(parts, call, detail);
}

/** A transaction of the call that counted as gone may have come back by a reorganisation. @returns true when one has */
async function includeLanded(parts: LaneParts, { id }: Call): Promise<boolean> {
  const { rows } = await parts.database.query<{ hash: Hex }>(
    `select transaction_hash as hash from settlement.attempts where call_id = $1 and transaction_hash is not null`,
    [id],
  );
  for (const { hash } of rows) {
    const receipt = await receiptOf(parts, hash);
    if (receipt?.status !== 'success' || !(await isIndexed(parts, receipt))) continue;
    await withTransaction(parts.database, async (tx) => {
      await tx.query(`update settlement.attempts set state = 'included' where transaction_hash = $1`, [hash]);
      await includeCall(tx, parts, id, receipt);
    });
    return true;
  }
  return false;
}

/** The last block that the ledger has posted, where the nodes leave no doubt; undefined before the first. */
async function readFinal(
  database: Queryable,
  chainId: number,
): Promise<{ number: bigint; time: bigint } | undefined> {
  const { rows } = await database.query<{ number: bigint; time: bigint }>(
    `select k.number, k.timestamp_s as time
       from settlement.posted_blocks p
       join indexer.blocks k on k.chain_id = p.chain_id and k.number = p.block_number
      where p.chain_id = $1`,
    [chainId],
  );
  return rows[0];
}

function end(
  { database, callListeners, log }: LaneParts,
  { id }: Call,
  state: CallState,
  reason: string,
): Promise<void> {
  log.warn({ callId: id, state, reason }, 'a call can never succeed any more');
  return withTransaction(database, async (tx) => {
    await moveCalls(tx, callListeners, state, ['waiting'], [{ id, detail: { reason } }]);
  });
}

function wait({ database, callListeners }: LaneParts, { id }: Call, reason: string): Promise<void> {
  return withTransaction(database, (tx) => noteCallFailure(tx, callListeners, id, reason));
}

function unfunded(address: Address, left: bigint, cost: bigint) {
  return {
    state: 'unfunded' as const,
    sentence: `${address} has ${formatEther(left)} ETH besides what is under way, the next call may cost ${formatEther(cost)}. It waits: send the signer ETH.`,
  };
}
