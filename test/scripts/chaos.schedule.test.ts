import { expect } from 'chai';
import { type Family, faults } from '../../scripts/chaos/faults.ts';
import {
  FINALITY_DEPTH,
  moments,
  partnerCurrencies,
  paymentFaults,
  replayCommand,
  scheduleOf,
} from '../../scripts/chaos/schedule.ts';

const SEEDS = Array.from({ length: 300 }, (_, index) => index + 1);

describe('chaos: the schedule of a run', () => {
  const schedules = SEEDS.map((seed) => scheduleOf(seed));
  const struck = schedules.flatMap((schedule) => schedule.faults);
  const countOf = (family: Family) => struck.filter(({ name }) => faults[name].family === family).length;

  it('is the same for the same seed', () => {
    expect(SEEDS.map((seed) => scheduleOf(seed))).to.deep.equal(schedules);
  });

  it('is another one for each seed', () => {
    expect(new Set(schedules.map((schedule) => JSON.stringify(schedule))).size).to.equal(SEEDS.length);
  });

  it('has enough of every fault in 300 runs', () => {
    const counts = Map.groupBy(struck, ({ name }) => name);
    for (const name of paymentFaults) expect(counts.get(name)?.length ?? 0, name).to.be.at.least(5);
    expect(countOf('process')).to.be.at.least(300);
    expect(struck.filter(({ name }) => name.startsWith('reorg-')).length).to.be.at.least(150);
    expect(countOf('database')).to.be.at.least(50);
  });

  it('strikes at every moment, at every depth from 1 to 8, and keeps reorganisations above what is final', () => {
    expect(new Set(struck.map(({ moment }) => moment))).to.have.all.keys(...moments);
    expect([...new Set(struck.map(({ depth }) => depth))]).to.have.members([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(FINALITY_DEPTH).to.be.above(8);
  });

  it('never gives two payments one reference, nor a partner a currency that it has no account in', () => {
    const orders = schedules.flatMap((schedule) => schedule.orders);
    const references = orders.flatMap(({ payments }) => payments.map(({ endToEndId }) => endToEndId));
    expect(new Set(references).size).to.equal(references.length);
    for (const { partner, payments } of orders)
      for (const { currency } of payments) expect(partnerCurrencies[partner]).to.include(currency);
  });

  it('is repeated by the command that a failure prints, with the same world around it', () => {
    for (const [seed, only] of [[17], [18, 'reorg-twice']] as const) {
      const typed = replayCommand(seed, only).split(' ');
      const next = (option: string) => typed[typed.indexOf(option) + 1];
      expect(typed.slice(0, 6)).to.deep.equal(['npm', 'run', 'chaos', '--', '--runs', '1']);
      expect(next('--seed')).to.equal(String(seed));
      expect(typed.includes('--only') ? next('--only') : undefined).to.equal(only);
      // What stays in a world for more than one run hangs on no seed: everything else is set by each run anew.
      expect(scheduleOf(seed, only)).to.have.all.keys('seed', 'blockIntervalMs', 'orders', 'faults');
    }
  });

  it('has one fault alone when asked for', () => {
    for (const name of paymentFaults) {
      const names = scheduleOf(1, name).faults.map((fault) => fault.name);
      expect(new Set(names)).to.have.all.keys(name);
    }
  });
});
