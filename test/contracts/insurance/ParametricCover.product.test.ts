import { expect } from 'chai';
import { COIN, COVER_STEP, DAY, HOUR, openChain, operators, tiers } from './fixture.ts';

const { ethers, accounts, named, insurance, terms, minutes, sell, order, FEED } = await openChain();
const { admin, buyer, stranger } = accounts;

const LARGEST = (2n ** 56n - 1n) * COVER_STEP;

describe('ParametricCover createProduct', () => {
  it('adds a product and tells all of its terms', async () => {
    const { cover } = await insurance();
    const changed = {
      ...terms,
      operator: operators.atMost,
      clusterMask: ethers.ZeroHash,
      graceSeconds: 7n * HOUR,
    };
    const falling = [
      { threshold: 5n, payoutBps: 1n },
      { threshold: 0n, payoutBps: 2n },
      { threshold: -7n, payoutBps: 9_999n },
      { threshold: -8n, payoutBps: 10_000n },
    ];
    expect(await cover.createProduct.staticCall(changed, falling)).to.equal(2n);
    await expect(cover.createProduct(changed, falling))
      .to.emit(cover, 'ProductCreated')
      .withArgs(
        2n,
        FEED,
        Object.values(changed),
        falling.map((tier) => Object.values(tier)),
      );
    expect(await cover.productCount()).to.equal(2n);
    expect(named(await cover.productOf(2n))).to.deep.equal({
      terms: changed,
      tiers: falling,
      paused: false,
    });
    expect(named(await cover.productOf(1n))).to.deep.equal({ terms, tiers, paused: false });
  });

  it('by a stranger reverts', async () => {
    const { cover } = await insurance();
    await expect(cover.connect(stranger).createProduct(terms, tiers))
      .to.be.revertedWithCustomError(cover, 'AccessManagedUnauthorized')
      .withArgs(stranger);
  });

  it('on a feed that the oracle does not know reverts', async () => {
    const { cover, oracle } = await insurance();
    const feed = ethers.encodeBytes32String('rainfall');
    await expect(cover.createProduct({ ...terms, feed }, tiers))
      .to.be.revertedWithCustomError(oracle, 'FeedNotFound')
      .withArgs(feed);
  });

  it('on a price feed reverts: no subject and window would ever be observed', async () => {
    const { cover, oracle } = await insurance();
    const feed = ethers.encodeBytes32String('EUR/USD');
    const prices = { ...minutes, kind: 1n, maxAgeSeconds: 60n, maxDeviationBps: 100n };
    await oracle.addFeed(feed, prices);
    await expect(cover.createProduct({ ...terms, feed }, tiers))
      .to.be.revertedWithCustomError(cover, 'NotAnObservationFeed')
      .withArgs(feed);
  });

  it('with no tier, or more than four, reverts', async () => {
    const { cover } = await insurance();
    for (const count of [0, 5]) {
      const list = Array.from({ length: count }, (_, i) => ({ threshold: i, payoutBps: i + 1 }));
      await expect(cover.createProduct(terms, list))
        .to.be.revertedWithCustomError(cover, 'TierCountInvalid')
        .withArgs(count, 4);
    }
    await cover.createProduct(terms, [{ threshold: 0n, payoutBps: 1n }]);
  });

  const lowest = -(2n ** 47n);
  const highest = 2n ** 47n - 1n;
  for (const [title, operator, list, index] of [
    ['pays nothing', operators.atLeast, [[1n, 0n]], 0],
    [
      'pays more than the whole',
      operators.atLeast,
      [
        [1n, 5n],
        [2n, 10_001n],
      ],
      1,
    ],
    [
      'pays no more than a milder one',
      operators.atLeast,
      [
        [1n, 5n],
        [2n, 5n],
      ],
      1,
    ],
    [
      'pays less than a milder one',
      operators.atLeast,
      [
        [1n, 5n],
        [2n, 6n],
        [3n, 4n],
      ],
      2,
    ],
    [
      'has the threshold of a milder one',
      operators.atLeast,
      [
        [1n, 5n],
        [1n, 6n],
      ],
      1,
    ],
    [
      'has a lower threshold, of at least',
      operators.atLeast,
      [
        [1n, 5n],
        [0n, 6n],
      ],
      1,
    ],
    [
      'has the threshold of a milder one, of at most',
      operators.atMost,
      [
        [1n, 5n],
        [1n, 6n],
      ],
      1,
    ],
    [
      'has a higher threshold, of at most',
      operators.atMost,
      [
        [lowest, 5n],
        [highest, 6n],
      ],
      1,
    ],
  ] as [string, bigint, [bigint, bigint][], number][]) {
    it(`with a tier that ${title} reverts`, async () => {
      const { cover } = await insurance();
      const listed = list.map(([threshold, payoutBps]) => ({ threshold, payoutBps }));
      await expect(cover.createProduct({ ...terms, operator }, listed))
        .to.be.revertedWithCustomError(cover, 'TierInvalid')
        .withArgs(index, ...(list[index] ?? []));
    });
  }

  for (const [title, changes, error, parameters] of [
    ['no shortest window', { minWindowSeconds: 0n }, 'WindowBoundsInvalid', [0n, 2n * DAY]],
    [
      'a longest window below the shortest',
      { minWindowSeconds: 2n * DAY + 1n },
      'WindowBoundsInvalid',
      [2n * DAY + 1n, 2n * DAY],
    ],
    [
      'less than a day of waiting',
      { waitingPeriodSeconds: DAY - 1n },
      'WaitingPeriodInvalid',
      [DAY - 1n, DAY],
    ],
    [
      'a waiting period above the lead',
      { waitingPeriodSeconds: 30n * DAY + 1n },
      'LeadInvalid',
      [30n * DAY + 1n, 30n * DAY],
    ],
    ['less than an hour of grace', { graceSeconds: HOUR - 1n }, 'GraceInvalid', [HOUR - 1n, HOUR]],
    [
      'more than 732 days in all',
      { maxLeadSeconds: 728n * DAY + 1n },
      'RiskTooLong',
      [732n * DAY + 1n, 732n * DAY],
    ],
    ['no expected loss', { expectedLossPpm: 0n }, 'ExpectedLossInvalid', [0n, 1_000_000n]],
    [
      'an expected loss above the whole',
      { expectedLossPpm: 1_000_001n },
      'ExpectedLossInvalid',
      [1_000_001n, 1_000_000n],
    ],
    [
      'a limit for a risk below one step',
      { maxInsuredPerRisk: COVER_STEP - 1n },
      'LimitsInvalid',
      [COVER_STEP - 1n, 1_500n * COIN, LARGEST],
    ],
    [
      'a limit for a risk above its cluster’s',
      { maxInsuredPerCluster: 1_000n * COIN - 1n },
      'LimitsInvalid',
      [1_000n * COIN, 1_000n * COIN - 1n, LARGEST],
    ],
    [
      'a limit for a risk beyond its field',
      { maxInsuredPerRisk: LARGEST + 1n, maxInsuredPerCluster: 2n ** 96n - 1n },
      'LimitsInvalid',
      [LARGEST + 1n, 2n ** 96n - 1n, LARGEST],
    ],
  ] as [string, Record<string, bigint>, string, bigint[]][]) {
    it(`with ${title} reverts`, async () => {
      const { cover } = await insurance();
      await expect(cover.createProduct({ ...terms, ...changes }, tiers))
        .to.be.revertedWithCustomError(cover, error)
        .withArgs(...parameters);
      expect(await cover.productCount()).to.equal(1n);
    });
  }

  it('takes each term up to its limit', async () => {
    const { cover } = await insurance();
    for (const changes of [
      { minWindowSeconds: 1n },
      { minWindowSeconds: 2n * DAY },
      { waitingPeriodSeconds: 30n * DAY },
      { graceSeconds: HOUR },
      { maxLeadSeconds: 728n * DAY },
      { expectedLossPpm: 1_000_000n },
      { maxInsuredPerRisk: COVER_STEP },
      { maxInsuredPerCluster: 1_000n * COIN },
      { maxInsuredPerRisk: LARGEST, maxInsuredPerCluster: LARGEST },
    ]) {
      await cover.createProduct({ ...terms, ...changes }, tiers);
    }
    expect(await cover.productCount()).to.equal(10n);
  });
});

