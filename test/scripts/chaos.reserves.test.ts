import { expect } from 'chai';
import type { Movement, Statement } from '../../scripts/chaos/bank.ts';
import { explainedBreaks } from '../../scripts/chaos/reserves.ts';

const DAY = '2026-03-02';
const CENT = 10_000n;

const mint = (index: number, date = DAY): Movement => ({
  direction: 'CRDT',
  units: 100n * CENT,
  date,
  transactionHash: `0x${String(index).repeat(64)}`,
  logIndex: index,
});

/** The n-th statement, of so many cents. */
const statement = (sequence: number, opening: bigint, closing: bigint, over: Partial<Statement> = {}) => ({
  id: `USD-${sequence}`,
  currency: 'USD' as const,
  sequence,
  date: DAY,
  opening,
  closing,
  entries: [],
  meanings: [],
  takesBack: [],
  ...over,
});

describe('chaos: the breaks that the bank explains', () => {
  const [first, second] = [mint(1), mint(2)];
  const ofFirst = statement(1, 0n, 100n, { meanings: [first] });
  const ofSecond = statement(2, 100n, 200n, { meanings: [second] });
  const explained = (handed: readonly Statement[], today = DAY) =>
    explainedBreaks(handed, [first, second], today);

  it('are none before the first statement, and when all is booked', () => {
    expect(explained([])).to.deep.equal([]);
    expect(explained([ofFirst, ofSecond], '2026-03-03')).to.deep.equal([]);
  });

  it('are a mint that the statements of its day do not have, and then too little money', () => {
    const timing = `bank_timing of USD ${second.transactionHash}/2`;
    expect(explained([ofFirst])).to.deep.equal([timing]);
    expect(explained([ofFirst], '2026-03-03')).to.deep.equal([timing, 'bank_reserve of USD ']);
  });

  it('are no mint of a day that no statement has come to', () => {
    expect(explainedBreaks([ofFirst], [first, mint(2, '2026-03-03')], '2026-03-03')).to.deep.equal([]);
  });

  it('are a statement that was left out', () => {
    const third = statement(3, 200n, 200n);
    expect(explained([ofFirst, third])).to.include('bank_sequence of USD USD-3');
    expect(explained([ofFirst, third, ofSecond])).to.deep.equal([]);
  });

  it('are an entry that came twice, until it is taken back, and money that went back', () => {
    const twice = statement(2, 100n, 300n, { meanings: [second, 'bank_duplicate'] });
    expect(explained([ofFirst, twice])).to.deep.equal(['bank_duplicate of USD USD-2/2']);
    const takenBack = statement(3, 300n, 200n, { meanings: ['offset'], takesBack: ['USD-2/2'] });
    expect(explained([ofFirst, twice, takenBack])).to.deep.equal([]);
    const returned = statement(3, 200n, 100n, { meanings: ['bank_return'] });
    expect(explained([ofFirst, ofSecond, returned])).to.deep.equal(['bank_return of USD USD-3/1']);
  });
});
