/**
 * How fast payments settle, everything on this machine: signed HTTP, PostgreSQL, the chain, the indexer, the engine. Each
 * figure is the median of three runs.
 *
 *   npm run bench:settlement                      20,000 payments, a table
 *   npm run bench:settlement -- --json            one line with the figures
 *   npm run bench:settlement -- --payments 4000   fewer
 */
import { readOptions, runCommandLine } from '../../scripts/cli.ts';
import { ConfigError } from '../../services/platform/config.ts';
import { type Figures, measure } from './measure.ts';

const meanings: Record<keyof Figures, string> = {
  payments: 'payments of each run',
  acceptedPerSecond: 'taken in batches of 100 over signed HTTP, stored and reserved when answered',
  acceptedSinglePerSecond: 'taken one a request, on 32 connections of 4 partners',
  acceptSingleP99Ms: '99th percentile of these requests, milliseconds',
  finalPerSecond: 'from the first request to the last payment final and posted, 8 accounts',
  singleTransactionPerSecond: 'as many payments by one transaction each: signed, stored, sent, final',
  ratio: 'finalPerSecond / singleTransactionPerSecond',
  hotAccountFinalPerSecond: 'as finalPerSecond, all from one account',
  peakRssMiB: 'the largest settlement process',
};

await runCommandLine(async () => {
  const options = readOptions('npm run bench:settlement [-- --json] [--payments N]', {
    json: { type: 'boolean' },
    payments: { type: 'string', default: '20000' },
  });
  const payments = Number(options.payments);
  if (!Number.isSafeInteger(payments) || payments < 800 || payments > 200_000)
    throw new ConfigError(`--payments ${options.payments}: a whole number from 800 to 200,000 is needed.`);
  const figures = await measure(payments, (line) => console.error(line));
  if (options.json) console.log(JSON.stringify(figures));
  else print(figures);
});

function print(figures: Figures): void {
  console.table(
    Object.entries(meanings).map(([key, meaning]) => ({
      figure: key,
      value: figures[key as keyof Figures],
      meaning,
    })),
  );
}
