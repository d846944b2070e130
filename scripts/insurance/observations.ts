/**
 * A year of observations for each product. They are not recorded but drawn from a seed, with shapes as the world has them: most flights on
 * time and a long tail of late ones, worse on days when an airport is; wet and dry days that come in spells, with seasons; stablecoins at
 * their peg, but for a few weeks that take others along. What they say of a price is as good as these shapes.
 */
import { type CoverProduct, subjectWord } from '../../services/core/insurance/product.ts';
import { type Random, seededRandom } from '../iso20022/random.ts';

const DAY_SECONDS = 86_400;

/** What was observed of a subject in a window. */
export interface Observed {
  subject: string;
  /** Unix seconds. */
  windowStart: number;
  windowEnd: number;
  /** In units of the feed. */
  value: bigint;
}

/** From day to day of `days`, from `start` (Unix seconds, a midnight). */
type Series = (product: CoverProduct, random: Random, start: number, days: number) => Observed[];

/** By product: those that have none cannot be simulated. */
const series: Record<string, Series> = {
  'flight-delay': flights,
  'cargo-delay': shipments,
  'heavy-rain': (product, random, start, days) => rain(product, random, start, days, 2),
  drought: (product, random, start, days) => rain(product, random, start, days, 30),
  'stablecoin-depeg': depegs,
};

export const simulatedProducts = Object.keys(series);

/** The same for the same seed. */
export function observationsOf(product: CoverProduct, seed: number, start: number, days: number): Observed[] {
  // Each product has chances of its own: one more does not change the others.
  const own = Number(BigInt(subjectWord(product.id)) % 1_000_003n);
  return series[product.id]?.(product, seededRandom(seed * 7_919 + own), start, days) ?? [];
}

const airports = ['FRA', 'AMS', 'SIN', 'HKG', 'PVG'];

function flights(_product: CoverProduct, random: Random, start: number, days: number): Observed[] {
  return airports.flatMap((airport, index) =>
    Array.from({ length: days }, (_, day): Observed => {
      // Storm, fog or strike: a day on which everything at the airport is late.
      const isBad = random.chance(0.04);
      const windowStart = start + day * DAY_SECONDS + 36_000;
      return {
        subject: `${airport}:XX${100 + index}`,
        windowStart,
        windowEnd: windowStart + 14_400,
        value: BigInt(delayMinutes(random, isBad)),
      };
    }),
  );
}

function delayMinutes(random: Random, isBad: boolean): number {
  if (random.chance(isBad ? 0.15 : 0.009)) return 9_999; // cancelled, as reporters count it
  if (random.chance(isBad ? 0.6 : 0.14)) return Math.round(15 + exponential(random, isBad ? 95 : 42));
  return Math.round(-14 + 24 * random.next());
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

const stations = ['ZSPD', 'ZSSS', 'EDDF', 'EHAM', 'LFPG'];

/** Sums over `length` days, one window after the other. */
function rain(
  { decimals }: CoverProduct,
  random: Random,
  start: number,
  days: number,
  length: number,
): Observed[] {
  return stations.flatMap((subject) => {
    const daily = dailyRain(random, days + length);
    return Array.from({ length: Math.floor(days / length) }, (_, index): Observed => {
      const first = index * length;
      const millimetres = daily.slice(first, first + length).reduce((sum, each) => sum + each, 0);
      const windowStart = start + first * DAY_SECONDS;
      return {
        subject,
        windowStart,
        windowEnd: windowStart + length * DAY_SECONDS,
        value: BigInt(Math.round(millimetres * 10 ** decimals)),
      };
    });
  });
}

/** Wet days follow wet days; summers are wetter, with heavier rain. */
function dailyRain(random: Random, days: number): number[] {
  let isWet = random.chance(0.35);
  let spell = 1;
  let spellEnds = 0;
  return Array.from({ length: days }, (_, day) => {
    // Weeks without a change of the weather: most as they should be, some dry.
    if (day >= spellEnds) {
      spell = random.chance(0.07) ? 0.1 : 1;
      spellEnds = day + 20 + random.below(30);
    }
    const summer = (1 - Math.cos((2 * Math.PI * (day % 365)) / 365)) / 2;
    isWet = random.chance(spell * (isWet ? 0.58 : 0.2 + 0.1 * summer));
    return isWet ? (4 + 8 * summer) * spell * exponential(random, 1) ** 1.6 : 0;
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
