import { expect } from 'chai';
import { keccak256, stringToHex } from 'viem';
import { createProposer, MOST_ALONE } from '../../../services/oracle/domains/rounds/proposing.ts';
import { type Items, MOST_ITEMS } from '../../../services/oracle/domains/rounds/row.ts';

const ROUND_SECONDS = 10;

describe('oracle: what a reporter signs together and what alone', () => {
  const prices = (count: number, from = 0): Items => ({
    kind: 'prices',
    items: Array.from({ length: count }, (_, at) => `feed-${String(at + from).padStart(4, '0')}`),
  });
  const namesOf = ({ items }: Items) => items as readonly string[];
  /** A reporter that has the same due in each of its rounds. */
  const reporter = () => {
    const propose = createProposer(ROUND_SECONDS);
    return (round: number, due: Items, { reported = 0, isShared = false } = {}) => {
      const asking = { round: round * ROUND_SECONDS, due: [due] };
      const found = propose({
        ...asking,
        reportedRound: () => reported * ROUND_SECONDS,
        isShared: () => isShared,
      });
      return {
        together: found.together.flatMap(namesOf),
        alone: found.alone.flatMap(namesOf).toSorted(),
        inTurn: found.alone.flatMap(namesOf),
      };
    };
  };

  it('asks for an item together with others for two rounds, then alone', () => {
    const propose = reporter();
    const due = prices(3);
    for (const round of [1, 2])
      expect(propose(round, due)).to.deep.include({ together: due.items, alone: [] });
    for (const round of [3, 4])
      expect(propose(round, due)).to.deep.include({ together: [], alone: due.items });
  });

  it('asks for it together again once 2f + 1 have signed it, and alone as well until it is on chain', () => {
    const propose = reporter();
    const due = prices(3);
    for (const round of [1, 2, 3]) propose(round, due);
    const both = { together: due.items, alone: due.items };
    expect(propose(4, due, { isShared: true })).to.deep.include(both);
    expect(propose(5, due, { reported: 4 })).to.deep.include({ together: due.items, alone: [] });
  });

  it('asks for it together again for two rounds in a row, however many sign it alone, until they have not', () => {
    const propose = reporter();
    const due = prices(3);
    for (const round of [1, 2, 3]) propose(round, due);
    const isTogether = (round: number, isShared: boolean) =>
      propose(round, due, { isShared }).together.length > 0;
    for (const [round, isShared, expected] of [
      [4, true, true],
      [5, true, true],
      [6, true, false],
      [7, true, false],
      [8, false, false],
      [9, true, true],
    ] as const)
      expect(isTogether(round, isShared), `round ${round}`).to.equal(expected);
  });

  it('has a place for what is new before all that is shared, but not recorded', () => {
    const propose = reporter();
    const [older, newer] = [prices(MOST_ITEMS), prices(1, MOST_ITEMS).items[0] as string];
    for (const round of [1, 2, 3]) propose(round, older);
    const due: Items = { kind: 'prices', items: [...(older.items as string[]), newer] };
    expect(propose(4, due, { isShared: true }).together)
      .to.have.length(MOST_ITEMS)
      .and.to.include(newer);
  });

  it('asks alone for what found no place in the lists of sixteen rounds', () => {
    const propose = reporter();
    const last = prices(1, 9_999).items[0] as string;
    /** Older ones, others in each round. */
    const dueIn = (round: number): Items => ({
      kind: 'prices',
      items: [...(prices(MOST_ITEMS, MOST_ITEMS * round).items as string[]), last],
    });
    for (let round = 1; round <= 16; round++) {
      const { together, alone } = propose(round, dueIn(round));
      expect([...together, ...alone]).not.to.include(last);
    }
    expect(propose(17, dueIn(17)).alone).to.deep.equal([last]);
  });

  it('begins with another of those alone in each round, at every reporter with the same', () => {
    const due = prices(20);
    const [one, other] = [reporter(), reporter()];
    const firsts = new Set<string | undefined>();
    for (let round = 1; round <= 42; round++) {
      const { inTurn } = one(round, due);
      expect(other(round, due).inTurn).to.deep.equal(inTurn);
      if (round > 2) firsts.add(inTurn[0]);
    }
    expect(firsts.size).to.be.above(10);
  });

  it('keeps what is new apart from what was asked for in vain', () => {
    const propose = reporter();
    for (const round of [1, 2]) propose(round, prices(2));
    expect(propose(3, prices(4))).to.deep.include({ together: prices(2, 2).items, alone: prices(2).items });
  });

  it('asks for so many together as one report takes, in ascending order', () => {
    const due = prices(200).items.toReversed() as string[];
    expect(reporter()(1, { kind: 'prices', items: due }).together).to.deep.equal(
      due.slice(0, MOST_ITEMS).toSorted(),
    );
  });

  it('given more than it signs alone, comes to each; and so, in the same round, does who has fewer of them', () => {
    const [much, few] = [reporter(), reporter()];
    const [many, some] = [prices(300), prices(100)];
    const seen = new Map<unknown, number>();
    for (let round = 1; round <= 40; round++) {
      const [a, b] = [much(round, many).alone, few(round, some).alone];
      expect(a.length).to.be.at.most(MOST_ALONE);
      expect(b.length).to.be.at.most(MOST_ALONE);
      for (const item of a) if (b.includes(item as never)) seen.set(item, (seen.get(item) ?? 0) + 1);
    }
    expect(some.items.filter((item) => !seen.has(item))).to.deep.equal([]);
  });

  it('given names ground to keep one behind for 32 rounds, comes to that one in the 32 after them', () => {
    const place = (name: string) => BigInt(keccak256(stringToHex(`${name} 0`)));
    const [kept = ''] = prices(1).items as string[];
    // In no round of these it is among fewer than they are.
    let parts = 1n;
    for (let round = 0n; round < 32n; round++) while ((place(kept) + round) % parts === 0n) parts *= 2n;
    const others: string[] = [];
    for (let at = 1; others.length < MOST_ALONE; at++) {
      const name = `feed-${String(at).padStart(4, '0')}`;
      if ((place(name) - place(kept)) % (parts / 2n) === 0n) others.push(name);
    }
    const propose = reporter();
    const due: Items = { kind: 'prices', items: [kept, ...others] };
    const roundsWithIt: number[] = [];
    for (let round = 1; round < 64; round++) {
      const { alone } = propose(round, due);
      // Two lists have them all, each for two rounds; before, they are too few.
      if (round > 4 && alone.includes(kept)) roundsWithIt.push(round);
    }
    expect(roundsWithIt[0]).to.be.at.least(32);
    expect(roundsWithIt).to.have.length.above(8); // of every second or fourth of them
  });
});
