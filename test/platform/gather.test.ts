import { expect } from 'chai';
import { gathered } from '../../services/platform/gather.ts';

describe('gathered calls', () => {
  const FOREVER_MS = 3_600_000;

  /** Work that ends when the test says so; `groups` are the inputs as they came together. */
  function stepwise() {
    const groups: number[][] = [];
    const ends: ((error?: Error) => void)[] = [];
    const work = (inputs: readonly number[]) => {
      groups.push([...inputs]);
      const { promise, resolve, reject } = Promise.withResolvers<number[]>();
      ends.push((error) => (error ? reject(error) : resolve(inputs.map((input) => input * 10))));
      return promise;
    };
    const begun = async (count: number) => {
      while (groups.length < count) await new Promise(setImmediate);
    };
    /** Ends the work on the group of this number, from 1, when it has begun. */
    const end = async (group: number, error?: Error) => {
      await begun(group);
      ends[group - 1]?.(error);
    };
    return { groups, end, work };
  }

  it('are worked on at once when they come alone, and together when they come meanwhile', async () => {
    const { groups, end, work } = stepwise();
    const ask = gathered(work, 0);
    const first = ask(1);
    await new Promise(setImmediate);
    expect(groups).to.deep.equal([[1]]);
    const others = [ask(2), ask(3)];
    await end(1);
    expect(await first).to.equal(10);
    await end(2);
    expect(await Promise.all(others)).to.deep.equal([20, 30]);
    expect(groups).to.deep.equal([[1], [2, 3]]);
  });

  it('wait until as many are there as the last time, and not a moment longer', async () => {
    const { groups, end, work } = stepwise();
    const ask = gathered(work, FOREVER_MS);
    const together = [ask(1), ask(2)];
    await end(1);
    await Promise.all(together);
    const third = ask(3);
    await new Promise(setImmediate);
    expect(groups).to.deep.equal([[1, 2]]);
    const fourth = ask(4);
    await end(2);
    expect(await Promise.all([third, fourth])).to.deep.equal([30, 40]);
    expect(groups).to.deep.equal([
      [1, 2],
      [3, 4],
    ]);
  });

  it('do not wait for longer than they may', async () => {
    const { groups, end, work } = stepwise();
    const ask = gathered(work, 1);
    const together = [ask(1), ask(2)];
    await end(1);
    await Promise.all(together);
    const third = ask(3);
    await end(2);
    expect(await third).to.equal(30);
    expect(groups).to.deep.equal([[1, 2], [3]]);
  });

  it('are told when the work of their group fails, and nobody else is', async () => {
    const { end, work } = stepwise();
    const ask = gathered(work, 0);
    const together = Promise.allSettled([ask(1), ask(2)]);
    await end(1, new Error('the database is away'));
    expect(
      (await together).map((outcome) => outcome.status === 'rejected' && outcome.reason.message),
    ).to.deep.equal(['the database is away', 'the database is away']);
    const next = ask(3);
    await end(2);
    expect(await next).to.equal(30);
  });
});
