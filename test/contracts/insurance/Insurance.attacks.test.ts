import { expect } from 'chai';
import { CAPITAL, COIN, DAY, FUNDS, HOUR, openChain, tiers, VIRTUAL_SHARES } from './fixture.ts';

const {
  ethers,
  accounts,
  insurance,
  terms,
  order,
  open,
  sell,
  settle,
  settleSilent,
  coolDown,
  now,
  at,
  arrive,
} = await openChain();
const { underwriter, second, buyer } = accounts;

const DEPOSIT = 'deposit(uint256,address,uint256)';
const REDEEM = 'redeem(uint256,address,address,uint256)';

describe('An underwriter with knowledge', () => {
  it('gains nothing by entering when a premium is about to be earned', async () => {
    const contracts = await insurance();
    const { pool, cover, coin } = contracts;
    const sold = await sell(cover, { insured: 1_000n * COIN });
    await at(sold.windowEnd);
    await pool.connect(second).deposit(CAPITAL, second);
    await settle(contracts, sold, 0n);
    const before = await coin.balanceOf(second);
    await coolDown(pool, second);
    await pool.connect(second).redeem(await pool.balanceOf(second), second, second);
    expect((await coin.balanceOf(second)) - before).to.be.at.most(CAPITAL);
    // The premium is the old underwriter's, to the last unit but for rounding.
    const worth = await pool.previewRedeem(await pool.balanceOf(underwriter));
    expect(worth).to.be.at.least(CAPITAL + sold.premium - 1n);
  });

  it('loses its share of a known loss whether it leaves before or after the settlement', async () => {
    const contracts = await insurance();
    const { pool, cover, coin } = contracts;
    await pool.connect(second).deposit(CAPITAL, second);
    const sold = await sell(cover, { insured: 1_000n * COIN });
    await pool.connect(second).requestRedeem(await pool.balanceOf(second));
    await pool.connect(underwriter).requestRedeem(await pool.balanceOf(underwriter));
    await at((await pool.redeemRequestOf(underwriter)).claimableAt);
    const before = await coin.balanceOf(second);
    await pool.connect(second).redeem(await pool.balanceOf(second), second, second);
    const leaver = (await coin.balanceOf(second)) - before;
    await settle(contracts, sold, 240n);
    const stayer = await pool.previewRedeem(await pool.balanceOf(underwriter));
    const [shares, supply] = [CAPITAL * VIRTUAL_SHARES, 2n * CAPITAL * VIRTUAL_SHARES + VIRTUAL_SHARES];
    const rest = 2n * CAPITAL + sold.capitalCharge - 1_000n * COIN;
    expect(leaver).to.equal((shares * (rest + 1n)) / supply);
    expect(stayer).to.equal(rest + sold.unearned - leaver);
  });

  it('or a buyer with knowledge, cannot insure what is happening', async () => {
    const { pool, cover } = await insurance();
    const happening = { windowStart: await now(), windowEnd: (await now()) + 3_600n };
    await expect(cover.connect(buyer).issue(await order(happening))).to.be.revertedWithCustomError(
      cover,
      'WindowStartsTooSoon',
    );
    expect(await pool.lockedCapital()).to.equal(0n);
  });
});

describe('The last underwriter, who left as far as it could while a risk had begun', () => {
  /** What stayed is free again. */
  async function stayed() {
    const contracts = await insurance();
    const { pool, cover } = contracts;
    const sold = await sell(cover, { insured: 1_000n * COIN });
    await pool.connect(underwriter).requestRedeem(await pool.balanceOf(underwriter));
    await arrive((await pool.redeemRequestOf(underwriter)).claimableAt);
    await pool.connect(underwriter).redeem(await pool.maxRedeem(underwriter), underwriter, underwriter);
    const kept = 100n * 1_000n * COIN;
    expect(await pool.balanceOf(underwriter)).to.equal(kept);
    await settle(contracts, sold, 0n);
    return { ...contracts, kept, rest: await pool.totalAssets() };
  }

  it('gets what stayed, though a stranger enters before it', async () => {
    const { pool, coin, kept, rest } = await stayed();
    expect(rest).to.be.greaterThan(1_000n * COIN);
    const [mine, theirs] = [await coin.balanceOf(underwriter), await coin.balanceOf(second)];
    const entered = ((kept + VIRTUAL_SHARES) * COIN) / (rest + 1n);
    await pool.connect(second).deposit(COIN, second);
    expect(await pool.balanceOf(second)).to.equal(entered);
    await pool.connect(underwriter).requestRedeem(0n);
    await arrive((await pool.redeemRequestOf(underwriter)).claimableAt);
    await pool.connect(underwriter).redeem(kept, underwriter, underwriter);
    const got = (await coin.balanceOf(underwriter)) - mine;
    expect(got).to.equal((kept * (rest + COIN + 1n)) / (kept + entered + VIRTUAL_SHARES));
    await coolDown(pool, second);
    await pool.connect(second).redeem(entered, second, second);
    // About a hundredth of a coin.
    expect((await coin.balanceOf(second)) - theirs).to.be.at.most(20_000n);
  });

  it('takes a part of it, and the rest stays its own', async () => {
    const { pool, rest } = await stayed();
    await pool.connect(underwriter).requestRedeem(0n);
    await arrive((await pool.redeemRequestOf(underwriter)).claimableAt);
    await pool.connect(underwriter).withdraw(rest - 1n, underwriter, underwriter);
    expect([await pool.totalAssets(), await pool.totalSupply()]).to.deep.equal([1n, 1n]);
    await expect(pool.connect(second).absorb()).to.be.revertedWithCustomError(pool, 'NothingToAbsorb');
    expect(await pool.maxWithdraw(underwriter)).to.equal(1n);
  });
});

