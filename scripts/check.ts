/**
 * `npm run check`: everything that is not a test, in the order in which a mistake is cheapest to mend, and beside it the
 * contracts' coverage, which takes longer than all the rest.
 */
import { summariseAdvisories } from './advisories.ts';
import { build } from './build.ts';
import { readOptions, runCommandLine } from './cli.ts';
import { runCommand, stopCommands } from './command.ts';
import { onInterrupt } from './interrupt.ts';

interface Step {
  name: string;
  command: [string, ...string[]];
}

const steps: Step[] = [
  { name: 'format', command: ['biome', 'format', '.'] },
  {
    name: 'format: Solidity',
    command: [
      'prettier',
      '--check',
      '--log-level',
      'warn',
      '--no-error-on-unmatched-pattern',
      'contracts/**/*.sol',
      'test/contracts/**/*.sol',
    ],
  },
  { name: 'lint', command: ['biome', 'lint', '--error-on-warnings', '.'] },
  {
    name: 'lint: promises',
    command: [
      'oxlint',
      '--type-aware',
      '--deny-warnings',
      'services',
      'scripts',
      'test',
      'bench',
      'frontend/src',
    ],
  },
  {
    name: 'lint: Solidity',
    command: ['solhint', '--noPoster', '--disc', '--max-warnings', '0', 'contracts/**/*.sol'],
  },
  { name: 'types', command: ['tsc', '--noEmit', '-p', '.'] },
  { name: 'types: web app', command: ['tsc', '--noEmit', '-p', 'frontend'] },
  { name: 'imports', command: ['node', 'scripts/import-rules.ts'] },
  { name: 'drift: ABIs and types', command: ['node', 'scripts/generate.ts', '--check'] },
  { name: 'drift: gas', command: ['node', 'bench/gas/main.ts', '--check'] },
  { name: 'drift: .env.example', command: ['node', 'scripts/env-example.ts'] },
  { name: 'dead code', command: ['knip'] },
  { name: 'ISO 20022 rules', command: ['node', 'scripts/check-iso20022.ts'] },
];
const longest: Step = { name: 'coverage', command: ['node', 'scripts/coverage.ts'] };

await runCommandLine(check);

async function check(): Promise<void> {
  readOptions('npm run check', {});
  onInterrupt(stopCommands, 130);
  await build('contracts');
  const failures = (await Promise.all([inTurn(steps), inTurn([longest])])).flat();
  // Only told, as it hangs on the network and on what others publish.
  const { output } = await runCommand('npm', ['audit', '--omit=dev', '--json'], { limitSeconds: 60 });
  console.log(`${'told'.padEnd(6)} advisories: ${summariseAdvisories(output)}`);
  console.log(failures.length === 0 ? '\nEverything holds.' : `\nFailed: ${failures.join(', ')}.`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}

/** @returns the names of those that failed. */
async function inTurn(all: readonly Step[]): Promise<string[]> {
  const failures: string[] = [];
  for (const { name, command } of all) {
    const [program, ...args] = command;
    const { code, output, seconds } = await runCommand(program, args);
    console.log(
      `${(code === 0 ? 'ok' : 'FAILED').padEnd(6)} ${name.padEnd(24)} ${seconds.toFixed(1).padStart(5)} s`,
    );
    if (code === 0) continue;
    console.log(output.trimEnd());
    console.log(`       by: ${command.join(' ')}`);
    failures.push(name);
  }
  return failures;
}
