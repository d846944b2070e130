import { expect } from 'chai';
import { CAPITAL, COIN, COVER_STEP, DAY, FUNDS, openChain, tiers } from './fixture.ts';

const { ethers, accounts, named, insurance, terms, sell, settle, settleSilent, at } = await openChain();
const { buyer, holder, keeper, stranger } = accounts;

describe('ParametricCover transferPolicy', () => {
  it('gives the policy, and what it will be owed, to another', async () => {
    const contracts = await insurance();
    const { cover, coin } = contracts;
    const sold = await sell(cover, { transferable: true });
    await expect(cover.connect(holder).transferPolicy(1n, stranger))
      .to.emit(cover, 'PolicyTransferred')
      .withArgs(1n, holder, stranger);
    const { policy, purchase } = await cover.policyOf(1n);
    expect([policy.holder, purchase.buyer]).to.deep.equal([stranger.address, buyer.address]);
    expect(policy.insuredSteps).to.equal(sold.insured / COVER_STEP);
    await settle(contracts, sold, 240n);
    // A claim can change hands too, until it is paid.
    await cover.connect(stranger).transferPolicy(1n, keeper);
    await cover.payPolicies(1n, [1n]);
    expect([
      await coin.balanceOf(holder),
      await coin.balanceOf(stranger),
      await coin.balanceOf(keeper),
    ]).to.deep.equal([0n, 0n, sold.insured]);
  });

  it('of a policy that is not transferable reverts', async () => {
    const { cover } = await insurance();
    await sell(cover);
    await expect(cover.connect(holder).transferPolicy(1n, stranger))
      .to.be.revertedWithCustomError(cover, 'PolicyIsNotTransferable')
      .withArgs(1n);
  });

  it('by anybody but the holder reverts, also by the buyer', async () => {
    const { cover } = await insurance();
    await sell(cover, { transferable: true });
    for (const caller of [buyer, stranger]) {
      await expect(cover.connect(caller).transferPolicy(1n, stranger))
        .to.be.revertedWithCustomError(cover, 'NotTheHolder')
        .withArgs(1n, holder, caller);
    }
  });

  it('to who could not be paid reverts', async () => {
    const { cover, pool, coin } = await insurance();
    await sell(cover, { transferable: true });
    const contracts = await Promise.all([cover, pool, coin].map((contract) => contract.getAddress()));
    for (const wrong of [...contracts, ethers.ZeroAddress]) {
      await expect(cover.connect(holder).transferPolicy(1n, wrong))
        .to.be.revertedWithCustomError(cover, 'HolderInvalid')
        .withArgs(wrong);
    }
  });
});

