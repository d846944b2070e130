/** A lane: one signer's queue of transactions, one holder at a time. */
import { randomUUID } from 'node:crypto';
import type { Health } from '../../../platform/health.ts';
import { startWorker, type Worker } from '../../../platform/worker.ts';
import { submitCalls } from './callSubmission.ts';
import { careForAttempts, type UnderWay } from './care.ts';
import { viewChain } from './chainView.ts';
import { checkLane, probeSigner } from './checks.ts';
import { findingOf, type LaneFinding, type LaneState } from './laneState.ts';
import { type Lane, LaneLost, noteState, releaseLease, takeLease } from './lease.ts';
import { alignNonce, fillGaps } from './nonces.ts';
import { keepPace } from './pace.ts';
import type { ChainView, LaneParts } from './parts.ts';
import { type Room, type Submission, submitBatches } from './submission.ts';

/** Nonces that wait for a block at most: nodes keep only so many of one sender in their mempool. */
const DEPTH = 16;
/** With those that the chain has used and the index does not tell of yet. */
const UNKNOWN_DEPTH = 4 * DEPTH;
/** So many of them are for calls before batches have the rest; what batches leave is for calls too. */
const CALLS_FIRST = DEPTH / 2;
/** Besides these, for what is urgent. */
const URGENT_DEPTH = 4;
const INTERVAL_MS = 500;

/** The lane of the signer, for one process: `round` does what there is to do once, `release` gives the lane up. */
export function createLane(parts: LaneParts) {
  const { database, signer, log, observe } = parts;
  const identity = { chainId: parts.chainId, signer: signer.address.toLowerCase(), owner: randomUUID() };
  let held: Lane | undefined;
  let known: LaneState | undefined;
  let isProbed = false;

  /** Each state is told of once, in words; the metric has it all the time. */
  function tell({ state, sentence }: LaneFinding): void {
    observe?.onLaneState(signer.address, state);
    if (state === known) return;
    if (sentence) log.error({ signer: signer.address, state }, sentence);
    else log.info({ signer: signer.address, state, was: known }, 'lane');
    known = state;
  }

  /** @returns how many batches and calls were signed. */
  async function round(): Promise<number> {
    const lane = await takeLease(database, identity);
    const isNewHolder = lane !== undefined && lane.epoch !== held?.epoch;
    held = lane;
    if (!lane) {
      tell({ state: 'standby' });
      return 0;
    }
    try {
      const { finding, submitted } = await work(lane, isNewHolder);
      await noteState(database, lane, finding.state);
      tell(finding);
      return submitted;
    } catch (error) {
      held = undefined; // whatever went wrong, the next round begins by sending everything again
      tell(findingOf(error));
      if (!(error instanceof LaneLost)) {
        // A process whose node answers may have it.
        await release().catch((err: unknown) => log.warn({ err }, 'the lane could not be given up'));
        throw error;
      }
      log.warn({ err: error }, 'another process has the lane now');
      return 0;
    }
  }

  /** Looks after what is under way, and, when nothing speaks against it, signs what waits. */
  async function work(
    lane: Lane,
    isNewHolder: boolean,
  ): Promise<{ finding: LaneFinding; submitted: number }> {
    const doubt = await parts.witness?.doubtHead();
    if (doubt?.code === 'chain_replaced')
      return { finding: { state: doubt.code, sentence: doubt.sentence }, submitted: 0 };
    const view = await viewChain(parts);
    if (!view) return { finding: { state: 'checking' }, submitted: 0 };
    await adoptNonces(lane, view);
    const trouble = await checkLane(parts, lane, view);
    const underWay = await careForAttempts(parts, lane, view, isNewHolder, trouble?.state !== 'unfunded');
    observe?.onLaneDepth(signer.address, underWay.nonces);
    const batchTarget = await keepPace(parts, view, underWay);
    // Who may settle for no account may still make calls.
    const unauthorised = trouble?.state === 'not_operator' ? trouble : undefined;
    const pause =
      (doubt && { state: 'nodes_disagree' as const, sentence: doubt.sentence }) ??
      (unauthorised ? undefined : trouble) ??
      (underWay.signerError ? findingOf(underWay.signerError) : await probe(isNewHolder));
    if (pause) return { finding: pause, submitted: 0 };
    await noteState(database, lane, unauthorised?.state ?? 'ready'); // before batches and calls are shared out
    const room = { ...roomBeside(underWay, view), batchTarget };
    const { submitted, stoppedBy } = unauthorised
      ? await submitCalls(parts, lane, view, room)
      : await submit(lane, view, underWay, room);
    observe?.onLaneDepth(signer.address, underWay.nonces + submitted);
    return { finding: stoppedBy ?? unauthorised ?? { state: 'ready' }, submitted };
  }

  /** Neither calls nor batches can keep the others waiting, however few places become free at a time. */
  async function submit(lane: Lane, view: ChainView, { calls }: UnderWay, room: Room): Promise<Submission> {
    const share = Math.min(room.places, Math.max(0, CALLS_FIRST - calls));
    const first = await submitCalls(parts, lane, view, { ...room, places: share });
    if (first.stoppedBy) return first;
    const left = {
      ...room,
      places: room.places - first.submitted,
      urgentPlaces: room.urgentPlaces - first.submitted,
      wei: room.wei - first.cost,
    };
    const batches = await submitBatches(parts, lane, view, left);
    const submitted = first.submitted + batches.submitted;
    if (batches.stoppedBy || batches.submitted > 0) return { ...batches, submitted };
    const rest = await submitCalls(parts, lane, view, left);
    return { ...rest, submitted: submitted + rest.submitted };
  }

  async function adoptNonces(lane: Lane, view: ChainView): Promise<void> {
    const foreign = await alignNonce(parts, lane, view);
    if (foreign > 0) {
      observe?.onForeignNonces(signer.address, foreign);
      log.warn(
        { signer: signer.address, foreign, nextNonce: view.latestNonce },
        'the chain has used nonces of the signer that this database did not give out; the lane goes on after them',
      );
    }
    await fillGaps(parts, lane, view);
  }

  /** Before it takes work, and after it failed, the signer must show that it signs. */
  async function probe(isNewHolder: boolean): Promise<LaneFinding | undefined> {
    if (isProbed && !isNewHolder) return undefined;
    try {
      await probeSigner(parts);
      isProbed = true;
      return undefined;
    } catch (error) {
      isProbed = false;
      return findingOf(error);
    }
  }

  const release = () => releaseLease(database, identity);
  return { round, release };
}

