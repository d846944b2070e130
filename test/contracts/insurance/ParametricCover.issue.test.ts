import { expect } from 'chai';
import { CAPITAL, COIN, COVER_STEP, DAY, FUNDS, HOUR, openChain, tiers } from './fixture.ts';
import { premiumOf } from './model.ts';

const { ethers, accounts, named, insurance, deployWith, terms, flight, open, sell, order, at, now } =
  await openChain();
const { admin, underwriter, buyer, holder, stranger } = accounts;

describe('ParametricCover quote', () => {
  it('says the premium and its three parts, each rounded up', async () => {
    const { cover } = await insurance();
    const { windowStart, windowEnd } = await order();
    for (const insured of [COVER_STEP, 12_340_000n, 100n * COIN]) {
      const lockedSeconds = windowEnd + terms.graceSeconds - (await now());
      const expected = premiumOf(terms, insured, 10_000n, lockedSeconds);
      expect(named(await cover.quote(1n, windowStart, windowEnd, insured))).to.deep.equal(expected);
    }
  });

  it('charges capital for the largest payout only', async () => {
    const { cover } = await insurance();
    await cover.createProduct(terms, [{ threshold: 60n, payoutBps: 2_500n }]);
    const { windowStart, windowEnd } = await order();
    const whole = await cover.quote(1n, windowStart, windowEnd, 100n * COIN);
    const quarter = await cover.quote(2n, windowStart, windowEnd, 100n * COIN);
    expect(quarter.expectedLoss).to.equal(whole.expectedLoss);
    expect(quarter.load).to.equal(whole.load);
    expect(quarter.capitalCharge).to.equal((whole.capitalCharge + 3n) / 4n);
  });
});

describe('ParametricCover quote and issue', () => {
  it('of more than a risk may ever hold, and of any number at all, revert with the limit', async () => {
    const { cover } = await insurance();
    const { windowStart, windowEnd } = await order();
    const most = ethers.MaxUint256 - (ethers.MaxUint256 % COVER_STEP);
    for (const insured of [1_000n * COIN + COVER_STEP, most]) {
      for (const call of [
        () => cover.quote(1n, windowStart, windowEnd, insured),
        () => sell(cover, { insured }),
      ]) {
        await expect(call())
          .to.be.revertedWithCustomError(cover, 'RiskLimitExceeded')
          .withArgs(insured, 1_000n * COIN);
      }
    }
    await cover.quote(1n, windowStart, windowEnd, 1_000n * COIN);
  });
});

