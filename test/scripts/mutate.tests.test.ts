import { expect } from 'chai';
import { projectOf } from '../../scripts/mutate/project.ts';
import { measureTests } from '../../scripts/mutate/tests.ts';
import type { Answer, Task } from '../../scripts/mutate/worker.ts';

const sources = {
  'project/contracts/lib/Sums.sol': {
    content: `pragma solidity ^0.8.28;
library Sums { function add(uint256 a, uint256 b) internal pure returns (uint256) { return a + b; } }`,
  },
  ...Object.fromEntries(
    ['payments/Till', 'oracle/Clock'].map((place) => [
      `project/contracts/${place}.sol`,
      {
        content: `pragma solidity ^0.8.28;
import {Sums} from "../lib/Sums.sol";
contract ${place.split('/')[1]} { function one() external pure returns (uint256) { return Sums.add(0, 1); } }`,
      },
    ]),
  ),
};
const [till, clock] = [
  { source: 'project/contracts/payments/Till.sol', name: 'Till' },
  { source: 'project/contracts/oracle/Clock.sol', name: 'Clock' },
];
/** Of the files that there are in test/contracts, these deploy something, after so many seconds. */
const deploying: Record<string, { seconds: number; deployed: (typeof till)[] }> = {
  'test/contracts/payments/Stablecoin.batch.test.ts': { seconds: 9, deployed: [till] },
  'test/contracts/payments/Stablecoin.test.ts': { seconds: 2, deployed: [till] },
  'test/contracts/oracle/OracleHub.report.test.ts': { seconds: 3, deployed: [clock, till] },
};

/** A worker that answers for each file as it is told to. */
const worker = {
  run({ stages }: Task): Promise<Answer> {
    const file = stages[0]?.testFiles[0]?.file ?? '';
    const said = deploying[file] ?? { seconds: 1, deployed: [] };
    return Promise.resolve({ outcome: 'survived', memoryBytes: 0, ...said });
  },
};

describe('mutate: the tests of a mutant', () => {
  const project = projectOf({ sources, settings: {} });
  const mutant = project.mutants.find(({ kind }) => kind === 'arithmetic operator');
  if (!mutant) throw new Error('There is no mutant.');

  /** The files' names and the contracts, stage by stage. */
  const planOf = (task?: Task) =>
    task?.stages.map(({ testFiles, targets }) => ({
      files: testFiles.map(({ file }) => file.split('/').at(-1)),
      targets: targets.map(({ name }) => name),
    }));
  const payments = { files: ['Stablecoin.test.ts', 'Stablecoin.batch.test.ts'], targets: ['Till'] };
  const oracle = { files: ['OracleHub.report.test.ts'], targets: ['Clock', 'Till'] };

  it('are those that deploy it, the quickest first, a stage for each domain with what it deploys', async () => {
    const tests = await measureTests(project, project.mutants, worker);
    const task = tests.taskOf(mutant);
    expect(planOf(task)).to.deep.equal([payments, oracle]);
    const mutated = task?.stages.map(({ input }) => [
      Object.keys(input?.sources ?? {}).length,
      input?.sources[mutant.source]?.content.includes('a - b'),
    ]);
    expect(mutated).to.deep.equal([
      [2, true],
      [3, true],
    ]);
  });

  it('begin with the file that has killed a mutant of the same function', async () => {
    const tests = await measureTests(project, project.mutants, worker);
    tests.killed(mutant, 'test/contracts/oracle/OracleHub.report.test.ts');
    expect(planOf(tests.taskOf(mutant))).to.deep.equal([oracle, payments]);
  });
});
