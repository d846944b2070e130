import { expect } from 'chai';
import type { AddressLike } from 'ethers';
import { CAPITAL, COIN, COVER_STEP, DAY, FUNDS, HOUR, openChain, tiers } from './fixture.ts';

const chain = await openChain();
const { ethers, networkHelpers, accounts, terms, insurance, deployWith } = chain;
const { open, order, flight, now, at, arrive, settle } = chain;
const { underwriter, buyer, holder, keeper, second, stranger } = accounts;

/** A little more than the premium of 100 insured. */
const LIMIT = 5n * COIN;
const FOR_EVER = ethers.MaxUint256;

/** The keeper is the buyer's operator, and a risk is open whose policies it can have written out to itself. */
async function authorised() {
  const parts = await insurance();
  const { cover, coin } = parts;
  const ordered = await order({ holder: keeper.address, transferable: true });
  await open(cover, ordered);
  await cover.connect(buyer).authorizeOperator(keeper, LIMIT, DAY);
  const steal = (sequence: bigint, changes: Partial<typeof ordered> = {}) =>
    cover.connect(keeper).issueFor(buyer, sequence, FOR_EVER, { ...ordered, ...changes });
  const encode = (sequence: bigint) =>
    cover.interface.encodeFunctionData('issueFor', [buyer.address, sequence, FOR_EVER, ordered]);
  const paid = async (policyId: bigint) => {
    const [issued] = await cover.queryFilter(cover.filters.PolicyIssued(policyId));
    return issued?.args.premium ?? 0n;
  };
  const available = async (by: AddressLike = keeper) => (await cover.operatorAllowance(buyer, by)).available;
  const lost = async () => FUNDS - (await coin.balanceOf(buyer));
  const nothingIsSold = async () => {
    expect([await cover.policyCount(), await lost(), await parts.pool.lockedCapital()]).to.deep.equal([
      0n,
      0n,
      0n,
    ]);
    expect(await parts.pool.totalAssets()).to.equal(CAPITAL);
    expect(await cover.isSequenceUsed(buyer, 1n)).to.equal(false);
  };
  return { ...parts, ordered, steal, encode, paid, available, lost, nothingIsSold };
}

