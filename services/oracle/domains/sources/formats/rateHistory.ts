/** Exchange rates of the past: a list of what `fx-rates` is once, hour by hour. */
import { z } from 'zod';
import { readDocument } from '../document.ts';
import type { WindowQuestion, WindowReading } from '../reading.ts';
import { SourceRefused } from '../refusal.ts';
import { rateOf, ratesDocument } from './fxRates.ts';
import { hoursWithin } from './hours.ts';

const document = z.array(ratesDocument).max(10_000);
const PAIR = /^([^/]+)\/([^/]+)$/;

/**
 * The lowest rate of the hours that end within the window, of the pair that the subject names, such as `USDC/USD`. Final once
 * every hour is there.
 * @throws SourceRefused `source_garbage`; `source_wrong_unit` when a rate is of another base, or the currency is missing;
 * `source_duplicate_window` when an hour is there twice; `source_window_missing` when there is no rate at all
 */
export function readRateHistory(bytes: Uint8Array, question: WindowQuestion): WindowReading {
  const all = readDocument(bytes, document);
  const [, base, quote] = PAIR.exec(question.subject) ?? [];
  if (!base || !quote)
    throw new SourceRefused('source_window_missing', `${question.subject} is no pair such as USDC/USD.`);
  const rates = all.map((one) => rateOf(one, { base, quote, decimals: question.decimals }));
  if (rates.length === 0) throw new SourceRefused('source_window_missing', 'There is no rate.');
  const observedAt = Math.max(...rates.map((rate) => rate.observedAt));
  const { hours, isWhole } = hoursWithin(
    rates.map((rate) => ({ ...rate, timestamp: rate.observedAt })),
    question,
  );
  const lowest = hours.reduce<bigint | undefined>(
    (least, { units }) => (least === undefined || units < least ? units : least),
    undefined,
  );
  return { units: isWhole ? lowest : undefined, observedAt };
}
