import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { root, runCommand } from '../../scripts/command.ts';
import type { Report } from '../../scripts/mutate/report.ts';

/** It compiles, and runs tests, in what the other suites leave of the machine. */
const LIMIT_SECONDS = 1_200;

const mutate = (...options: string[]) =>
  runCommand('node', ['scripts/mutate.ts', ...options], { limitSeconds: LIMIT_SECONDS });

/** Hash of everything that the command must leave as it is. */
function sources(): string {
  const hash = createHash('sha256');
  for (const file of globSync('{contracts,test/contracts,typechain-types}/**/*.{sol,ts}', {
    cwd: root,
  }).sort()) {
    hash.update(`${file}\0`).update(readFileSync(path.join(root, file)));
  }
  return hash.digest('hex');
}

describe('mutate: npm run mutate', () => {
  it('tries a mutant, reports it, and leaves every source as it is', async () => {
    const before = sources();
    const { output } = await mutate('--contracts', 'TokenBucket', '--sample', '1', '--jobs', '1', '--json');
    const json = output.split('\n').find((line) => line.startsWith('{'));
    const { rows } = JSON.parse(json ?? '{}') as Report;
    expect(rows.map(({ contract, mutants }) => ({ contract, mutants }))).to.deep.equal([
      { contract: 'TokenBucket', mutants: 1 },
    ]);
    expect(sources()).to.equal(before);
  }).timeout(LIMIT_SECONDS * 1_000);

  const refused = [
    ['--jobs', '0'],
    ['--sample', 'many'],
    ['--all', '--seed', '2'],
    ['--contract', 'Stablecoin'],
  ];
  for (const options of refused) {
    it(`refuses ${options.join(' ')} with a sentence`, async () => {
      const { code, output } = await mutate(...options);
      expect(code).to.equal(1);
      expect(output.trimEnd().split('\n')).to.have.length(1);
      expect(output).to.include('Usage: npm run mutate');
    });
  }
});
