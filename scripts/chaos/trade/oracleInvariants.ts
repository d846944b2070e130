/** What the oracle put on the chain is what honest sources said, whoever lied: windows exactly, prices within their range. */
import { parseEventLogs } from 'viem';
import { oracleHubAbi } from '../../../services/core/abi/oracleHub.ts';
import { fromBytes32 } from '../../../services/core/oracleReport.ts';
import { ratesAt } from '../../../services/sandbox/domains/sources/played.ts';
import type { Violation } from '../invariants.ts';
import { PRICE_FEED, PRICE_MAX_AGE_SECONDS } from '../oracle.ts';
import { productOf } from './risks.ts';
import type { TradeRemains } from './run.ts';

/** Of a price, on the hub. */
const DECIMALS = 8;

export async function oracleViolations({ world, risks, startBlock }: TradeRemains): Promise<Violation[]> {
  const { client, deployment } = world.chain;
  const logs = await client.getLogs({ address: deployment.oracleHub, fromBlock: startBlock + 1n });
  const found: Violation[] = [];
  const recorded = parseEventLogs({ abi: oracleHubAbi, logs, eventName: 'ObservationRecorded' });
  for (const { args } of recorded) {
    const subject = fromBytes32(args.subject);
    const risk = risks.find(
      (one) =>
        one.subject === subject &&
        productOf(one.product).feed === fromBytes32(args.feed) &&
        one.windowStart === Number(args.windowStart) &&
        one.windowEnd === Number(args.windowEnd),
    );
    if (risk?.observation !== args.value)
      found.push({
        kind: 'unbalanced',
        what: `The oracle recorded ${args.value} of ${subject} from ${args.windowStart}, true is ${risk?.observation ?? 'nothing'}`,
      });
  }
  for (const { args } of parseEventLogs({ abi: oracleHubAbi, logs, eventName: 'PriceAccepted' })) {
    if (fromBytes32(args.feed) !== PRICE_FEED) continue;
    const { least, most } = honestRange(Number(args.round));
    if (args.value < least || args.value > most)
      found.push({
        kind: 'unbalanced',
        what: `The oracle took ${args.value} for ${PRICE_FEED} in round ${args.round}, honest sources said ${least} to ${most}`,
      });
  }
  return found;
}

/** What sources said within the time in which their answers count. */
function honestRange(round: number): { least: bigint; most: bigint } {
  const values = Array.from({ length: PRICE_MAX_AGE_SECONDS + 1 }, (_, age) => {
    const [whole = '', fraction = ''] = (ratesAt(round - age).rates.USD ?? '').split('.');
    return BigInt(whole + fraction.padEnd(DECIMALS, '0'));
  });
  const sorted = values.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return { least: sorted[0] as bigint, most: sorted.at(-1) as bigint };
}
