/** A weather station's observations as GeoJSON: hour by hour, each quantity with its unit (WMO's codes). */
import { z } from 'zod';
import { decimal, instant, readDocument } from '../document.ts';
import { sumOf, toUnits } from '../fraction.ts';
import type { WindowQuestion, WindowReading } from '../reading.ts';
import { SourceRefused } from '../refusal.ts';
import { hoursWithin } from './hours.ts';

const MILLIMETRES = 'wmoUnit:mm';

const document = z.object({
  type: z.literal('FeatureCollection'),
  features: z
    .array(
      z.object({
        type: z.literal('Feature'),
        properties: z.object({
          stationIdentifier: z.string(),
          /** The end of the hour that the precipitation fell in. */
          timestamp: instant,
          precipitationLastHour: z.object({ unitCode: z.string(), value: decimal.nullable() }),
        }),
      }),
    )
    .max(10_000),
});

/**
 * Millimetres of precipitation of the hours that end within the window, at the station that the subject names.
 * Final once every hour of the window has a value.
 * @throws SourceRefused `source_garbage`; `source_wrong_unit` for another unit; `source_duplicate_window` when an hour is there
 * twice; `source_window_missing` when there is nothing of the station
 */
export function readStationObservations(bytes: Uint8Array, question: WindowQuestion): WindowReading {
  const { subject, decimals } = question;
  const own = readDocument(bytes, document)
    .features.map(({ properties }) => properties)
    .filter(({ stationIdentifier }) => stationIdentifier === subject);
  if (own.length === 0) throw new SourceRefused('source_window_missing', `Nothing is of ${subject}.`);
  const observedAt = Math.max(...own.map(({ timestamp }) => timestamp));
  const { hours, isWhole } = hoursWithin(own, question);
  const amounts = hours.map(({ precipitationLastHour: { unitCode, value } }) => {
    if (unitCode !== MILLIMETRES)
      throw new SourceRefused(
        'source_wrong_unit',
        `Precipitation is in ${unitCode}, expected ${MILLIMETRES}.`,
      );
    if (value && value.numerator < 0n)
      throw new SourceRefused('source_garbage', 'Precipitation is below zero.');
    return value;
  });
  const known = amounts.filter((value) => value !== null);
  const isFinal = isWhole && known.length === hours.length;
  return { units: isFinal ? toUnits(sumOf(known), decimals) : undefined, observedAt };
}