describe('A stranger who makes shares dear by a gift to the empty pool', () => {
  it('cannot stop the exits of others by a little cover', async () => {
    const contracts = await insurance();
    const { pool, cover, coin } = contracts;
    await coolDown(pool, underwriter);
    await pool.connect(underwriter).redeem(await pool.balanceOf(underwriter), underwriter, underwriter);
    await pool.connect(second).deposit(1n, second);
    await coin.connect(second).transfer(pool, 200n * COIN);
    await pool.absorb();
    const supplyBefore = await pool.totalSupply();
    await pool.connect(underwriter).deposit(CAPITAL - 1_000n * COIN, underwriter);
    const shares = await pool.balanceOf(underwriter);
    expect(shares).to.be.lessThan(1_000n * supplyBefore);
    const sold = await sell(cover, { insured: 100n * COIN });
    // A hundred shares a unit would be more than there are.
    expect(100n * sold.insured).to.be.greaterThan(await pool.totalSupply());
    await coolDown(pool, underwriter);
    const [supply, capital] = [await pool.totalSupply(), await pool.totalAssets()];
    // The virtual shares bear more of it than is locked: one share stays, and that is the stranger's.
    expect((supply + VIRTUAL_SHARES) * sold.insured).to.be.lessThan(VIRTUAL_SHARES * capital);
    expect(await pool.maxRedeem(underwriter)).to.equal(shares);
    const before = await coin.balanceOf(underwriter);
    await pool.connect(underwriter).redeem(await pool.maxRedeem(underwriter), underwriter, underwriter);
    expect((await coin.balanceOf(underwriter)) - before).to.be.greaterThan((CAPITAL * 98n) / 100n);
  });

  it('cannot hold back what was requested by cover that is sold afterwards', async () => {
    const { pool, cover, coin } = await insurance();
    await coolDown(pool, underwriter);
    await pool.connect(underwriter).redeem(await pool.balanceOf(underwriter), underwriter, underwriter);
    await pool.connect(second).deposit(1n, second);
    await coin.connect(second).transfer(pool, 1_000n * COIN);
    await pool.absorb();
    await pool.connect(underwriter).deposit(1_000n * COIN, underwriter);
    const shares = await pool.balanceOf(underwriter);
    await pool.connect(underwriter).requestRedeem(shares);
    const insured = ((await pool.capacity()) / 10_000n) * 10_000n;
    const sold = await sell(cover, { insured: insured < 1_000n * COIN ? insured : 1_000n * COIN });
    await arrive((await pool.redeemRequestOf(underwriter)).claimableAt);
    const [supply, capital] = [await pool.totalSupply(), await pool.totalAssets()];
    const part = ((supply + VIRTUAL_SHARES) * sold.insured + capital - 1n) / capital - VIRTUAL_SHARES;
    expect(part).to.be.greaterThan(1n);
    const before = [await pool.maxRedeem(underwriter), supply - part];
    expect(before[0]).to.equal(shares < supply - part ? shares : supply - part);
    expect(before[0]).to.be.at.least((shares * 99n) / 100n);
  });
});

