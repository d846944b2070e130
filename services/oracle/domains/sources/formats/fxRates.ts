/** Exchange rates as an object: a base, and what one unit of it is in each other currency. */
import { z } from 'zod';
import { decimal, readDocument } from '../document.ts';
import { toUnits } from '../fraction.ts';
import type { PriceReading } from '../reading.ts';
import { SourceRefused } from '../refusal.ts';

/** Also an entry of a history of rates. */
export const ratesDocument = z.object({
  base: z.string(),
  /** Unix seconds. */
  timestamp: z.string().regex(/^\d{1,11}$/),
  rates: z.record(z.string(), decimal),
});

/** A pair of ISO 4217 codes or names of coins, and the decimals of its feed. */
export interface Pair {
  base: string;
  quote: string;
  decimals: number;
}

/**
 * How much of `quote` one unit of `base` is.
 * @throws SourceRefused `source_garbage`; `source_wrong_unit` when the rates are of another base, or do not have the currency
 */
export function readFxRates(bytes: Uint8Array, pair: Pair): PriceReading {
  return rateOf(readDocument(bytes, ratesDocument), pair);
}

/** @throws SourceRefused as {@link readFxRates} does */
export function rateOf(
  { base: given, timestamp, rates }: z.output<typeof ratesDocument>,
  { base, quote, decimals }: Pair,
): PriceReading {
  if (given !== base)
    throw new SourceRefused(
      'source_wrong_unit',
      `The rates are of one ${given.slice(0, 20)}, expected ${base}.`,
    );
  const rate = Object.hasOwn(rates, quote) ? rates[quote] : undefined;
  if (!rate) throw new SourceRefused('source_wrong_unit', `There is no rate in ${quote}.`);
  if (rate.numerator <= 0n) throw new SourceRefused('source_garbage', 'The rate is not above zero.');
  return { units: toUnits(rate, decimals), observedAt: Number(timestamp) };
}
