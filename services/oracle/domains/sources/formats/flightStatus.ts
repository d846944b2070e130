/** Flight status: the flights of a designator, each with its times and how late it arrived. */
import { z } from 'zod';
import { decimal, instant, readDocument } from '../document.ts';
import type { WindowQuestion, WindowReading } from '../reading.ts';
import { SourceRefused } from '../refusal.ts';

/** What a flight that never arrived where it should counts as: later than any that did. */
export const CANCELLED_MINUTES = 9_999n;
/** UN/CEFACT Recommendation 20: minutes. */
const MINUTES = 'MIN';

const document = z.object({
  updatedAt: instant,
  flights: z
    .array(
      z.object({
        /** IATA airport of departure and designator, such as `FRA:LH400`. */
        flight: z.string(),
        scheduledDeparture: instant,
        scheduledArrival: instant,
        actualArrival: instant.nullable(),
        status: z.enum(['scheduled', 'departed', 'arrived', 'cancelled', 'diverted']),
        arrivalDelay: z.object({ value: decimal, unitCode: z.string() }).nullable(),
      }),
    )
    .max(100),
});

/**
 * How many minutes late the flight arrived that was to depart within the window; below zero when it was early, seconds cut off.
 * Final once it arrived, was cancelled or diverted.
 * @throws SourceRefused `source_garbage`, also when the delay is not what the times say; `source_wrong_unit`;
 * `source_window_missing` when no such flight is there, `source_duplicate_window` when several are
 */
export function readFlightStatus(bytes: Uint8Array, question: WindowQuestion): WindowReading {
  const { updatedAt, flights } = readDocument(bytes, document);
  const [flight, another] = flights.filter(
    ({ flight: name, scheduledDeparture: at }) =>
      name === question.subject && at >= question.windowStart && at <= question.windowEnd,
  );
  if (!flight) throw new SourceRefused('source_window_missing', 'No such flight departs within the window.');
  if (another) throw new SourceRefused('source_duplicate_window', 'Several such flights are in the window.');
  const scale = 10n ** BigInt(question.decimals);
  if (flight.status === 'cancelled' || flight.status === 'diverted')
    return { units: CANCELLED_MINUTES * scale, observedAt: updatedAt };
  const { arrivalDelay, actualArrival, scheduledArrival } = flight;
  if (arrivalDelay && arrivalDelay.unitCode !== MINUTES)
    throw new SourceRefused('source_wrong_unit', `The delay is in ${arrivalDelay.unitCode}, expected MIN.`);
  if (flight.status !== 'arrived') return { units: undefined, observedAt: updatedAt };
  if (!arrivalDelay || actualArrival === null)
    throw new SourceRefused('source_garbage', 'An arrived flight has an actual arrival and a delay.');
  const seconds = BigInt(actualArrival - scheduledArrival);
  const difference = arrivalDelay.value.numerator * 60n - seconds * arrivalDelay.value.denominator;
  // The delay is in whole minutes, the times may have seconds.
  if (difference > 60n * arrivalDelay.value.denominator || -difference > 60n * arrivalDelay.value.denominator)
    throw new SourceRefused('source_garbage', 'The delay is not what scheduled and actual arrival say.');
  return { units: (seconds * scale) / 60n, observedAt: updatedAt };
}