describe('An operator that turns on its buyer', () => {
  it('does not get its limit back by cancelling what it bought for itself, and the money is the buyer’s', async () => {
    const { cover, coin, pool, ordered, steal, paid, available, lost } = await authorised();
    await steal(1n);
    const { unearnedPremium } = (await cover.policyOf(1n)).purchase;
    const left = await available();
    await cover.connect(keeper).cancel(1n, ordered.insured);
    expect(await lost()).to.equal((await paid(1n)) - unearnedPremium);
    expect(await pool.totalAssets()).to.equal(CAPITAL + (await lost()));
    expect(await coin.balanceOf(keeper)).to.equal(0n);
    // A second's worth has grown back, no more.
    expect((await available()) - left).to.be.at.most(LIMIT / DAY + 1n);
    await expect(steal(2n)).to.be.revertedWithCustomError(cover, 'OperatorLimitExceeded');
  });

  it('fills no order twice and spends no limit twice in one transaction', async () => {
    const { cover, encode, available, nothingIsSold } = await authorised();
    await expect(cover.connect(keeper).multicall([encode(1n), encode(2n)]))
      .to.be.revertedWithCustomError(cover, 'OperatorLimitExceeded')
      .withArgs(
        buyer,
        keeper,
        (left: bigint) => left < LIMIT / 2n,
        (premium: bigint) => premium > LIMIT / 2n,
      );
    await nothingIsSold();
    expect(await available()).to.equal(LIMIT);
    await cover.connect(buyer).authorizeOperator(keeper, 10n * LIMIT, DAY);
    await expect(cover.connect(keeper).multicall([encode(1n), encode(1n)]))
      .to.be.revertedWithCustomError(cover, 'SequenceAlreadyUsed')
      .withArgs(buyer, 1n);
    await nothingIsSold();
    await cover.connect(keeper).multicall([encode(1n), encode(2n)]);
    const filled = await cover.queryFilter(cover.filters.OrderFilled(buyer));
    expect(filled.map(({ args }) => [args.sequence, args.policyId])).to.deep.equal([
      [1n, 1n],
      [2n, 2n],
    ]);
  });

  it('may spend again what has grown back, rounded down, and never more than the limit', async () => {
    const { steal, paid, available } = await authorised();
    await steal(1n);
    const [spentAt, left] = [await now(), LIMIT - (await paid(1n))];
    expect(await available()).to.equal(left);
    for (const [seconds, expected] of [
      [1n, left + LIMIT / DAY],
      [7n, left + (LIMIT * 7n) / DAY],
      [DAY / 2n, left + LIMIT / 2n],
      [DAY, LIMIT],
      [2n * DAY, LIMIT],
    ] as const) {
      await arrive(spentAt + seconds);
      expect(await available(), `${seconds} s`).to.equal(expected);
    }
  });

  it('spends its limit to the last unit, and not one more', async () => {
    const { cover, steal, paid, lost } = await authorised();
    const time = (await now()) + 10n;
    const snapshot = await networkHelpers.takeSnapshot();
    await at(time);
    await steal(1n);
    const premium = await paid(1n);
    // So long that nothing grows back meanwhile.
    const windowSeconds = 2n ** 24n - 1n;
    await snapshot.restore();
    await cover.connect(buyer).authorizeOperator(keeper, premium - 1n, windowSeconds);
    await at(time);
    await expect(steal(1n))
      .to.be.revertedWithCustomError(cover, 'OperatorLimitExceeded')
      .withArgs(buyer, keeper, premium - 1n, premium);
    await snapshot.restore();
    await cover.connect(buyer).authorizeOperator(keeper, premium, windowSeconds);
    await at(time);
    await steal(1n);
    expect(await lost()).to.equal(premium);
  });

  it('has one limit for all products', async () => {
    const { cover, ordered, steal } = await authorised();
    await cover.createProduct(terms, tiers);
    await open(cover, { ...ordered, productId: 2n });
    await steal(1n);
    await expect(steal(2n, { productId: 2n })).to.be.revertedWithCustomError(cover, 'OperatorLimitExceeded');
    await cover.connect(buyer).authorizeOperator(keeper, LIMIT, DAY);
    await steal(2n, { productId: 2n });
  });

  it('has no limit with the cover of another coin, whatever that pool may take', async () => {
    const { ordered } = await authorised();
    const other = await deployWith('PlainToken');
    await other.pool.connect(underwriter).deposit(CAPITAL, underwriter);
    await open(other.cover, ordered);
    await expect(other.cover.connect(keeper).issueFor(buyer, 1n, FOR_EVER, ordered))
      .to.be.revertedWithCustomError(other.cover, 'OperatorLimitExceeded')
      .withArgs(buyer, keeper, 0n, (premium: bigint) => premium > 0n);
    expect(await other.token.getFunction('balanceOf')(buyer)).to.equal(FUNDS);
  });

  it('spends nothing once it is revoked, however long it waits; what it bought goes on', async () => {
    const parts = await authorised();
    const { cover, coin, ordered, steal, available, lost } = parts;
    await steal(1n);
    const before = await lost();
    // A window without a limit is no limit either.
    for (const windowSeconds of [0n, 1n]) {
      await cover.connect(buyer).authorizeOperator(keeper, 0n, windowSeconds);
      await arrive((await now()) + HOUR);
      expect(await available()).to.equal(0n);
      await expect(steal(2n, { insured: COVER_STEP }))
        .to.be.revertedWithCustomError(cover, 'OperatorLimitExceeded')
        .withArgs(buyer, keeper, 0n, (premium: bigint) => premium > 0n);
    }
    expect(await lost()).to.equal(before);
    // What was never filled can be, once the buyer allows it anew.
    await cover.connect(buyer).authorizeOperator(keeper, LIMIT, DAY);
    await steal(2n, { insured: COVER_STEP });
    await expect(steal(1n, { insured: COVER_STEP })).to.be.revertedWithCustomError(
      cover,
      'SequenceAlreadyUsed',
    );
    await settle(parts, { ...ordered, riskNumber: 1n }, 240n);
    await cover.payPolicies(1n, [1n, 2n]);
    expect(await coin.balanceOf(keeper)).to.equal(ordered.insured + COVER_STEP);
  });

  it('gets no money that the pool may not take, and the order can still be filled', async () => {
    const { cover, coin, pool, steal, available, nothingIsSold } = await authorised();
    const refused = async () => {
      await expect(steal(1n)).to.be.revertedWithCustomError(pool, 'TransferFailed');
      await nothingIsSold();
      expect(await available()).to.equal(LIMIT);
    };
    await coin.connect(buyer).approve(pool, 0n);
    await refused();
    await coin.connect(buyer).approve(pool, ethers.MaxUint256);
    await coin.freeze(buyer);
    await refused();
    await coin.unfreeze(buyer);
    await steal(1n);
    expect(await cover.policyCount()).to.equal(1n);
  });

  it('is stopped by both pauses and by the close of the sale, to the second', async () => {
    const { cover, pool, ordered, steal, nothingIsSold } = await authorised();
    await pool.pause();
    await expect(steal(1n)).to.be.revertedWithCustomError(pool, 'PoolIsPaused');
    await pool.unpause();
    await cover.pauseProduct(1n);
    await expect(steal(1n)).to.be.revertedWithCustomError(cover, 'ProductIsPaused');
    await cover.unpauseProduct(1n);
    await nothingIsSold();
    const closesAt = ordered.windowStart - terms.waitingPeriodSeconds;
    await at(closesAt);
    await steal(1n);
    await at(closesAt + 1n);
    await expect(steal(2n, { insured: COVER_STEP }))
      .to.be.revertedWithCustomError(cover, 'WindowStartsTooSoon')
      .withArgs(ordered.windowStart, ordered.windowStart + 1n);
  });

  it('can fill the number of another operator’s order, which is then never filled: the other spends nothing', async () => {
    const { cover, ordered, steal, lost, available } = await authorised();
    await cover.connect(buyer).authorizeOperator(second, LIMIT, DAY);
    await steal(7n, { insured: COVER_STEP });
    const before = await lost();
    await expect(cover.connect(second).issueFor(buyer, 7n, FOR_EVER, { ...ordered, holder: holder.address }))
      .to.be.revertedWithCustomError(cover, 'SequenceAlreadyUsed')
      .withArgs(buyer, 7n);
    expect([await lost(), await available(second)]).to.deep.equal([before, LIMIT]);
    // Each buyer has numbers of its own.
    await cover.connect(second).issueFor(second, 7n, FOR_EVER, ordered);
  });
});

