/** What the oracle says of the feeds that release rules name. */
import type { Address, PublicClient } from 'viem';
import { oracleHubAbi } from '../../../core/abi/oracleHub.ts';
import { toBytes32 } from '../../../core/oracleReport.ts';
import type { Fault } from '../../../platform/http/problem.ts';
import { undefinedIfReverted } from '../../../platform/reverted.ts';
import type { ReleaseRule } from './ruleSchema.ts';

/** The hub's `FeedKind` of what is observed once for each subject and window. */
const OBSERVATION = 2;

/** Rules for what the oracle never records as it is: of a feed that it does not have, or beyond the values that the feed takes. */
export async function ruleFeedFaults(
  chain: PublicClient,
  oracleHub: Address,
  rules: readonly ReleaseRule[],
  blockNumber: bigint,
): Promise<Fault[]> {
  const faults = rules.map(async ({ when }, index): Promise<Fault[]> => {
    if (when.type !== 'observation') return [];
    const pointer = `/releaseRules/${index}/when`;
    const feed = await chain
      .readContract({
        address: oracleHub,
        abi: oracleHubAbi,
        functionName: 'feedOf',
        args: [toBytes32(when.feed)],
        blockNumber,
      })
      .catch(undefinedIfReverted('FeedNotFound'));
    if (feed?.kind !== OBSERVATION)
      return [
        {
          code: 'feed_unknown',
          pointer: `${pointer}/feed`,
          detail: `The oracle ${feed ? 'has prices' : 'has nothing'} by the name of ${when.feed}`,
          expected: 'a feed of observations',
        },
      ];
    const { minValue, maxValue } = feed;
    const atLeast = BigInt(when.atLeast ?? minValue);
    const atMost = BigInt(when.atMost ?? maxValue);
    if (atLeast <= maxValue && atMost >= minValue) return [];
    return [
      {
        code: 'bounds_out_of_reach',
        pointer: `${pointer}/${atLeast > maxValue ? 'atLeast' : 'atMost'}`,
        detail: `${when.feed} takes ${minValue} to ${maxValue}`,
        expected: 'bounds within which the feed has values',
      },
    ];
  });
  return (await Promise.all(faults)).flat();
}