describe('An underwriter who insures itself', () => {
  /** The second underwriter has half of the shares, and money for premiums. */
  async function half() {
    const contracts = await insurance();
    await contracts.pool.connect(second).deposit(CAPITAL, second);
    return { ...contracts, shares: CAPITAL * VIRTUAL_SHARES, supply: (2n * CAPITAL + 1n) * VIRTUAL_SHARES };
  }

  it('cannot hold down the exit price with cover on what nobody observes', async () => {
    const { pool, cover, shares } = await half();
    const before = await pool.previewRedeem(shares);
    const ordered = await order({ subject: ethers.id('nobody looks at this'), holder: second.address });
    await expect(cover.connect(second).issue(ordered))
      .to.be.revertedWithCustomError(cover, 'RiskNotOpened')
      .withArgs(1n, ordered.subject, ordered.windowStart, ordered.windowEnd);
    await expect(
      cover.connect(second).openRisk(1n, ordered.subject, ordered.windowStart, ordered.windowEnd),
    ).to.be.revertedWithCustomError(cover, 'AccessManagedUnauthorized');
    await arrive(ordered.windowStart);
    expect(await pool.previewRedeem(shares)).to.equal(before);
    expect(await pool.lockedCapital()).to.equal(0n);
  });

  it('pays load and charge to the others each time it holds the price down with cover that is observed', async () => {
    const contracts = await half();
    const { pool, cover, coin, shares, supply } = contracts;
    const ordered = await order({ insured: 1_000n * COIN, holder: second.address });
    await open(cover, ordered);
    await cover.connect(second).issue(ordered);
    const premium = FUNDS - CAPITAL - (await coin.balanceOf(second));
    await settle(contracts, { ...ordered, riskNumber: 1n }, 0n);
    expect(await pool.totalAssets()).to.equal(2n * CAPITAL + premium);
    expect(await pool.previewRedeem(shares)).to.equal((shares * (2n * CAPITAL + premium + 1n)) / supply);
  });

  it('does not get back the charge of locked capital, by a cancellation or by silence', async () => {
    const contracts = await half();
    const { pool, cover, coin } = contracts;
    const ordered = await order({ insured: 1_000n * COIN, holder: second.address });
    await open(cover, ordered);
    let [paid, charges] = [0n, 0n];
    for (const policyId of [1n, 2n]) {
      const before = await coin.balanceOf(second);
      await cover.connect(second).issue(ordered);
      const [issued] = await cover.queryFilter(cover.filters.PolicyIssued(policyId));
      const charge = issued?.args.capitalCharge ?? 0n;
      expect(charge).to.be.greaterThan(0n);
      charges += charge;
      if (policyId === 1n) await cover.connect(second).cancel(policyId, ordered.insured);
      else await settleSilent(contracts, { ...ordered, riskNumber: 1n });
      if (policyId === 2n) await cover.payPolicies(1n, [2n]);
      paid += before - (await coin.balanceOf(second));
    }
    expect(paid).to.equal(charges);
    expect(await pool.totalAssets()).to.equal(2n * CAPITAL + charges);
    expect([await pool.lockedCapital(), await pool.unearnedPremiums()]).to.deep.equal([0n, 0n]);
  });
});

