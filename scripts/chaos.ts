/**
 * `npm run chaos`: kills, crashes, reorganises, lies and repeats, from a seed, while real services carry payments over a real
 * chain and a real database; then looks whether each payment took effect exactly once. See docs/reliability.md.
 */
import { ConfigError } from '../services/platform/config.ts';
import { build } from './build.ts';
import { type FaultName, faultNames, faults } from './chaos/faults.ts';
import { measureRecovery, startRecoveryWorld } from './chaos/recovery.ts';
import {
  FINALITY_DEPTH,
  paymentFaults,
  replayCommand,
  type ScheduledFault,
  type WorldKind,
  worldKinds,
} from './chaos/schedule.ts';
import { type RunReport, startSeries, type Totals } from './chaos/series.ts';
import { tradeFaults } from './chaos/trade/schedule.ts';
import { readOptions, runCommandLine } from './cli.ts';
import { onInterrupt } from './interrupt.ts';
import { paint } from './start/terminal.ts';

const USAGE =
  'npm run chaos [-- --runs <number> --seed <number> [--world payments|trade] [--only <fault>] | --recovery] [--json] [--help]';

const faultsIn = { payments: paymentFaults, trade: tradeFaults };

await runCommandLine(chaos);

async function chaos(): Promise<void> {
  const options = readOptions(USAGE, {
    runs: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    world: { type: 'string' },
    recovery: { type: 'boolean' },
    json: { type: 'boolean' },
    help: { type: 'boolean' },
  });
  if (options.help) return console.log(help());
  const runs = wholeNumber('runs', options.runs ?? '10');
  const seed = wholeNumber('seed', options.seed ?? '1');
  const kind = kindOf(options.world ?? 'payments');
  const only = options.only === undefined ? undefined : faultOf(options.only, kind);
  await build('contracts');
  if (options.recovery) return showRecovery(options.json ?? false);

  let crashed = 0;
  const byFault = new Map<FaultName, { runs: number; violations: number }>();
  const series = startSeries({
    runs,
    seed,
    only,
    kind,
    onRun: (report, totals) => {
      process.stderr.write(`${describeRun(report, totals, runs)}\n`);
      for (const name of new Set(report.schedule.faults.map((fault) => fault.name))) {
        const count = byFault.get(name) ?? { runs: 0, violations: 0 };
        count.runs++;
        count.violations += report.violations.length;
        byFault.set(name, count);
      }
      crashed += report.crashes.length;
      if (isBad(report))
        process.stderr.write(
          `${describeViolations(report, replayCommand(report.schedule.seed, only, kind))}\n`,
        );
    },
  });
  onInterrupt(series.stop, 130);
  const totals = await series.result;
  console.log(options.json ? JSON.stringify(totals) : summary(totals, byFault));
  if (crashed > 0) process.stderr.write(`${paint.bad(`services crashed ${crashed} times`)}: see above\n`);
  process.exitCode = violationsOf(totals) + crashed > 0 ? 1 : 0;
}

