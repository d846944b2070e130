/** What happens in a run, as a pure function of its seed: which payments, which faults, when, and how hard. */
import { createHash } from 'node:crypto';
import type { Address } from 'viem';
import type { CorridorCurrency } from '../../services/core/currency.ts';
import { type Random, seededRandom } from '../iso20022/random.ts';
import { type Family, type FaultName, faultNames, faults, faultsOf } from './faults.ts';

/** What a world carries: payments; or cover, observed by an oracle, and escrows. */
export const worldKinds = ['payments', 'trade'] as const;
export type WorldKind = (typeof worldKinds)[number];

/** The partners of the world: what each has an account in. A currency that stands here twice has two wallets. */
export const partnerCurrencies: readonly (readonly CorridorCurrency[])[] = [['USD', 'EUR'], ['USD'], ['EUR']];

/** Moments that a run is watched for: a state that a payment of it has come to, or what has reached a partner. */
export const moments = [
  'at once',
  'answered',
  'batched',
  'signed',
  'broadcast',
  'included',
  'final',
  'posted',
  'webhook',
] as const;
/** Those of a run of trade: what the chain has of it; `over` is when the first windows of its risks are. */
export const tradeMoments = ['at once', 'answered', 'issued', 'over', 'observed', 'settled', 'paid'] as const;
export type Moment = (typeof moments)[number] | (typeof tradeMoments)[number];

export interface ScheduledFault {
  name: FaultName;
  moment: Moment;
  /** Passes between the moment and the fault. */
  delayMs: number;
  /** How long it lasts, for those that last. */
  lengthMs: number;
  /** Which of two processes or nodes; 2 stands for both. */
  target: 0 | 1 | 2;
  /** Blocks of a reorganisation, or by which a node lags. */
  depth: number;
  /** The n-th commit from the moment on. */
  nth: number;
  /** Seed of what the fault itself leaves to chance. */
  seed: number;
}

export type Recipient = 'own' | 'shared' | 'frozen';

export interface PlannedPayment {
  endToEndId: string;
  currency: CorridorCurrency;
  cents: number;
  recipient: Recipient;
  /** Where `recipient` is 'own': a wallet that nobody else is paid to. */
  wallet: Address;
  /** More than the account holds. */
  isTooMuch: boolean;
}

/** Others send the same authorisation, or the wallet's word that takes it back. */
export type Rival = 'pays' | 'cancels';

export interface Order {
  /** Idempotency key of the request; also the message id of a batch. */
  key: string;
  partner: number;
  /** `authorized`: signed by a wallet, which pays no fee (EIP-3009). */
  format: 'single' | 'json' | 'csv' | 'authorized';
  payments: PlannedPayment[];
  afterMs: number;
  /** Which settlement process is asked first. */
  via: 0 | 1;
  /** Taken back right after it was accepted. Only single payments. */
  isCancelled: boolean;
  /** Only where a wallet signed: what somebody else does with it once it is accepted. */
  rival?: Rival;
}

export interface Schedule {
  seed: number;
  blockIntervalMs: number;
  orders: Order[];
  faults: ScheduledFault[];
}

const DEEPEST_REORGANISATION = 8;
/**
 * Blocks on a block that make it final. It is the world's, and so the same for every seed: what a run met in a world that it
 * shared, it meets again when it is repeated in one of its own.
 */
export const FINALITY_DEPTH = DEEPEST_REORGANISATION + 1;
/** How probable a first, a second... fault of a family is in a run. */
const chances: Chances = {
  process: [1, 0.35],
  chain: [0.95, 0.3],
  database: [0.3],
  node: [0.5, 0.2],
  partner: [0.35],
  bank: [0.15],
  oracle: [],
};

export type Chances = Readonly<Record<Family, readonly number[]>>;

/** @param only this fault alone, two of it in each run. */
export function scheduleOf(seed: number, only?: FaultName): Schedule {
  const random = seededRandom(seed);
  const blockIntervalMs = 100 + 10 * random.below(11);
  const orders = Array.from({ length: 3 + random.below(4) }, (_, index) => orderOf(seed, index, random));
  const chosen = only ? [only, only] : chooseFaults(chances, paymentFaults, random);
  return {
    seed,
    blockIntervalMs,
    orders,
    // One restoration a run: a second backup would be of nothing.
    faults: [...new Set(chosen.filter(isOnce)), ...chosen.filter((name) => !isOnce(name))].map((name) =>
      faultOf(name, random),
    ),
  };
}

/** Those of a world of payments. */
export const paymentFaults = faultNames.filter((name) => faults[name].family !== 'oracle');

/** What a person types to make this very run again. */
export function replayCommand(seed: number, only?: FaultName, kind: WorldKind = 'payments'): string {
  const world = kind === 'payments' ? '' : ` --world ${kind}`;
  return `npm run chaos -- --runs 1 --seed ${seed}${only ? ` --only ${only}` : ''}${world}`;
}

const isOnce = (name: FaultName) => name === 'database-restored';

/** Some of every family, out of those that are possible. */
export function chooseFaults(of: Chances, possible: readonly FaultName[], random: Random): FaultName[] {
  return (Object.keys(of) as Family[]).flatMap((family) => {
    const names = faultsOf(family).filter((name) => possible.includes(name));
    const weighted = names.flatMap((name) => Array<FaultName>(faults[name].weight).fill(name));
    return of[family].filter((chance) => random.chance(chance)).map(() => random.pick(weighted));
  });
}

export function faultOf(
  name: FaultName,
  random: Random,
  late: readonly Moment[] = moments,
  early: readonly Moment[] = moments.slice(0, 5),
): ScheduledFault {
  const { family } = faults[name];
  return {
    name,
    // What befalls transactions finds some while payments are on their way.
    moment: random.pick(family === 'chain' || family === 'node' ? early : late),
    delayMs: random.below(200),
    lengthMs: 500 + random.below(2_000),
    target: random.below(3) as 0 | 1 | 2,
    depth: 1 + random.below(DEEPEST_REORGANISATION),
    nth: 1 + random.below(5),
    seed: random.below(2 ** 31),
  };
}

function orderOf(seed: number, index: number, random: Random): Order {
  const partner = random.below(partnerCurrencies.length);
  const currencies = partnerCurrencies[partner] as readonly CorridorCurrency[];
  const format = random.pick(['single', 'single', 'json', 'csv', 'authorized', 'authorized'] as const);
  const key = `s${seed}-o${index}`;
  const size = format === 'single' || format === 'authorized' ? 1 : 2 + random.below(12);
  return {
    key,
    partner,
    format,
    payments: Array.from({ length: size }, (_, place) => {
      const endToEndId = `${key}-p${place}`;
      const recipient = random.chance(0.08) ? 'frozen' : random.chance(0.1) ? 'shared' : 'own';
      return {
        endToEndId,
        currency: random.pick(currencies),
        cents: 1 + random.below(50_000),
        recipient,
        wallet: walletOf(endToEndId),
        isTooMuch: random.chance(0.05),
      };
    }),
    afterMs: random.below(1_500),
    via: random.below(2) as 0 | 1,
    isCancelled: format === 'single' && random.chance(0.15),
    ...(format === 'authorized' &&
      random.chance(0.4) && { rival: random.pick(['pays', 'cancels'] as const) }),
  };
}

function walletOf(text: string): Address {
  return `0x${createHash('sha256').update(text).digest('hex').slice(0, 40)}`;
}
