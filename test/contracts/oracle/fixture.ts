import { type ContractTransactionResponse, id } from 'ethers';
import type { OracleHub } from '../../../typechain-types/index.ts';
import { openNamedChain } from '../support/chain.ts';
import type { ObservationRound } from './reporters.ts';
import {
  agree,
  feedName,
  type PriceRound,
  reporterWallets,
  signObservations,
  signPrices,
} from './reporters.ts';

export const NONE = 0n;
export const PRICE = 1n;
export const OBSERVATION = 2n;

export const EUR_USD = feedName('EUR/USD');
export const RESERVE = feedName('cUSD/reserve');
export const FLIGHT_DELAY = feedName('flight-delay-minutes');
export const UNKNOWN = feedName('nothing');

export const DELAY_SECONDS = 86_400;
export const MAX_AGE_SECONDS = 3_600n;
export const PRICE_CONFIG = {
  kind: PRICE,
  decimals: 8n,
  maxAgeSeconds: MAX_AGE_SECONDS,
  maxDeviationBps: 200n,
  minValue: -50_000_000n,
  maxValue: 200_000_000n,
};
export const OBSERVATION_CONFIG = {
  kind: OBSERVATION,
  decimals: 1n,
  maxAgeSeconds: 0n,
  maxDeviationBps: 0n,
  minValue: -600n,
  maxValue: 100_000n,
};

/** 1.08 */
export const RATE = 108_000_000n;

type Send = Promise<ContractTransactionResponse>;

/**
 * A chain of its own for one test file, and `oracle`, the state in which each of its tests begins: 7 reporters, two price feeds
 * without a value, one observation feed.
 */
export async function openChain() {
  const chain = await openNamedChain(['admin', 'guardian', 'transmitter', 'stranger']);
  const { ethers, networkHelpers, accounts, now, at: mineAt } = chain;
  const { admin, transmitter } = accounts;
  const reporters = reporterWallets(7);

  async function deployOracle() {
    const manager = await chain.deployManager();
    const hub = await chain.deploy<OracleHub>('OracleHub', [manager, DELAY_SECONDS, reporters]);
    await hub.addFeed(EUR_USD, PRICE_CONFIG);
    await hub.addFeed(FLIGHT_DELAY, OBSERVATION_CONFIG);
    await hub.addFeed(RESERVE, { ...PRICE_CONFIG, decimals: 2n, minValue: -1_000n, maxValue: 10n ** 15n });
    return { hub: hub.connect(transmitter), admined: hub.connect(admin), manager };
  }

  /** A round of EUR/USD on which five reporters agree, observed a minute after the last block. */
  async function priceRound(
    round: number,
    value: bigint,
    other: Partial<PriceRound> = {},
  ): Promise<PriceRound> {
    return { round, feeds: [EUR_USD], observedAt: (await now()) + 60n, rows: agree(5, [value]), ...other };
  }

  return {
    ethers,
    networkHelpers,
    accounts,
    reporters,
    oracle: async () => await networkHelpers.loadFixture(deployOracle),
    now,
    mineAt,
    priceRound,

    /** Signs and transmits a round of EUR/USD; it is mined `age` seconds after it was observed. */
    report: async (
      hub: OracleHub,
      round: number,
      value: bigint,
      { age = 12n, ...other }: Partial<PriceRound> & { age?: bigint } = {},
    ): Send => {
      const observed = await priceRound(round, value, other);
      const signed = await signPrices(hub, reporters, observed);
      await mineAt(observed.observedAt + age);
      return await hub.report(...signed);
    },

    /** The same of observations, 12 seconds after they were observed. */
    observe: async (hub: OracleHub, observed: ObservationRound): Send => {
      const signed = await signObservations(hub, reporters, observed);
      if ((await now()) < observed.observedAt) await mineAt(observed.observedAt + 12n);
      return await hub.reportObservations(...signed);
    },
  };
}

/** What an observation is of. */
export const flight = (number: string, windowStart: bigint, windowEnd: bigint) => ({
  feed: FLIGHT_DELAY,
  subject: id(number),
  windowStart,
  windowEnd,
});
