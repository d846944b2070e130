/**
 * `npm run mutate`: breaks the contracts in one place after the other and tells whether a test of theirs notices. See
 * docs/mutation.md. The broken sources live in memory only.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../services/platform/config.ts';
import { readOptions, runCommandLine, wholeNumberOption } from './cli.ts';
import { root, runCommand, stopCommands } from './command.ts';
import { onInterrupt } from './interrupt.ts';
import type { Mutant } from './mutate/mutants.ts';
import { createProgress } from './mutate/progress.ts';
import { readProject } from './mutate/project.ts';
import { type Explanation, markdownOf, type Result, reportOf } from './mutate/report.ts';
import { type Plan, planAll, planSample } from './mutate/sample.ts';
import { measureTests, type Tests } from './mutate/tests.ts';
import { startWorker, stopWorkers, type Worker } from './mutate/workers.ts';

const USAGE =
  'npm run mutate [-- --contracts <names>] [--sample <number> --seed <number> | --all] [--jobs <number>] [--json]';
const BUILD = ['--config', 'scripts/mutate.config.ts', '--no-typechain', 'build'];
const EXPLANATIONS = path.join(import.meta.dirname, 'mutate/explained.json');
const REPORT = 'coverage/mutation.md';

await runCommandLine(mutate);

async function mutate(): Promise<void> {
  const options = readOptions(USAGE, {
    contracts: { type: 'string' },
    sample: { type: 'string' },
    seed: { type: 'string' },
    all: { type: 'boolean' },
    jobs: { type: 'string' },
    json: { type: 'boolean' },
  });
  if (options.all && (options.sample ?? options.seed) !== undefined) {
    throw new ConfigError(`--all takes every mutant, there is no sample then. Usage: ${USAGE}`);
  }
  const [size, seed, jobs] = [
    wholeNumberOption(USAGE, 'sample', options.sample ?? '300'),
    wholeNumberOption(USAGE, 'seed', options.seed ?? '1'),
    wholeNumberOption(USAGE, 'jobs', options.jobs ?? '2'),
  ];
  onInterrupt(async () => void (await Promise.all([stopCommands(), stopWorkers()])), 130);

  const { code, output } = await runCommand('hardhat', BUILD);
  if (code !== 0) throw new ConfigError(`The contracts do not compile:\n${output.trimEnd()}`);
  const project = readProject();
  const mutants = choose(project.mutants, options.contracts?.split(','));
  const plan = options.all ? planAll(mutants) : planSample(mutants, size, seed);
  try {
    const workers = Array.from({ length: jobs }, startWorker);
    const tests = await measureTests(project, mutants, workers[0] as Worker);
    const results = await run(plan, tests, workers);
    const report = reportOf(
      results,
      mutants,
      JSON.parse(readFileSync(EXPLANATIONS, 'utf8')) as Explanation[],
    );

    const text = markdownOf(report, `npm run mutate -- ${process.argv.slice(2).join(' ')}`.trim());
    mkdirSync(path.join(root, path.dirname(REPORT)), { recursive: true });
    writeFileSync(path.join(root, REPORT), text);
    console.log(options.json ? JSON.stringify(report) : text);
    process.exitCode = report.faults.length > 0 ? 1 : 0;
  } finally {
    await stopWorkers();
  }
}

/** @throws {ConfigError} for a name that no contract with code has */
function choose(mutants: readonly Mutant[], contracts: string[] | undefined): readonly Mutant[] {
  const known = new Set(mutants.map(({ contract }) => contract));
  const unknown = contracts?.filter((name) => !known.has(name)) ?? [];
  if (unknown.length > 0) {
    throw new ConfigError(
      `No contract ${unknown.join(', ')} can be mutated. Contracts: ${[...known].sort().join(', ')}.`,
    );
  }
  return contracts ? mutants.filter(({ contract }) => contracts.includes(contract)) : mutants;
}

async function run(plan: Plan, tests: Tests, workers: readonly Worker[]): Promise<Result[]> {
  const results: Result[] = [];
  const progress = createProgress(plan.size);
  const lane = async (worker: Worker) => {
    for (let mutant = plan.next(); mutant; mutant = plan.next()) {
      const result = await test(mutant, tests, worker);
      if (result.outcome === 'does not compile' || result.outcome === 'same code') plan.discard(mutant);
      results.push(result);
      progress.add(result);
    }
  };
  await Promise.all(workers.map(lane));
  progress.end();
  return results;
}

async function test(mutant: Mutant, tests: Tests, worker: Worker): Promise<Result> {
  const task = tests.taskOf(mutant);
  if (!task) return { mutant, outcome: 'survived' };
  const answer = await worker.run(task);
  if (!answer) return { mutant, outcome: 'timed out' };
  if (answer.failure) tests.killed(mutant, answer.failure.file);
  return { mutant, outcome: answer.outcome };
}