describe('ParametricCover cancel', () => {
  it('of the whole gives the unearned premium back to who paid it, keeps the charge, and frees capital and limits', async () => {
    const { cover, pool, coin } = await insurance();
    const sold = await sell(cover, { insured: 1_000n * COIN });
    expect(await cover.connect(holder).cancel.staticCall(1n, sold.insured)).to.equal(sold.unearned);
    const cancellation = cover.connect(holder).cancel(1n, sold.insured);
    await expect(cancellation)
      .to.emit(cover, 'PolicyCancelled')
      .withArgs(1n, buyer, sold.insured, sold.unearned);
    await expect(cancellation)
      .to.emit(pool, 'CapitalReleased')
      .withArgs(1n, buyer, sold.insured, sold.unearned);
    await expect(cancellation).to.changeTokenBalances(
      ethers,
      coin,
      [buyer, holder, pool],
      [sold.unearned, 0n, -sold.unearned],
    );
    await expect(cover.policyOf(1n)).to.be.revertedWithCustomError(cover, 'PolicyNotFound').withArgs(1n);
    expect([await pool.lockedCapital(), await pool.unearnedPremiums()]).to.deep.equal([0n, 0n]);
    expect(await pool.totalAssets()).to.equal(CAPITAL + sold.capitalCharge);
    const risk = await cover.riskOf(1n);
    expect([risk.insuredSteps, risk.unearnedPremiums]).to.deep.equal([0n, 0n]);
    expect(await cover.clusterInsured(1n, sold.subject, sold.windowStart)).to.equal(0n);

    // The number is not given again.
    const again = await sell(cover, { insured: 1_000n * COIN });
    expect(again.policyId).to.equal(2n);
  });

  it('of a part gives back in proportion, rounded down; the rest goes on', async () => {
    const { cover, pool, coin } = await insurance();
    await cover.createProduct({ ...terms, expectedLossPpm: 30_001n }, tiers);
    const kept = await sell(cover, { productId: 2n, insured: 50n * COIN });
    const sold = await sell(cover, { productId: 2n, insured: 7n * COVER_STEP });
    const refund = (sold.unearned * 3n) / 7n;
    expect((sold.unearned * 3n) % 7n).to.not.equal(0n);
    await expect(cover.connect(holder).cancel(2n, 3n * COVER_STEP))
      .to.emit(cover, 'PolicyCancelled')
      .withArgs(2n, buyer, 3n * COVER_STEP, refund);
    const { policy, purchase } = await cover.policyOf(2n);
    expect(named(policy)).to.deep.equal({
      holder: holder.address,
      insuredSteps: 4n,
      riskNumber: 1n,
      transferable: false,
    });
    expect(named(purchase)).to.deep.equal({
      buyer: buyer.address,
      unearnedPremium: sold.unearned - refund,
    });
    const risk = await cover.riskOf(1n);
    expect(risk.insuredSteps).to.equal(kept.insured / COVER_STEP + 4n);
    expect(risk.unearnedPremiums).to.equal(kept.unearned + sold.unearned - refund);
    expect(await pool.lockedCapital()).to.equal(kept.insured + 4n * COVER_STEP);
    expect(await pool.unearnedPremiums()).to.equal(risk.unearnedPremiums);
    expect(await cover.clusterInsured(2n, sold.subject, sold.windowStart)).to.equal(
      kept.insured + 4n * COVER_STEP,
    );

    await cover.connect(holder).cancel(2n, 4n * COVER_STEP);
    expect(await coin.balanceOf(buyer)).to.equal(FUNDS - kept.premium - sold.capitalCharge);
    expect(await pool.unearnedPremiums()).to.equal(kept.unearned);
  });

  it('frees the largest payout only, of a product that never pays the whole', async () => {
    const { cover, pool } = await insurance();
    await cover.createProduct(terms, tiers.slice(0, 2));
    const sold = await sell(cover, { productId: 2n });
    await cover.connect(holder).cancel(sold.policyId, 40n * COIN);
    expect(await pool.lockedCapital()).to.equal(30n * COIN);
  });

  it('until the waiting period begins; then it reverts', async () => {
    const { cover } = await insurance();
    const sold = await sell(cover);
    const last = sold.windowStart - DAY;
    await at(last);
    await cover.connect(holder).cancel(1n, COIN);
    await at(last + 1n);
    await expect(cover.connect(holder).cancel(1n, COIN))
      .to.be.revertedWithCustomError(cover, 'WindowStartsTooSoon')
      .withArgs(sold.windowStart, sold.windowStart + 1n);
  });

  it('of a settled risk reverts: it is too late by then', async () => {
    const contracts = await insurance();
    const { cover } = contracts;
    const sold = await sell(cover);
    await settleSilent(contracts, sold);
    await expect(cover.connect(holder).cancel(1n, COIN)).to.be.revertedWithCustomError(
      cover,
      'WindowStartsTooSoon',
    );
  });

  it('of nothing, of no whole steps, or of more than is insured, reverts', async () => {
    const { cover } = await insurance();
    const { insured } = await sell(cover);
    for (const wrong of [0n, COVER_STEP - 1n]) {
      await expect(cover.connect(holder).cancel(1n, wrong))
        .to.be.revertedWithCustomError(cover, 'InsuredInvalid')
        .withArgs(wrong, COVER_STEP);
    }
    await expect(cover.connect(holder).cancel(1n, insured + COVER_STEP))
      .to.be.revertedWithCustomError(cover, 'CancellationExceedsInsured')
      .withArgs(1n, insured, insured + COVER_STEP);
  });

  it('by anybody but the holder reverts: a buyer cannot take away what it gave', async () => {
    const { cover } = await insurance();
    await sell(cover);
    for (const caller of [buyer, stranger]) {
      await expect(cover.connect(caller).cancel(1n, COIN))
        .to.be.revertedWithCustomError(cover, 'NotTheHolder')
        .withArgs(1n, holder, caller);
    }
  });

  it('given no such policy, it and all that names a policy revert', async () => {
    const { cover } = await insurance();
    await sell(cover);
    for (const id of [0n, 2n]) {
      for (const call of [
        () => cover.cancel(id, COIN),
        () => cover.transferPolicy(id, stranger),
        () => cover.policyOf(id),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(cover, 'PolicyNotFound').withArgs(id);
      }
    }
  });

  it('given the buyer is frozen, leaves it a credit', async () => {
    const { cover, pool, coin } = await insurance();
    const sold = await sell(cover);
    await coin.freeze(buyer);
    await expect(cover.connect(holder).cancel(1n, sold.insured))
      .to.emit(pool, 'CreditAdded')
      .withArgs(buyer, ethers.toBeHex(1n, 32), coin, sold.unearned);
    expect([await pool.creditOf(buyer, coin), await pool.totalCredits()]).to.deep.equal([
      sold.unearned,
      sold.unearned,
    ]);
    await coin.unfreeze(buyer);
    expect(await pool.withdrawCredit.staticCall(coin, buyer)).to.equal(sold.unearned);
    await expect(pool.connect(stranger).withdrawCredit(coin, buyer))
      .to.emit(pool, 'CreditWithdrawn')
      .withArgs(buyer, coin, sold.unearned);
    expect([await pool.totalCredits(), await coin.balanceOf(buyer)]).to.deep.equal([
      0n,
      FUNDS - sold.capitalCharge,
    ]);
  });
});
