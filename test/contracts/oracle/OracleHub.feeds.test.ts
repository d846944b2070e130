import { expect } from 'chai';
import { encodeBytes32String } from 'ethers';
import {
  EUR_USD,
  FLIGHT_DELAY,
  MAX_AGE_SECONDS,
  NONE,
  OBSERVATION_CONFIG,
  openChain,
  PRICE_CONFIG,
  RATE,
  RESERVE,
  UNKNOWN,
} from './fixture.ts';
import { agree } from './reporters.ts';

const { oracle, report, now, accounts, networkHelpers } = await openChain();
const { stranger } = accounts;

const GOLD = encodeBytes32String('XAU/USD');
const asList = ({
  kind,
  decimals,
  maxAgeSeconds,
  maxDeviationBps,
  minValue,
  maxValue,
}: typeof PRICE_CONFIG) => [kind, decimals, maxAgeSeconds, maxDeviationBps, minValue, maxValue];
const MAX = 2n ** 95n - 1n;
const MIN = -(2n ** 95n);

type Deployed = Awaited<ReturnType<typeof oracle>>;
type Rules = Partial<
  Pick<typeof PRICE_CONFIG, 'maxAgeSeconds' | 'maxDeviationBps' | 'minValue' | 'maxValue'>
>;

const update = async (hub: Deployed['hub'], feed: string, rules: Rules = {}, config = PRICE_CONFIG) => {
  const { maxAgeSeconds, maxDeviationBps, minValue, maxValue } = { ...config, ...rules };
  return await hub.updateFeed(feed, maxAgeSeconds, maxDeviationBps, minValue, maxValue);
};

describe('OracleHub addFeed', () => {
  it('adds a feed, which has no value', async () => {
    const { admined } = await oracle();
    await expect(admined.addFeed(GOLD, PRICE_CONFIG))
      .to.emit(admined, 'FeedAdded')
      .withArgs(GOLD, asList(PRICE_CONFIG));
    expect(await admined.feedOf(GOLD)).to.deep.equal(asList(PRICE_CONFIG));
    expect(await admined.decimalsOf(GOLD)).to.equal(8n);
    expect(await admined.priceOf(GOLD)).to.deep.equal([0n, 0n, 0n]);
    expect(await admined.feedOf(FLIGHT_DELAY)).to.deep.equal(asList(OBSERVATION_CONFIG));
    expect(await admined.decimalsOf(FLIGHT_DELAY)).to.equal(1n);
    expect(await admined.takesObservations(GOLD)).to.equal(false);
    expect(await admined.takesObservations(FLIGHT_DELAY)).to.equal(true);
  });

  it('keeps the bounds of each feed by itself', async () => {
    const { admined, hub } = await oracle();
    const extremes = { ...PRICE_CONFIG, decimals: 18n, minValue: MIN, maxValue: MAX };
    const single = { ...PRICE_CONFIG, decimals: 0n, minValue: -1n, maxValue: -1n };
    await admined.addFeed(GOLD, extremes);
    await admined.addFeed(UNKNOWN, single);
    expect(await hub.feedOf(GOLD)).to.deep.equal(asList(extremes));
    expect(await hub.feedOf(UNKNOWN)).to.deep.equal(asList(single));
    expect(await hub.feedOf(EUR_USD)).to.deep.equal(asList(PRICE_CONFIG));
    expect(await hub.feedOf(FLIGHT_DELAY)).to.deep.equal(asList(OBSERVATION_CONFIG));
  });

  it('takes the shortest and the longest name, and no others', async () => {
    const { admined } = await oracle();
    await admined.addFeed(encodeBytes32String('a'), PRICE_CONFIG);
    await admined.addFeed(encodeBytes32String('a'.repeat(31)), PRICE_CONFIG);
    for (const name of [`0x${'00'.repeat(32)}`, `0x${'61'.repeat(32)}`, `0x00${'61'.repeat(30)}00`]) {
      await expect(admined.addFeed(name, PRICE_CONFIG))
        .to.be.revertedWithCustomError(admined, 'FeedNameInvalid')
        .withArgs(name);
    }
  });

  it('refuses a feed that is there', async () => {
    const { admined } = await oracle();
    for (const feed of [EUR_USD, FLIGHT_DELAY]) {
      await expect(admined.addFeed(feed, PRICE_CONFIG))
        .to.be.revertedWithCustomError(admined, 'FeedAlreadyAdded')
        .withArgs(feed);
    }
  });

  it('refuses a feed of no kind, and too many decimals', async () => {
    const { admined } = await oracle();
    await expect(admined.addFeed(GOLD, { ...PRICE_CONFIG, kind: NONE }))
      .to.be.revertedWithCustomError(admined, 'FeedKindInvalid')
      .withArgs(NONE);
    await expect(admined.addFeed(GOLD, { ...PRICE_CONFIG, decimals: 19n }))
      .to.be.revertedWithCustomError(admined, 'DecimalsInvalid')
      .withArgs(19n, 18n);
    await admined.addFeed(GOLD, { ...PRICE_CONFIG, decimals: 18n });
  });

  it('refuses the 257th feed', async () => {
    const { admined } = await oracle();
    for (let i = 3; i < 256; ++i) await admined.addFeed(encodeBytes32String(`feed ${i}`), PRICE_CONFIG);
    await expect(admined.addFeed(GOLD, PRICE_CONFIG))
      .to.be.revertedWithCustomError(admined, 'FeedLimitReached')
      .withArgs(256n);
    const last = encodeBytes32String('feed 255');
    await update(admined, last, { minValue: 5n });
    expect((await admined.feedOf(last)).minValue).to.equal(5n);
    expect(await admined.feedOf(EUR_USD)).to.deep.equal(asList(PRICE_CONFIG));
  });

  it('is restricted', async () => {
    const { hub } = await oracle();
    await expect((hub.connect(stranger) as typeof hub).addFeed(GOLD, PRICE_CONFIG))
      .to.be.revertedWithCustomError(hub, 'AccessManagedUnauthorized')
      .withArgs(stranger);
    await expect(update(hub.connect(stranger) as typeof hub, EUR_USD))
      .to.be.revertedWithCustomError(hub, 'AccessManagedUnauthorized')
      .withArgs(stranger);
  });
});

