/**
 * How soon the outside world pays, and how fast it is on chain: four reporters as processes with a source, indexer and settlement as
 * processes, on local chains.
 *
 *   npm run bench:oracle                    30 payouts on a risk each, 1,000 on one; a table
 *   npm run bench:oracle -- --payouts 100   more
 *   npm run bench:oracle -- --json          one line with the figures
 */
import { readOptions, runCommandLine } from '../../scripts/cli.ts';
import { ConfigError } from '../../services/platform/config.ts';
import { type Figures, MOST_PAYOUTS, measure } from './measure.ts';

const meanings: Record<keyof Figures, string> = {
  payouts: 'on a risk of their own each, one after the other',
  roundBlocks: 'blocks of a round',
  finalityBlocks: 'blocks on a block that make it final',
  medianBlocks: 'from the block at which the source knew to the policy shown as paid, which is final; median',
  p99Blocks: 'the same, 99th percentile',
  medianBlocksIncluded: 'from the block at which the source knew to the block with the payout, median',
  thousandPaidBlocks:
    '1,000 policies on one risk: from the block at which the source knew to the last payout',
  thousandFinalBlocks: 'the same, to all of them shown as paid and final',
  payoutsPerSecond: 'of these, from the block with the observation to the one with the last payout',
  feeds: 'feeds that are due in every round',
  feedsPerSecond: 'values of feeds that got on chain in a second, a round a block',
  gasPerFeed: 'of such a report, for each feed',
};

await runCommandLine(async () => {
  const options = readOptions('npm run bench:oracle [-- --json] [--payouts N]', {
    json: { type: 'boolean' },
    payouts: { type: 'string', default: '30' },
  });
  const payouts = Number(options.payouts);
  if (!Number.isSafeInteger(payouts) || payouts < 1 || payouts > MOST_PAYOUTS)
    throw new ConfigError(
      `--payouts ${options.payouts}: a whole number from 1 to ${MOST_PAYOUTS} is needed.`,
    );
  const figures = await measure(payouts, (line) => process.stderr.write(`${line}\n`));
  if (options.json) console.log(JSON.stringify(figures));
  else
    console.table(
      Object.entries(meanings).map(([figure, meaning]) => ({
        figure,
        value: figures[figure as keyof Figures],
        meaning,
      })),
    );
});
