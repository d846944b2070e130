import { expect } from 'chai';
import { CAPITAL, COIN, FUNDS, openChain, states, tiers } from './fixture.ts';

const { ethers, accounts, insurance, deployWith, terms, sell, settle, settleSilent, flight } =
  await openChain();
const { underwriter, buyer, holder, keeper, stranger } = accounts;

describe('ParametricCover payPolicies', () => {
  it('pays each holder what the observation owes, in one transfer of the token', async () => {
    const contracts = await insurance();
    const { cover, pool, coin } = contracts;
    const sold = await sell(cover);
    await sell(cover, { insured: 30n * COIN, holder: stranger.address });
    await settle(contracts, sold, 60n);
    expect(await cover.payPolicies.staticCall(1n, [1n, 2n])).to.deep.equal([2n, 32_500_000n]);
    const payment = cover.connect(keeper).payPolicies(1n, [1n, 2n]);
    await expect(payment).to.emit(cover, 'PolicyPaid').withArgs(1n, holder, 25_000_000n);
    await expect(payment).to.emit(cover, 'PolicyPaid').withArgs(2n, stranger, 7_500_000n);
    await expect(payment).to.changeTokenBalances(
      ethers,
      coin,
      [pool, holder, stranger, keeper],
      [-32_500_000n, 25_000_000n, 7_500_000n, 0n],
    );
    expect(await pool.payoutReserve()).to.equal(0n);
    const risk = await cover.riskOf(1n);
    expect([risk.insuredSteps, risk.state]).to.deep.equal([0n, states.observed]);
    for (const id of [1n, 2n]) {
      await expect(cover.policyOf(id)).to.be.revertedWithCustomError(cover, 'PolicyNotFound').withArgs(id);
    }
  });

  it('given silence, gives each buyer its unearned premium back', async () => {
    const contracts = await insurance();
    const { cover, pool, coin } = contracts;
    const sold = await sell(cover, { transferable: true });
    await cover.connect(holder).transferPolicy(1n, stranger);
    const second = await sell(cover, { insured: 30n * COIN });
    await settleSilent(contracts, sold);
    const payment = cover.connect(keeper).payPolicies(1n, [2n]);
    await expect(payment).to.emit(cover, 'PremiumRefunded').withArgs(2n, buyer, second.unearned);
    await expect(payment).not.to.emit(cover, 'PolicyPaid');
    const risk = await cover.riskOf(1n);
    expect([risk.insuredSteps, risk.unearnedPremiums]).to.deep.equal([10_000n, sold.unearned]);
    expect(await pool.payoutReserve()).to.equal(sold.unearned);
    expect(await cover.payPolicies.staticCall(1n, [1n, 2n])).to.deep.equal([1n, sold.unearned]);
    await cover.payPolicies(1n, [1n, 2n]);
    expect((await cover.riskOf(1n)).unearnedPremiums).to.equal(0n);
    const charges = sold.capitalCharge + second.capitalCharge;
    expect([await coin.balanceOf(buyer), await coin.balanceOf(stranger)]).to.deep.equal([
      FUNDS - charges,
      0n,
    ]);
    expect(await pool.totalAssets()).to.equal(CAPITAL + charges);
    expect(await pool.payoutReserve()).to.equal(0n);
  });

  it('pays each policy once, in whatever batches and however keepers race', async () => {
    const contracts = await insurance();
    const { cover, pool, coin } = contracts;
    const sold = await sell(cover);
    for (let i = 0; i < 4; ++i) await sell(cover, { insured: COIN });
    await settle(contracts, sold, 240n);
    await cover.payPolicies(1n, [2n, 2n, 3n]);
    expect(await coin.balanceOf(holder)).to.equal(2n * COIN);
    expect((await cover.riskOf(1n)).insuredSteps).to.equal(10_200n);
    expect(await cover.payPolicies.staticCall(1n, [1n, 2n, 3n, 4n])).to.deep.equal([2n, 101n * COIN]);
    await cover.payPolicies(1n, [1n, 2n, 3n, 4n]);
    expect(await cover.payPolicies.staticCall(1n, [1n, 4n])).to.deep.equal([0n, 0n]);
    const nothing = cover.payPolicies(1n, [1n, 4n]);
    await expect(nothing).not.to.emit(cover, 'PolicyPaid');
    expect(await coin.balanceOf(holder)).to.equal(103n * COIN);
    expect(await pool.payoutReserve()).to.equal(COIN);
    await cover.payPolicies(1n, [5n]);
    expect(await pool.payoutReserve()).to.equal(0n);
  });

  it('passes over policies of other risks, cancelled ones and such that never were', async () => {
    const contracts = await insurance();
    const { cover, coin } = contracts;
    const sold = await sell(cover);
    const other = await sell(cover, { subject: flight('ZRH') });
    const cancelled = await sell(cover, { insured: COIN });
    await cover.connect(holder).cancel(cancelled.policyId, COIN);
    await settle(contracts, sold, 240n);
    await settle(contracts, other, 240n);
    expect(await cover.payPolicies.staticCall(1n, [0n, 2n, 3n, 99n, 1n])).to.deep.equal([1n, 100n * COIN]);
    await cover.payPolicies(1n, [0n, 2n, 3n, 99n, 1n]);
    expect(await coin.balanceOf(holder)).to.equal(100n * COIN);
    expect((await cover.policyOf(2n)).policy.riskNumber).to.equal(2n);
  });

  it('of an open risk, or of one that owes nothing, reverts', async () => {
    const contracts = await insurance();
    const { cover } = contracts;
    const sold = await sell(cover);
    await expect(cover.payPolicies(1n, [1n]))
      .to.be.revertedWithCustomError(cover, 'RiskIsOpen')
      .withArgs(1n);
    await settle(contracts, sold, 59n);
    await expect(cover.payPolicies(1n, [1n]))
      .to.be.revertedWithCustomError(cover, 'NothingIsOwed')
      .withArgs(1n);
  });

  it('of none, or of more than 256, reverts', async () => {
    const contracts = await insurance();
    const { cover } = contracts;
    const sold = await sell(cover);
    await settle(contracts, sold, 60n);
    for (const count of [0, 257]) {
      await expect(
        cover.payPolicies(
          1n,
          Array.from({ length: count }, () => 1n),
        ),
      )
        .to.be.revertedWithCustomError(cover, 'BatchSizeInvalid')
        .withArgs(count, 256);
    }
    await cover.payPolicies(
      1n,
      Array.from({ length: 256 }, (_, i) => BigInt(i)),
    );
    expect((await cover.riskOf(1n)).insuredSteps).to.equal(0n);
  });

  it('given a holder is frozen, leaves it a credit and pays the others', async () => {
    const contracts = await insurance();
    const { cover, pool, coin } = contracts;
    const sold = await sell(cover);
    await sell(cover, { insured: 30n * COIN, holder: stranger.address });
    await sell(cover, { insured: 7n * COIN, holder: keeper.address });
    await coin.freeze(stranger);
    await settle(contracts, sold, 120n);
    const payment = cover.payPolicies(1n, [1n, 2n, 3n]);
    await expect(payment)
      .to.emit(pool, 'CreditAdded')
      .withArgs(stranger, ethers.toBeHex(1n, 32), coin, 15n * COIN);
    await expect(payment)
      .to.emit(cover, 'PolicyPaid')
      .withArgs(2n, stranger, 15n * COIN);
    await expect(payment).to.changeTokenBalances(
      ethers,
      coin,
      [holder, stranger, keeper, pool],
      [50n * COIN, 0n, 3_500_000n, -53_500_000n],
    );
    expect([await pool.creditOf(holder, coin), await pool.creditOf(stranger, coin)]).to.deep.equal([
      0n,
      15n * COIN,
    ]);
    expect([await pool.totalCredits(), await pool.payoutReserve()]).to.deep.equal([15n * COIN, 0n]);
    await expect(pool.withdrawCredit(coin, stranger))
      .to.be.revertedWithCustomError(pool, 'TransferFailed')
      .withArgs(coin, pool, stranger, 15n * COIN);
    await coin.unfreeze(stranger);
    await pool.withdrawCredit(coin, stranger);
    expect(await coin.balanceOf(stranger)).to.equal(15n * COIN);
    expect(await pool.totalCredits()).to.equal(0n);
    await expect(pool.withdrawCredit(coin, stranger))
      .to.be.revertedWithCustomError(pool, 'NoCredit')
      .withArgs(stranger, coin);
  });

  it('given the token is paused, waits', async () => {
    const contracts = await insurance();
    const { cover, coin, pool } = contracts;
    const sold = await sell(cover);
    await settle(contracts, sold, 240n);
    await coin.pause();
    await expect(cover.payPolicies(1n, [1n])).to.be.revertedWithCustomError(coin, 'TokenIsPaused');
    await coin.unpause();
    await cover.payPolicies(1n, [1n]);
    expect(await pool.payoutReserve()).to.equal(0n);
  });

  for (const name of ['PlainToken', 'SilentToken']) {
    it(`of a ${name} pays one by one`, async () => {
      const contracts = await deployWith(name);
      const { cover, pool, token } = contracts;
      await pool.connect(underwriter).deposit(1_000n * COIN, underwriter);
      await cover.createProduct(terms, tiers);
      const sold = await sell(cover);
      await sell(cover, { insured: 30n * COIN, holder: stranger.address });
      await settle(contracts, sold, 60n);
      await cover.payPolicies(1n, [1n, 2n]);
      const balanceOf = async (owner: { address: string }) => await token.getFunction('balanceOf')(owner);
      expect([await balanceOf(holder), await balanceOf(stranger)]).to.deep.equal([25_000_000n, 7_500_000n]);
      expect(await pool.payoutReserve()).to.equal(0n);
      expect(await pool.decimals()).to.equal(24n);
    });
  }
});
