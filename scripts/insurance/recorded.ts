/** Observations that were recorded, of the products that there is a public record for: recorded/README.md says whose they are. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { CoverProduct } from '../../services/core/insurance/product.ts';
import { root } from '../command.ts';
import type { Observed } from './simulation.ts';

const DAY_SECONDS = 86_400;
const FLIGHT_WINDOW_SECONDS = 4 * 3_600;

interface Recording {
  /** Places and period. */
  of: string;
  read(product: CoverProduct): Observed[];
}

/** By product. */
export const recordings: Record<string, Recording> = {
  'flight-delay': { of: 'US flights, January to June 2001', read: readFlights },
  'heavy-rain': { of: 'Seattle and New York, 2015', read: (product) => readRain(product, 2) },
  drought: { of: 'Seattle and New York, 2015', read: (product) => readRain(product, 30) },
};

/** Each flight in a window that begins with its departure, by the airport's clock read as UTC; the record has no flight numbers. */
function readFlights({ decimals }: CoverProduct): Observed[] {
  const [, ...flights] = readTable('flights.csv');
  return flights.map(([departure, origin, destination, minutesLate]): Observed => {
    const windowStart = secondsOf(`${departure}Z`);
    return {
      subject: `${origin}:${destination}`,
      windowStart,
      windowEnd: windowStart + FLIGHT_WINDOW_SECONDS,
      value: BigInt(minutesLate ?? '') * 10n ** BigInt(decimals),
    };
  });
}

/** Sums over `length` days, one window after the other, at each place; days that fill no window are left out. */
function readRain({ decimals }: CoverProduct, length: number): Observed[] {
  const [[, ...places] = [], ...days] = readTable('rain.csv');
  return places.flatMap((subject, place) =>
    Array.from({ length: Math.floor(days.length / length) }, (_, index): Observed => {
      const window = days.slice(index * length, (index + 1) * length);
      const millimetres = window.reduce((sum, day) => sum + Number(day[place + 1]), 0);
      const windowStart = secondsOf(window[0]?.[0] ?? '');
      return {
        subject,
        windowStart,
        windowEnd: windowStart + length * DAY_SECONDS,
        value: BigInt(Math.round(millimetres * 10 ** decimals)),
      };
    }),
  );
}

function readTable(file: string): string[][] {
  const text = readFileSync(path.join(root, 'scripts/insurance/recorded', file), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
}

function secondsOf(date: string): number {
  return Date.parse(date) / 1_000;
}
