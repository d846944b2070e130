import { expect } from 'chai';
import { COIN, COVER_STEP, DAY, openChain } from './fixture.ts';

const { ethers, accounts, named, insurance, open, order, at, now, arrive, settleSilent } = await openChain();
const { buyer, holder, keeper, stranger, second } = accounts;

const LIMIT = 100n * COIN;

describe('ParametricCover issueFor', () => {
  /** A risk is open; the keeper may spend the buyer's money. */
  async function authorised() {
    const parts = await insurance();
    const ordered = await order();
    await open(parts.cover, ordered);
    await parts.cover.connect(buyer).authorizeOperator(keeper, LIMIT, DAY);
    const fill = async (sequence: bigint, changes: Partial<typeof ordered> = {}, deadline?: bigint) =>
      parts.cover
        .connect(keeper)
        .issueFor(buyer, sequence, deadline ?? (await now()) + 1_000n, { ...ordered, ...changes });
    return { ...parts, ordered, fill };
  }

  it("sells a policy for the buyer's money, once for each sequence, and tells so", async () => {
    const { cover, coin, fill, ordered } = await authorised();
    const sale = fill(7n);
    await expect(sale).to.emit(cover, 'OrderFilled').withArgs(buyer, 7n, 1n, keeper);
    const [issued] = await cover.queryFilter(cover.filters.PolicyIssued(1n));
    if (!issued) throw new Error('There is no PolicyIssued.');
    const { premium, capitalCharge } = issued.args;
    expect([issued.args.holder, issued.args.buyer]).to.deep.equal([holder.address, buyer.address]);
    expect(issued.args.insured).to.equal(ordered.insured);
    await expect(sale).to.changeTokenBalances(ethers, coin, [buyer, keeper], [-premium, 0n]);
    expect(named((await cover.policyOf(1n)).purchase)).to.deep.equal({
      buyer: buyer.address,
      unearnedPremium: premium - capitalCharge,
    });
    expect([await cover.isSequenceUsed(buyer, 7n), await cover.isSequenceUsed(buyer, 6n)]).to.deep.equal([
      true,
      false,
    ]);
    await expect(fill(7n)).to.be.revertedWithCustomError(cover, 'SequenceAlreadyUsed').withArgs(buyer, 7n);
    await fill(6n);
    await fill(256n);
    expect(await cover.policyCount()).to.equal(3n);
  });

  it('tells each number from those that have its bit in other words, up to the last there is', async () => {
    const { cover, fill } = await authorised();
    for (const sequence of [0n, 256n, 512n, 255n, 511n, 2n ** 255n, ethers.MaxUint256]) {
      expect(await cover.isSequenceUsed(buyer, sequence), `${sequence} before`).to.equal(false);
      await fill(sequence, { insured: COVER_STEP });
      expect(await cover.isSequenceUsed(buyer, sequence), `${sequence} after`).to.equal(true);
      await expect(fill(sequence, { insured: COVER_STEP }))
        .to.be.revertedWithCustomError(cover, 'SequenceAlreadyUsed')
        .withArgs(buyer, sequence);
    }
  });

  it('spends no more than the buyer lets the operator spend', async () => {
    const { cover, fill } = await authorised();
    await cover.connect(buyer).authorizeOperator(keeper, COIN, DAY);
    await expect(fill(0n)).to.be.revertedWithCustomError(cover, 'OperatorLimitExceeded');
    expect(await cover.isSequenceUsed(buyer, 0n)).to.equal(false);
    await fill(0n, { insured: COVER_STEP });
    const [issued] = await cover.queryFilter(cover.filters.PolicyIssued(1n));
    const { available, limit, windowSeconds } = await cover.operatorAllowance(buyer, keeper);
    expect([available, limit, windowSeconds]).to.deep.equal([COIN - (issued?.args.premium ?? 0n), COIN, DAY]);
    await cover.connect(buyer).authorizeOperator(keeper, 0n, 0n);
    await expect(fill(1n, { insured: COVER_STEP })).to.be.revertedWithCustomError(
      cover,
      'OperatorLimitExceeded',
    );
  });

  it('says whom a buyer lets spend its money', async () => {
    const { cover } = await insurance();
    await expect(cover.connect(buyer).authorizeOperator(keeper, LIMIT, DAY))
      .to.emit(cover, 'OperatorAuthorized')
      .withArgs(buyer, keeper, LIMIT, DAY);
    await expect(cover.connect(buyer).authorizeOperator(keeper, LIMIT, 0n)).to.be.revertedWithCustomError(
      cover,
      'WindowInvalid',
    );
  });

  it('is nothing that somebody else can do with the money of a buyer', async () => {
    const { cover, ordered } = await authorised();
    for (const [caller, payer] of [
      [stranger, buyer],
      [keeper, second],
    ] as const)
      await expect(
        cover.connect(caller).issueFor(payer, 0n, (await now()) + 100n, ordered),
      ).to.be.revertedWithCustomError(cover, 'OperatorLimitExceeded');
  });

  it('needs no limit for money of its own', async () => {
    const { cover, ordered } = await authorised();
    await cover.connect(second).issueFor(second, 0n, (await now()) + 100n, ordered);
    expect((await cover.policyOf(1n)).purchase.buyer).to.equal(second);
    expect(await cover.isSequenceUsed(buyer, 0n)).to.equal(false);
    // Its own numbers fill once as well.
    await expect(cover.connect(second).issueFor(second, 0n, (await now()) + 100n, ordered))
      .to.be.revertedWithCustomError(cover, 'SequenceAlreadyUsed')
      .withArgs(second, 0n);
  });

  it('counts until its deadline, the last second included', async () => {
    const { cover, fill } = await authorised();
    const deadline = (await now()) + 50n;
    await at(deadline);
    await fill(0n, {}, deadline);
    await at(deadline + 1n);
    await expect(fill(1n, {}, deadline))
      .to.be.revertedWithCustomError(cover, 'OrderExpired')
      .withArgs(deadline, deadline + 1n);
  });

  it('is refused as issue is, and leaves sequence and limit as they were', async () => {
    const { cover, fill, ordered } = await authorised();
    for (const [changes, error] of [
      [{ maxPremium: 1n }, 'PremiumAboveMaximum'],
      [{ windowEnd: ordered.windowEnd + 1n }, 'RiskNotOpened'],
      [{ holder: ethers.ZeroAddress }, 'HolderInvalid'],
    ] as const)
      await expect(fill(0n, changes)).to.be.revertedWithCustomError(cover, error);
    expect(await cover.isSequenceUsed(buyer, 0n)).to.equal(false);
    expect((await cover.operatorAllowance(buyer, keeper)).available).to.equal(LIMIT);
  });

  it('gives the unearned premium back to the buyer, by cancellation and by silence', async () => {
    const { cover, coin, fill, ordered } = await authorised();
    await fill(0n);
    await fill(1n);
    const { unearnedPremium } = (await cover.policyOf(1n)).purchase;
    await expect(cover.connect(holder).cancel(1n, ordered.insured)).to.changeTokenBalances(
      ethers,
      coin,
      [buyer, keeper],
      [unearnedPremium, 0n],
    );
    await arrive(ordered.windowEnd);
    await settleSilent({ cover }, { ...ordered, riskNumber: 1n });
    const { unearnedPremium: ofSecond } = (await cover.policyOf(2n)).purchase;
    await expect(cover.payPolicies(1n, [2n])).to.changeTokenBalances(ethers, coin, [buyer], [ofSecond]);
  });
});