async function showRecovery(asJson: boolean): Promise<void> {
  const world = startRecoveryWorld();
  const interrupted = new AbortController();
  onInterrupt(async () => {
    interrupted.abort();
    await (await world).stop();
  }, 130);
  const recoveries = await measureRecovery(world, (what, ms) => {
    process.stderr.write(`${what}: ${(ms / 1000).toFixed(1)} s\n`);
  }).catch((error: unknown) => {
    if (interrupted.signal.aborted) return new Promise<never>(() => undefined); // it fell over for that
    throw error;
  });
  if (asJson) return console.log(JSON.stringify(recoveries));
  const row = (what: string, { medianMs, maxMs }: { medianMs: number; maxMs: number }) =>
    `${what.padEnd(30)} median ${seconds(medianMs)}, longest ${seconds(maxMs)}`;
  console.log('From the kill to the next payment, final and posted:');
  for (const { killed, ...times } of recoveries.nextPayment) console.log(`  ${row(killed, times)}`);
  console.log('From the start of the only indexer to the head of the chain:');
  console.log(`  ${row('', recoveries.indexerCaughtUp)}`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1).padStart(5)} s`;
}

function wholeNumber(name: string, value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new ConfigError(`--${name} is ${value}, expected a whole number from 1. Usage: ${USAGE}`);
  return number;
}

function kindOf(name: string): WorldKind {
  if ((worldKinds as readonly string[]).includes(name)) return name as WorldKind;
  throw new ConfigError(`There is no world ${name}. Worlds: ${worldKinds.join(', ')}.`);
}

function faultOf(name: string, kind: WorldKind): FaultName {
  const possible = faultsIn[kind];
  if ((possible as readonly string[]).includes(name)) return name as FaultName;
  throw new ConfigError(`There is no fault ${name} in a world of ${kind}. Faults: ${possible.join(', ')}.`);
}

function help(): string {
  const lines = faultNames.map((name) => `  ${name.padEnd(22)} ${faults[name].what}${placeOf(name)}`);
  return [
    `Usage: ${USAGE}`,
    '',
    'Worlds: payments, or trade: cover, the oracle that observes it, and escrows.',
    '',
    'Faults:',
    ...lines,
  ].join('\n');
}

/** Where a fault does not come everywhere. */
function placeOf(name: FaultName): string {
  const places = worldKinds.filter((kind) => (faultsIn[kind] as readonly FaultName[]).includes(name));
  return places.length === worldKinds.length ? '' : ` (${places} only)`;
}

/** A process that ends by an error that nobody caught is a fault of its own, also where nothing was lost by it. */
function isBad({ violations, crashes }: RunReport): boolean {
  return violations.length > 0 || crashes.length > 0;
}

function describeRun(report: RunReport, { runs }: Totals, of: number): string {
  const { schedule, seconds } = report;
  const mark = isBad(report) ? paint.bad('✗') : paint.good('✓');
  const names = schedule.faults.map(({ name }) => name).join(', ');
  return `${mark} ${runs}/${of} seed ${schedule.seed} ${seconds.toFixed(1)} s  ${names}`;
}

function describeViolations({ schedule, violations, crashes }: RunReport, replay: string): string {
  const { faults: struck, blockIntervalMs } = schedule;
  return [
    ...violations.map(({ kind, what }) => `    ${paint.bad(kind)}: ${what}`),
    ...crashes.map((crash) => `    ${paint.bad(crash)}`),
    `    blocks each ${blockIntervalMs} ms, final under ${FINALITY_DEPTH}; faults:`,
    ...struck.map((fault) => `      ${describeFault(fault)}`),
    `    again: ${replay}`,
  ].join('\n');
}

function describeFault({ name, moment, ...rest }: ScheduledFault): string {
  const parameters = Object.entries(rest).map(([key, value]) => `${key} ${value}`);
  return `${name}: ${moment}, ${parameters.join(', ')}`;
}

function violationsOf({ lost, duplicated, unbalanced, stuck }: Totals): number {
  return lost + duplicated + unbalanced + stuck;
}

function summary(totals: Totals, byFault: ReadonlyMap<FaultName, { runs: number; violations: number }>) {
  const rows = [...byFault]
    .toSorted(([a], [b]) => faultNames.indexOf(a) - faultNames.indexOf(b))
    .map(
      ([name, { runs, violations }]) =>
        `${name.padEnd(22)} ${String(runs).padStart(5)} runs ${String(violations).padStart(5)} violations`,
    );
  const { runs, kills, reporterKills, reorgs, databaseCrashes, payments, policies, escrows } = totals;
  const { lost, duplicated, unbalanced, stuck } = totals;
  const carried = payments > 0 ? `${payments} payments` : `${policies} policies, ${escrows} escrows`;
  return [
    ...rows,
    '',
    `${runs} runs, ${carried}; ${kills + reporterKills} kills, ${reorgs} reorganisations, ${databaseCrashes} database crashes`,
    `lost ${lost}, duplicated ${duplicated}, unbalanced ${unbalanced}, stuck ${stuck}`,
  ].join('\n');
}
