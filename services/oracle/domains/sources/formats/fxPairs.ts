/** Exchange rates as a list of pairs, each with bid, ask and a time of its own. */
import { z } from 'zod';
import { decimal, instant, readDocument } from '../document.ts';
import { middleOf, toUnits } from '../fraction.ts';
import type { PriceReading } from '../reading.ts';
import { SourceRefused } from '../refusal.ts';
import type { Pair } from './fxRates.ts';

const document = z.array(z.object({ pair: z.string(), bid: decimal, ask: decimal, time: instant }));

/**
 * What lies halfway between bid and ask of the pair.
 * @throws SourceRefused `source_garbage`, also for a pair that stands there twice or whose bid is above its ask;
 * `source_wrong_unit` when the pair is not there, or only the other way round
 */
export function readFxPairs(bytes: Uint8Array, { base, quote, decimals }: Pair): PriceReading {
  const pairs = readDocument(bytes, document).filter(({ pair }) => pair === `${base}/${quote}`);
  const [found, another] = pairs;
  if (!found) throw new SourceRefused('source_wrong_unit', `There is no pair ${base}/${quote}.`);
  if (another) throw new SourceRefused('source_garbage', `The pair ${base}/${quote} stands there twice.`);
  const { bid, ask, time } = found;
  if (bid.numerator <= 0n || bid.numerator * ask.denominator > ask.numerator * bid.denominator)
    throw new SourceRefused('source_garbage', 'Bid and ask are no prices: expected 0 < bid <= ask.');
  return { units: toUnits(middleOf(bid, ask), decimals), observedAt: time };
}
