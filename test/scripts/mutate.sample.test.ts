import { expect } from 'chai';
import type { Mutant } from '../../scripts/mutate/mutants.ts';
import { type Plan, planAll, planSample } from '../../scripts/mutate/sample.ts';

const mutants = [...mutantsOf('Escrow', 600), ...mutantsOf('OracleHub', 300), ...mutantsOf('Tiny', 2)];

function mutantsOf(contract: string, count: number): Mutant[] {
  return Array.from({ length: count }, (_, index) => ({
    source: `project/contracts/${contract}.sol`,
    contract,
    member: 'do',
    kind: 'constant',
    change: { start: index, end: index + 1, text: '0' },
    line: index + 1,
    original: `${index}`,
    mutated: '0',
  }));
}

function drain(plan: Plan): Mutant[] {
  const taken: Mutant[] = [];
  for (let mutant = plan.next(); mutant; mutant = plan.next()) taken.push(mutant);
  return taken;
}

describe('mutate: a sample', () => {
  it('given the same seed, is the same', () => {
    expect(drain(planSample(mutants, 90, 7))).to.deep.equal(drain(planSample(mutants, 90, 7)));
  });

  it('given another seed, is another', () => {
    expect(drain(planSample(mutants, 90, 7))).not.to.deep.equal(drain(planSample(mutants, 90, 8)));
  });

  it('takes from each contract by its number of mutants, at least one, and no mutant twice', () => {
    const taken = drain(planSample(mutants, 90, 7));
    const byContract = Map.groupBy(taken, ({ contract }) => contract);
    expect([...byContract].map(([contract, own]) => [contract, own.length])).to.deep.equal([
      ['Escrow', 60],
      ['OracleHub', 30],
      ['Tiny', 1],
    ]);
    expect(new Set(taken).size).to.equal(taken.length);
  });

  it('spreads over a contract', () => {
    const lines = drain(planSample(mutants, 90, 7))
      .filter(({ contract }) => contract === 'Escrow')
      .map(({ line }) => line);
    for (const from of [0, 150, 300, 450]) {
      const inQuarter = lines.filter((line) => line > from && line <= from + 150);
      expect(inQuarter.length, `lines ${from} to ${from + 150}`).to.be.within(5, 25);
    }
  });

  it('replaces a mutant that does not count by the next of its contract, whoever asks first', () => {
    const plan = planSample(mutants, 90, 7);
    const [first, ...others] = drain(plan);
    if (!first) throw new Error('The sample is empty.');
    plan.discard(first);
    const replacements = drain(plan);
    expect(replacements.map(({ contract }) => contract)).to.deep.equal([first.contract]);
    expect([first, ...others]).not.to.include(replacements[0]);
  });

  it('ends when a contract has no further mutant', () => {
    const few = mutantsOf('Tiny', 2);
    const plan = planSample(few, 2, 1);
    for (const mutant of drain(plan)) plan.discard(mutant);
    expect(plan.next()).to.equal(undefined);
  });

  it('of everything is everything, in order', () => {
    expect(drain(planAll(mutants))).to.deep.equal(mutants);
  });
});
