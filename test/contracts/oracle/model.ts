/** What the oracle does to a value, said a second time, as simply as can be: the contracts are compared with it. */

const BPS = 10_000n;
const INT96 = 2n ** 95n;

/** Which row holds the lower median: the number at place floor((n - 1) / 2) of the sorted ones, of equal ones in order. */
export function medianRow(numbers: readonly bigint[]): number {
  const rows = numbers.map((number, row) => ({ number, row }));
  rows.sort((a, b) => (a.number < b.number ? -1 : a.number > b.number ? 1 : a.row - b.row));
  return rows[Math.floor((rows.length - 1) / 2)]?.row ?? 0;
}

/** True when `value` is at most `maxDeviationBps` away from `from`. */
export function isNear(value: bigint, from: bigint, maxDeviationBps: bigint): boolean {
  const distance = value > from ? value - from : from - value;
  return distance * BPS <= (from < 0n ? -from : from) * maxDeviationBps;
}

export interface Price {
  value: bigint;
  round: bigint;
  observedAt: bigint;
}

export interface Rules {
  maxAgeSeconds: bigint;
  maxDeviationBps: bigint;
  minValue: bigint;
  maxValue: bigint;
}

export type Outcome =
  | 'accepted'
  | 'held'
  | 'ROUND_NOT_NEWER'
  | 'TIME_NOT_NEWER'
  | 'TOO_OLD'
  | 'OUT_OF_BOUNDS';

/** The reasons in the order of the contract's enum. */
export const SKIP_REASONS = [
  'ROUND_NOT_NEWER',
  'TIME_NOT_NEWER',
  'TOO_OLD',
  'OUT_OF_BOUNDS',
  'ALREADY_OBSERVED',
] as const;
export const skipReason = (name: (typeof SKIP_REASONS)[number]) => BigInt(SKIP_REASONS.indexOf(name));

/** A price feed. */
export class FeedModel {
  current: Price | undefined;
  held: Price | undefined;
  readonly rules: Rules;

  constructor(rules: Rules) {
    if (rules.minValue < -INT96 || rules.maxValue >= INT96) throw new Error('Bounds have 96 bits.');
    this.rules = rules;
  }

  take(price: Price, now: bigint): Outcome {
    const { maxAgeSeconds, maxDeviationBps, minValue, maxValue } = this.rules;
    const last = this.held ?? this.current;
    if (price.round <= (last?.round ?? 0n)) return 'ROUND_NOT_NEWER';
    if (price.observedAt <= (last?.observedAt ?? 0n)) return 'TIME_NOT_NEWER';
    if (now - price.observedAt > maxAgeSeconds) return 'TOO_OLD';
    if (price.value < minValue || price.value > maxValue) return 'OUT_OF_BOUNDS';
    const agrees = (other: Price | undefined) =>
      other !== undefined && isNear(price.value, other.value, maxDeviationBps);
    if (agrees(this.current) || agrees(this.held)) {
      this.current = price;
      this.held = undefined;
      return 'accepted';
    }
    this.held = price;
    return 'held';
  }
}
