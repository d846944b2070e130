/** Numbers as sources write them, without a floating number between the source and the chain. */

/** An exact number; the denominator is above zero. */
export interface Fraction {
  numerator: bigint;
  denominator: bigint;
}

const DECIMAL = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?(?:[eE]([+-]?\d{1,2}))?$/;

/** Reads a decimal number, an exponent included; undefined for what is none. */
export function parseDecimal(text: string): Fraction | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? [];
  if (sign === undefined) return undefined;
  const digits = BigInt(`${sign}${whole}${fraction}`);
  const scale = Number(exponent) - fraction.length;
  return scale >= 0
    ? { numerator: digits * 10n ** BigInt(scale), denominator: 1n }
    : { numerator: digits, denominator: 10n ** BigInt(-scale) };
}

/** @param divisor above zero */
export function divide(dividend: Fraction, divisor: Fraction): Fraction {
  return {
    numerator: dividend.numerator * divisor.denominator,
    denominator: dividend.denominator * divisor.numerator,
  };
}

/** What lies halfway between two. */
export function middleOf(a: Fraction, b: Fraction): Fraction {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: 2n * a.denominator * b.denominator,
  };
}

export function sumOf(numbers: readonly Fraction[]): Fraction {
  return numbers.reduce(
    (sum, { numerator, denominator }) => ({
      numerator: sum.numerator * denominator + numerator * sum.denominator,
      denominator: sum.denominator * denominator,
    }),
    { numerator: 0n, denominator: 1n },
  );
}

/** In units of 10^-decimals, rounded to the nearest; what is halfway goes away from zero. */
export function toUnits({ numerator, denominator }: Fraction, decimals: number): bigint {
  const scaled = 2n * numerator * 10n ** BigInt(decimals);
  const half = scaled < 0n ? -denominator : denominator;
  return (scaled + half) / (2n * denominator);
}
