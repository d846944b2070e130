/**
 * How fast the outside world is on chain: four reporters as processes, each with its own source, on a local chain.
 *
 *   npm run bench:oracle              a table
 *   npm run bench:oracle -- --json    one line with the figures
 */
import { readOptions, runCommandLine } from '../../scripts/cli.ts';
import { type Figures, measure } from './measure.ts';

const meanings: Record<keyof Figures, string> = {
  changes: 'changes of a value that a source told of',
  roundBlocks: 'blocks of a round',
  medianBlocks: 'from the block at which the source knew to the block with the value, median',
  p99Blocks: 'the same, 99th percentile',
  feeds: 'feeds that are due in every round',
  feedsPerSecond: 'values of feeds that got on chain in a second, a round a block',
  gasPerFeed: 'of such a report, for each feed',
};

await runCommandLine(async () => {
  const options = readOptions('npm run bench:oracle [-- --json]', { json: { type: 'boolean' } });
  const figures = await measure((line) => process.stderr.write(`${line}\n`));
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
