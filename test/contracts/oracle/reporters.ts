/** Signs reports as reporters do: each its own row of values, and puts them together as a transmitter does. */
import { encodeBytes32String, id, Signature, toBeHex, toTwos, Wallet } from 'ethers';
import type {
  IOracleHub,
  IReporterSets,
  OracleHub,
} from '../../../typechain-types/contracts/oracle/OracleHub.ts';
import { medianRow } from './model.ts';

/** What a reporter signs, by primary type. */
export const reportTypes = {
  Prices: [
    { name: 'setVersion', type: 'uint32' },
    { name: 'round', type: 'uint32' },
    { name: 'observedAt', type: 'uint40' },
    { name: 'feeds', type: 'bytes32[]' },
    { name: 'values', type: 'bytes' },
  ],
  Observations: [
    { name: 'setVersion', type: 'uint32' },
    { name: 'observedAt', type: 'uint40' },
    { name: 'windows', type: 'Window[]' },
    { name: 'values', type: 'bytes' },
  ],
  Window: [
    { name: 'feed', type: 'bytes32' },
    { name: 'subject', type: 'bytes32' },
    { name: 'windowStart', type: 'uint40' },
    { name: 'windowEnd', type: 'uint40' },
  ],
};

/** What each reporter observed, by its place in the set. */
export type Rows = Record<number, readonly bigint[]>;

interface Observed {
  /** Default 1. */
  setVersion?: number;
  observedAt: bigint;
  rows: Rows;
  /** Signed for instead of the hub's own domain. */
  domain?: Record<string, unknown>;
}

export interface PriceRound extends Observed {
  round: number;
  /** Names as bytes32. */
  feeds: string[];
}

export interface ObservationRound extends Observed {
  windows: IOracleHub.WindowStruct[];
}

/** The same wallets in every run. */
export function reporterWallets(count: number, name = 'reporter'): Wallet[] {
  return Array.from({ length: count }, (_, i) => new Wallet(id(`${name} ${i}`)));
}

/** A feed's name as the contract takes it. */
export const feedName = (text: string) => encodeBytes32String(text);

/** The first `count` reporters agree on the values. */
export const agree = (count: number, values: readonly bigint[]): Rows =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [i, values]));

/** The arguments of `hub.report`, signed by the reporters that have a row. */
export async function signPrices(
  hub: OracleHub,
  wallets: readonly Wallet[],
  observed: PriceRound,
): Promise<[number, string[], IReporterSets.SignedValuesStruct]> {
  const { round, feeds } = observed;
  const signed = await sign(hub, wallets, observed, 'Prices', { round, feeds });
  return [round, feeds, signed];
}

/** The arguments of `hub.reportObservations`, signed by the reporters that have a row. */
export async function signObservations(
  hub: OracleHub,
  wallets: readonly Wallet[],
  observed: ObservationRound,
): Promise<[IOracleHub.WindowStruct[], IReporterSets.SignedValuesStruct]> {
  const { windows } = observed;
  return [windows, await sign(hub, wallets, observed, 'Observations', { windows })];
}

async function sign(
  hub: OracleHub,
  wallets: readonly Wallet[],
  { setVersion = 1, observedAt, rows, domain }: Observed,
  primaryType: 'Prices' | 'Observations',
  what: Record<string, unknown>,
): Promise<IReporterSets.SignedValuesStruct> {
  const { Prices, Observations, Window } = reportTypes;
  const types = primaryType === 'Prices' ? { Prices } : { Observations, Window };
  const { name, version, chainId, verifyingContract } = await hub.eip712Domain();
  const own = { name, version, chainId, verifyingContract };
  const entries = Object.entries(rows).map(([index, values]) => ({ index: Number(index), values }));
  const signatures = await Promise.all(
    entries.map(async ({ index, values }) => {
      const message = { setVersion, observedAt, ...what, values: packValues(values) };
      const signature = Signature.from(
        await (wallets[index] as Wallet).signTypedData(domain ?? own, types, message),
      );
      return [signature.r, signature.yParityAndS];
    }),
  );
  const width = Math.max(...entries.map(({ values }) => values.length));
  const medians = Array.from({ length: width }, (_, column) =>
    medianRow(entries.map(({ values }) => values[column] as bigint)),
  );
  return {
    setVersion,
    observedAt,
    reporters: entries.reduce((mask, { index }) => mask | (1 << index), 0),
    values: packValues(entries.flatMap(({ values }) => values)),
    medians: packMedians(medians),
    signatures: signatures.flat(),
  };
}

/** Numbers as the contract takes them: an int96 in 12 bytes each. */
export const packValues = (values: readonly bigint[]) =>
  `0x${values.map((value) => toBeHex(toTwos(value, 96), 12).slice(2)).join('')}`;

/** Which row holds the median, a byte for each thing observed. */
export const packMedians = (rows: readonly number[]) =>
  `0x${rows.map((row) => toBeHex(row, 1).slice(2)).join('')}`;
