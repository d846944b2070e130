/** What happens in a run of trade, as a pure function of its seed: which cover is sold on what, which escrows are made, which faults. */
import { createHash } from 'node:crypto';
import type { Address } from 'viem';
import type { CorridorCurrency } from '../../../services/core/currency.ts';
import { localReporters } from '../../deploy/localReporters.ts';
import { type Random, seededRandom } from '../../iso20022/random.ts';
import { type FaultName, faultNames, faults } from '../faults.ts';
import {
  type Chances,
  chooseFaults,
  faultOf,
  partnerCurrencies,
  type ScheduledFault,
  tradeMoments,
} from '../schedule.ts';

/** What may happen in the days that the sandbox plays, or does not: nobody knows a flight of another number. */
export interface PlannedRisk {
  product: 'flight-delay' | 'heavy-rain';
  subject: string;
}

export interface PlannedPolicy {
  /** Its reference. */
  key: string;
  /** Its place among the risks. */
  risk: number;
  cents: number;
  /** A wallet that nobody else is paid to. */
  holder: Address;
  /** So much of it is given up once it is issued; 0 for nothing. */
  cancelledCents: number;
}

export interface PolicyOrder {
  /** Idempotency key of the request. */
  key: string;
  /** One with an account in the currency of the cover. */
  partner: number;
  format: 'single' | 'quoted' | 'bulk';
  policies: PlannedPolicy[];
  afterMs: number;
  /** Which settlement process is asked first. */
  via: 0 | 1;
}

/** How an escrow comes to its end. */
export const escrowEnds = [
  'captured',
  'partlyCaptured',
  'milestones',
  'voided',
  'refunded',
  'released',
  'ruled',
  'defaulted',
  'observed',
  'timed',
  'reclaimed',
  'expired',
] as const;
export type EscrowEnd = (typeof escrowEnds)[number];

export const escrowWays = ['signature', 'eip3009', 'account'] as const;

export interface PlannedEscrow {
  /** Idempotency key of the request. */
  key: string;
  partner: number;
  currency: CorridorCurrency;
  cents: number;
  end: EscrowEnd;
  /** The part that the payee gets, where it does not get all. */
  partCents: number;
  /** Of what the payee gets, in basis points. */
  feeBps: number;
  /** How the money comes in: by the signature of the partner's wallet, or out of its account. */
  way: (typeof escrowWays)[number];
  afterMs: number;
  via: 0 | 1;
}

export interface TradeSchedule {
  seed: number;
  blockIntervalMs: number;
  /** The reporter that lies, if one does. */
  liar: number;
  /** Of the insured flights' departure, from Sunday: what is played of a day comes again every week. */
  weekday: number;
  /** The first is one that the oracle will observe. */
  risks: PlannedRisk[];
  orders: PolicyOrder[];
  escrows: PlannedEscrow[];
  faults: ScheduledFault[];
}

const FLIGHTS = ['FRA:LH400', 'FRA:LH720', 'HKG:CX289', 'SIN:SQ322', 'AMS:KL605'];
const UNKNOWN_FLIGHT = 'FRA:LH999';
const STATIONS = ['ZSPD', 'EDDF', 'WSSS'];

const chances: Chances = {
  process: [1, 0.35],
  chain: [0.8, 0.3],
  database: [0.25],
  node: [0.5],
  partner: [0.35],
  bank: [],
  oracle: [1, 0.6, 0.3],
};
/** Those that would befall nothing here; and a backup, after which partners have to order again what they know to be lost. */
const withoutEffect: readonly FaultName[] = ['poison-batch', 'database-restored'];
export const tradeFaults = faultNames.filter(
  (name) => faults[name].family !== 'bank' && !withoutEffect.includes(name),
);

/** @param only this fault alone, two of it in each run. */
export function tradeScheduleOf(seed: number, only?: FaultName): TradeSchedule {
  const random = seededRandom(seed);
  const blockIntervalMs = 100 + 10 * random.below(6);
  const risks = risksOf(random);
  const orders = Array.from({ length: 2 + random.below(3) }, (_, index) =>
    orderOf(seed, index, risks, random),
  );
  const escrows = Array.from({ length: 2 + random.below(3) }, (_, index) => escrowOf(seed, index, random));
  const chosen = only ? [only, only] : chooseFaults(chances, tradeFaults, random);
  return {
    seed,
    blockIntervalMs,
    liar: random.below(localReporters.length),
    weekday: random.below(7),
    risks,
    orders,
    escrows,
    faults: chosen.map((name) => faultOf(name, random, tradeMoments, tradeMoments)),
  };
}

function risksOf(random: Random): PlannedRisk[] {
  const flights = [...FLIGHTS];
  const subjects = Array.from({ length: 1 + random.below(3) }, () =>
    flights.splice(random.below(flights.length), 1),
  ).flat();
  if (random.chance(0.3)) subjects.push(UNKNOWN_FLIGHT);
  return [
    ...subjects.map((subject): PlannedRisk => ({ product: 'flight-delay', subject })),
    ...(random.chance(0.4) ? [{ product: 'heavy-rain', subject: random.pick(STATIONS) } as const] : []),
  ];
}

function orderOf(seed: number, index: number, risks: readonly PlannedRisk[], random: Random): PolicyOrder {
  const key = `t${seed}-o${index}`;
  const format = random.pick(['single', 'quoted', 'bulk', 'bulk'] as const);
  return {
    key,
    partner: random.below(2),
    format,
    policies: Array.from({ length: format === 'bulk' ? 2 + random.below(6) : 1 }, (_, place) => {
      const reference = `${key}-p${place}`;
      const cents = 1_000 + random.below(49_000);
      const isFirst = index === 0 && place === 0;
      const isGivenUp = random.chance(0.2);
      const isWhole = random.chance(0.5) && !isFirst;
      return {
        key: reference,
        // The first risk is always insured, else nobody would observe it, and escrows wait for that.
        risk: isFirst ? 0 : random.below(risks.length),
        cents,
        holder: walletOf(reference),
        cancelledCents: isGivenUp ? (isWhole ? cents : 1 + random.below(cents - 1)) : 0,
      };
    }),
    afterMs: random.below(1_000),
    via: random.below(2) as 0 | 1,
  };
}

function escrowOf(seed: number, index: number, random: Random): PlannedEscrow {
  const partner = random.below(partnerCurrencies.length);
  const cents = 1_000 + random.below(99_000);
  return {
    key: `t${seed}-e${index}`,
    partner,
    currency: random.pick(partnerCurrencies[partner] as readonly CorridorCurrency[]),
    cents,
    end: random.pick(escrowEnds),
    partCents: 1 + random.below(cents - 1),
    feeBps: random.chance(0.5) ? random.below(300) : 0,
    way: random.pick(escrowWays),
    afterMs: random.below(1_000),
    via: random.below(2) as 0 | 1,
  };
}

function walletOf(text: string): Address {
  return `0x${createHash('sha256').update(text).digest('hex').slice(0, 40)}`;
}