describe('ParametricCover issue', () => {
  it('sells the policy to the caller for the holder, and tells so', async () => {
    const { cover, pool, coin } = await insurance();
    const ordered = await order({ transferable: true });
    await open(cover, ordered);
    const time = (await now()) + 5n;
    const lockedSeconds = ordered.windowEnd + terms.graceSeconds - time;
    const { premium, capitalCharge } = premiumOf(terms, ordered.insured, 10_000n, lockedSeconds);
    const unearned = premium - capitalCharge;
    expect(await cover.connect(buyer).issue.staticCall(ordered)).to.equal(1n);
    await at(time);
    const sale = cover.connect(buyer).issue(ordered);
    await expect(sale)
      .to.emit(cover, 'PolicyIssued')
      .withArgs(1n, 1n, holder, buyer, ordered.insured, premium, capitalCharge, true);
    await expect(sale)
      .to.emit(pool, 'CapitalLocked')
      .withArgs(1n, buyer, ordered.insured, unearned, capitalCharge);
    await expect(sale).to.changeTokenBalances(ethers, coin, [buyer, holder, pool], [-premium, 0n, premium]);

    const { policy, purchase } = await cover.policyOf(1n);
    expect(named(policy)).to.deep.equal({
      holder: holder.address,
      insuredSteps: ordered.insured / COVER_STEP,
      riskNumber: 1n,
      transferable: true,
    });
    expect(named(purchase)).to.deep.equal({ buyer: buyer.address, unearnedPremium: unearned });
    expect(named(await cover.riskOf(1n))).to.deep.equal({
      productId: 1n,
      windowStart: ordered.windowStart,
      windowEnd: ordered.windowEnd,
      state: 0n,
      payoutBps: 0n,
      insuredSteps: ordered.insured / COVER_STEP,
      unearnedPremiums: unearned,
      subject: ordered.subject,
    });
    expect([await cover.policyCount(), await cover.riskCount()]).to.deep.equal([1n, 1n]);
    expect([await pool.lockedCapital(), await pool.unearnedPremiums()]).to.deep.equal([
      ordered.insured,
      unearned,
    ]);
    expect([await pool.totalAssets(), await pool.capacity()]).to.deep.equal([
      CAPITAL + capitalCharge,
      CAPITAL + capitalCharge - ordered.insured,
    ]);
  });

  it('adds further policies on the same risk to it', async () => {
    const { cover, pool } = await insurance();
    const first = await sell(cover);
    const second = await sell(cover, { insured: 7n * COIN, holder: stranger.address });
    const risk = await cover.riskOf(1n);
    expect(risk.insuredSteps).to.equal((107n * COIN) / COVER_STEP);
    expect(risk.unearnedPremiums).to.equal(first.unearned + second.unearned);
    expect((await cover.policyOf(2n)).policy.holder).to.equal(stranger);
    expect([await cover.policyCount(), await cover.riskCount()]).to.deep.equal([2n, 1n]);
    expect(await pool.lockedCapital()).to.equal(107n * COIN);
    expect(await pool.unearnedPremiums()).to.equal(first.unearned + second.unearned);
  });

  it('on what was not opened reverts, whatever of it differs from a risk that was', async () => {
    const { cover } = await insurance();
    await cover.createProduct(terms, tiers);
    const ordered = await order();
    await open(cover, ordered);
    for (const changes of [
      { productId: 2n },
      { subject: flight('FRA', 2) },
      { windowStart: ordered.windowStart + 1n },
      { windowEnd: ordered.windowEnd + 1n },
    ]) {
      const { productId, subject, windowStart, windowEnd, ...rest } = { ...ordered, ...changes };
      await expect(cover.connect(buyer).issue({ productId, subject, windowStart, windowEnd, ...rest }))
        .to.be.revertedWithCustomError(cover, 'RiskNotOpened')
        .withArgs(productId, subject, windowStart, windowEnd);
    }
    expect([await cover.policyCount(), await cover.riskCount()]).to.deep.equal([0n, 1n]);
    await cover.connect(buyer).issue(ordered);
  });

  it('locks the largest payout only', async () => {
    const { cover, pool } = await insurance();
    await cover.createProduct(terms, tiers.slice(0, 2));
    await sell(cover, { productId: 2n });
    expect(await pool.lockedCapital()).to.equal(50n * COIN);
  });

  it('of nothing, or of no whole number of steps, reverts', async () => {
    const { cover } = await insurance();
    const { windowStart, windowEnd } = await order();
    for (const insured of [0n, 1n, COVER_STEP - 1n, COVER_STEP + 1n, COVER_STEP / 2n]) {
      for (const call of [
        () => sell(cover, { insured }),
        () => cover.quote(1n, windowStart, windowEnd, insured),
      ]) {
        await expect(call())
          .to.be.revertedWithCustomError(cover, 'InsuredInvalid')
          .withArgs(insured, COVER_STEP);
      }
    }
    await sell(cover, { insured: COVER_STEP });
  });

  it('given less than the waiting period or more than the lead until the window, reverts', async () => {
    const { cover } = await insurance();
    const time = (await now()) + 100n;
    const [earliest, latest] = [time + DAY, time + 30n * DAY];
    const ordered = (windowStart: bigint) =>
      order({ windowStart, windowEnd: windowStart + HOUR, insured: COIN });
    const issue = async (windowStart: bigint) => cover.connect(buyer).issue(await ordered(windowStart));
    await open(cover, await ordered(earliest + 2n));
    await at(time);
    await expect(issue(earliest - 1n))
      .to.be.revertedWithCustomError(cover, 'WindowStartsTooSoon')
      .withArgs(earliest - 1n, earliest);
    await at(time + 1n);
    await expect(issue(latest + 2n))
      .to.be.revertedWithCustomError(cover, 'WindowStartsTooLate')
      .withArgs(latest + 2n, latest + 1n);
    await at(time + 2n);
    await issue(earliest + 2n);
    await at(time + 3n);
    await open(cover, await ordered(latest + 3n));
    await issue(latest + 3n);
    await expect(cover.quote(1n, 0n, HOUR, COIN)).to.be.revertedWithCustomError(cover, 'WindowStartsTooSoon');
    await expect(cover.quote(1n, ethers.MaxUint256, 0n, COIN)).to.be.revertedWithCustomError(
      cover,
      'WindowStartsTooLate',
    );
  });

  it('of a window that is too short or too long reverts', async () => {
    const { cover } = await insurance();
    const { windowStart } = await order();
    for (const [length, reported] of [
      [-1n, 0n],
      [0n, 0n],
      [HOUR - 1n, HOUR - 1n],
      [2n * DAY + 1n, 2n * DAY + 1n],
    ] as const) {
      await expect(cover.connect(buyer).issue(await order({ windowStart, windowEnd: windowStart + length })))
        .to.be.revertedWithCustomError(cover, 'WindowLengthInvalid')
        .withArgs(reported, HOUR, 2n * DAY);
    }
    await sell(cover, { windowStart, windowEnd: windowStart + HOUR });
    await sell(cover, { windowStart, windowEnd: windowStart + 2n * DAY });
  });

  it('for more than the buyer’s maximum reverts, for the maximum does not', async () => {
    const { cover } = await insurance();
    const ordered = await order();
    await open(cover, ordered);
    const time = (await now()) + 50n;
    const premiumAt = (moment: bigint) =>
      premiumOf(terms, ordered.insured, 10_000n, ordered.windowEnd + terms.graceSeconds - moment).premium;
    await at(time);
    const premium = premiumAt(time);
    await expect(cover.connect(buyer).issue({ ...ordered, maxPremium: premium - 1n }))
      .to.be.revertedWithCustomError(cover, 'PremiumAboveMaximum')
      .withArgs(premium, premium - 1n);
    await at(time + 1n);
    await cover.connect(buyer).issue({ ...ordered, maxPremium: premiumAt(time + 1n) });
  });

  it('up to the limit of a risk, and no more', async () => {
    const { cover } = await insurance();
    await sell(cover, { insured: 600n * COIN });
    await expect(sell(cover, { insured: 400n * COIN + COVER_STEP }))
      .to.be.revertedWithCustomError(cover, 'RiskLimitExceeded')
      .withArgs(1_000n * COIN + COVER_STEP, 1_000n * COIN);
    await sell(cover, { insured: 400n * COIN });
    await expect(sell(cover, { insured: COVER_STEP }))
      .to.be.revertedWithCustomError(cover, 'RiskLimitExceeded')
      .withArgs(1_000n * COIN + COVER_STEP, 1_000n * COIN);
  });

  it('up to the limit of a cluster and day, and no more; other clusters and days are others', async () => {
    const { cover } = await insurance();
    const { subject, windowStart } = await sell(cover, { insured: 1_000n * COIN });
    const other = flight('FRA', 2);
    await sell(cover, { insured: 300n * COIN, subject: other });
    await expect(sell(cover, { insured: 200n * COIN + COVER_STEP, subject: other }))
      .to.be.revertedWithCustomError(cover, 'ClusterLimitExceeded')
      .withArgs(1_500n * COIN + COVER_STEP, 1_500n * COIN);
    await sell(cover, { insured: 200n * COIN, subject: flight('FRA', 3) });
    expect(await cover.clusterInsured(1n, subject, windowStart)).to.equal(1_500n * COIN);
    expect(await cover.clusterInsured(1n, flight('FRA', 99), (windowStart / DAY) * DAY)).to.equal(
      1_500n * COIN,
    );

    await sell(cover, { insured: 5n * COIN, subject: flight('ZRH') });
    const tomorrow = (windowStart / DAY + 1n) * DAY;
    await sell(cover, { insured: 6n * COIN, windowStart: tomorrow, windowEnd: tomorrow + HOUR });
    await cover.createProduct(terms, tiers);
    await sell(cover, { insured: 7n * COIN, productId: 2n });
    expect(await cover.clusterInsured(1n, flight('ZRH', 5), windowStart)).to.equal(5n * COIN);
    expect(await cover.clusterInsured(1n, subject, tomorrow)).to.equal(6n * COIN);
    expect(await cover.clusterInsured(2n, subject, windowStart)).to.equal(7n * COIN);
    expect(await cover.clusterInsured(1n, subject, tomorrow - 1n)).to.equal(1_500n * COIN);
  });

  it('up to the free capital of the pool, and no more', async () => {
    const { cover, pool } = await deployWith('PlainToken');
    await pool.connect(underwriter).deposit(100n * COIN, underwriter);
    await expect(sell(cover, { insured: 100n * COIN + COVER_STEP }))
      .to.be.revertedWithCustomError(pool, 'CapacityExceeded')
      .withArgs(100n * COIN, 100n * COIN + COVER_STEP);
    const { capitalCharge } = await sell(cover);
    // The charge is capital from now on, and cover can be sold against it too.
    expect(await pool.capacity()).to.equal(capitalCharge);
    const beyond = (capitalCharge / COVER_STEP + 1n) * COVER_STEP;
    await expect(sell(cover, { insured: beyond }))
      .to.be.revertedWithCustomError(pool, 'CapacityExceeded')
      .withArgs(capitalCharge, beyond);
  });

  it('for a holder that could not be paid reverts', async () => {
    const { cover, pool, coin } = await insurance();
    for (const contract of [cover, pool, coin]) {
      const wrong = await contract.getAddress();
      await expect(sell(cover, { holder: wrong }))
        .to.be.revertedWithCustomError(cover, 'HolderInvalid')
        .withArgs(wrong);
    }
    await expect(sell(cover, { holder: ethers.ZeroAddress }))
      .to.be.revertedWithCustomError(cover, 'HolderInvalid')
      .withArgs(ethers.ZeroAddress);
  });

  it('by a buyer without money or approval reverts and sells nothing', async () => {
    const { cover, coin, pool } = await insurance();
    const ordered = await order();
    await open(cover, ordered);
    const { premium } = premiumOf(
      terms,
      ordered.insured,
      10_000n,
      ordered.windowEnd + terms.graceSeconds - (await now()) - 5n,
    );
    await at((await now()) + 5n);
    await expect(cover.connect(stranger).issue(ordered))
      .to.be.revertedWithCustomError(pool, 'TransferFailed')
      .withArgs(coin, stranger, pool, premium);
    expect(await cover.policyCount()).to.equal(0n);
    expect([await pool.lockedCapital(), await pool.totalAssets()]).to.deep.equal([0n, CAPITAL]);
  });

  it('many at once by multicall', async () => {
    const { cover, pool } = await insurance();
    const orders = [
      await order(),
      await order({ insured: 3n * COIN }),
      await order({ subject: flight('ZRH') }),
    ];
    for (const ordered of orders) await open(cover, ordered);
    const calls = orders.map((ordered) => cover.interface.encodeFunctionData('issue', [ordered]));
    await cover.connect(buyer).multicall(calls);
    expect([await cover.policyCount(), await cover.riskCount()]).to.deep.equal([3n, 2n]);
    expect(await pool.lockedCapital()).to.equal(203n * COIN);
  });
});

