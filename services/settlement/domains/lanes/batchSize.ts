/** How many payments a batch takes: as many as are configured, as its gas allows, and as the chain has been including. */
import type { Database } from '../../../platform/database.ts';

/** No transaction may have more gas (EIP-7825). */
const TRANSACTION_GAS_CAP = 16_777_216n;
/** Gas of a batch besides its payments, and at most and at least of a payment (docs/gas.md), each with the lane's margin of a quarter. */
const BATCH_GAS = 100_000n;
const PAYMENT_GAS = 32_000n;
const LEAST_PAYMENT_GAS = 9_000n;
/** A payment's gas is what it was in so many of the last batches. */
const BATCHES_LOOKED_AT = 20;

/** The gas that one batch may have, a share of what a block takes. */
export function batchGasLimit(blockGasLimit: bigint, gasPercent: number): bigint {
  const share = (blockGasLimit * BigInt(gasPercent)) / 100n;
  return share < TRANSACTION_GAS_CAP ? share : TRANSACTION_GAS_CAP;
}

export interface BatchSize {
  payments: number;
  /** What keeps it from being larger. */
  limitedBy: 'configuration' | 'gas' | 'inclusion';
}

/** What the database knows of chain and token; undefined where nothing was seen yet. */
export interface Pace {
  gasLimit?: bigint | undefined;
  /** What a payment cost in the last batches of the token. */
  paymentGas?: bigint | undefined;
  /** Payments in a batch that the chain includes. */
  target?: number | undefined;
}

/** The size of a batch, and why: the least of what is configured, what its gas is enough for, and what is included. */
export function batchSize(configured: number, { gasLimit, paymentGas, target }: Pace): BatchSize {
  const each = paymentGas === undefined ? PAYMENT_GAS : max(paymentGas, LEAST_PAYMENT_GAS);
  const byGas = gasLimit === undefined ? Infinity : Number(max((gasLimit - BATCH_GAS) / each, 1n));
  const byInclusion = target ?? Infinity;
  if (configured <= Math.min(byGas, byInclusion)) return { payments: configured, limitedBy: 'configuration' };
  return byGas <= byInclusion
    ? { payments: byGas, limitedBy: 'gas' }
    : { payments: byInclusion, limitedBy: 'inclusion' };
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** The size of a batch of each token that an account of the chain has. */
export async function readBatchSizes(
  database: Database,
  chainId: number,
  configured: number,
  gasPercent: number,
): Promise<Map<string, BatchSize>> {
  const { rows } = await database.query<{
    token: string;
    block_gas_limit: bigint | null;
    target: number | null;
    payment_gas: bigint | null;
  }>(
    `select t.token, pace.block_gas_limit, pace.target, used.payment_gas
       from (select distinct token from settlement.accounts where chain_id = $1) as t
       left join settlement.batch_pace pace on pace.chain_id = $1
       left join (
         select b.token, ceil(sum(greatest(last.gas - $2::bigint, 0)) / sum(b.payment_count))::bigint as payment_gas
           from (select settlement_batch_id, gas from settlement.attempts
                  where chain_id = $1 and state = 'included' and settlement_batch_id is not null
                  order by id desc limit $3) as last
           join settlement.settlement_batches b on b.id = last.settlement_batch_id
          group by b.token) as used using (token)`,
    [chainId, BATCH_GAS, BATCHES_LOOKED_AT],
  );
  return new Map(
    rows.map(({ token, block_gas_limit, target, payment_gas }) => {
      const gasLimit = block_gas_limit === null ? undefined : batchGasLimit(block_gas_limit, gasPercent);
      const pace = { gasLimit, paymentGas: payment_gas ?? undefined, target: target ?? undefined };
      return [token, batchSize(configured, pace)];
    }),
  );
}