describe('A purchase by an operator', () => {
  it('leaves pool, risk and policy as the buyer’s own purchase does', async () => {
    const { cover, pool, coin, ordered, steal } = await authorised();
    const time = (await now()) + 10n;
    const snapshot = await networkHelpers.takeSnapshot();
    const states = [];
    for (const buy of [() => cover.connect(buyer).issue(ordered), () => steal(1n)]) {
      await at(time);
      await buy();
      await arrive(ordered.windowStart - DAY);
      const before = await pool.begunExposure();
      await arrive(ordered.windowStart);
      const after = await Promise.all([
        pool.begunExposure(),
        pool.totalAssets(),
        pool.unearnedPremiums(),
        pool.lockedCapital(),
        pool.capacity(),
        coin.balanceOf(pool),
        coin.balanceOf(buyer),
        cover.riskOf(1n),
        cover.clusterInsured(ordered.productId, ordered.subject, ordered.windowStart),
        cover.policyOf(1n),
      ]);
      states.push([before, ...after]);
      await snapshot.restore();
    }
    expect(states[1]).to.deep.equal(states[0]);
  });

  it('counts against the limits of risk and cluster with everybody’s', async () => {
    const { cover, ordered, steal } = await authorised();
    await cover.connect(buyer).authorizeOperator(keeper, 1_000n * COIN, DAY);
    await cover.connect(buyer).issue({ ...ordered, insured: terms.maxInsuredPerRisk - COIN });
    await expect(steal(1n, { insured: COIN + COVER_STEP }))
      .to.be.revertedWithCustomError(cover, 'RiskLimitExceeded')
      .withArgs(terms.maxInsuredPerRisk + COVER_STEP, terms.maxInsuredPerRisk);
    await steal(1n, { insured: COIN });
    const neighbour = { ...ordered, subject: flight('FRA', 2) };
    await open(cover, neighbour);
    await expect(steal(2n, { ...neighbour, insured: terms.maxInsuredPerRisk }))
      .to.be.revertedWithCustomError(cover, 'ClusterLimitExceeded')
      .withArgs(2n * terms.maxInsuredPerRisk, terms.maxInsuredPerCluster);
  });
});