for (const verb of ['addFeed', 'updateFeed'] as const) {
  describe(`OracleHub ${verb} refuses`, () => {
    const attempt = async (hub: Deployed['hub'], config: typeof PRICE_CONFIG) => {
      if (verb === 'addFeed') return await hub.addFeed(GOLD, config);
      return await update(hub, config.kind === PRICE_CONFIG.kind ? EUR_USD : FLIGHT_DELAY, config, config);
    };

    it('a price feed without a max age or deviation, or with one of more than 100 %', async () => {
      const { admined } = await oracle();
      await expect(attempt(admined, { ...PRICE_CONFIG, maxAgeSeconds: 0n }))
        .to.be.revertedWithCustomError(admined, 'MaxAgeInvalid')
        .withArgs(0n, 1n, 2n ** 32n - 1n);
      for (const maxDeviationBps of [0n, 10_001n]) {
        await expect(attempt(admined, { ...PRICE_CONFIG, maxDeviationBps }))
          .to.be.revertedWithCustomError(admined, 'MaxDeviationInvalid')
          .withArgs(maxDeviationBps, 1n, 10_000n);
      }
    });

    it('an observation feed with a max age or deviation', async () => {
      const { admined } = await oracle();
      await expect(attempt(admined, { ...OBSERVATION_CONFIG, maxAgeSeconds: 1n }))
        .to.be.revertedWithCustomError(admined, 'MaxAgeInvalid')
        .withArgs(1n, 0n, 0n);
      await expect(attempt(admined, { ...OBSERVATION_CONFIG, maxDeviationBps: 1n }))
        .to.be.revertedWithCustomError(admined, 'MaxDeviationInvalid')
        .withArgs(1n, 0n, 0n);
    });

    it('bounds the wrong way round', async () => {
      const { admined } = await oracle();
      await expect(attempt(admined, { ...PRICE_CONFIG, minValue: 6n, maxValue: 5n }))
        .to.be.revertedWithCustomError(admined, 'BoundsInvalid')
        .withArgs(6n, 5n);
    });

    it('none of the outermost rules', async () => {
      const { admined } = await oracle();
      const feed = verb === 'addFeed' ? GOLD : EUR_USD;
      const outermost = {
        maxAgeSeconds: 2n ** 32n - 1n,
        maxDeviationBps: 10_000n,
        minValue: 5n,
        maxValue: 5n,
      };
      await attempt(admined, { ...PRICE_CONFIG, ...outermost });
      expect(await admined.feedOf(feed)).to.deep.equal(asList({ ...PRICE_CONFIG, ...outermost }));
    });

    it('none of the innermost rules', async () => {
      const { admined } = await oracle();
      await attempt(admined, { ...PRICE_CONFIG, maxAgeSeconds: 1n, maxDeviationBps: 1n });
      expect((await admined.feedOf(verb === 'addFeed' ? GOLD : EUR_USD)).maxAgeSeconds).to.equal(1n);
    });
  });
}

