/** How many payments a batch takes: as many as are configured, and as its gas allows. */
import type { Database } from '../../../platform/database.ts';
import type { ChainView, LaneParts } from './parts.ts';

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
  limitedBy: 'configuration' | 'gas';
}

/** @param paymentGas what a payment cost lately; undefined when no batch of the token was included yet */
export function batchSize(
  configured: number,
  gasLimit: bigint | undefined,
  paymentGas: bigint | undefined,
): BatchSize {
  if (gasLimit === undefined) return { payments: configured, limitedBy: 'configuration' };
  const each = paymentGas === undefined ? PAYMENT_GAS : max(paymentGas, LEAST_PAYMENT_GAS);
  const byGas = Number(max((gasLimit - BATCH_GAS) / each, 1n));
  return byGas < configured
    ? { payments: byGas, limitedBy: 'gas' }
    : { payments: configured, limitedBy: 'configuration' };
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
    payment_gas: bigint | null;
  }>(
    `select t.token, pace.block_gas_limit, used.payment_gas
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
    rows.map(({ token, block_gas_limit, payment_gas }) => {
      const gasLimit = block_gas_limit === null ? undefined : batchGasLimit(block_gas_limit, gasPercent);
      return [token, batchSize(configured, gasLimit, payment_gas ?? undefined)];
    }),
  );
}

/** Notes what the chain takes in a block. */
export async function notePace({ database, chainId }: LaneParts, view: ChainView): Promise<void> {
  await database.query(
    `insert into settlement.batch_pace as p (chain_id, block_gas_limit) values ($1, $2)
     on conflict (chain_id) do update set block_gas_limit = excluded.block_gas_limit
      where p.block_gas_limit <> excluded.block_gas_limit`,
    [chainId, view.blockGasLimit],
  );
}
