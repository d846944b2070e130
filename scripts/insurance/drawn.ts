/**
 * Observations of the products that no public record is at hand for: drawn from a seed, with shapes as the world has them. Most shipments
 * come when they should, with a long tail of late ones; stablecoins are at their peg, but for a few weeks that take others along. What they
 * say of a price is as good as these shapes.
 */
import { type CoverProduct, subjectWord } from '../../services/core/insurance/product.ts';
import { type Random, seededRandom } from '../iso20022/random.ts';
import type { Observed } from './simulation.ts';

const DAY_SECONDS = 86_400;

/** From day to day of `days`, from `start` (Unix seconds, a midnight). */
type Series = (product: CoverProduct, random: Random, start: number, days: number) => Observed[];

/** By product. */
const series: Record<string, Series> = {
  'cargo-delay': shipments,
  'stablecoin-depeg': depegs,
};

export const drawnProducts = Object.keys(series);

/** The same for the same seed; none for a product that is not of {@link drawnProducts}. */
export function drawObservations(
  product: CoverProduct,
  seed: number,
  start: number,
  days: number,
): Observed[] {
  // Each product has chances of its own: one more does not change the others.
  const own = Number(BigInt(subjectWord(product.id)) % 1_000_003n);
  return series[product.id]?.(product, seededRandom(seed * 7_919 + own), start, days) ?? [];
}

function shipments(_product: CoverProduct, random: Random, start: number, days: number): Observed[] {
  return Array.from({ length: 3 * days }, (_, index): Observed => {
    const windowStart = start + Math.floor(index / 3) * DAY_SECONDS;
    const windowEnd = windowStart + 7 * DAY_SECONDS;
    const late = random.chance(0.24) ? exponential(random, 2_100) : -600 * random.next();
    return {
      subject: `0952012345${String(67_000_000 + index)}`,
      windowStart,
      windowEnd,
      value: BigInt(Math.round(Math.min(late, (windowEnd - windowStart) / 60))),
    };
  });
}

const coins = ['USDC', 'USDT'];

/** Week by week, the lowest rate: within a few thousandths of the peg, or far below when the reserves are in doubt. */
function depegs({ decimals }: CoverProduct, random: Random, start: number, days: number): Observed[] {
  return Array.from({ length: Math.floor(days / 7) }, (_, week) => {
    const hasCrisis = random.chance(0.008);
    const windowStart = start + week * 7 * DAY_SECONDS;
    return coins.map((coin): Observed => {
      const below =
        hasCrisis && random.chance(0.7) ? 0.01 + exponential(random, 0.06) : exponential(random, 0.0008);
      return {
        subject: `${coin}/USD`,
        windowStart,
        windowEnd: windowStart + 7 * DAY_SECONDS,
        value: BigInt(Math.round(Math.max(0, 1 - below) * 10 ** decimals)),
      };
    });
  }).flat();
}

function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random.next());
}
