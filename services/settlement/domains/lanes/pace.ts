/** How large batches may be for the chain to include them: halved while it does not, a few payments more whenever it does. */
import type { UnderWay } from './care.ts';
import type { ChainView, LaneParts } from './parts.ts';

/** An attempt that pays enough and is not in a block after so many is late, if nothing else of ours was included either. */
const LATE_BLOCKS = 3;
/** Included this soon after it was signed, it was included at once. */
const PROMPT_BLOCKS = 2;
/** Never fewer payments than this because of their inclusion. */
const FLOOR = 10;
const STEP = 16;
/** What the router takes: no target. */
const MOST = 256;
const BATCHES_LOOKED_AT = 20;

/**
 * Judges by what is under way and what was included last, once in some blocks whatever the number of lanes, and notes what
 * the chain takes in a block.
 * @returns how many payments a batch may have now.
 */
export async function keepPace(
  { database, chainId, log }: LaneParts,
  { headNumber, blockGasLimit, baseFeePerGas }: ChainView,
  { first }: UnderWay,
): Promise<number> {
  const isLate =
    first?.settlementBatchId !== undefined &&
    first.maxFeePerGas >= baseFeePerGas &&
    headNumber - first.signedAtBlock >= LATE_BLOCKS;
  const { rows } = await database.query<{ target: number; before: number | null }>(
    `with before as (
       select block_gas_limit, target, judged_at_block from settlement.batch_pace where chain_id = $1
     ), included as (
       select b.block_number, b.block_number - last.signed_at_block <= $7 as is_prompt
         from (select settlement_batch_id, signed_at_block from settlement.attempts
                where chain_id = $1 and state = 'included' and settlement_batch_id is not null
                order by id desc limit $8) as last
         join settlement.settlement_batches b on b.id = last.settlement_batch_id
        where exists (select from before where $4 or target < ${MOST})
     ), judged as (
       select case when late.payments > ${FLOOR} then greatest(${FLOOR}, least(before.target, late.payments) / 2)
                   when prompt.is_any then least(${MOST}, before.target + ${STEP}) end as target
         from before
        cross join (select max(payment_count) as payments from settlement.settlement_batches
                     where id = $5 and $4 and $3 - coalesce((select max(block_number) from included), 0) >= $6
                       and (select judged_at_block from before) <= $3 - $6) as late
        cross join (select bool_or(is_prompt and block_number > (select judged_at_block from before)) as is_any
                      from included) as prompt
     ), changed as (
       insert into settlement.batch_pace as p (chain_id, block_gas_limit)
       select $1, $2
        where (select target from judged) is not null or not exists (select from before where block_gas_limit = $2)
       on conflict (chain_id) do update
          set block_gas_limit = $2, target = coalesce((select target from judged), p.target),
              judged_at_block = case when (select target from judged) is null then p.judged_at_block else $3 end
       returning target
     )
     select (select target from before) as before,
            coalesce((select target from changed), (select target from before)) as target`,
    [
      chainId,
      blockGasLimit,
      headNumber,
      isLate,
      first?.settlementBatchId,
      LATE_BLOCKS,
      PROMPT_BLOCKS,
      BATCHES_LOOKED_AT,
    ],
  );
  const { target = MOST, before = null } = rows[0] ?? {};
  if (before !== null && target !== before)
    log.info({ before, target, headNumber }, 'batches take another size, by what the chain includes');
  return target;
}