describe('A stranger', () => {
  it('spends nobody’s money, of accounts and of contracts, and uses up no number', async () => {
    const { cover, pool, coin, ordered } = await authorised();
    const payers: AddressLike[] = [buyer, underwriter, pool, cover, coin, ethers.ZeroAddress];
    for (const payer of payers) {
      await expect(cover.connect(stranger).issueFor(payer, 1n, FOR_EVER, { ...ordered, insured: COVER_STEP }))
        .to.be.revertedWithCustomError(cover, 'OperatorLimitExceeded')
        .withArgs(payer, stranger, 0n, (premium: bigint) => premium > 0n);
      expect(await cover.isSequenceUsed(payer, 1n)).to.equal(false);
    }
    // It lets itself be its own operator, and the buyer its; neither is the buyer's leave.
    await cover.connect(stranger).authorizeOperator(stranger, LIMIT, DAY);
    await cover.connect(stranger).authorizeOperator(buyer, LIMIT, DAY);
    await expect(
      cover.connect(stranger).issueFor(buyer, 1n, FOR_EVER, ordered),
    ).to.be.revertedWithCustomError(cover, 'OperatorLimitExceeded');
    expect(await coin.balanceOf(buyer)).to.equal(FUNDS);
  });
});

describe('A token that calls back, and is an operator of the buyer itself', () => {
  it('fills no second order in the middle of the payment of the first, and spends nothing of its limit', async () => {
    const { cover, pool, token } = await deployWith('ReentrantAsset');
    await pool.connect(underwriter).deposit(CAPITAL, underwriter);
    const ordered = await order();
    await open(cover, ordered);
    for (const operator of [keeper, token])
      await cover.connect(buyer).authorizeOperator(operator, LIMIT, DAY);
    const call = (sequence: bigint) =>
      cover.interface.encodeFunctionData('issueFor', [buyer.address, sequence, FOR_EVER, ordered]);
    const attacks: [string, string | undefined][] = [
      [call(1n), cover.interface.getError('SequenceAlreadyUsed')?.selector],
      [call(2n), pool.interface.getError('ReentrancyGuardReentrantCall')?.selector],
      [
        cover.interface.encodeFunctionData('multicall', [[call(2n)]]),
        pool.interface.getError('ReentrancyGuardReentrantCall')?.selector,
      ],
    ];
    for (const [attack, refusal] of attacks) {
      const snapshot = await networkHelpers.takeSnapshot();
      await token.getFunction('arm')(cover, attack);
      await cover.connect(keeper).issueFor(buyer, 1n, FOR_EVER, ordered);
      expect(await token.getFunction('refusal')()).to.equal(refusal);
      expect([await cover.policyCount(), await cover.isSequenceUsed(buyer, 2n)]).to.deep.equal([1n, false]);
      expect((await cover.operatorAllowance(buyer, token)).available).to.equal(LIMIT);
      await snapshot.restore();
    }
  });
});
