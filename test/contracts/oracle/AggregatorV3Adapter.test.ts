import { expect } from 'chai';
import type { AggregatorV3Adapter } from '../../../typechain-types/index.ts';
import { EUR_USD, FLIGHT_DELAY, MAX_AGE_SECONDS, openChain, PRICE_CONFIG, RATE, UNKNOWN } from './fixture.ts';
import { feedName } from './reporters.ts';

const { oracle, report, now, ethers, networkHelpers } = await openChain();

async function withAdapter() {
  const deployed = await oracle();
  const adapter = (await ethers.deployContract('AggregatorV3Adapter', [
    deployed.hub,
    EUR_USD,
  ])) as unknown as AggregatorV3Adapter;
  return { ...deployed, adapter };
}

describe('AggregatorV3Adapter', () => {
  it('says what it is of', async () => {
    const { adapter, hub, admined } = await withAdapter();
    expect(await adapter.description()).to.equal('EUR/USD');
    expect(await adapter.decimals()).to.equal(8n);
    expect(await adapter.version()).to.equal(1n);
    expect(await adapter.hub()).to.equal(await hub.getAddress());
    expect(await adapter.feed()).to.equal(EUR_USD);
    const longest = feedName('a'.repeat(31));
    await admined.addFeed(longest, { ...PRICE_CONFIG, decimals: 3n });
    const other = await ethers.deployContract('AggregatorV3Adapter', [hub, longest]);
    expect(await other.getFunction('description')()).to.equal('a'.repeat(31));
    expect(await other.getFunction('decimals')()).to.equal(3n);
  });

  it('has no data before there is a value, nor while one is held', async () => {
    const { adapter, hub } = await withAdapter();
    for (const prepare of [async () => undefined, async () => await report(hub, 1, RATE)]) {
      await prepare();
      await expect(adapter.latestRoundData())
        .to.be.revertedWithCustomError(adapter, 'NoDataPresent')
        .withArgs(EUR_USD);
      await expect(adapter.getRoundData(0))
        .to.be.revertedWithCustomError(adapter, 'NoDataPresent')
        .withArgs(EUR_USD);
    }
  });

  it('gives the last value, also when it is stale, and tells its time', async () => {
    const { adapter, hub } = await withAdapter();
    await report(hub, 1, RATE);
    await report(hub, 7, RATE + 1n);
    const updatedAt = (await now()) - 12n;
    const answer = [7n, RATE + 1n, updatedAt, updatedAt, 7n];
    expect(await adapter.latestRoundData()).to.deep.equal(answer);
    expect(await adapter.getRoundData(7)).to.deep.equal(answer);
    await networkHelpers.time.increase(10n * MAX_AGE_SECONDS);
    expect(await adapter.latestRoundData()).to.deep.equal(answer);
  });

  it('knows no other round than the last', async () => {
    const { adapter, hub } = await withAdapter();
    await report(hub, 1, RATE);
    await report(hub, 7, RATE);
    for (const round of [0n, 1n, 6n, 8n, 2n ** 32n + 7n]) {
      await expect(adapter.getRoundData(round))
        .to.be.revertedWithCustomError(adapter, 'RoundNotKnown')
        .withArgs(round, 7n);
    }
  });

  it('has no data after the value was withdrawn', async () => {
    const { adapter, hub, admined } = await withAdapter();
    await report(hub, 1, RATE);
    await report(hub, 2, RATE);
    await admined.updateFeed(EUR_USD, 1, 1, 0, 1);
    await expect(adapter.latestRoundData()).to.be.revertedWithCustomError(adapter, 'NoDataPresent');
  });

  it('is of price feeds only', async () => {
    const { hub } = await oracle();
    await expect(ethers.deployContract('AggregatorV3Adapter', [hub, UNKNOWN]))
      .to.be.revertedWithCustomError(hub, 'FeedNotFound')
      .withArgs(UNKNOWN);
    await expect(ethers.deployContract('AggregatorV3Adapter', [hub, FLIGHT_DELAY]))
      .to.be.revertedWithCustomError(hub, 'FeedKindMismatch')
      .withArgs(FLIGHT_DELAY, 2n, 1n);
  });
});
