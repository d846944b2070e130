import { expect } from 'chai';
import { createSigningQueue, type Urgency } from '../../../services/oracle/domains/rounds/signing.ts';

describe('oracle: whose turn it is at the signer', () => {
  /** A queue whose jobs end when they are told. */
  function queue() {
    const { inTurn, hurry } = createSigningQueue();
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const add = (urgency: Urgency, key: string) =>
      inTurn(urgency, key, () => {
        begun.push(key);
        return new Promise<void>((resolve) => ends.push(resolve));
      });
    const endOne = async () => {
      ends.shift()?.();
      await new Promise(setImmediate);
    };
    return { add, hurry, begun, endOne };
  }

  it('asks for two at a time, proposals before answers, and what is alone last', async () => {
    const { add, begun, endOne } = queue();
    const jobs = (
      [
        ['alone', 'a'],
        ['alone', 'b'],
        ['alone', 'c'],
        ['answer', 'd'],
        ['proposal', 'e'],
      ] as const
    ).map(([urgency, key]) => add(urgency, key));
    expect(begun).to.deep.equal(['a', 'b']);
    for (let ended = 0; ended < 5; ended++) await endOne();
    expect(begun).to.deep.equal(['a', 'b', 'e', 'd', 'c']);
    await Promise.all(jobs);
  });

  it('has what is alone go before the rest once others ask for it', async () => {
    const { add, hurry, begun, endOne } = queue();
    const jobs = ['a', 'b', 'c', 'd', 'e'].map((key) => add('alone', key));
    hurry('e');
    hurry('a'); // is with the signer already
    hurry('unknown');
    for (let ended = 0; ended < 5; ended++) await endOne();
    expect(begun).to.deep.equal(['a', 'b', 'e', 'c', 'd']);
    await Promise.all(jobs);
  });
});