describe('ParametricCover payoutBpsFor', () => {
  it('is that of the severest tier that is reached', async () => {
    const { cover } = await insurance();
    const falling = [
      { threshold: 10n, payoutBps: 100n },
      { threshold: -5n, payoutBps: 10_000n },
    ];
    await cover.createProduct({ ...terms, operator: operators.atMost }, falling);
    for (const [observation, atLeast, atMost] of [
      [ethers.MinInt256, 0n, 10_000n],
      [-6n, 0n, 10_000n],
      [-5n, 0n, 10_000n],
      [-4n, 0n, 100n],
      [10n, 0n, 100n],
      [11n, 0n, 0n],
      [59n, 0n, 0n],
      [60n, 2_500n, 0n],
      [119n, 2_500n, 0n],
      [120n, 5_000n, 0n],
      [239n, 5_000n, 0n],
      [240n, 10_000n, 0n],
      [ethers.MaxInt256, 10_000n, 0n],
    ] as const) {
      expect(await cover.payoutBpsFor(1n, observation), `at least ${observation}`).to.equal(atLeast);
      expect(await cover.payoutBpsFor(2n, observation), `at most ${observation}`).to.equal(atMost);
    }
  });
});

describe('ParametricCover pauseProduct', () => {
  it('stops new risks and policies of the product until unpauseProduct', async () => {
    const { cover } = await insurance();
    await cover.createProduct(terms, tiers);
    await expect(cover.pauseProduct(1n)).to.emit(cover, 'ProductPaused').withArgs(1n, admin);
    expect((await cover.productOf(1n)).paused).to.equal(true);
    expect((await cover.productOf(2n)).paused).to.equal(false);
    const ordered = await order();
    for (const call of [
      () => cover.connect(buyer).issue(ordered),
      () => cover.openRisk(1n, ordered.subject, ordered.windowStart, ordered.windowEnd),
      () => cover.quote(1n, ordered.windowStart, ordered.windowEnd, COIN),
    ]) {
      await expect(call()).to.be.revertedWithCustomError(cover, 'ProductIsPaused').withArgs(1n);
    }
    await sell(cover, { productId: 2n });
    await expect(cover.unpauseProduct(1n)).to.emit(cover, 'ProductUnpaused').withArgs(1n, admin);
    await sell(cover);
  });

  it('of a paused one, and unpause of another, revert', async () => {
    const { cover } = await insurance();
    await expect(cover.unpauseProduct(1n))
      .to.be.revertedWithCustomError(cover, 'ProductIsNotPaused')
      .withArgs(1n);
    await cover.pauseProduct(1n);
    await expect(cover.pauseProduct(1n)).to.be.revertedWithCustomError(cover, 'ProductIsPaused').withArgs(1n);
  });

  it('by a stranger, and unpauseProduct, revert', async () => {
    const { cover } = await insurance();
    const by = cover.connect(stranger);
    for (const call of [() => by.pauseProduct(1n), () => by.unpauseProduct(1n)]) {
      await expect(call())
        .to.be.revertedWithCustomError(cover, 'AccessManagedUnauthorized')
        .withArgs(stranger);
    }
  });

  it('given no such product, it and all that names a product revert', async () => {
    const { cover } = await insurance();
    const ordered = await order();
    const { subject, windowStart, windowEnd } = ordered;
    for (const id of [0n, 2n]) {
      for (const call of [
        () => cover.pauseProduct(id),
        () => cover.unpauseProduct(id),
        () => cover.productOf(id),
        () => cover.payoutBpsFor(id, 1n),
        () => cover.quote(id, windowStart, windowEnd, COIN),
        () => cover.openRisk(id, subject, windowStart, windowEnd),
        () => cover.connect(buyer).issue({ ...ordered, productId: id }),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(cover, 'ProductNotFound').withArgs(id);
      }
    }
  });
});
