/** What all reporters of a local chain say of a window, put on the chain. */
import { Signature } from 'ethers';
import type { Hex } from 'viem';
import { localReporters } from '../../scripts/deploy/localReporters.ts';
import { oracleHubAbi } from '../../services/core/abi/oracleHub.ts';
import {
  type ObservationWindow,
  observationsTypes,
  packMedians,
  packValues,
  toBytes32,
} from '../../services/core/oracleReport.ts';
import type { TestChain } from './chain.ts';

const GAS = 5_000_000n;
/** Of the chain's accounts; anybody may hand reports in. */
const TRANSMITTER = 9;

export interface ObservedWindow {
  windowStart: string;
  windowEnd: string;
  subject: string;
}

/** As `reportObservation`, for a window as the API shows it. */
export function observe(
  chain: TestChain,
  { subject, windowStart, windowEnd }: ObservedWindow,
  feed: string,
  value: bigint,
): Promise<Hex> {
  const times = { windowStart: Date.parse(windowStart) / 1_000, windowEnd: Date.parse(windowEnd) / 1_000 };
  return reportObservation(chain, { feed: toBytes32(feed), subject: toBytes32(subject), ...times }, value);
}

/** The window must be over. @returns the transaction's hash; it waits for a block */
export async function reportObservation(
  { client, wallet, deployment }: TestChain,
  window: ObservationWindow,
  value: bigint,
): Promise<Hex> {
  const { chainId, oracleHub } = deployment;
  const windows = [window];
  const observedAt = Number((await client.getBlock()).timestamp);
  const domain = { name: 'Corridor OracleHub', version: '1', chainId, verifyingContract: oracleHub };
  const message = { setVersion: 1, observedAt, windows, values: packValues([value]) };
  const signatures = await Promise.all(
    localReporters.map(async (reporter) => {
      const signature = await reporter.signTypedData(domain, observationsTypes, message);
      const { r, yParityAndS } = Signature.from(signature);
      return [r, yParityAndS] as Hex[];
    }),
  );
  const rows = localReporters.map(() => [value]);
  const signed = {
    setVersion: 1,
    observedAt,
    reporters: (1n << BigInt(localReporters.length)) - 1n,
    values: packValues(rows.flat()),
    medians: packMedians(rows),
    signatures: signatures.flat(),
  };
  return wallet(TRANSMITTER).writeContract({
    address: oracleHub,
    abi: oracleHubAbi,
    functionName: 'reportObservations',
    args: [windows, signed],
    gas: GAS,
  } as never);
}
