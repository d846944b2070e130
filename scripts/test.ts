/**
 * Runs every suite: `npm test`, or `npm test -- platform settlement` for some. A suite is a folder of test/ or of test/services/.
 * Two suites run at a time, in two rows of about the same length: the contracts, then settlement, beside all others, as services mostly
 * wait for blocks. The browser has the machine to itself.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { build } from './build.ts';
import { type CommandResult, root, runCommand, stopCommands } from './command.ts';
import { onInterrupt } from './interrupt.ts';

const SUITE_LIMIT_SECONDS = 2_400; // settlement takes 970 on 2 cores that others use as well
const FAILURE_LINES = 40;

interface Outcome {
  suite: string;
  passed: number;
  failed: number;
  seconds: number;
  /** What the runner says of its failures, empty without any. */
  failures: string;
}

/** Every suite's name and the folder of its tests. */
const suites = new Map([
  ...foldersIn('test').filter(([name]) => !['services', 'support'].includes(name)),
  ...foldersIn('test/services'),
]);
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !suites.has(name));
if (unknown.length > 0) {
  console.error(`There is no suite ${unknown.join(', ')}. Suites: ${[...suites.keys()].join(', ')}.`);
  process.exit(1);
}
const chosen = asked.length > 0 ? asked : [...suites.keys()];

onInterrupt(stopCommands, 130);
console.log('Building the contracts and the web app, where they changed');
await build('contracts');
if (chosen.includes('e2e')) await build('frontend');

const screen = createScreen();
const [alone, longest] = ['e2e', ['contracts', 'settlement']];
const others = chosen.filter((name) => name !== alone && !longest.includes(name));
const outcomes = [
  ...(await Promise.all([inTurn(others), inTurn(longest.filter((name) => chosen.includes(name)))])).flat(),
  ...(await inTurn(chosen.filter((name) => name === alone))),
];
summarise(outcomes);

function foldersIn(folder: string): [name: string, path: string][] {
  return readdirSync(path.join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }): [string, string] => [name, `${folder}/${name}`])
    .sort(([a], [b]) => a.localeCompare(b));
}

async function inTurn(names: string[]): Promise<Outcome[]> {
  const results: Outcome[] = [];
  for (const name of names) results.push(await runSuite(name));
  return results;
}

async function runSuite(suite: string): Promise<Outcome> {
  const output = screen.open(`\n=== ${suite} ===\n`);
  const [command, ...args] =
    suite === 'contracts'
      ? (['hardhat', 'test'] as const)
      : (['mocha', `${suites.get(suite)}/**/*.test.ts`] as const);
  const result = await runCommand(command, args, {
    onOutput: output.write,
    limitSeconds: SUITE_LIMIT_SECONDS,
  });
  const outcome = { suite, seconds: result.seconds, ...count(result) };
  output.close(`--- ${suite}: ${outcome.passed} passed, ${outcome.failed} failed in ${seconds(outcome)}\n`);
  return outcome;
}

/** The runners' own counts. A suite that failed or ran nothing is a failure even if it counted none. */
function count({ code, output }: CommandResult): Pick<Outcome, 'passed' | 'failed' | 'failures'> {
  const plain = stripVTControlCharacters(output);
  const passed = countOf('passing', plain);
  const counted = countOf('failing', plain);
  const failed = counted === 0 && (code !== 0 || passed === 0) ? 1 : counted;
  return { passed, failed, failures: failed === 0 ? '' : failuresIn(plain) };
}

/** From where the runner begins to tell them; the end of what a suite said that broke off before. */
function failuresIn(output: string): string {
  const lines = output.trimEnd().split('\n');
  const from = lines.findIndex((line) => /^\s*\d+ failing\b/.test(line));
  return (from < 0 ? lines.slice(-FAILURE_LINES) : lines.slice(from, from + FAILURE_LINES)).join('\n');
}

/** Mocha says `7 passing (2s)`; Hardhat repeats that and ends with a sum such as `9 passing (2 solidity, 7 mocha)`. */
function countOf(word: string, output: string): number {
  const sum = new RegExp(`^(\\d+) ${word} \\(\\d+ (?:solidity|mocha)`, 'm').exec(output);
  return Number((sum ?? new RegExp(`^\\s*(\\d+) ${word}\\b`, 'm').exec(output))?.[1] ?? 0);
}

function summarise(all: Outcome[]): void {
  const total = (key: 'passed' | 'failed') => all.reduce((sum, outcome) => sum + outcome[key], 0);
  console.log('\n=== summary ===');
  for (const { suite, failures } of all) if (failures) console.log(`${suite}:\n${failures}\n`);
  for (const outcome of all)
    console.log(
      `${outcome.suite.padEnd(12)} ${String(outcome.passed).padStart(5)} passed ${String(outcome.failed).padStart(4)} failed  ${seconds(outcome)}`,
    );
  console.log(`\n${total('passed')} passed, ${total('failed')} failed`);
  process.exitCode = total('failed') > 0 ? 1 : 0;
}

function seconds(outcome: Outcome): string {
  return `${outcome.seconds.toFixed(1)} s`;
}

/** One suite prints live, the one beside it waits with its output until the first is through. */
function createScreen() {
  const waiting: { text: string; closed: boolean }[] = [];
  const flush = () => {
    for (;;) {
      const [first] = waiting;
      if (!first) return;
      process.stdout.write(first.text);
      first.text = '';
      if (!first.closed) return;
      waiting.shift();
    }
  };
  return {
    open(heading: string) {
      const page = { text: heading, closed: false };
      waiting.push(page);
      flush();
      return {
        write(text: string) {
          page.text += text;
          flush();
        },
        close(footer: string) {
          page.text += footer;
          page.closed = true;
          flush();
        },
      };
    },
  };
}
