/** Values of hours, as several formats have them: which of them are of a window, and whether that is all of them. */
import type { WindowQuestion } from '../reading.ts';
import { SourceRefused } from '../refusal.ts';

const HOUR_SECONDS = 3_600;

/**
 * What is of the hours that end within the window, in their order. `isWhole` when none is missing, at whatever minute the
 * source's hours end, and none overlaps another.
 * @throws SourceRefused `source_duplicate_window` when an hour is there twice
 */
export function hoursWithin<Hour extends { timestamp: number }>(
  all: readonly Hour[],
  { windowStart, windowEnd }: Pick<WindowQuestion, 'windowStart' | 'windowEnd'>,
): { hours: Hour[]; isWhole: boolean } {
  const hours = all
    .filter(({ timestamp }) => timestamp > windowStart && timestamp <= windowEnd)
    .sort((a, b) => a.timestamp - b.timestamp);
  const steps = hours.slice(1).map(({ timestamp }, at) => timestamp - (hours[at]?.timestamp ?? 0));
  if (steps.includes(0)) throw new SourceRefused('source_duplicate_window', 'An hour has two observations.');
  const [first, last] = [hours.at(0), hours.at(-1)];
  const isWhole =
    first !== undefined &&
    last !== undefined &&
    first.timestamp - windowStart <= HOUR_SECONDS &&
    windowEnd - last.timestamp < HOUR_SECONDS &&
    steps.every((step) => step === HOUR_SECONDS);
  return { hours, isWhole };
}
