/** The European Central Bank's euro reference rates, `eurofxref-daily.xml`: what one euro is in each currency, once a working day. */
import { z } from 'zod';
import { child, children, readXml, type XmlElement, XmlRefused } from '../../../../core/iso20022/xml.ts';
import { divide, type Fraction, parseDecimal, toUnits } from '../fraction.ts';
import type { PriceReading } from '../reading.ts';
import { SourceRefused } from '../refusal.ts';
import type { Pair } from './fxRates.ts';

const EUROFXREF = 'http://www.ecb.int/vocabulary/2002-08-01/eurofxref';
/** The rates are of 14:15 Central European Time, which is 13:15 UTC in winter. */
const CONCERTATION = 'T13:15:00Z';
const isDate = (text: string) => z.iso.date().safeParse(text).success;
const ONE: Fraction = { numerator: 1n, denominator: 1n };

/**
 * How much of `quote` one unit of `base` is; a pair without the euro crosses through it, exactly.
 * @throws SourceRefused `source_garbage`; `source_wrong_unit` when a currency is not there
 */
export function readEcbRates(bytes: Uint8Array, { base, quote, decimals }: Pair): PriceReading {
  const envelope = parse(bytes);
  const day = child(envelope, 'Cube', 'Cube');
  const date = attribute(day, 'time') ?? '';
  const observedAt = Date.parse(`${date}${CONCERTATION}`) / 1_000;
  const isDaily = children(child(envelope, 'Cube'), 'Cube').length === 1;
  if (!day || day.namespace !== EUROFXREF || !isDaily || !isDate(date))
    throw new SourceRefused('source_garbage', 'Expected the reference rates of one day, with its date.');
  const [dividend, divisor] = [rateOf(day, quote), rateOf(day, base)];
  return { units: toUnits(divide(dividend, divisor), decimals), observedAt };
}

function parse(bytes: Uint8Array): XmlElement {
  try {
    return readXml(bytes);
  } catch (cause) {
    if (!(cause instanceof XmlRefused)) throw cause;
    throw new SourceRefused('source_garbage', `No XML that is taken: ${cause.message}`, { cause });
  }
}

/** What one euro is in a currency. */
function rateOf(day: XmlElement, currency: string): Fraction {
  if (currency === 'EUR') return ONE;
  const [found, another] = children(day, 'Cube').filter((cube) => attribute(cube, 'currency') === currency);
  if (!found) throw new SourceRefused('source_wrong_unit', `There is no rate in ${currency}.`);
  const rate = parseDecimal(attribute(found, 'rate') ?? '');
  if (another || !rate || rate.numerator <= 0n)
    throw new SourceRefused('source_garbage', `Expected one rate above zero in ${currency}.`);
  return rate;
}

function attribute(element: XmlElement | undefined, name: string): string | undefined {
  return element?.attributes.find((candidate) => candidate.name === name)?.value;
}
