import { expect } from 'chai';
import { CAPITAL, COIN, DAY, openChain, VIRTUAL_SHARES } from './fixture.ts';
import { ceilDiv } from './model.ts';

const { ethers, accounts, insurance, order, open, sell, settle, settleSilent, coolDown, now, at, arrive } =
  await openChain();
const { underwriter, second, stranger } = accounts;

const ALL = CAPITAL * VIRTUAL_SHARES;

describe('CoverPool exit price', () => {
  /** 900 of the capital are locked for a risk that begins in four days. */
  async function withRisk() {
    const contracts = await insurance();
    await contracts.pool.connect(underwriter).requestRedeem(ALL - 1_000n * COIN * VIRTUAL_SHARES);
    const sold = await sell(contracts.cover, { insured: 900n * COIN });
    await contracts.pool.connect(underwriter).cancelRequest(underwriter);
    return { ...contracts, sold, capital: CAPITAL + sold.capitalCharge };
  }

  it('leaves out the capital of begun risks, so that nobody leaves ahead of a known loss', async () => {
    const { pool, sold, capital } = await withRisk();
    const shares = 1_000n * COIN * VIRTUAL_SHARES;
    const supply = ALL + VIRTUAL_SHARES;
    const midnight = ((sold.windowStart - DAY) / DAY + 1n) * DAY;
    await arrive(midnight - 1n);
    expect(await pool.previewRedeem(shares)).to.equal((shares * (capital + 1n)) / supply);
    expect(await pool.previewWithdraw(COIN)).to.equal((COIN * supply) / (capital + 1n) + 1n);
    await arrive(midnight);
    const exitAssets = capital - 900n * COIN + 1n;
    expect(await pool.previewRedeem(shares)).to.equal((shares * exitAssets) / supply);
    expect(await pool.previewWithdraw(COIN)).to.equal((COIN * supply) / exitAssets + 1n);
    // The plain value stays.
    expect(await pool.convertToAssets(shares)).to.equal((shares * (capital + 1n)) / supply);
  });

  it('given the loss comes, who left took no more than who stayed', async () => {
    const contracts = await withRisk();
    const { pool, coin, sold, capital } = contracts;
    await pool.connect(underwriter).transfer(second, ALL / 2n);
    await coolDown(pool, second);
    await pool.connect(second).redeem(ALL / 2n, stranger, second);
    await settle(contracts, sold, 240n);
    const stayed = await pool.previewRedeem(ALL / 2n);
    const left = ((ALL / 2n) * (capital - 900n * COIN + 1n)) / (ALL + VIRTUAL_SHARES);
    expect(await coin.balanceOf(stranger)).to.equal(left);
    expect(stayed).to.equal(capital - 900n * COIN + sold.unearned - left);
  });

  it('pays at most what is not locked', async () => {
    const { pool, sold, capital } = await withRisk();
    // Before the risk begins, a share is worth its full part, and the last 900 are locked.
    await pool.connect(underwriter).requestRedeem(ALL);
    const { lapsesAt } = await pool.redeemRequestOf(underwriter);
    expect(sold.windowEnd).to.be.lessThan(lapsesAt);
    const free = capital - 900n * COIN;
    await arrive((await pool.redeemRequestOf(underwriter)).claimableAt);
    // It has begun by now: all shares but those that stay could go at the price without the locked capital.
    const [supply, payable] = [ALL + VIRTUAL_SHARES, ALL - 100n * 900n * COIN];
    expect(await pool.maxRedeem(underwriter)).to.equal(payable);
    expect(await pool.maxWithdraw(underwriter)).to.equal((payable * (free + 1n)) / supply);
    await expect(pool.connect(underwriter).redeem(ALL, underwriter, underwriter))
      .to.be.revertedWithCustomError(pool, 'ERC4626ExceededMaxRedeem')
      .withArgs(underwriter, ALL, payable);
  });

  it('given risks that have not begun lock all of it, nothing can be taken until they are over', async () => {
    const contracts = await insurance();
    const { pool, cover } = contracts;
    const limit = 1_000n * COIN;
    await pool.connect(underwriter).requestRedeem(ALL - limit * VIRTUAL_SHARES);
    await arrive((await pool.redeemRequestOf(underwriter)).claimableAt);
    await pool.connect(underwriter).redeem(ALL - limit * VIRTUAL_SHARES, underwriter, underwriter);
    const windowStart = (await now()) + 25n * DAY;
    const sold = await sell(cover, { insured: 600n * COIN, windowStart, windowEnd: windowStart + DAY });

    await coolDown(pool, underwriter);
    // One share more would be worth a unit more than is free, rounded down.
    const [free, capital] = [400n * COIN + sold.capitalCharge, limit + sold.capitalCharge];
    const supply = (await pool.totalSupply()) + VIRTUAL_SHARES;
    const payable = ceilDiv((free + 1n) * supply, capital + 1n) - 1n;
    expect(await pool.maxRedeem(underwriter)).to.equal(payable);
    expect(await pool.maxWithdraw(underwriter)).to.equal(free);
    await pool.connect(underwriter).withdraw(free, underwriter, underwriter);
    // What is left of the request is worth less than a unit each time, and goes for nothing only.
    expect([await pool.maxRedeem(underwriter), await pool.maxWithdraw(underwriter)]).to.deep.equal([0n, 0n]);
    const burned = ceilDiv(free * supply, capital + 1n);
    const worthless = ceilDiv(supply - burned, 600n * COIN + 1n) - 1n;
    const burn = (shares: bigint) =>
      pool
        .connect(underwriter)
        ['redeem(uint256,address,address,uint256)'](shares, underwriter, underwriter, 0n);
    await expect(burn(VIRTUAL_SHARES))
      .to.be.revertedWithCustomError(pool, 'ERC4626ExceededMaxRedeem')
      .withArgs(underwriter, VIRTUAL_SHARES, worthless);
    expect(await pool.totalAssets()).to.equal(await pool.lockedCapital());

    await settleSilent(contracts, sold);
    await pool.connect(underwriter).cancelRequest(underwriter);
    await coolDown(pool, underwriter);
    await pool.connect(underwriter).redeem(await pool.balanceOf(underwriter), underwriter, underwriter);
    expect(await pool.totalAssets()).to.equal(0n);
  });
});

