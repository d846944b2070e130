/** `npm run check`: everything that is not a test, in the order in which a mistake is cheapest to mend. */
import { build } from './build.ts';
import { readOptions, runCommandLine } from './cli.ts';
import { runCommand, stopCommands } from './command.ts';
import { onInterrupt } from './interrupt.ts';

interface Step {
  name: string;
  command: [string, ...string[]];
  /** Only told, as it hangs on the network or on what others publish. */
  advisory?: boolean;
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
  { name: 'advisories', command: ['npm', 'audit', '--omit=dev', '--audit-level=high'], advisory: true },
];

await runCommandLine(check);

async function check(): Promise<void> {
  readOptions('npm run check', {});
  onInterrupt(stopCommands, 130);
  await build('contracts');
  const failures: string[] = [];
  for (const { name, command, advisory } of steps) {
    const [program, ...args] = command;
    const { code, output, seconds } = await runCommand(program, args);
    const verdict = code === 0 ? 'ok' : advisory ? 'look' : 'FAILED';
    console.log(`${verdict.padEnd(6)} ${name.padEnd(24)} ${seconds.toFixed(1).padStart(5)} s`);
    if (code === 0) continue;
    const lines = output.trimEnd().split('\n');
    console.log(lines.slice(advisory ? -4 : 0).join('\n'));
    console.log(`       by: ${command.join(' ')}`);
    if (!advisory) failures.push(name);
  }
  console.log(failures.length === 0 ? '\nEverything holds.' : `\nFailed: ${failures.join(', ')}.`);
  process.exitCode = failures.length === 0 ? 0 : 1;
}
