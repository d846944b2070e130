/** What becomes of a batch that cannot go as it is: it is divided, waits, or is held for a person. */
import type { Address } from 'viem';
import { paymentRouterAbi } from '../../../core/abi/paymentRouter.ts';
import { withTransaction } from '../../../platform/database.ts';
import { moveBatch, noteFailure } from './batchStates.ts';
import { divideBatch } from './division.ts';
import type { Lane } from './lease.ts';
import type { ChainView, LaneParts } from './parts.ts';
import { judgeRefusal, type Verdict } from './refusals.ts';
import type { Refusal } from './routerCall.ts';
import { claimBatch } from './routing.ts';
import type { SettlementBatch } from './settlementBatch.ts';

/** The parts of a batch to try at once, and whether the others of its account are to wait. */
interface Parts {
  toTry: string[];
  isOthersFault: boolean;
}
const notOurs: Parts = { toTry: [], isOthersFault: true };

/** Divides a refused batch, or puts it off; one whose sequences are gone is held. */
export async function refuse(
  parts: LaneParts,
  lane: Lane,
  view: ChainView,
  batch: SettlementBatch,
  refusal: Refusal,
): Promise<Parts> {
  const { database, lifecycle, log } = parts;
  const { id } = batch;
  const { name, detail } = refusal;
  const verdict =
    name === 'SequenceAlreadyUsed'
      ? await judgeUsed(parts, view, batch)
      : await judgeRefusal(parts, batch, refusal);
  if (verdict === 'held') {
    log.warn(
      { settlementBatchId: id, refusal: detail },
      'the sequences of a batch are used by others; it is held',
    );
    await withTransaction(database, (tx) =>
      moveBatch(tx, lifecycle, id, ['batched'], 'held', { reason: detail }),
    );
    return { toTry: [], isOthersFault: false };
  }
  const { isOthersFault, divideAt } = verdict;
  if (divideAt === undefined) {
    log.warn({ settlementBatchId: id, refusal: detail }, 'the simulation of a batch failed; it waits');
    await withTransaction(database, (tx) => noteFailure(tx, lifecycle, id, detail, !isOthersFault));
    return { toTry: [], isOthersFault };
  }
  const rest = await divide(parts, lane, id, divideAt, isOthersFault ? detail : undefined);
  if (!rest) return notOurs;
  log.warn({ settlementBatchId: id, rest, refusal: detail }, 'a batch that was refused is divided in two');
  return { toTry: isOthersFault ? [id] : [id, rest], isOthersFault };
}

/** Divides a batch that is larger than one may be by now: as many payments as it may have, and the others. */
export async function fitToLimits(
  parts: LaneParts,
  lane: Lane,
  { id, payments: { length: count } }: SettlementBatch,
  gas: bigint,
  limit: { gas: bigint; payments: number },
): Promise<Parts> {
  const byGas = gas <= limit.gas ? count : Number((BigInt(count) * limit.gas) / gas);
  const at = Math.max(1, Math.min(byGas, limit.payments));
  if (at >= count) return { toTry: [], isOthersFault: false };
  const rest = await divide(parts, lane, id, at);
  if (!rest) return notOurs;
  parts.log.info({ settlementBatchId: id, rest, count, gas, limit }, 'a batch that is too large is divided');
  return { toTry: [id, rest], isOthersFault: false };
}

/** @returns the other part; undefined when the batch is not this lane's any more. */
function divide(
  { database, lifecycle }: LaneParts,
  lane: Lane,
  batchId: string,
  at: number,
  reasonOfRest?: string,
): Promise<string | undefined> {
  return withTransaction(database, async (tx) => {
    if (!(await claimBatch(tx, lane, batchId))) return undefined;
    const rest = await divideBatch(tx, batchId, at);
    if (rest && reasonOfRest) await noteFailure(tx, lifecycle, rest, reasonOfRest);
    return rest;
  });
}

/**
 * Of a batch with sequences that are used already, what is still free goes by itself, what the index shows by itself, for the
 * confirmation to adopt, and what is gone by itself: it is held once a final block has its sequences used, and the index,
 * which has every final block, no payment of them. The payer cancelled them, or they were used in a way that is none of ours.
 */
async function judgeUsed(
  parts: LaneParts,
  view: ChainView,
  { payer, firstSequence, payments }: SettlementBatch,
): Promise<Verdict | 'held'> {
  const { database, chainId } = parts;
  const sequences = payments.map((_, index) => firstSequence + BigInt(index));
  const used = await areUsed(parts, payer, sequences);
  const { rows } = await database.query<{ sequence: bigint }>(
    'select sequence from indexer.payments where chain_id = $1 and payer = $2 and sequence = any($3)',
    [chainId, payer, sequences],
  );
  const indexed = new Set(rows.map(({ sequence }) => sequence));
  const fates = sequences.map((sequence, index) =>
    indexed.has(sequence) ? 'indexed' : used[index] ? 'gone' : 'free',
  );
  const divideAt = fates.findIndex((fate) => fate !== fates[0]);
  if (divideAt > 0) return { divideAt, isOthersFault: false };
  if (fates[0] !== 'gone') return { isOthersFault: false };
  const usedForGood = await areUsed(parts, payer, sequences, view.finalNumber);
  return usedForGood.every(Boolean) ? 'held' : { isOthersFault: false };
}

/** Whether each sequence is used, after the latest block or the one given. */
function areUsed(
  { chain, router }: LaneParts,
  payer: Address,
  sequences: readonly bigint[],
  blockNumber?: bigint,
): Promise<boolean[]> {
  return Promise.all(
    sequences.map((sequence) =>
      chain.readContract({
        address: router,
        abi: paymentRouterAbi,
        functionName: 'isSequenceUsed',
        args: [payer, sequence],
        ...(blockNumber !== undefined && { blockNumber }),
      }),
    ),
  );
}
