/** What the outside world is in the sandbox: invented days in `services/sandbox/data/sources`, played over and over by the chain's clock. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.join(import.meta.dirname, '../../data/sources');
const read = <Content>(name: string) =>
  JSON.parse(readFileSync(path.join(folder, `${name}.json`), 'utf8')) as Content;

const fx = read<{ stepSeconds: number; rates: Record<string, string[]> }>('fx');
const { rates: coinRates } = read<{ rates: Record<string, string[]> }>('stablecoins');
const { flights } = read<{ flights: PlayedFlight[] }>('flights');
const { stations } = read<{ stations: Record<string, string[]> }>('weather');
const { shipments } = read<{ shipments: { sscc: string; events: PlayedEvent[] }[] }>('shipments');
const { accounts } = read<{ accounts: ReserveAccount[] }>('reserves');

interface PlayedFlight {
  flight: string;
  /** HH:MM in UTC, every day. */
  departure: string;
  durationMinutes: number;
  /** By day of the week, from Sunday. */
  delayMinutes: (number | 'cancelled')[];
}

interface PlayedEvent {
  /** From the start of the sandbox. */
  minutes: number;
  bizStep: string;
  disposition: string;
  location: string;
}

export interface ReserveAccount {
  account: string;
  currency: string;
  closingMinor: string;
}

export interface Flight {
  flight: string;
  scheduledDeparture: number;
  scheduledArrival: number;
  delayMinutes: number | 'cancelled';
}

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;

/** What one euro is in each currency at a time, in Unix seconds, and since when. */
export function ratesAt(now: number): { rates: Record<string, string>; since: number } {
  const step = Math.floor(now / fx.stepSeconds);
  const rates = Object.entries(fx.rates).map(([currency, all]) => [currency, all[step % all.length] ?? '']);
  return { rates: Object.fromEntries(rates), since: step * fx.stepSeconds };
}

/** The flights of a designator that are to depart from one time to another. */
export function flightsBetween(designator: string, from: number, to: number): Flight[] {
  const played = flights.find(({ flight }) => flight === designator);
  if (!played) return [];
  const [hours = 0, minutes = 0] = played.departure.split(':').map(Number);
  const firstDay = Math.floor(from / DAY_SECONDS);
  const days = Math.min(62, Math.floor(to / DAY_SECONDS) - firstDay + 1);
  return Array.from({ length: Math.max(0, days) }, (_, day) => {
    const midnight = (firstDay + day) * DAY_SECONDS;
    const scheduledDeparture = midnight + hours * HOUR_SECONDS + minutes * 60;
    const delayMinutes = played.delayMinutes[new Date(midnight * 1_000).getUTCDay()] ?? 0;
    const scheduledArrival = scheduledDeparture + played.durationMinutes * 60;
    return { flight: designator, scheduledDeparture, scheduledArrival, delayMinutes };
  }).filter(({ scheduledDeparture: at }) => at >= from && at <= to);
}

/** Millimetres in each hour that ends after `from` and not after `to`; undefined for an unknown station. */
export function precipitationBetween(station: string, from: number, to: number) {
  return hoursBetween(stations, station, from, to)?.map(({ endsAt, value: millimetres }) => ({
    endsAt,
    millimetres,
  }));
}

/** What a stablecoin is in dollars at each full hour after `from` and not after `to`; undefined for an unknown coin. */
export function coinRatesBetween(coin: string, from: number, to: number) {
  return hoursBetween(coinRates, coin, from, to)?.map(({ endsAt: at, value: rate }) => ({ at, rate }));
}

function hoursBetween(played: Record<string, string[]>, name: string, from: number, to: number) {
  const hours = Object.hasOwn(played, name) ? played[name] : undefined;
  if (!hours) return undefined;
  const first = Math.floor(from / HOUR_SECONDS) + 1;
  const count = Math.min(24 * 366, Math.max(0, Math.floor(to / HOUR_SECONDS) - first + 1));
  return Array.from({ length: count }, (_, hour) => ({
    endsAt: (first + hour) * HOUR_SECONDS,
    value: hours[(first + hour) % hours.length] ?? '0',
  }));
}

/** What happened to a shipment until `now`; undefined for an unknown one. */
export function eventsUntil(sscc: string, start: number, now: number) {
  return shipments
    .find((shipment) => shipment.sscc === sscc)
    ?.events.map(({ minutes, ...event }) => ({ ...event, at: start + minutes * 60 }))
    .filter(({ at }) => at <= now);
}

export function reserveAccount(account: string): ReserveAccount | undefined {
  return accounts.find((one) => one.account === account);
}
