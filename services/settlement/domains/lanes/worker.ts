/** A lane: one signer's queue of transactions, one holder at a time. */
import { randomUUID } from 'node:crypto';
import { quoteFees } from '../../../platform/signer.ts';
import { startWorker, type Worker } from '../../../platform/worker.ts';
import { careForAttempts } from './care.ts';
import { type Lane, LaneLost, releaseLease, takeLease } from './lease.ts';
import type { ChainView, LaneParts } from './parts.ts';
import { submitBatches } from './submission.ts';

/** Nonces under way at most: nodes keep only so many of one sender in their mempool. */
const DEPTH = 16;
const INTERVAL_MS = 500;

/** The lane of the signer, for one process: `round` does what there is to do once, `release` gives the lane up. */
export function createLane(parts: LaneParts, onDepth: (depth: number) => void = () => undefined) {
  const identity = {
    chainId: parts.chainId,
    signer: parts.signer.address.toLowerCase(),
    owner: randomUUID(),
  };
  let held: Lane | undefined;

  /** @returns how many batches were signed. */
  async function round(): Promise<number> {
    const lane = await takeLease(parts.database, identity);
    const isNewHolder = lane !== undefined && lane.epoch !== held?.epoch;
    held = lane;
    if (!lane) return 0;
    try {
      const view = await viewChain(parts);
      if (!view) return 0;
      const underWay = await careForAttempts(parts, lane, view, isNewHolder);
      const submitted = await submitBatches(parts, lane, view, Math.max(0, DEPTH - underWay));
      onDepth(underWay + submitted);
      return submitted;
    } catch (error) {
      held = undefined; // whatever went wrong, the next round begins by sending everything again
      if (!(error instanceof LaneLost)) throw error;
      parts.log.warn({ err: error }, 'another process has the lane now');
      return 0;
    }
  }

  return { round, release: () => releaseLease(parts.database, identity) };
}

/** Runs a lane. Any number of processes may: one holds it, the others stand by. */
export function startLane(parts: LaneParts, onDepth: (depth: number) => void): Worker {
  const stopping = new AbortController();
  const lane = createLane({ ...parts, stopping: stopping.signal }, onDepth);
  const worker = startWorker('lane', INTERVAL_MS, parts.log, async () => {
    await lane.round();
    return false;
  });
  return {
    wake: worker.wake,
    async stop() {
      stopping.abort();
      await worker.stop();
      await lane.release();
    },
  };
}

/** Undefined as long as the index has nothing of the chain. */
async function viewChain({ database, chain, chainId, signer }: LaneParts): Promise<ChainView | undefined> {
  const { rows } = await database.query<{ final_number: bigint }>(
    'select final_number from indexer.cursors where chain_id = $1',
    [chainId],
  );
  if (!rows[0]) return undefined;
  const finalNumber = rows[0].final_number;
  const { address } = signer;
  const [head, latestNonce, finalNonce] = await Promise.all([
    chain.getBlock(),
    chain.getTransactionCount({ address }),
    chain.getTransactionCount({ address, blockNumber: finalNumber }),
  ]);
  const baseFeePerGas = head.baseFeePerGas ?? 0n;
  const fees = await quoteFees(chain, baseFeePerGas);
  return { headNumber: head.number, fees, baseFeePerGas, finalNumber, latestNonce, finalNonce };
}