describe('CoverPool roll', () => {
  it('adds up days in any portions; entries and exits do it for all', async () => {
    const { pool, cover, coin } = await insurance();
    const today = (await now()) / DAY;
    expect(await pool.rolledDay()).to.equal(today);
    const start = (today + 3n) * DAY;
    const windows = [start, start + DAY, start + DAY, start + 2n * DAY - 1n, start + 4n * DAY];
    const sold: Awaited<ReturnType<typeof sell>>[] = [];
    for (const [index, windowStart] of windows.entries()) {
      const insured = BigInt(index + 1) * 10n * COIN;
      sold.push(
        await sell(cover, {
          windowStart,
          windowEnd: windowStart + DAY,
          insured,
          subject: ethers.id(`${index}`),
        }),
      );
    }
    const sum = (count: number) => sold.slice(0, count).reduce((total, { insured }) => total + insured, 0n);
    const premiums = (count: number) =>
      sold.slice(0, count).reduce((total, { unearned }) => total + unearned, 0n);

    await arrive(start + 2n * DAY - 100n);
    expect(await pool.begunExposure()).to.deep.equal([sum(4), premiums(4)]);
    expect(await pool.roll.staticCall(3n)).to.equal(3n);
    await pool.connect(stranger).roll(3n);
    expect(await pool.rolledDay()).to.equal(today + 3n);
    expect(await pool.begunExposure()).to.deep.equal([sum(4), premiums(4)]);
    expect(await pool.roll.staticCall(9n)).to.equal(1n);
    await pool.roll(0n);
    expect(await pool.rolledDay()).to.equal(today + 3n);
    await pool.roll(9n);
    expect(await pool.rolledDay()).to.equal(today + 4n);
    expect(await pool.begunExposure()).to.deep.equal([sum(4), premiums(4)]);

    await arrive(start + 4n * DAY);
    await pool.connect(second).deposit(COIN, second);
    expect(await pool.rolledDay()).to.equal(today + 7n);
    expect(await pool.begunExposure()).to.deep.equal([sum(5), premiums(5)]);
    await coolDown(pool, second);
    await pool.connect(second).redeem(2n * VIRTUAL_SHARES, second, second);
    expect(await pool.rolledDay()).to.equal((await now()) / DAY);
    expect(await coin.balanceOf(pool)).to.be.greaterThan(0n);
  });

  it('given years without a call, still takes an entry and an exit', async () => {
    const { pool } = await insurance();
    await arrive((await now()) + 1_000n * DAY);
    await pool.connect(second).deposit(COIN, second);
    expect(await pool.rolledDay()).to.equal((await now()) / DAY);
    await coolDown(pool, second);
    await pool.connect(second).redeem(COIN * VIRTUAL_SHARES, second, second);
  });

  it('moves its prices by the charge alone when a risk is opened, sold and cancelled, in the last second too', async () => {
    const { pool, cover } = await insurance();
    const [shares, supply] = [1_000n * COIN * VIRTUAL_SHARES, ALL + VIRTUAL_SHARES];
    const priced = async () => [await pool.previewRedeem(shares), await pool.previewDeposit(1_000n * COIN)];
    const before = await priced();
    const closesAt = (await now()) + 60n;
    const ordered = await order({ windowStart: closesAt + DAY, windowEnd: closesAt + DAY + 3_600n });
    await open(cover, ordered);
    expect(await priced()).to.deep.equal(before);
    await at(closesAt - 1n);
    const sold = await sell(cover, ordered);
    const after = [
      (shares * (CAPITAL + sold.capitalCharge + 1n)) / supply,
      (1_000n * COIN * supply) / (CAPITAL + sold.capitalCharge + 1n),
    ];
    expect(await priced()).to.deep.equal(after);
    await at(closesAt);
    await cover.connect(accounts.holder).cancel(sold.policyId, sold.insured);
    expect(await priced()).to.deep.equal(after);
  });
});
