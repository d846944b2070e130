/**
 * How fast the indexer is, beside a bare pipeline that checks and derives nothing, in the same run.
 *
 *   npm run bench:indexer              prints the figures
 *   npm run bench:indexer -- --json    prints them as JSON
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readOptions, runCommandLine } from '../../scripts/cli.ts';
import { startPostgres } from '../../scripts/postgres.ts';
import { median, percentile } from '../percentile.ts';
import { EVENTS_PER_BLOCK, startBenchmarkChain } from './chain.ts';
import { backfill, bareSeconds, live, type Stage } from './measure.ts';

const EVENTS = 200_000;
const SIZES = [50_000, 200_000, 500_000];
const MOST_EVENTS = 500_000;
/** Runs of each kind in turn, so that whatever else the machine does meets all alike; the median counts. */
const RUNS = 5;

const note = (what: string) => process.stderr.write(`${what}\n`);

await runCommandLine(async () => {
  const options = readOptions('npm run bench:indexer [-- --json]', { json: { type: 'boolean' } });
  await using parts = new AsyncDisposableStack();
  const chain = await startBenchmarkChain(MOST_EVENTS / EVENTS_PER_BLOCK, note);
  parts.defer(() => chain.stop());
  const folder = await mkdtemp(path.join(tmpdir(), 'corridor-bench-postgres-'));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const postgres = await startPostgres({ dataDir: path.join(folder, 'data') });
  parts.defer(() => postgres.stop());

  const firstFull = (await chain.head()) - MOST_EVENTS / EVENTS_PER_BLOCK + 1;
  const figures = await measure({ chain, firstFull, postgresUrl: postgres.url });
  if (options.json) console.log(JSON.stringify(figures));
  else console.table(figures);
});

async function measure(stage: Stage) {
  const bare: number[] = [];
  const headersOnly: number[] = [];
  const proven: number[] = [];
  for (let run = 1; run <= RUNS; run++) {
    bare.push(rate(await bareSeconds(stage, EVENTS)));
    headersOnly.push(rate((await backfill(stage, 'headers', [EVENTS])).seconds[0]));
    proven.push(rate((await backfill(stage, 'receipts', [EVENTS])).seconds[0]));
    note(
      `run ${run} of ${RUNS}: bare ${bare.at(-1)}, headers ${headersOnly.at(-1)}, proven ${proven.at(-1)} events/s`,
    );
  }
  const { databaseUrl, seconds, peaksMiB } = await backfill(stage, 'receipts', SIZES);
  const { latenciesMs, recoverySeconds } = await live(stage, databaseUrl);
  return {
    events: EVENTS,
    eventsPerSecond: median(proven),
    eventsPerSecondHeadersOnly: median(headersOnly),
    barePipelineEventsPerSecond: median(bare),
    ratio: round(median(proven) / median(bare)),
    ratioHeadersOnly: round(median(headersOnly) / median(bare)),
    headLatencyP50Ms: round(percentile(latenciesMs, 50)),
    headLatencyP99Ms: round(percentile(latenciesMs, 99)),
    recoverySeconds: round(recoverySeconds),
    peakRssMiB: peaksMiB.at(-1),
    peakRssMiBByEvents: bySize(peaksMiB),
    secondsByEvents: bySize(seconds.map(round)),
  };
}

function bySize<Figure>(figures: Figure[]) {
  return Object.fromEntries(SIZES.map((size, index) => [size, figures[index]]));
}

function rate(seconds = 0): number {
  return Math.round(EVENTS / seconds);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
