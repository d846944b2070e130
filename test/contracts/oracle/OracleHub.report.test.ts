import { expect } from 'chai';
import {
  EUR_USD,
  FLIGHT_DELAY,
  MAX_AGE_SECONDS,
  openChain,
  PRICE_CONFIG,
  RATE,
  RESERVE,
  UNKNOWN,
} from './fixture.ts';
import { skipReason } from './model.ts';
import { agree, feedName, signPrices } from './reporters.ts';

const { oracle, report, now, mineAt, reporters, priceRound, networkHelpers } = await openChain();
type Hub = Awaited<ReturnType<typeof oracle>>['hub'];

/** A hub whose EUR/USD is RATE since round 2. */
async function withRate() {
  const deployed = await oracle();
  await report(deployed.hub, 1, RATE);
  await report(deployed.hub, 2, RATE);
  const observedAt = (await now()) - 12n;
  return { ...deployed, observedAt };
}

const UP = RATE + (RATE * 2n) / 100n; // 200 bps away from RATE: as far as it may
const priceOf = async (hub: Hub) => await hub.priceOf(EUR_USD);
const heldOf = async (hub: Hub) => await hub.heldPriceOf(EUR_USD);
const NOTHING = [0n, 0n, 0n];

describe('OracleHub report, given a feed without a value', () => {
  it('holds the first value', async () => {
    const { hub } = await oracle();
    const observedAt = (await now()) + 60n;
    await expect(report(hub, 7, RATE, { observedAt }))
      .to.emit(hub, 'PriceHeld')
      .withArgs(EUR_USD, 7n, RATE, observedAt);
    expect(await heldOf(hub)).to.deep.equal([RATE, observedAt, 7n]);
    expect(await priceOf(hub)).to.deep.equal(NOTHING);
    expect(await hub.tryRead(EUR_USD)).to.deep.equal([false, 0n, 0n]);
  });

  it('whatever its decimals are', async () => {
    const { hub, admined } = await oracle();
    const feeds = [feedName('GBP/USD')];
    await admined.addFeed(feeds[0] as string, { ...PRICE_CONFIG, decimals: 7n });
    await expect(report(hub, 1, RATE, { feeds }))
      .to.emit(hub, 'PriceHeld')
      .withArgs(feeds[0], 1n, RATE, (held: bigint) => held > 0n);
  });

  it('accepts the second that confirms it', async () => {
    const { hub } = await oracle();
    await report(hub, 1, RATE);
    const observedAt = (await now()) + 60n;
    await expect(report(hub, 2, UP, { observedAt }))
      .to.emit(hub, 'PriceAccepted')
      .withArgs(EUR_USD, 2n, UP);
    expect(await priceOf(hub)).to.deep.equal([UP, observedAt, 2n]);
    expect(await heldOf(hub)).to.deep.equal(NOTHING);
  });

  it('holds the second instead when it is another one', async () => {
    const { hub } = await oracle();
    await report(hub, 1, RATE);
    await expect(report(hub, 2, UP + 1n)).to.emit(hub, 'PriceHeld');
    expect((await heldOf(hub)).value).to.equal(UP + 1n);
    expect(await priceOf(hub)).to.deep.equal(NOTHING);
  });

  it('does not take a first 0 for near to nothing, and accepts it confirmed', async () => {
    const { hub } = await oracle();
    await expect(report(hub, 1, 0n)).to.emit(hub, 'PriceHeld');
    await expect(report(hub, 2, 1n)).to.emit(hub, 'PriceHeld');
    await expect(report(hub, 3, 0n)).to.emit(hub, 'PriceHeld');
    await expect(report(hub, 4, 0n))
      .to.emit(hub, 'PriceAccepted')
      .withArgs(EUR_USD, 4n, 0n);
    expect((await hub.read(EUR_USD)).value).to.equal(0n);
  });
});

