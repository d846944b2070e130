/** What cover costs and pays, as `ParametricCover` computes it; amounts in token units, rates in millionths. */

const BPS = 10_000n;
const PPM = 1_000_000n;
const YEAR_SECONDS = 365n * 86_400n;

/** A sum insured is a multiple of it, so that every payout is a whole number of units. */
export const COVER_STEP = 10_000n;

export interface PremiumRates {
  /** Of the sum insured. */
  expectedLossPpm: bigint;
  /** Of the expected loss. */
  loadPpm: bigint;
  /** Of the largest payout, for each year of 365 days. */
  capitalChargePpmPerYear: bigint;
}

export interface Premium {
  premium: bigint;
  expectedLoss: bigint;
  load: bigint;
  /** The pool's from the sale on; it never comes back. */
  capitalCharge: bigint;
}

/**
 * The premium and its three parts, each rounded up.
 * @param lockedSeconds From the purchase to the end of the grace period.
 */
export function premiumOf(
  rates: PremiumRates,
  insured: bigint,
  maxPayoutBps: bigint,
  lockedSeconds: bigint,
): Premium {
  const expectedLoss = ceilDiv(insured * rates.expectedLossPpm, PPM);
  const load = ceilDiv(expectedLoss * rates.loadPpm, PPM);
  const largestPayout = (insured * maxPayoutBps) / BPS;
  const capitalCharge = ceilDiv(
    largestPayout * rates.capitalChargePpmPerYear * lockedSeconds,
    PPM * YEAR_SECONDS,
  );
  return { premium: expectedLoss + load + capitalCharge, expectedLoss, load, capitalCharge };
}

export interface PayoutTier {
  /** In units of the feed. */
  threshold: bigint;
  /** Of the sum insured. */
  payoutBps: bigint;
}

/** The largest payout of all tiers that the observation reaches, whatever their order. */
export function payoutBpsOf(tiers: readonly PayoutTier[], atLeast: boolean, observation: bigint): bigint {
  return tiers
    .filter(({ threshold }) => (atLeast ? observation >= threshold : observation <= threshold))
    .reduce((most, { payoutBps }) => (payoutBps > most ? payoutBps : most), 0n);
}

/** What a payout of so many basis points comes to. */
export function payoutOf(insured: bigint, payoutBps: bigint): bigint {
  return (insured * payoutBps) / BPS;
}

function ceilDiv(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator;
}

/**
 * What of a policy's unearned premium comes back when `cancelled` of what it insures is given up; rounded down, the rest stays with
 * the policy. Sums insured are multiples of {@link COVER_STEP}.
 */
export function refundOf(unearnedPremium: bigint, insured: bigint, cancelled: bigint): bigint {
  return (unearnedPremium * cancelled) / insured;
}
