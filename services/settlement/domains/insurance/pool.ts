/** The pool as underwriters look at it: capital, what is at risk, and how each product has done. */
import type { Address, PublicClient } from 'viem';
import { z } from 'zod';
import { coverPoolAbi } from '../../../core/abi/coverPool.ts';
import type { Deployment } from '../../../core/deployment.ts';
import { coverAmount } from '../../../core/insurance/product.ts';
import type { Queryable } from '../../../platform/database.ts';
import type { CoverProducts } from './products.ts';

const PRICED_SHARES = 10n ** 12n;

const amount = z.strictObject({ currency: z.string(), value: z.string() });

export const exposureSchema = z.strictObject({
  product: z
    .string()
    .meta({ description: 'Its id, or its number in the contract where it is not offered here.' }),
  openRisks: z.int(),
  openPolicies: z.int(),
  insured: amount.meta({ description: 'By policies on risks that are not settled.' }),
  premiums: amount.meta({
    description: 'Of all policies ever sold, less what cancellations and silence gave back.',
  }),
  earned: amount.meta({ description: 'Of these, on risks that were observed.' }),
  payouts: amount.meta({ description: 'What observed risks owed, paid or not.' }),
  lossRatioPercent: z
    .string()
    .nullable()
    .meta({ description: 'Payouts over earned premiums; null before a risk was observed.' }),
});

export const poolSchema = z
  .strictObject({
    pool: z.string(),
    blockNumber: z.int(),
    totalAssets: amount,
    lockedCapital: amount,
    capacity: amount.meta({ description: 'What new cover can be sold against.' }),
    unearnedPremiums: amount,
    payoutReserve: amount,
    utilisationPercent: z.string().meta({ description: 'Locked of all capital.' }),
    sharePrice: z
      .strictObject({
        entry: amount.meta({ description: 'What a deposit pays now.' }),
        exit: amount.meta({ description: 'What a redemption gets now.' }),
      })
      .meta({ description: 'Of 10^12 shares, which were worth 1.00 when the pool began.' }),
    cooldownSeconds: z.int(),
    claimWindowSeconds: z.int(),
    isPaused: z.boolean(),
    products: z.array(exposureSchema),
  })
  .meta({ id: 'InsurancePool' });

export type PoolView = z.output<typeof poolSchema>;

export interface ProductExposure {
  productNumber: number;
  openRisks: number;
  openPolicies: number;
  insured: bigint;
  premiums: bigint;
  earned: bigint;
  payouts: bigint;
}

/** By product, as the index has it at its head. */
export async function readExposure(
  database: Queryable,
  chainId: number,
  cover: string,
): Promise<ProductExposure[]> {
  const { rows } = await database.query<Record<keyof ProductExposure, bigint>>(
    `with policy as materialized (
       select risk_number, count(*) filter (where insured > 0) as policies, sum(insured) as insured,
              sum(premium - refund) as premiums, sum(coalesce(amount, 0)) filter (where outcome = 'refunded') as refunded
         from indexer.policies where chain_id = $1 and cover = $2 group by risk_number
     )
     select r.product_number as "productNumber", count(*) filter (where r.state = 'open') as "openRisks",
            coalesce(sum(p.policies) filter (where r.state = 'open'), 0) as "openPolicies",
            coalesce(sum(p.insured) filter (where r.state = 'open'), 0) as insured,
            coalesce(sum(p.premiums - coalesce(p.refunded, 0)), 0) as premiums,
            coalesce(sum(p.premiums) filter (where r.state = 'observed'), 0) as earned,
            coalesce(sum(r.owed) filter (where r.state = 'observed'), 0) as payouts
       from indexer.risks r left join policy p using (risk_number)
      where r.chain_id = $1 and r.cover = $2
      group by r.product_number order by r.product_number`,
    [chainId, cover.toLowerCase()],
  );
  return rows.map((row) => ({
    ...row,
    productNumber: Number(row.productNumber),
    openRisks: Number(row.openRisks),
    openPolicies: Number(row.openPolicies),
  }));
}

/** Payouts over earned premiums, in hundredths of a percent; undefined before anything was earned. */
export function lossRatioBps({
  earned,
  payouts,
}: Pick<ProductExposure, 'earned' | 'payouts'>): bigint | undefined {
  return earned === 0n ? undefined : (payouts * 10_000n) / earned;
}

/** The pool at the chain's latest block, beside what the index says of its products. */
export async function readPool(
  { chain, deployment }: { chain: PublicClient; deployment: Deployment },
  exposures: readonly ProductExposure[],
  products: CoverProducts,
): Promise<PoolView> {
  const { number: blockNumber } = await chain.getBlock();
  const pool = { address: deployment.coverPool as Address, abi: coverPoolAbi, blockNumber } as const;
  const [assets, locked, capacity, unearned, reserve, entry, exit, cooldown, claimWindow, isPaused] =
    await Promise.all([
      chain.readContract({ ...pool, functionName: 'totalAssets' }),
      chain.readContract({ ...pool, functionName: 'lockedCapital' }),
      chain.readContract({ ...pool, functionName: 'capacity' }),
      chain.readContract({ ...pool, functionName: 'unearnedPremiums' }),
      chain.readContract({ ...pool, functionName: 'payoutReserve' }),
      chain.readContract({ ...pool, functionName: 'previewMint', args: [PRICED_SHARES] }),
      chain.readContract({ ...pool, functionName: 'previewRedeem', args: [PRICED_SHARES] }),
      chain.readContract({ ...pool, functionName: 'cooldownSeconds' }),
      chain.readContract({ ...pool, functionName: 'claimWindowSeconds' }),
      chain.readContract({ ...pool, functionName: 'paused' }),
    ]);
  const nameOf = new Map([...products.values()].map(({ id, productNumber }) => [productNumber, id]));
  return {
    pool: deployment.coverPool,
    blockNumber: Number(blockNumber),
    totalAssets: coverAmount(assets),
    lockedCapital: coverAmount(locked),
    capacity: coverAmount(capacity),
    unearnedPremiums: coverAmount(unearned),
    payoutReserve: coverAmount(reserve),
    utilisationPercent: percent(assets === 0n ? 0n : (locked * 10_000n) / assets),
    sharePrice: { entry: coverAmount(entry), exit: coverAmount(exit) },
    cooldownSeconds: Number(cooldown),
    claimWindowSeconds: Number(claimWindow),
    isPaused,
    products: exposures.map((exposure) => {
      const ratio = lossRatioBps(exposure);
      return {
        product: nameOf.get(exposure.productNumber) ?? String(exposure.productNumber),
        openRisks: exposure.openRisks,
        openPolicies: exposure.openPolicies,
        insured: coverAmount(exposure.insured),
        premiums: coverAmount(exposure.premiums),
        earned: coverAmount(exposure.earned),
        payouts: coverAmount(exposure.payouts),
        lossRatioPercent: ratio === undefined ? null : percent(ratio),
      };
    }),
  };
}

/** Hundredths of a percent as text: `62.50`. */
function percent(bps: bigint): string {
  return `${bps / 100n}.${(bps % 100n).toString().padStart(2, '0')}`;
}