describe('OracleHub updateFeed', () => {
  async function withRate() {
    const deployed = await oracle();
    await report(deployed.hub, 1, RATE);
    await report(deployed.hub, 2, RATE);
    return { ...deployed, observedAt: (await now()) - 12n };
  }

  it('changes the rules, and keeps kind, decimals, value and the other feeds', async () => {
    const { admined, observedAt } = await withRate();
    const rules = { maxAgeSeconds: 9n, maxDeviationBps: 7n, minValue: RATE, maxValue: RATE };
    await expect(update(admined, EUR_USD, rules))
      .to.emit(admined, 'FeedUpdated')
      .withArgs(EUR_USD, asList({ ...PRICE_CONFIG, ...rules }));
    expect(await admined.feedOf(EUR_USD)).to.deep.equal(asList({ ...PRICE_CONFIG, ...rules }));
    expect(await admined.feedOf(FLIGHT_DELAY)).to.deep.equal(asList(OBSERVATION_CONFIG));
    expect(await admined.priceOf(EUR_USD)).to.deep.equal([RATE, observedAt, 2n]);
  });

  it('leaves nothing of larger rules behind', async () => {
    const { admined } = await oracle();
    const rules = { maxAgeSeconds: 2n ** 32n - 1n, maxDeviationBps: 10_000n, minValue: MIN, maxValue: MAX };
    await update(admined, EUR_USD, rules);
    expect(await admined.feedOf(EUR_USD)).to.deep.equal(asList({ ...PRICE_CONFIG, ...rules }));
    const least = { maxAgeSeconds: 1n, maxDeviationBps: 1n, minValue: 0n, maxValue: 0n };
    await update(admined, EUR_USD, least);
    expect(await admined.feedOf(EUR_USD)).to.deep.equal(asList({ ...PRICE_CONFIG, ...least }));
  });

  for (const [name, bounds] of Object.entries({
    below: { minValue: OBSERVATION_CONFIG.minValue + 1n },
    above: { maxValue: OBSERVATION_CONFIG.maxValue - 1n },
  })) {
    it(`takes nothing ${name} from the bounds of an observation feed: a claim may hang on it`, async () => {
      const { admined } = await oracle();
      const { minValue, maxValue } = { ...OBSERVATION_CONFIG, ...bounds };
      await expect(update(admined, FLIGHT_DELAY, bounds, OBSERVATION_CONFIG))
        .to.be.revertedWithCustomError(admined, 'BoundsNarrowed')
        .withArgs(minValue, maxValue, OBSERVATION_CONFIG.minValue, OBSERVATION_CONFIG.maxValue);
    });
  }

  it('widens the bounds of an observation feed, on either side', async () => {
    const { admined } = await oracle();
    await update(admined, FLIGHT_DELAY, { maxValue: OBSERVATION_CONFIG.maxValue + 1n }, OBSERVATION_CONFIG);
    await update(admined, FLIGHT_DELAY, { minValue: MIN, maxValue: MAX }, OBSERVATION_CONFIG);
    expect(await admined.feedOf(FLIGHT_DELAY)).to.deep.equal(
      asList({ ...OBSERVATION_CONFIG, minValue: MIN, maxValue: MAX }),
    );
    expect((await admined.feedOf(RESERVE)).maxValue).to.equal(10n ** 15n);
  });

  it('counts from now on: max age, deviation and bounds', async () => {
    const { admined, hub, observedAt } = await withRate();
    await update(admined, EUR_USD, {
      maxAgeSeconds: 100n,
      maxDeviationBps: 100n,
      maxValue: RATE + 2_000_000n,
    });
    await networkHelpers.time.increaseTo(observedAt + 100n);
    expect((await hub.tryRead(EUR_USD)).fresh).to.equal(true);
    await networkHelpers.time.increaseTo(observedAt + 101n);
    expect((await hub.tryRead(EUR_USD)).fresh).to.equal(false);
    await expect(report(hub, 3, RATE + 1_080_001n)).to.emit(hub, 'PriceHeld');
    await expect(report(hub, 4, RATE + 1_080_000n)).to.emit(hub, 'PriceAccepted');
    await expect(report(hub, 5, RATE + 2_000_001n)).to.emit(hub, 'PriceSkipped');
  });

  it('makes a stale value fresh again with a longer max age', async () => {
    const { admined, hub, observedAt } = await withRate();
    await networkHelpers.time.increaseTo(observedAt + MAX_AGE_SECONDS + 1n);
    expect((await hub.tryRead(EUR_USD)).fresh).to.equal(false);
    await update(admined, EUR_USD, { maxAgeSeconds: 2n * MAX_AGE_SECONDS });
    expect(await hub.read(EUR_USD)).to.deep.equal([RATE, observedAt]);
  });

  it('drops a held value', async () => {
    const { admined, hub } = await withRate();
    await report(hub, 3, 120_000_000n);
    await update(admined, EUR_USD);
    expect(await hub.heldPriceOf(EUR_USD)).to.deep.equal([0n, 0n, 0n]);
    expect((await hub.priceOf(EUR_USD)).value).to.equal(RATE);
    await expect(report(hub, 4, 120_000_000n)).to.emit(hub, 'PriceHeld');
  });

  for (const [name, rules] of Object.entries({
    above: { maxValue: RATE - 1n },
    below: { minValue: RATE + 1n },
  })) {
    it(`withdraws a value that is ${name} the new bounds; its round stays used`, async () => {
      const { admined, hub } = await withRate();
      await expect(update(admined, EUR_USD, rules))
        .to.emit(hub, 'PriceWithdrawn')
        .withArgs(EUR_USD, RATE);
      expect(await hub.priceOf(EUR_USD)).to.deep.equal([0n, 0n, 2n]);
      expect((await hub.tryRead(EUR_USD)).fresh).to.equal(false);
      await expect(update(admined, EUR_USD)).to.not.emit(hub, 'PriceWithdrawn');
      expect(await hub.priceOf(EUR_USD)).to.deep.equal([0n, 0n, 2n]);
      await expect(report(hub, 2, RATE)).to.emit(hub, 'PriceSkipped');
      await expect(report(hub, 3, RATE)).to.emit(hub, 'PriceHeld');
      await expect(report(hub, 4, RATE)).to.emit(hub, 'PriceAccepted');
    });
  }

  it('withdraws nothing where there is no value', async () => {
    const { admined, hub } = await oracle();
    await report(hub, 1, RATE);
    await expect(update(admined, EUR_USD, { minValue: 1n })).to.not.emit(hub, 'PriceWithdrawn');
  });

  it('of no feed reverts, as reading of one does', async () => {
    const { admined, hub } = await oracle();
    for (const attempt of [
      async () => await update(admined, UNKNOWN),
      async () => await hub.feedOf(UNKNOWN),
      async () => await hub.decimalsOf(UNKNOWN),
      async () => await hub.takesObservations(UNKNOWN),
    ]) {
      await expect(attempt()).to.be.revertedWithCustomError(hub, 'FeedNotFound').withArgs(UNKNOWN);
    }
  });

  it('of one feed does not touch the value of another', async () => {
    const { admined, hub } = await withRate();
    await report(hub, 3, 0n, { feeds: [RESERVE], rows: agree(5, [7n]) });
    await report(hub, 4, 0n, { feeds: [RESERVE], rows: agree(5, [7n]) });
    await update(admined, RESERVE, { minValue: 8n, maxValue: 9n });
    expect((await hub.priceOf(EUR_USD)).value).to.equal(RATE);
    expect((await hub.priceOf(RESERVE)).observedAt).to.equal(0n);
  });
});
