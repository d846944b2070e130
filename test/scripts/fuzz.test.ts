import { expect } from 'chai';
import { runCommand } from '../../scripts/command.ts';
import { countsOf } from '../../scripts/fuzz/counts.ts';

const fuzz = (...args: string[]) => runCommand('node', ['scripts/fuzz.ts', ...args], { limitSeconds: 240 });

describe('fuzz: npm run fuzz', () => {
  it('runs the tests of a file as often as asked, counts, and says how to repeat it', async () => {
    const file = 'test/contracts/payments/StablecoinInvariants.t.sol';
    const asked = ['--seed', '7', '--runs', '3', '--depth', '4', file];
    const { code, output } = await fuzz(...asked);
    expect(code, output).to.equal(0);
    const runs = [...output.matchAll(/(testFuzz|invariant)_\S+ \(runs: (\d+)\)/g)];
    expect(runs.map(([, , count]) => count)).to.deep.equal(runs.map(() => '3'));
    const calls = 12 * runs.filter(([, kind]) => kind === 'invariant').length;
    expect(calls).to.be.greaterThan(0);
    expect(output).to.include(
      `${runs.length} tests, ${3 * runs.length} runs (${calls} calls in invariants), 0 failures`,
    );
    expect(output.trimEnd().split('\n').at(-1)).to.match(new RegExp(`npm run fuzz -- ${asked.join(' ')}$`));
  }).timeout(300_000);

  it('counts failures, and what has no runs as none', () => {
    const suites = [
      {
        testResults: [
          { status: 'Success', kind: { runs: 5n } },
          { status: 'Failure', kind: { runs: 2n } },
        ],
      },
      {
        testResults: [
          { status: 'Failure', kind: { runs: 3n, calls: 60n } },
          { status: 'Success', kind: {} },
        ],
      },
    ];
    expect(countsOf(suites)).to.deep.equal({ tests: 4, runs: 10n, calls: 60n, failures: 2 });
  });

  for (const args of [
    ['--runs', '0'],
    ['--seed', 'many'],
    ['--depth', '1.5'],
    ['--run', '1'],
    ['test/contracts/payments/Stablecoin.test.ts'],
    ['test/contracts/none.t.sol'],
  ]) {
    it(`refuses ${args.join(' ')} with a sentence`, async () => {
      const { code, output } = await fuzz(...args);
      expect(code).to.equal(1);
      expect(output.trimEnd().split('\n')).to.have.length(1);
      expect(output).to.include('Usage: npm run fuzz');
    });
  }
});
