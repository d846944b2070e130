import { expect } from 'chai';
import type { Mutant } from '../../scripts/mutate/mutants.ts';
import {
  type Explanation,
  markdownOf,
  type Outcome,
  type Result,
  reportOf,
} from '../../scripts/mutate/report.ts';

function mutant(contract: string, line: number): Mutant {
  return {
    source: `project/contracts/shop/${contract}.sol`,
    contract,
    member: 'sell',
    kind: 'constant',
    change: { start: line * 10, end: line * 10 + 1, text: '0' },
    line,
    original: `pieces = ${line};`,
    mutated: 'pieces = 0;',
  };
}

function results(contract: string, outcomes: Partial<Record<Outcome, number>>): Result[] {
  const all = Object.entries(outcomes).flatMap(([outcome, count]) =>
    Array<Outcome>(count).fill(outcome as Outcome),
  );
  return all.map((outcome, index) => ({ mutant: mutant(contract, index + 1), outcome }));
}

const report = (tried: Result[], explanations: Explanation[] = [], all = tried.map(({ mutant }) => mutant)) =>
  reportOf(tried, all, explanations);

/** Of the mutant in this line. */
function explanation(contract: string, line: number): Explanation {
  const { member, original, mutated } = mutant(contract, line);
  return { contract, member, original, mutated, why: 'Nobody can tell the two apart.' };
}

describe('mutate: the report', () => {
  it('counts by contract and in all, a timeout as a kill, what cannot count not at all', () => {
    const shop = results('Shop', {
      killed: 17,
      'timed out': 1,
      survived: 2,
      'same code': 4,
      'does not compile': 3,
    });
    const { rows, total, sameCode, notCompiled } = report(
      [...shop, ...results('Bank', { killed: 3 })],
      [explanation('Shop', 20)],
    );
    expect(rows).to.deep.equal([
      { contract: 'Bank', mutants: 3, killed: 3, survived: 0, explained: 0, timedOut: 0, score: 100 },
      { contract: 'Shop', mutants: 20, killed: 17, survived: 2, explained: 1, timedOut: 1, score: 90 },
    ]);
    expect(total).to.deep.include({ mutants: 23, survived: 2, score: 91.3 });
    expect([sameCode, notCompiled]).to.deep.equal([4, 3]);
  });

  it('rounds the score down', () => {
    expect(report(results('Shop', { killed: 1999, survived: 1 })).total.score).to.equal(99.9);
  });

  it('given a survivor that nobody explained, is a failure at any score', () => {
    const { faults, survivors } = report(results('Shop', { survived: 1, killed: 99 }));
    expect(faults).to.have.length(1);
    expect(survivors.map(({ why }) => why)).to.deep.equal([undefined]);
  });

  it('given all survivors are explained and the score is reached, is a success', () => {
    const tried = results('Shop', { survived: 1, killed: 19 });
    const { faults, survivors, total } = report(tried, [explanation('Shop', 1)]);
    expect(total.score).to.equal(95);
    expect(faults).to.deep.equal([]);
    expect(survivors[0]?.why).to.equal('Nobody can tell the two apart.');
  });

  it('given the score is not reached, is a failure though all is explained', () => {
    const tried = results('Shop', { survived: 2, killed: 19 });
    expect(report(tried, [explanation('Shop', 1), explanation('Shop', 2)]).faults).to.have.length(1);
  });

  it('given an explanation of a mutant that was killed or is none, is a failure', () => {
    const tried = results('Shop', { killed: 20 });
    const { stale, faults } = report(tried, [explanation('Shop', 1), explanation('Shop', 50)]);
    expect(stale).to.deep.equal([explanation('Shop', 1), explanation('Shop', 50)]);
    expect(faults).to.have.length(1);
  });

  it('given an explanation of a mutant outside of the sample or of another contract, leaves it', () => {
    const tried = results('Shop', { killed: 20 });
    const all = [...tried.map(({ mutant }) => mutant), mutant('Shop', 50)];
    expect(report(tried, [explanation('Shop', 50), explanation('Bank', 1)], all).stale).to.deep.equal([]);
  });

  it('shows each survivor with its place, its line before and after, and why', () => {
    const tried = results('Shop', { survived: 2 });
    const text = markdownOf(report(tried, [explanation('Shop', 1)]), 'npm run mutate');
    expect(text).to.include('contracts/shop/Shop.sol:1 Shop.sell, constant');
    expect(text).to.include('- pieces = 1;\n+ pieces = 0;');
    expect(text).to.include('Nobody can tell the two apart.');
    expect(text).to.include('**Not explained.**');
    expect(text).to.include('| Shop | 2 | 0 | 0 | 2 | 1 | 0 % |');
  });
});
