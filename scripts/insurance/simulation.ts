/** Premium against loss: every observation insured at the product's own price, and paid by its own tiers. */
import { payoutBpsOf, payoutOf, premiumOf } from '../../services/core/insurance/premium.ts';
import { type CoverProduct, maxPayoutBpsOf, ratesOf } from '../../services/core/insurance/product.ts';

/** What was observed of a subject in a window. */
export interface Observed {
  subject: string;
  /** Unix seconds. */
  windowStart: number;
  windowEnd: number;
  /** In units of the feed. */
  value: bigint;
}

export interface Outcome {
  product: string;
  policies: number;
  /** Token units, as all sums. */
  insured: bigint;
  premium: bigint;
  expectedLoss: bigint;
  load: bigint;
  capitalCharge: bigint;
  payouts: bigint;
  /** How many policies each tier paid, from the mildest. */
  byTier: number[];
  /** The month (`2026-07`) in which payouts exceeded premiums by most, or fell short by least. */
  worstMonth: { month: string; premium: bigint; payouts: bigint };
}

/**
 * @param insured Of each policy, in token units.
 * @param leadSeconds From the sale to the window.
 */
export function simulate(
  product: CoverProduct,
  observations: readonly Observed[],
  insured: bigint,
  leadSeconds: number,
): Outcome {
  const months = new Map<string, { premium: bigint; payouts: bigint }>();
  const outcome = {
    ...{ product: product.id, policies: observations.length, insured: 0n },
    ...{ premium: 0n, expectedLoss: 0n, load: 0n, capitalCharge: 0n, payouts: 0n },
    byTier: product.tiers.map(() => 0),
  };
  for (const { windowStart, windowEnd, value } of observations) {
    const lockedSeconds = BigInt(leadSeconds + windowEnd - windowStart + product.graceSeconds);
    const price = premiumOf(ratesOf(product), insured, maxPayoutBpsOf(product), lockedSeconds);
    const bps = payoutBpsOf(product.tiers, product.operator === 'atLeast', value);
    const payout = payoutOf(insured, bps);
    const tier = product.tiers.findIndex(({ payoutBps }) => payoutBps === bps);
    if (tier >= 0) outcome.byTier[tier] = (outcome.byTier[tier] ?? 0) + 1;
    outcome.insured += insured;
    outcome.premium += price.premium;
    outcome.expectedLoss += price.expectedLoss;
    outcome.load += price.load;
    outcome.capitalCharge += price.capitalCharge;
    outcome.payouts += payout;
    const month = new Date(windowStart * 1_000).toISOString().slice(0, 7);
    const sums = months.get(month) ?? { premium: 0n, payouts: 0n };
    months.set(month, { premium: sums.premium + price.premium, payouts: sums.payouts + payout });
  }
  const [worst] = [...months].sort(([, a], [, b]) =>
    a.premium - a.payouts < b.premium - b.payouts ? -1 : 1,
  );
  const [month, sums] = worst ?? ['', { premium: 0n, payouts: 0n }];
  return { ...outcome, worstMonth: { month, ...sums } };
}
