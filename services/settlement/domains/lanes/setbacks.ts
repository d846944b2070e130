/** What becomes of a batch that cannot go as it is: it is divided, waits, or is held for a person. */
import { paymentRouterAbi } from '../../../core/abi/paymentRouter.ts';
import { withTransaction } from '../../../platform/database.ts';
import { moveBatch, noteFailure } from './batchStates.ts';
import { divideBatch } from './division.ts';
import type { Lane } from './lease.ts';
import type { ChainView, LaneParts } from './parts.ts';
import { judgeRefusal } from './refusals.ts';
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
  if (name === 'SequenceAlreadyUsed' && (await isUsedByOthers(parts, view, batch))) {
    log.warn(
      { settlementBatchId: id, refusal: detail },
      'sequences of a batch are used by others; it is held',
    );
    await withTransaction(database, (tx) =>
      moveBatch(tx, lifecycle, id, ['batched'], 'held', { reason: detail }),
    );
    return { toTry: [], isOthersFault: false };
  }
  const verdict = await judgeRefusal(parts, batch, refusal);
  const { isOthersFault } = verdict;
  if (!('divideAt' in verdict)) {
    log.warn({ settlementBatchId: id, refusal: detail }, 'the simulation of a batch failed; it waits');
    await withTransaction(database, (tx) => noteFailure(tx, lifecycle, id, detail, !isOthersFault));
    return { toTry: [], isOthersFault };
  }
  const rest = await divide(parts, lane, id, verdict.divideAt, isOthersFault ? detail : undefined);
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
