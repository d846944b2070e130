import { expect } from 'chai';
import { openChain } from './fixture.ts';

const { networkHelpers, accounts, corridor, now } = await openChain();
const { minter, recipient } = accounts;

/** A limit that grows back evenly, as `TokenBucket` has to reckon it. */
function createLimit(capacity: bigint, windowSeconds: bigint, configuredAt: bigint) {
  let [level, updatedAt] = [capacity, configuredAt];
  const available = (at: bigint) => {
    const grown = level + (capacity * (at - updatedAt)) / windowSeconds;
    return grown < capacity ? grown : capacity;
  };
  return {
    available,
    spend(amount: bigint, at: bigint) {
      [level, updatedAt] = [available(at) - amount, at];
    },
  };
}

describe('Stablecoin: the limit of a minter', () => {
  for (const [capacity, windowSeconds] of [
    [1n, 1n],
    [1n, 10n],
    [997n, 1_000n],
    [1_000_000n, 7n],
  ] as const) {
    it(`given ${capacity} in ${windowSeconds} s, is at each time what a model reckons`, async () => {
      const { coin } = await corridor();
      await coin.configureMinter(minter, capacity, windowSeconds);
      const limit = createLimit(capacity, windowSeconds, await now());
      for (const [pauseSeconds, share] of [
        [1n, 100n],
        [1n, 50n],
        [2n, 100n],
        [3n, 10n],
        [windowSeconds / 2n + 1n, 30n],
        [windowSeconds + 1n, 0n],
        [windowSeconds * 3n, 100n],
        [1n, 100n],
      ] as const) {
        const at = (await now()) + pauseSeconds;
        const available = limit.available(at);
        await networkHelpers.time.setNextBlockTimestamp(at);
        await expect(coin.connect(minter).mint(recipient, available + 1n))
          .to.be.revertedWithCustomError(coin, 'MintLimitExceeded')
          .withArgs(minter, available, available + 1n);

        const amount = (available * share) / 100n;
        const spentAt = at + 1n;
        const before = limit.available(spentAt);
        await networkHelpers.time.setNextBlockTimestamp(spentAt);
        await coin.connect(minter).mint(recipient, amount);
        limit.spend(amount, spentAt);
        expect(await coin.minterAllowance(minter)).to.deep.equal([before - amount, capacity, windowSeconds]);
      }
    });
  }

  it('given it is configured anew, starts full from then on', async () => {
    const { coin } = await corridor();
    await coin.configureMinter(minter, 100n, 100);
    await coin.connect(minter).mint(recipient, 100n);
    await coin.configureMinter(minter, 200n, 50);
    expect(await coin.minterAllowance(minter)).to.deep.equal([200n, 200n, 50n]);
    const at = (await now()) + 1n;
    await networkHelpers.time.setNextBlockTimestamp(at);
    await coin.connect(minter).mint(recipient, 200n);
    await networkHelpers.time.increaseTo(at + 25n);
    expect((await coin.minterAllowance(minter)).available).to.equal(100n);
  });
});