describe('OracleHub report, given a feed with a value', () => {
  for (const [name, value] of Object.entries({
    'the same value': RATE,
    'as far up as it may': UP,
    'as far down as it may': RATE - (UP - RATE),
  })) {
    it(`accepts ${name}`, async () => {
      const { hub } = await withRate();
      const observedAt = (await now()) + 60n;
      await expect(report(hub, 3, value, { observedAt }))
        .to.emit(hub, 'PriceAccepted')
        .withArgs(EUR_USD, 3n, value);
      expect(await priceOf(hub)).to.deep.equal([value, observedAt, 3n]);
      expect(await hub.read(EUR_USD)).to.deep.equal([value, observedAt]);
      expect(await hub.tryRead(EUR_USD)).to.deep.equal([true, value, observedAt]);
    });
  }

  for (const [name, value] of Object.entries({ up: UP + 1n, down: RATE - (UP - RATE) - 1n })) {
    it(`holds a step further ${name}, and keeps the value`, async () => {
      const { hub, observedAt } = await withRate();
      const heldAt = (await now()) + 60n;
      await expect(report(hub, 3, value, { observedAt: heldAt }))
        .to.emit(hub, 'PriceHeld')
        .withArgs(EUR_USD, 3n, value, heldAt);
      expect(await priceOf(hub)).to.deep.equal([RATE, observedAt, 2n]);
      expect(await heldOf(hub)).to.deep.equal([value, heldAt, 3n]);
    });
  }

  it('accepts a negative value near a negative one, up and down, and holds one further', async () => {
    const { hub } = await oracle();
    await report(hub, 1, -10_000n);
    await report(hub, 2, -10_000n);
    await expect(report(hub, 3, -10_200n))
      .to.emit(hub, 'PriceAccepted')
      .withArgs(EUR_USD, 3n, -10_200n);
    await expect(report(hub, 4, -9_996n))
      .to.emit(hub, 'PriceAccepted')
      .withArgs(EUR_USD, 4n, -9_996n);
    await expect(report(hub, 5, -9_796n)).to.emit(hub, 'PriceHeld');
    await expect(report(hub, 6, -9_797n)).to.emit(hub, 'PriceAccepted');
    await expect(report(hub, 7, 9_797n)).to.emit(hub, 'PriceHeld');
    expect(await hub.read(EUR_USD)).to.deep.equal([-9_797n, (await hub.priceOf(EUR_USD)).observedAt]);
  });

  it('given a held step, accepts what confirms it', async () => {
    const { hub } = await withRate();
    await report(hub, 3, 120_000_000n);
    await expect(report(hub, 4, 122_400_000n))
      .to.emit(hub, 'PriceAccepted')
      .withArgs(EUR_USD, 4n, 122_400_000n);
    expect(await heldOf(hub)).to.deep.equal(NOTHING);
  });

  it('given a held step, accepts what is near the value still, and drops the step', async () => {
    const { hub } = await withRate();
    await report(hub, 3, 120_000_000n);
    await expect(report(hub, 4, UP))
      .to.emit(hub, 'PriceAccepted')
      .withArgs(EUR_USD, 4n, UP);
    expect(await heldOf(hub)).to.deep.equal(NOTHING);
    await expect(report(hub, 5, 120_000_000n)).to.emit(hub, 'PriceHeld');
  });

  it('given a held step, holds a third value instead', async () => {
    const { hub, observedAt } = await withRate();
    await report(hub, 3, 120_000_000n);
    const heldAt = (await now()) + 60n;
    await expect(report(hub, 4, 122_400_001n, { observedAt: heldAt })).to.emit(hub, 'PriceHeld');
    expect(await heldOf(hub)).to.deep.equal([122_400_001n, heldAt, 4n]);
    expect(await priceOf(hub)).to.deep.equal([RATE, observedAt, 2n]);
  });

  it('counts rounds to the last one of 32 bits', async () => {
    const { hub, observedAt } = await withRate();
    await networkHelpers.time.increaseTo(2n ** 32n);
    for (const round of [2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
      await expect(report(hub, round, RATE))
        .to.emit(hub, 'PriceAccepted')
        .withArgs(EUR_USD, round, RATE);
      expect((await priceOf(hub)).round).to.equal(round);
    }
    await expect(report(hub, 2 ** 31, RATE))
      .to.emit(hub, 'PriceSkipped')
      .withArgs(EUR_USD, 2 ** 31, RATE, 0n);
    expect((await priceOf(hub)).observedAt > observedAt).to.equal(true);
  });

  it('given the value is stale, still measures from it', async () => {
    const { hub } = await withRate();
    await networkHelpers.time.increase(100n * MAX_AGE_SECONDS);
    expect((await hub.tryRead(EUR_USD)).fresh).to.equal(false);
    await expect(report(hub, 3, UP + 1n)).to.emit(hub, 'PriceHeld');
    await expect(report(hub, 4, UP)).to.emit(hub, 'PriceAccepted');
    expect((await hub.tryRead(EUR_USD)).fresh).to.equal(true);
  });
});

describe('OracleHub report skips', () => {
  const skipped = (reason: Parameters<typeof skipReason>[0]) => skipReason(reason);

  it('a round that is not newer', async () => {
    const { hub, observedAt } = await withRate();
    for (const round of [0, 1, 2]) {
      await expect(report(hub, round, RATE + 1n))
        .to.emit(hub, 'PriceSkipped')
        .withArgs(EUR_USD, round, RATE + 1n, skipped('ROUND_NOT_NEWER'));
    }
    expect(await priceOf(hub)).to.deep.equal([RATE, observedAt, 2n]);
  });

  it('the very report that was taken', async () => {
    const { hub } = await withRate();
    const signed = await signPrices(hub, reporters, await priceRound(3, RATE));
    await networkHelpers.time.increase(60n);
    await expect(hub.report(...signed)).to.emit(hub, 'PriceAccepted');
    await expect(hub.report(...signed))
      .to.emit(hub, 'PriceSkipped')
      .withArgs(EUR_USD, 3n, RATE, 0n);
  });

  it('a time that is not later', async () => {
    const { hub, observedAt } = await withRate();
    for (const time of [observedAt - 1n, observedAt]) {
      await expect(report(hub, 3, RATE, { observedAt: time, age: (await now()) - time + 1n }))
        .to.emit(hub, 'PriceSkipped')
        .withArgs(EUR_USD, 3n, RATE, skipped('TIME_NOT_NEWER'));
    }
    const time = observedAt + 1n;
    await expect(report(hub, 3, RATE, { observedAt: time, age: (await now()) - time + 1n })).to.emit(
      hub,
      'PriceAccepted',
    );
  });

  it('for a held value: its own round, a round before, its own time', async () => {
    const { hub } = await withRate();
    await report(hub, 5, 120_000_000n);
    const [, heldAt] = await heldOf(hub);
    for (const round of [3, 4, 5]) {
      await expect(report(hub, round, 120_000_000n))
        .to.emit(hub, 'PriceSkipped')
        .withArgs(EUR_USD, round, 120_000_000n, skipped('ROUND_NOT_NEWER'));
    }
    await expect(report(hub, 6, 120_000_000n, { observedAt: heldAt, age: (await now()) - heldAt + 1n }))
      .to.emit(hub, 'PriceSkipped')
      .withArgs(EUR_USD, 6n, 120_000_000n, skipped('TIME_NOT_NEWER'));
    expect((await priceOf(hub)).value).to.equal(RATE);
    await expect(report(hub, 6, 120_000_000n)).to.emit(hub, 'PriceAccepted');
  });

  it('what is older than the max age', async () => {
    const { hub } = await withRate();
    await expect(report(hub, 3, RATE, { age: MAX_AGE_SECONDS + 1n }))
      .to.emit(hub, 'PriceSkipped')
      .withArgs(EUR_USD, 3n, RATE, skipped('TOO_OLD'));
    await expect(report(hub, 3, RATE, { age: MAX_AGE_SECONDS })).to.emit(hub, 'PriceAccepted');
  });

  it('what is out of bounds', async () => {
    const { hub } = await oracle();
    const { minValue, maxValue } = PRICE_CONFIG;
    for (const value of [minValue - 1n, maxValue + 1n, -(2n ** 95n), 2n ** 95n - 1n]) {
      await expect(report(hub, 1, value))
        .to.emit(hub, 'PriceSkipped')
        .withArgs(EUR_USD, 1n, value, skipped('OUT_OF_BOUNDS'));
    }
    await expect(report(hub, 1, minValue)).to.emit(hub, 'PriceHeld');
    await expect(report(hub, 2, maxValue)).to.emit(hub, 'PriceHeld');
    expect((await heldOf(hub)).value).to.equal(maxValue);
  });

  it('one feed and takes the others; a feed named twice counts once', async () => {
    const { hub } = await withRate();
    const feeds = [RESERVE, EUR_USD, RESERVE, EUR_USD];
    const signed = report(hub, 3, 0n, { feeds, rows: agree(5, [5_000n, 200_000_001n, 5_000n, RATE]) });
    await expect(signed)
      .to.emit(hub, 'PriceHeld')
      .withArgs(RESERVE, 3n, 5_000n, (time: bigint) => time > 0n);
    await expect(signed).to.emit(hub, 'PriceSkipped').withArgs(EUR_USD, 3n, 200_000_001n, 3n);
    await expect(signed).to.emit(hub, 'PriceSkipped').withArgs(RESERVE, 3n, 5_000n, 0n);
    await expect(signed).to.emit(hub, 'PriceAccepted').withArgs(EUR_USD, 3n, RATE);
    expect((await hub.heldPriceOf(RESERVE)).value).to.equal(5_000n);
  });
});

describe('OracleHub report reverts', () => {
  it('given a time ahead of the chain', async () => {
    const { hub } = await oracle();
    const observed = await priceRound(1, RATE);
    const signed = await signPrices(hub, reporters, observed);
    await mineAt(observed.observedAt - 1n);
    await expect(hub.report(...signed))
      .to.be.revertedWithCustomError(hub, 'ObservedInFuture')
      .withArgs(observed.observedAt, observed.observedAt - 1n);
    await mineAt(observed.observedAt);
    await expect(hub.report(...signed)).to.emit(hub, 'PriceHeld');
  });

  it('given a round ahead of the chain’s clock, so that no report uses up the rounds to come', async () => {
    const { hub } = await oracle();
    const time = (await now()) + 60n;
    const observed = await priceRound(Number(time) + 1, RATE, { observedAt: time });
    await mineAt(time);
    await expect(hub.report(...(await signPrices(hub, reporters, observed))))
      .to.be.revertedWithCustomError(hub, 'RoundInFuture')
      .withArgs(time + 1n, time);
    await mineAt(time + 1n);
    await expect(hub.report(...(await signPrices(hub, reporters, { ...observed, round: 2 ** 32 - 1 }))))
      .to.be.revertedWithCustomError(hub, 'RoundInFuture')
      .withArgs(2n ** 32n - 1n, time + 1n);
    expect(await heldOf(hub)).to.deep.equal(NOTHING);
  });

  it('no round that is the chain’s time', async () => {
    const { hub } = await oracle();
    const time = (await now()) + 60n;
    const signed = await signPrices(
      hub,
      reporters,
      await priceRound(Number(time), RATE, { observedAt: time }),
    );
    await mineAt(time);
    await expect(hub.report(...signed))
      .to.emit(hub, 'PriceHeld')
      .withArgs(EUR_USD, time, RATE, time);
  });

  it('given a feed that does not exist or has no price, and takes none of the others', async () => {
    const { hub } = await oracle();
    const rows = agree(5, [RATE, RATE]);
    await expect(report(hub, 1, 0n, { feeds: [EUR_USD, UNKNOWN], rows }))
      .to.be.revertedWithCustomError(hub, 'FeedNotFound')
      .withArgs(UNKNOWN);
    await expect(report(hub, 1, 0n, { feeds: [EUR_USD, FLIGHT_DELAY], rows }))
      .to.be.revertedWithCustomError(hub, 'FeedKindMismatch')
      .withArgs(FLIGHT_DELAY, 2n, 1n);
    expect(await heldOf(hub)).to.deep.equal(NOTHING);
  });

  it('given no feed', async () => {
    const { hub } = await oracle();
    await expect(report(hub, 1, 0n, { feeds: [], rows: agree(5, []) })).to.be.revertedWithCustomError(
      hub,
      'ReportIsEmpty',
    );
  });
});

describe('OracleHub read', () => {
  it('reverts as soon as the value is older than the max age', async () => {
    const { hub, observedAt } = await withRate();
    await networkHelpers.time.increaseTo(observedAt + MAX_AGE_SECONDS);
    expect(await hub.read(EUR_USD)).to.deep.equal([RATE, observedAt]);
    expect(await hub.tryRead(EUR_USD)).to.deep.equal([true, RATE, observedAt]);
    await networkHelpers.time.increaseTo(observedAt + MAX_AGE_SECONDS + 1n);
    await expect(hub.read(EUR_USD))
      .to.be.revertedWithCustomError(hub, 'ValueIsStale')
      .withArgs(EUR_USD, observedAt, MAX_AGE_SECONDS, observedAt + MAX_AGE_SECONDS + 1n);
    expect(await hub.tryRead(EUR_USD)).to.deep.equal([false, RATE, observedAt]);
  });

  it('reverts without a value, also when the max age is longer than the clock is old', async () => {
    const { hub, admined } = await oracle();
    const longest = 2n ** 32n - 1n;
    await admined.updateFeed(EUR_USD, longest, 1, 0, 1);
    await expect(hub.read(EUR_USD))
      .to.be.revertedWithCustomError(hub, 'ValueIsStale')
      .withArgs(EUR_USD, 0n, longest, await now());
    expect(await hub.tryRead(EUR_USD)).to.deep.equal([false, 0n, 0n]);
  });

  it('reverts without a value, of no feed, and of an observation feed', async () => {
    const { hub } = await oracle();
    await expect(hub.read(EUR_USD))
      .to.be.revertedWithCustomError(hub, 'ValueIsStale')
      .withArgs(EUR_USD, 0n, MAX_AGE_SECONDS, await now());
    for (const name of ['read', 'priceOf', 'heldPriceOf'] as const) {
      await expect(hub[name](UNKNOWN)).to.be.revertedWithCustomError(hub, 'FeedNotFound').withArgs(UNKNOWN);
      await expect(hub[name](FLIGHT_DELAY))
        .to.be.revertedWithCustomError(hub, 'FeedKindMismatch')
        .withArgs(FLIGHT_DELAY, 2n, 1n);
    }
    expect(await hub.tryRead(UNKNOWN)).to.deep.equal([false, 0n, 0n]);
    expect(await hub.tryRead(FLIGHT_DELAY)).to.deep.equal([false, 0n, 0n]);
  });
});