describe('ParametricCover issueWithPermit', () => {
  async function withPermit() {
    const contracts = await insurance();
    const { coin, cover, pool } = contracts;
    await coin.connect(buyer).approve(pool, 0n);
    const ordered = await order({ maxPremium: 50n * COIN });
    await open(cover, ordered);
    const deadline = (await now()) + DAY;
    const [, name, version, chainId, verifyingContract] = await coin.eip712Domain();
    const types = {
      Permit: ['address owner', 'address spender', 'uint256 value', 'uint256 nonce', 'uint256 deadline'].map(
        (field) => ({ type: field.split(' ')[0] ?? '', name: field.split(' ')[1] ?? '' }),
      ),
    };
    const message = {
      owner: buyer.address,
      spender: await pool.getAddress(),
      value: ordered.maxPremium,
      nonce: await coin.nonces(buyer),
      deadline,
    };
    const signature = await buyer.signTypedData(
      { name, version, chainId, verifyingContract },
      types,
      message,
    );
    const { v, r, s } = ethers.Signature.from(signature);
    return { ...contracts, ordered, permit: [deadline, v, r, s] as const };
  }

  it('needs no approval before', async () => {
    const { cover, coin, pool, ordered, permit } = await withPermit();
    await cover.connect(buyer).issueWithPermit(ordered, ...permit);
    const [issued] = await cover.queryFilter(cover.filters.PolicyIssued(1n));
    const premium = issued?.args.premium ?? 0n;
    expect(await coin.balanceOf(buyer)).to.equal(FUNDS - premium);
    expect(await coin.allowance(buyer, pool)).to.equal(50n * COIN - premium);
  });

  it('given somebody submitted the permit first, still sells', async () => {
    const { cover, coin, pool, ordered, permit } = await withPermit();
    await coin.connect(stranger).permit(buyer, pool, 50n * COIN, ...permit);
    expect(await cover.connect(buyer).issueWithPermit.staticCall(ordered, ...permit)).to.equal(1n);
    await cover.connect(buyer).issueWithPermit(ordered, ...permit);
    expect(await cover.policyCount()).to.equal(1n);
  });

  it('by somebody else than the signer reverts', async () => {
    const { cover, pool, ordered, permit } = await withPermit();
    await expect(cover.connect(admin).issueWithPermit(ordered, ...permit)).to.be.revertedWithCustomError(
      pool,
      'TransferFailed',
    );
  });
});
