/** When the risks of a run are, and what is true of them: from what the sandbox plays, asked by nobody else. */
import { readFileSync } from 'node:fs';
import { type CoverProduct, productsSchema } from '../../../services/core/insurance/product.ts';
import { flightsBetween, precipitationBetween } from '../../../services/sandbox/domains/sources/played.ts';
import { localProductsFile } from '../../deploy/localProducts.ts';
import type { PlannedRisk } from './schedule.ts';

export interface Risk extends PlannedRisk {
  /** Unix seconds. */
  windowStart: number;
  windowEnd: number;
  /** In units of the feed; undefined when nobody knows it, and the oracle must stay silent. */
  observation: bigint | undefined;
  /** From then on the risk can be settled. */
  dueAt: number;
}

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;
const RAIN_DAYS = 3;
/** As the reporters' sources have it: docs/oracle.md. */
const CANCELLED_MINUTES = 9_999;

const { products } = productsSchema.parse(JSON.parse(readFileSync(localProductsFile, 'utf8')));

/** A time as the API takes it. @param seconds Unix */
export function timeOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z');
}

export function productOf(name: string): CoverProduct {
  const found = products.find(({ id }) => id === name);
  if (!found) throw new Error(`There is no product ${name}.`);
  return found;
}

const FLIGHTS_AFTER_DAYS = 2;
const RAIN_AFTER_DAYS = 5;

/** The first time not before `now` at which flights of {@link risksAt} are on a weekday, from Sunday. */
export function dayBefore(weekday: number, now: number): number {
  const dayOf = (seconds: number) =>
    new Date((seconds + FLIGHTS_AFTER_DAYS * DAY_SECONDS) * 1_000).getUTCDay();
  const days = (weekday - dayOf(now) + 7) % 7;
  return days === 0 ? now : (Math.floor(now / DAY_SECONDS) + days) * DAY_SECONDS;
}

/**
 * Flights are all of one day, so that none is past its grace before the last has arrived; rain falls later.
 * @param now the chain's time at which the run begins
 */
export function risksAt(planned: readonly PlannedRisk[], now: number): Risk[] {
  const today = Math.floor(now / DAY_SECONDS);
  return planned.map((risk) =>
    risk.product === 'flight-delay'
      ? flightAt(risk, (today + FLIGHTS_AFTER_DAYS) * DAY_SECONDS)
      : rainAt(risk, (today + RAIN_AFTER_DAYS) * DAY_SECONDS),
  );
}

function flightAt(risk: PlannedRisk, midnight: number): Risk {
  const [flight] = flightsBetween(risk.subject, midnight, midnight + DAY_SECONDS - 1);
  const departure = flight?.scheduledDeparture ?? midnight + DAY_SECONDS / 2;
  const windowEnd = departure + HOUR_SECONDS;
  const window = { ...risk, windowStart: departure - HOUR_SECONDS, windowEnd };
  if (!flight)
    return { ...window, observation: undefined, dueAt: windowEnd + productOf(risk.product).graceSeconds + 1 };
  const { delayMinutes, scheduledArrival } = flight;
  if (delayMinutes === 'cancelled')
    return { ...window, observation: BigInt(CANCELLED_MINUTES), dueAt: windowEnd };
  const arrival = scheduledArrival + delayMinutes * 60;
  return { ...window, observation: BigInt(delayMinutes), dueAt: Math.max(windowEnd, arrival) };
}

function rainAt(risk: PlannedRisk, windowStart: number): Risk {
  const windowEnd = windowStart + RAIN_DAYS * DAY_SECONDS;
  const hours = precipitationBetween(risk.subject, windowStart, windowEnd) ?? [];
  const tenths = hours.reduce((sum, { millimetres }) => sum + BigInt(millimetres.replace('.', '')), 0n);
  return { ...risk, windowStart, windowEnd, observation: tenths, dueAt: windowEnd };
}
