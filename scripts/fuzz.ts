/**
 * `npm run fuzz`: the contracts' fuzz tests and invariants, deeper than in `npm test`: with more runs, and from another seed each
 * time, which it prints so that a run can be repeated. Without a file, all of them.
 */
import { randomInt } from 'node:crypto';
import { globSync } from 'node:fs';
import path from 'node:path';
import { createHardhatRuntimeEnvironment } from 'hardhat/hre';
import type { Result } from 'hardhat/types/utils';
import config from '../hardhat.config.ts';
import { ConfigError } from '../services/platform/config.ts';
import { readArguments, runCommandLine, wholeNumberOption } from './cli.ts';
import { root } from './command.ts';
import { countsOf, type SuiteResult } from './fuzz/counts.ts';
import { onInterrupt } from './interrupt.ts';

const USAGE = 'npm run fuzz [-- --seed <number> --runs <number> --depth <number> <file>...]';
const TESTS = 'test/contracts/**/*.t.sol';
/** Unit tests that a file may have beside them run once whatever is asked for. */
const NAMES = 'testFuzz|invariant';
const FUZZ_RUNS = 10_000;
const INVARIANT_RUNS = 256;
const INVARIANT_DEPTH = 100;

/** What Hardhat's task answers. */
type TestResult = Result<{ suiteResults: SuiteResult[] }, { suiteResults: SuiteResult[] }>;

await runCommandLine(fuzz);

async function fuzz(): Promise<void> {
  const { options, positionals } = readArguments(USAGE, {
    seed: { type: 'string' },
    runs: { type: 'string' },
    depth: { type: 'string' },
  });
  const number = (name: keyof typeof options, otherwise: number) =>
    wholeNumberOption(USAGE, name, options[name] ?? String(otherwise));
  const seed = number('seed', randomInt(1, 2 ** 32));
  const fuzzRuns = number('runs', FUZZ_RUNS);
  const invariantRuns = number('runs', INVARIANT_RUNS);
  const depth = number('depth', INVARIANT_DEPTH);
  const files = testFiles(positionals);
  onInterrupt(() => Promise.resolve(), 130);

  console.log(
    `Seed ${seed}; ${fuzzRuns} runs of a fuzz test, ${invariantRuns} of an invariant with ${depth} calls each.`,
  );
  const hre = await createHardhatRuntimeEnvironment(
    {
      ...config,
      test: {
        solidity: {
          fuzz: { runs: fuzzRuns, seed: `0x${seed.toString(16)}` },
          invariant: { runs: invariantRuns, depth, failOnRevert: true },
        },
      },
    },
    { noTypechain: true },
    root,
  );
  await hre.tasks.getTask('build').run({ quiet: true });

  const startedAt = performance.now();
  const elapsed = () => `${Math.round((performance.now() - startedAt) / 1000)} s`;
  const suites: SuiteResult[] = [];
  let holds = true;
  for (const [index, file] of files.entries()) {
    console.log(`\n${file}: ${index + 1} of ${files.length}, after ${elapsed()}`);
    const run = { testFiles: [file], grep: NAMES, noCompile: true };
    const result = (await hre.tasks.getTask(['test', 'solidity']).run(run)) as TestResult;
    holds &&= result.success;
    suites.push(...(result.success ? result.value : result.error).suiteResults);
  }

  const { tests, runs, calls, failures } = countsOf(suites);
  console.log(
    `${tests} tests, ${runs} runs (${calls} calls in invariants), ${failures} failures in ${elapsed()}`,
  );
  const asked = (['runs', 'depth'] as const).flatMap((name) =>
    options[name] ? [`--${name}`, options[name]] : [],
  );
  console.log(`To repeat it: ${['npm run fuzz -- --seed', seed, ...asked, ...positionals].join(' ')}`);
  process.exitCode = holds && tests > 0 ? 0 : 1;
}

/** @throws {ConfigError} for a file that is no Solidity test */
function testFiles(chosen: readonly string[]): string[] {
  const all = globSync(TESTS, { cwd: root }).sort();
  const files = chosen.map((file) => path.relative(root, path.resolve(file)));
  const unknown = files.filter((file) => !all.includes(file));
  if (unknown.length > 0) {
    throw new ConfigError(`No Solidity test ${unknown.join(', ')}, expected ${TESTS}. Usage: ${USAGE}`);
  }
  return files.length > 0 ? files : all;
}