describe('An underwriter with a standing request', () => {
  /** A sale that closes three days before its window, when the second underwriter's request can be redeemed. */
  async function waiting() {
    const contracts = await insurance();
    const { pool, cover } = contracts;
    await cover.createProduct({ ...terms, waitingPeriodSeconds: 3n * DAY }, tiers);
    await pool.connect(second).deposit(CAPITAL, second);
    const windowStart = ((await now()) / DAY + 11n) * DAY + 10n * HOUR;
    const window = { windowStart, windowEnd: windowStart + HOUR };
    await pool.connect(second).requestRedeem(1_000n * COIN * VIRTUAL_SHARES);
    const sold = await sell(cover, { ...window, productId: 2n, insured: 1_000n * COIN });
    const closesAt = windowStart - 3n * DAY;
    return {
      ...contracts,
      sold,
      closesAt,
      begins: (closesAt / DAY + 1n) * DAY,
      shares: 1_000n * COIN * VIRTUAL_SHARES,
      supply: (2n * CAPITAL + 1n) * VIRTUAL_SHARES,
      capital: 2n * CAPITAL + sold.capitalCharge,
    };
  }

  it('leaves at the price of a begun risk from the day after its sale closes, days before its window', async () => {
    const { pool, cover, coin, sold, closesAt, begins, shares, supply, capital } = await waiting();
    expect(begins).to.be.lessThan(sold.windowStart - 2n * DAY);
    const plain = (shares * (capital + 1n)) / supply;
    const begun = (shares * (capital - sold.insured + 1n)) / supply;
    for (const [time, assets] of [
      [closesAt + 1n, plain],
      [begins - 1n, plain],
      [begins, begun],
    ] as const) {
      await arrive(time);
      expect(await pool.previewRedeem(shares)).to.equal(assets);
      expect(await pool.maxWithdraw(second)).to.equal(assets);
    }
    // By then nobody has been able to buy or hand back for hours.
    await expect(cover.connect(accounts.holder).cancel(1n, COIN)).to.be.revertedWithCustomError(
      cover,
      'WindowStartsTooSoon',
    );
    const before = await coin.balanceOf(second);
    await pool.connect(second).redeem(shares, second, second);
    expect((await coin.balanceOf(second)) - before).to.equal(begun);
  });

  it('or a newcomer, enters at the price of a begun risk from the same second on', async () => {
    const { pool, sold, begins, supply, capital } = await waiting();
    await arrive(begins - 1n);
    expect(await pool.previewDeposit(COIN)).to.equal((COIN * supply) / (capital + 1n));
    expect(await pool.begunExposure()).to.deep.equal([0n, 0n]);
    await arrive(begins);
    expect(await pool.previewDeposit(COIN)).to.equal((COIN * supply) / (capital + sold.unearned + 1n));
    expect(await pool.begunExposure()).to.deep.equal([sold.insured, sold.unearned]);
  });

  it('takes its risk out of what has begun when it is settled, and no other', async () => {
    const contracts = await waiting();
    const { pool, cover, sold, begins } = contracts;
    const window = { windowStart: sold.windowStart + DAY, windowEnd: sold.windowEnd + DAY };
    const later = await sell(cover, { ...window, productId: 2n, insured: 3n * COIN });
    await arrive(begins + DAY);
    expect(await pool.begunExposure()).to.deep.equal([
      sold.insured + later.insured,
      sold.unearned + later.unearned,
    ]);
    await settle(contracts, sold, 0n);
    expect(await pool.begunExposure()).to.deep.equal([later.insured, later.unearned]);
  });

  it('bears cover that is sold after its request like all others', async () => {
    const contracts = await waiting();
    const { pool, sold, shares, supply, capital } = contracts;
    await settle(contracts, sold, 240n);
    expect(await pool.convertToAssets(shares)).to.equal(
      (shares * (capital + sold.unearned - sold.insured + 1n)) / supply,
    );
  });

  it('is not made to leave for less than it agreed to: at midnight its bound keeps its shares', async () => {
    const { pool, sold, begins, shares, supply, capital } = await waiting();
    await arrive(begins - 2n);
    const agreed = await pool.previewRedeem(shares);
    await at(begins);
    await expect(pool.connect(second)[REDEEM](shares, second, second, agreed))
      .to.be.revertedWithCustomError(pool, 'ResultBelowMinimum')
      .withArgs((shares * (capital - sold.insured + 1n)) / supply, agreed);
    expect((await pool.redeemRequestOf(second)).shares).to.equal(shares);
  });
});

describe('A newcomer', () => {
  it('between a gift and its absorption gets the shares it agreed to, or keeps its money', async () => {
    const { pool, coin } = await insurance();
    const agreed = await pool.previewDeposit(COIN);
    await coin.connect(buyer).transfer(pool, CAPITAL);
    await pool.absorb();
    const supply = (CAPITAL + 1n) * VIRTUAL_SHARES;
    await expect(pool.connect(second)[DEPOSIT](COIN, second, agreed))
      .to.be.revertedWithCustomError(pool, 'ResultBelowMinimum')
      .withArgs((COIN * supply) / (2n * CAPITAL + 1n), agreed);
    expect(await coin.balanceOf(second)).to.equal(FUNDS);
  });

  it('shares the load of a risk that has not begun, because it shares its loss', async () => {
    const contracts = await insurance();
    const { pool, cover } = contracts;
    const sold = await sell(cover, { insured: 1_000n * COIN });
    await pool.connect(second).deposit(CAPITAL + sold.capitalCharge, second);
    await settle(contracts, sold, 240n);
    const worth = async (owner: typeof second) => pool.convertToAssets(await pool.balanceOf(owner));
    const left = CAPITAL + sold.capitalCharge + (sold.unearned - sold.insured) / 2n;
    for (const owner of [underwriter, second]) {
      expect(await worth(owner)).to.be.within(left - 2n, left);
    }
  });
});