/** What there is room for beside what is under way, which is to fit into one block: an urgent batch comes right behind it. */
function roomBeside({ nonces, pending, gas, cost }: UnderWay, view: ChainView): Omit<Room, 'batchTarget'> {
  const gasLeft = view.blockGasLimit - gas;
  const byGas = gas > 0n ? Number((gasLeft * BigInt(pending)) / gas) : DEPTH;
  const places = Math.min(DEPTH - pending, UNKNOWN_DEPTH - nonces);
  return {
    places: Math.max(0, Math.min(places, byGas)),
    urgentPlaces: Math.max(0, places + URGENT_DEPTH),
    gas: gasLeft,
    wei: view.balance - cost,
  };
}

/** Runs a lane. Any number of processes may: one holds it, the others stand by. */
export function startLane(parts: LaneParts, health: Health): Worker {
  const stopping = new AbortController();
  const lane = createLane({ ...parts, stopping: stopping.signal });
  const worker = startWorker(`lane ${parts.signer.address}`, INTERVAL_MS, health, async () => {
    await lane.round();
    return false;
  });
  return {
    wake: worker.wake,
    async stop() {
      stopping.abort();
      await worker.stop();
      // A database that is away keeps nobody from stopping: the lease runs out.
      await lane.release().catch((err: unknown) => parts.log.warn({ err }, 'the lane could not be given up'));
    },
  };
}
