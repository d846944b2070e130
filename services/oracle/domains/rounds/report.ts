/** Rows of at least 2f + 1 reporters become the call that the hub takes. */
import { encodeFunctionData, getAddress, type Hex } from 'viem';
import { oracleHubAbi } from '../../../core/abi/oracleHub.ts';
import { packMedians, packValues, quorumOf, toBytes32 } from '../../../core/oracleReport.ts';
import type { ReporterSet } from '../../hub.ts';
import { type Row, signatureWords } from './row.ts';
import type { RowList } from './rowStore.ts';

export interface Report {
  data: Hex;
  /** What the hub will take as the value of each item. */
  medians: bigint[];
}

/**
 * Puts a report together from the first 2f + 1 rows that came; undefined while there are fewer.
 * More rows would cost more gas and give no more safety: of any 2f + 1 the median is within the honest ones' range.
 */
export function composeReport({ about, rows }: RowList, round: number, set: ReporterSet): Report | undefined {
  const places = new Map(set.reporters.map((reporter, place) => [getAddress(reporter), place]));
  const placeOf = ({ reporter }: Row) => places.get(getAddress(reporter)) ?? -1;
  const quorum = quorumOf(set.reporters.length);
  const chosen = [...rows.values()]
    .filter((row) => row.setVersion === set.version && placeOf(row) >= 0)
    .slice(0, quorum)
    .sort((a, b) => placeOf(a) - placeOf(b));
  if (chosen.length < quorum) return undefined;
  const values = chosen.map((row) => row.values);
  const medians = packMedians(values);
  const signed = {
    setVersion: set.version,
    observedAt: round,
    reporters: chosen.reduce((mask, row) => mask + 2 ** placeOf(row), 0),
    values: packValues(values.flat()),
    medians,
    signatures: signatureWords(chosen),
  };
  const data =
    about.kind === 'prices'
      ? encodeFunctionData({
          abi: oracleHubAbi,
          functionName: 'report',
          args: [round, about.items.map(toBytes32), signed],
        })
      : encodeFunctionData({
          abi: oracleHubAbi,
          functionName: 'reportObservations',
          args: [about.items, signed],
        });
  const rowsOfMedians = Buffer.from(medians.slice(2), 'hex');
  return {
    data,
    medians: about.items.map((_, column) => values[rowsOfMedians[column] as number]?.[column] as bigint),
  };
}

/**
 * How many turns after the round's leader a reporter may transmit: the lead goes round the set, round by round.
 * @param place of the reporter in the set
 */
export function turnsToWait(
  round: number,
  roundSeconds: number,
  place: number,
  reporterCount: number,
): number {
  const leader = Math.floor(round / roundSeconds) % reporterCount;
  return (place - leader + reporterCount) % reporterCount;
}
