import { expect } from 'chai';
import { EUR_USD, openChain, PRICE_CONFIG, RESERVE } from './fixture.ts';
import { medianRow } from './model.ts';
import { feedName, packMedians, packValues, type Rows, signPrices } from './reporters.ts';

const { oracle, mineAt, reporters, priceRound } = await openChain();

const MAX = 2n ** 95n - 1n;
const MIN = -(2n ** 95n);
const FEED = feedName('anything');

async function withoutBounds() {
  const { hub, admined } = await oracle();
  await admined.addFeed(FEED, { ...PRICE_CONFIG, minValue: MIN, maxValue: MAX });
  return { hub };
}

/** Transmits what the first reporters say of a feed, with the row that is said to hold the median. */
async function transmit(hub: Awaited<ReturnType<typeof oracle>>['hub'], numbers: bigint[], row: number) {
  const rows: Rows = Object.fromEntries(numbers.map((number, i) => [i, [number]]));
  const observed = await priceRound(1, 0n, { feeds: [FEED], rows });
  const [round, feeds, signed] = await signPrices(hub, reporters, observed);
  await mineAt(observed.observedAt);
  return await hub.report(round, feeds, { ...signed, medians: packMedians([row]) });
}

describe('OracleHub report takes the median', () => {
  for (const { numbers, median } of [
    { numbers: [1n, 2n, 3n, 4n, 5n], median: 3n },
    { numbers: [5n, 1n, 4n, 2n, 3n], median: 3n },
    { numbers: [1n, 2n, 3n, 4n, 5n, 6n], median: 3n },
    { numbers: [6n, 5n, 4n, 3n, 2n, 1n, 0n], median: 3n },
    { numbers: [MAX, MIN, -1n, MAX, MIN], median: -1n },
    { numbers: [MAX, MAX, MAX, MIN, MIN], median: MAX },
    { numbers: [MIN, MIN, MIN, MAX, MAX, MAX], median: MIN },
    { numbers: [-3n, -2n, -1n, 0n, 1n, 2n, 3n], median: 0n },
    { numbers: [7n, 7n, 7n, 7n, 7n, 7n], median: 7n },
    { numbers: [7n, 9n, 7n, 8n, 8n, 9n], median: 8n },
    { numbers: [-5n, -4n, -5n, -5n, -6n], median: -5n },
  ]) {
    it(`of ${numbers.join(', ')}, and of no other row`, async () => {
      const right = medianRow(numbers);
      for (const row of [...numbers.keys(), numbers.length, numbers.length + 1, 255]) {
        const { hub } = await withoutBounds();
        if (row === right) {
          await expect(transmit(hub, numbers, row)).to.emit(hub, 'PriceHeld');
          expect((await hub.heldPriceOf(FEED)).value).to.equal(median);
        } else {
          await expect(transmit(hub, numbers, row))
            .to.be.revertedWithCustomError(hub, 'MedianInvalid')
            .withArgs(0n, row, numbers.length);
        }
      }
    });
  }

  it('of each feed by itself, and names the column that is wrong', async () => {
    const { hub } = await withoutBounds();
    const rows: Rows = {
      0: [1n, -1n, 500n],
      2: [2n, -2n, 300n],
      3: [3n, -3n, 200n],
      4: [4n, -4n, 400n],
      6: [5n, -9n, 100n],
    };
    const observed = await priceRound(1, 0n, { feeds: [EUR_USD, FEED, RESERVE], rows });
    const [round, feeds, signed] = await signPrices(hub, reporters, observed);
    expect(signed.medians).to.equal(packMedians([2, 2, 1]));
    await mineAt(observed.observedAt);
    await expect(hub.report(round, feeds, { ...signed, medians: packMedians([2, 2, 2]) }))
      .to.be.revertedWithCustomError(hub, 'MedianInvalid')
      .withArgs(2n, 2n, 5n);
    await expect(hub.report(round, feeds, { ...signed, medians: packMedians([2, 5, 1]) }))
      .to.be.revertedWithCustomError(hub, 'MedianInvalid')
      .withArgs(1n, 5n, 5n);

    await hub.report(round, feeds, signed);
    for (const [feed, value] of [
      [EUR_USD, 3n],
      [FEED, -3n],
      [RESERVE, 300n],
    ] as const) {
      expect((await hub.heldPriceOf(feed)).value).to.equal(value);
    }
    expect(packValues([-3n])).to.equal('0xfffffffffffffffffffffffd');
  });

  it('between the values of the honest, whatever two of five say', async () => {
    const honest = [100n, 101n, 103n];
    for (const [one, other] of [
      [MIN, MIN],
      [MIN, MAX],
      [MAX, MAX],
      [100n, 103n],
    ] as const) {
      const { hub } = await withoutBounds();
      const numbers = [one, ...honest, other];
      await transmit(hub, numbers, medianRow(numbers));
      const { value } = await hub.heldPriceOf(FEED);
      expect(value >= 100n && value <= 103n).to.equal(true);
    }
  });
});
