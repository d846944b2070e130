import { expect } from 'chai';
import { openChain } from './fixture.ts';

const { accounts, corridor, pack } = await openChain();
const { operator, payer, recipient } = accounts;

/** Where one word of the bitmap ends and the next begins, and what lies beside. */
const EDGES = [0n, 1n, 2n, 254n, 255n, 256n, 257n, 258n, 510n, 511n, 512n, 513n, 767n, 768n, 769n];

const spans = [
  [0n, 1n],
  [0n, 255n],
  [0n, 256n],
  [0n, 257n],
  [1n, 1n],
  [1n, 254n],
  [1n, 255n],
  [1n, 256n],
  [100n, 600n],
  [254n, 1n],
  [255n, 1n],
  [255n, 2n],
  [255n, 257n],
  [255n, 258n],
  [256n, 256n],
  [511n, 256n],
] as const;

describe('PaymentRouter: the sequences that are used', () => {
  for (const [first, count] of spans) {
    it(`given ${count} from ${first} on were cancelled, are these and no others`, async () => {
      const { router } = await corridor();
      await router.connect(payer).cancelSequences(first, count);
      const end = first + count;
      const looked = [...EDGES, first - 1n, first, first + 1n, end - 2n, end - 1n, end, end + 1n];
      for (const sequence of looked.filter((sequence) => sequence >= 0n)) {
        const expected = sequence >= first && sequence < end;
        expect(await router.isSequenceUsed(payer, sequence), `sequence ${sequence}`).to.equal(expected);
      }
    });
  }

  it('given two batches in one word, are those of both', async () => {
    const { coin, router } = await corridor();
    const settle = async (first: bigint) =>
      await router
        .connect(operator)
        .settleBatch(payer, coin, first, [pack(recipient, 1n), pack(recipient, 1n)]);
    await settle(10n);
    await settle(20n);
    const used = await Promise.all(
      [9n, 10n, 11n, 12n, 19n, 20n, 21n, 22n].map((n) => router.isSequenceUsed(payer, n)),
    );
    expect(used).to.deep.equal([false, true, true, false, false, true, true, false]);
  });

  for (const [first, count, used, clash] of [
    [250n, 6n, 255n, 255n],
    [256n, 10n, 256n, 256n],
    [0n, 256n, 0n, 0n],
    [200n, 200n, 399n, 399n],
  ] as const) {
    it(`given ${used} was used, ${count} from ${first} on clash at ${clash}`, async () => {
      const { coin, router } = await corridor();
      await router.connect(payer).cancelSequences(used, 1n);
      const payments = Array.from({ length: Number(count) }, () => pack(recipient, 1n));
      await expect(router.connect(operator).settleBatch(payer, coin, first, payments))
        .to.be.revertedWithCustomError(router, 'SequenceAlreadyUsed')
        .withArgs(payer, clash);
    });
  }
});
