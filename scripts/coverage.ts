/**
 * `npm run coverage`: the contracts' tests with every line and statement counted. Fails below 100 %. The instrumented
 * contracts have folders of their own, so that the built ones stay as they are; coverage/html shows each line.
 */
import { stripVTControlCharacters } from 'node:util';
import { readOptions, runCommandLine } from './cli.ts';
import { runCommand, stopCommands } from './command.ts';
import { onInterrupt } from './interrupt.ts';

const COMMAND = ['--config', 'scripts/coverage.config.ts', '--coverage', '--no-typechain', 'test'];

await runCommandLine(async () => {
  readOptions('npm run coverage', {});
  onInterrupt(stopCommands, 130);
  const { code, output } = await runCommand('hardhat', COMMAND, {
    onOutput: (text) => process.stdout.write(text),
  });
  const [, lines, statements] =
    /^║ Total +│ +([\d.]+) +│ +([\d.]+)/m.exec(stripVTControlCharacters(output)) ?? [];
  if (code === 0 && lines === '100.00' && statements === '100.00') return;
  console.error(
    code === 0
      ? `Tests reach ${lines} % of the contracts' lines and ${statements} % of their statements, expected 100 %: see the table above.`
      : 'Tests of the contracts failed: see above.',
  );
  process.exitCode = 1;
});
