import { expect } from 'chai';
import { CAPITAL, CLAIM_WINDOW, COIN, COOLDOWN, DAY, FUNDS, openChain, VIRTUAL_SHARES } from './fixture.ts';

const { ethers, accounts, insurance, sell, settle, settleSilent, coolDown, now, at, arrive } =
  await openChain();
const { underwriter, second, buyer, stranger } = accounts;

const ALL = CAPITAL * VIRTUAL_SHARES;

describe('CoverPool requestRedeem', () => {
  it('sets when the shares can be redeemed and when the request lapses', async () => {
    const { pool } = await insurance();
    expect(await pool.redeemRequestOf(underwriter)).to.deep.equal([0n, 0n, 0n]);
    const time = (await now()) + 10n;
    await at(time);
    const request = pool.connect(underwriter).requestRedeem(700n);
    const [claimableAt, lapsesAt] = [time + COOLDOWN, time + COOLDOWN + CLAIM_WINDOW];
    await expect(request).to.emit(pool, 'RedeemRequested').withArgs(underwriter, 700n, claimableAt, lapsesAt);
    expect(await pool.redeemRequestOf(underwriter)).to.deep.equal([700n, claimableAt, lapsesAt]);
    expect(await pool.queuedShares()).to.equal(700n);
    expect(await pool.balanceOf(underwriter)).to.equal(ALL);
  });

  it('of more shares adds them, and starts the time of all anew', async () => {
    const { pool } = await insurance();
    await pool.connect(underwriter).requestRedeem(700n);
    const time = (await now()) + DAY;
    await at(time);
    await expect(pool.connect(underwriter).requestRedeem(50n))
      .to.emit(pool, 'RedeemRequested')
      .withArgs(underwriter, 750n, time + COOLDOWN, time + COOLDOWN + CLAIM_WINDOW);
    expect(await pool.queuedShares()).to.equal(750n);
    expect(await pool.connect(underwriter).requestRedeem.staticCall(1n)).to.be.greaterThan(time);
  });

  it('of no shares, or of more than the owner has, reverts', async () => {
    const { pool } = await insurance();
    const by = pool.connect(underwriter);
    await expect(by.requestRedeem(0n)).to.be.revertedWithCustomError(pool, 'SharesAreZero').withArgs(0n);
    await by.requestRedeem(ALL - 4n);
    await expect(by.requestRedeem(5n))
      .to.be.revertedWithCustomError(pool, 'SharesInsufficient')
      .withArgs(underwriter, 4n, 5n);
    await by.requestRedeem(4n);
    await expect(pool.connect(stranger).requestRedeem(1n))
      .to.be.revertedWithCustomError(pool, 'SharesInsufficient')
      .withArgs(stranger, 0n, 1n);
  });

  it('takes what the shares are worth, rounded up, out of the capacity for new cover', async () => {
    const { pool, cover } = await insurance();
    expect(await pool.capacity()).to.equal(CAPITAL);
    await pool.connect(underwriter).requestRedeem(ALL - 100n * COIN * VIRTUAL_SHARES + 1n);
    expect(await pool.capacity()).to.equal(100n * COIN - 1n);
    await expect(sell(cover))
      .to.be.revertedWithCustomError(pool, 'CapacityExceeded')
      .withArgs(100n * COIN - 1n, 100n * COIN);
    await pool.connect(underwriter).cancelRequest(underwriter);
    await pool.connect(underwriter).requestRedeem(ALL - 100n * COIN * VIRTUAL_SHARES);
    await sell(cover);
    expect(await pool.capacity()).to.equal(0n);
    // What was sold before cannot keep anybody from asking.
    await pool.connect(underwriter).requestRedeem(100n);
    expect(await pool.capacity()).to.equal(0n);
  });
});

describe('CoverPool cancelRequest', () => {
  it('by the owner ends the request at any time', async () => {
    const { pool } = await insurance();
    await pool.connect(underwriter).requestRedeem(700n);
    await pool.connect(underwriter).transfer(second, 10n);
    await pool.connect(second).requestRedeem(10n);
    expect(await pool.connect(underwriter).cancelRequest.staticCall(underwriter)).to.equal(700n);
    await expect(pool.connect(underwriter).cancelRequest(underwriter))
      .to.emit(pool, 'RedeemRequestCancelled')
      .withArgs(underwriter, underwriter, 700n);
    expect(await pool.redeemRequestOf(underwriter)).to.deep.equal([0n, 0n, 0n]);
    expect(await pool.queuedShares()).to.equal(10n);
    await arrive((await now()) + COOLDOWN);
    expect(await pool.maxRedeem(underwriter)).to.equal(0n);
  });

  it('by anybody else ends it from the second on in which it has lapsed', async () => {
    const { pool } = await insurance();
    await pool.connect(underwriter).requestRedeem(700n);
    const { lapsesAt } = await pool.redeemRequestOf(underwriter);
    await at(lapsesAt - 1n);
    await expect(pool.connect(stranger).cancelRequest(underwriter))
      .to.be.revertedWithCustomError(pool, 'RedeemRequestIsOpen')
      .withArgs(underwriter, lapsesAt, lapsesAt - 1n);
    await at(lapsesAt);
    await expect(pool.connect(stranger).cancelRequest(underwriter))
      .to.emit(pool, 'RedeemRequestCancelled')
      .withArgs(underwriter, stranger, 700n);
    await pool.connect(underwriter).transfer(second, ALL);
  });

  it('of no request reverts', async () => {
    const { pool } = await insurance();
    await expect(pool.cancelRequest(stranger))
      .to.be.revertedWithCustomError(pool, 'NoRedeemRequest')
      .withArgs(stranger);
  });
});

describe('CoverPool redeem and withdraw', () => {
  it('redeem pays the receiver and burns the shares', async () => {
    const { pool, coin } = await insurance();
    await coolDown(pool, underwriter, 10n * COIN * VIRTUAL_SHARES);
    const shares = 4n * COIN * VIRTUAL_SHARES;
    expect(await pool.previewRedeem(shares + 999_999n)).to.equal(4n * COIN);
    const redemption = pool.connect(underwriter).redeem(shares, stranger, underwriter);
    await expect(redemption)
      .to.emit(pool, 'Withdraw')
      .withArgs(underwriter, stranger, underwriter, 4n * COIN, shares);
    await expect(redemption).to.changeTokenBalances(ethers, coin, [stranger, pool], [4n * COIN, -4n * COIN]);
    expect(await pool.balanceOf(underwriter)).to.equal(ALL - shares);
    expect(await pool.totalAssets()).to.equal(CAPITAL - 4n * COIN);
    expect((await pool.redeemRequestOf(underwriter)).shares).to.equal(6n * COIN * VIRTUAL_SHARES);
    expect(await pool.queuedShares()).to.equal(6n * COIN * VIRTUAL_SHARES);
  });

  it('withdraw burns what the assets cost', async () => {
    const { pool, coin } = await insurance();
    await coin.connect(buyer).transfer(pool, 3n);
    await pool.absorb();
    await coolDown(pool, underwriter, 10n * COIN * VIRTUAL_SHARES);
    const supply = ALL + VIRTUAL_SHARES;
    const shares = (4n * COIN * supply) / (CAPITAL + 4n) + 1n;
    expect(await pool.previewWithdraw(4n * COIN)).to.equal(shares);
    const withdrawal = pool.connect(underwriter).withdraw(4n * COIN, stranger, underwriter);
    await expect(withdrawal)
      .to.emit(pool, 'Withdraw')
      .withArgs(underwriter, stranger, underwriter, 4n * COIN, shares);
    await expect(withdrawal).to.changeTokenBalances(ethers, coin, [stranger, pool], [4n * COIN, -4n * COIN]);
    expect(await pool.balanceOf(underwriter)).to.equal(ALL - shares);
    expect(await pool.totalAssets()).to.equal(CAPITAL + 3n - 4n * COIN);
  });

  it('by somebody else spends the owner’s allowance of shares', async () => {
    const { pool } = await insurance();
    await coolDown(pool, underwriter, 1_000n);
    await expect(pool.connect(stranger).redeem(5n, stranger, underwriter))
      .to.be.revertedWithCustomError(pool, 'ERC20InsufficientAllowance')
      .withArgs(stranger, 0n, 5n);
    await pool.connect(underwriter).approve(stranger, 7n);
    await pool.connect(stranger).redeem(5n, stranger, underwriter);
    expect(await pool.allowance(underwriter, stranger)).to.equal(2n);
  });

  it('before the cooldown is over, and from the lapse on, nothing can be taken', async () => {
    const { pool } = await insurance();
    await pool.connect(underwriter).requestRedeem(2n * COIN * VIRTUAL_SHARES);
    const { claimableAt, lapsesAt } = await pool.redeemRequestOf(underwriter);
    const max = async () => [await pool.maxRedeem(underwriter), await pool.maxWithdraw(underwriter)];
    const refused = async () => {
      await expect(pool.connect(underwriter).redeem(1n, underwriter, underwriter))
        .to.be.revertedWithCustomError(pool, 'ERC4626ExceededMaxRedeem')
        .withArgs(underwriter, 1n, 0n);
    };
    await refused();
    await arrive(claimableAt - 1n);
    expect(await max()).to.deep.equal([0n, 0n]);
    await arrive(claimableAt);
    expect(await max()).to.deep.equal([2n * COIN * VIRTUAL_SHARES, 2n * COIN]);
    await arrive(lapsesAt - 2n);
    await at(lapsesAt - 1n);
    await pool.connect(underwriter).redeem(1n, underwriter, underwriter);
    expect(await max()).to.deep.equal([2n * COIN * VIRTUAL_SHARES - 1n, 2n * COIN - 1n]);
    await arrive(lapsesAt);
    expect(await max()).to.deep.equal([0n, 0n]);
    await refused();
  });

  it('beyond the request reverts, also for the owner of more', async () => {
    const { pool } = await insurance();
    await coolDown(pool, underwriter, 2n * COIN * VIRTUAL_SHARES);
    await expect(pool.connect(underwriter).redeem(2n * COIN * VIRTUAL_SHARES + 1n, underwriter, underwriter))
      .to.be.revertedWithCustomError(pool, 'ERC4626ExceededMaxRedeem')
      .withArgs(underwriter, 2n * COIN * VIRTUAL_SHARES + 1n, 2n * COIN * VIRTUAL_SHARES);
    await expect(pool.connect(underwriter).withdraw(2n * COIN + 1n, underwriter, underwriter))
      .to.be.revertedWithCustomError(pool, 'ERC4626ExceededMaxWithdraw')
      .withArgs(underwriter, 2n * COIN + 1n, 2n * COIN);
    await pool.connect(underwriter).withdraw(2n * COIN, underwriter, underwriter);
    expect(await pool.queuedShares()).to.equal(0n);
  });

  it('to an account that cannot receive reverts and leaves the shares', async () => {
    const { pool, coin } = await insurance();
    await coolDown(pool, underwriter, COIN * VIRTUAL_SHARES);
    await coin.freeze(underwriter);
    const target = await pool.getAddress();
    for (const receiver of [underwriter.address, target]) {
      await expect(pool.connect(underwriter).redeem(COIN * VIRTUAL_SHARES, receiver, underwriter))
        .to.be.revertedWithCustomError(pool, 'TransferFailed')
        .withArgs(coin, target, receiver, COIN);
    }
    expect(await pool.balanceOf(underwriter)).to.equal(ALL);
    await pool.connect(underwriter).redeem(COIN * VIRTUAL_SHARES, second, underwriter);
    expect(await coin.balanceOf(second)).to.equal(FUNDS + COIN);
  });

  it('of shares that are worth nothing pays nothing', async () => {
    const { pool } = await insurance();
    await coolDown(pool, underwriter, 1n);
    await pool.connect(underwriter).redeem(1n, underwriter, underwriter);
    await pool.connect(underwriter).redeem(0n, underwriter, underwriter);
    expect(await pool.balanceOf(underwriter)).to.equal(ALL - 1n);
    expect(await pool.totalAssets()).to.equal(CAPITAL);
  });
});

describe('CoverPool exit price', () => {
  /** 900 of the capital are locked for a risk that begins in four days. */
  async function withRisk() {
    const contracts = await insurance();
    await contracts.pool.connect(underwriter).requestRedeem(ALL - 1_000n * COIN * VIRTUAL_SHARES);
    const sold = await sell(contracts.cover, { insured: 900n * COIN });
    await contracts.pool.connect(underwriter).cancelRequest(underwriter);
    return { ...contracts, sold };
  }

  it('leaves out the capital of begun risks, so that nobody leaves ahead of a known loss', async () => {
    const { pool, sold } = await withRisk();
    const shares = 1_000n * COIN * VIRTUAL_SHARES;
    const midnight = (sold.windowStart / DAY) * DAY;
    await arrive(midnight - 1n);
    expect(await pool.previewRedeem(shares)).to.equal(1_000n * COIN);
    expect(await pool.previewWithdraw(1_000n * COIN)).to.equal(shares);
    await arrive(midnight);
    const supply = ALL + VIRTUAL_SHARES;
    const exitAssets = CAPITAL - 900n * COIN + 1n;
    expect(await pool.previewRedeem(shares)).to.equal((shares * exitAssets) / supply);
    expect(await pool.previewWithdraw(COIN)).to.equal((COIN * supply) / exitAssets + 1n);
    // The plain value stays.
    expect(await pool.convertToAssets(shares)).to.equal(1_000n * COIN);
  });

  it('given the loss comes, who left took no more than who stayed', async () => {
    const contracts = await withRisk();
    const { pool, coin, sold } = contracts;
    await pool.connect(underwriter).transfer(second, ALL / 2n);
    await coolDown(pool, second);
    await pool.connect(second).redeem(ALL / 2n, stranger, second);
    await settle(contracts, sold, 240n);
    const stayed = await pool.previewRedeem(ALL / 2n);
    expect(await coin.balanceOf(stranger)).to.equal((CAPITAL - 900n * COIN) / 2n);
    expect(stayed).to.equal(CAPITAL - 900n * COIN + sold.premium - (CAPITAL - 900n * COIN) / 2n);
  });

  it('pays at most what is not locked', async () => {
    const { pool, sold } = await withRisk();
    // Before the risk begins, a share is worth its full part, and the last 900 are locked.
    await pool.connect(underwriter).requestRedeem(ALL);
    const { lapsesAt } = await pool.redeemRequestOf(underwriter);
    expect(sold.windowEnd).to.be.lessThan(lapsesAt);
    const free = CAPITAL - 900n * COIN;
    await arrive((await pool.redeemRequestOf(underwriter)).claimableAt);
    // It has begun by now: all shares but one could go at the price without the locked capital.
    const supply = ALL + VIRTUAL_SHARES;
    expect(await pool.maxRedeem(underwriter)).to.equal(ALL - 1n);
    expect(await pool.maxWithdraw(underwriter)).to.equal(((ALL - 1n) * (free + 1n)) / supply);
    await expect(pool.connect(underwriter).redeem(ALL, underwriter, underwriter))
      .to.be.revertedWithCustomError(pool, 'ERC4626ExceededMaxRedeem')
      .withArgs(underwriter, ALL, ALL - 1n);
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
    // One share more would be worth 400.000001, rounded down.
    const payable = (400n * COIN + 1n) * VIRTUAL_SHARES - 1n;
    expect(await pool.maxRedeem(underwriter)).to.equal(payable);
    expect(await pool.maxWithdraw(underwriter)).to.equal(400n * COIN);
    await pool.connect(underwriter).withdraw(400n * COIN, underwriter, underwriter);
    expect([await pool.maxRedeem(underwriter), await pool.maxWithdraw(underwriter)]).to.deep.equal([
      VIRTUAL_SHARES - 1n,
      0n,
    ]);
    expect(await pool.totalAssets()).to.equal(await pool.lockedCapital());

    await settleSilent(contracts, sold);
    await pool.connect(underwriter).cancelRequest(underwriter);
    await coolDown(pool, underwriter);
    await pool.connect(underwriter).redeem(await pool.balanceOf(underwriter), underwriter, underwriter);
    expect(await pool.totalAssets()).to.equal(0n);
  });
});

describe('CoverPool and its last owner', () => {
  it('pays the last shares all that is left, also what rounding left', async () => {
    const { pool, coin } = await insurance();
    await pool.connect(underwriter).transfer(second, 1_234_567n);
    await coin.connect(buyer).transfer(pool, 77n);
    await pool.absorb();
    await coolDown(pool, second);
    await pool.connect(second).redeem(1_234_567n, second, second);
    const rest = await pool.balanceOf(underwriter);
    const left = await pool.totalAssets();
    await coolDown(pool, underwriter);
    expect([await pool.maxRedeem(underwriter), await pool.maxWithdraw(underwriter)]).to.deep.equal([
      rest,
      left,
    ]);
    expect(await pool.previewRedeem(rest)).to.equal(left);
    expect(await pool.previewRedeem(rest - 1n)).to.equal(
      ((rest - 1n) * (left + 1n)) / (rest + VIRTUAL_SHARES),
    );
    expect(await pool.previewWithdraw(left)).to.equal(rest);
    await pool.connect(underwriter).withdraw(left, underwriter, underwriter);
    expect([await pool.totalSupply(), await pool.totalAssets()]).to.deep.equal([0n, 0n]);
    expect(await coin.balanceOf(pool)).to.equal(0n);
  });

  it('asks for no more than all shares for all assets', async () => {
    const { pool, coin } = await insurance();
    await coolDown(pool, underwriter, ALL - 1n);
    await pool.connect(underwriter).redeem(ALL - 1n, underwriter, underwriter);
    await coin.connect(buyer).transfer(pool, 9n);
    await pool.absorb();
    // One share and a million virtual ones: by the plain price nine units would cost more shares than there are.
    const left = await pool.totalAssets();
    expect(left).to.equal(10n);
    expect(await pool.previewWithdraw(left)).to.equal(1n);
    expect(await pool.previewWithdraw(left + 1n)).to.equal(1_000_001n);
    await coolDown(pool, underwriter);
    expect(await pool.maxWithdraw(underwriter)).to.equal(10n);
    await pool.connect(underwriter).withdraw(8n, underwriter, underwriter);
    // The two that it left are a donation to whoever comes next.
    expect([await pool.totalSupply(), await pool.totalAssets()]).to.deep.equal([0n, 0n]);
    await pool.connect(second).deposit(1n, second);
    await expect(pool.absorb()).to.emit(pool, 'DonationAbsorbed').withArgs(accounts.admin, 2n);
  });

  it('given capital is locked, asks the plain price of it as of anybody', async () => {
    const { pool, cover } = await insurance();
    await sell(cover);
    const supply = ALL + VIRTUAL_SHARES;
    expect(await pool.previewRedeem(ALL)).to.equal((ALL * (CAPITAL + 1n)) / supply);
    expect(await pool.previewWithdraw(CAPITAL + 1n)).to.equal(supply);
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
      sold.slice(0, count).reduce((total, { premium }) => total + premium, 0n);

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
    await pool.connect(second).redeem(1n, second, second);
    expect(await pool.rolledDay()).to.equal((await now()) / DAY);
    expect(await coin.balanceOf(pool)).to.be.greaterThan(0n);
  });

  it('given years without a call, still takes an entry and an exit', async () => {
    const { pool } = await insurance();
    await arrive((await now()) + 1_000n * DAY);
    await pool.connect(second).deposit(COIN, second);
    expect(await pool.rolledDay()).to.equal((await now()) / DAY);
    await coolDown(pool, second);
    await pool.connect(second).redeem(COIN, second, second);
  });

  it('keeps its price whatever is sold and cancelled meanwhile', async () => {
    const { pool, cover } = await insurance();
    const priced = async () => [await pool.previewRedeem(COIN), await pool.previewDeposit(COIN)];
    const before = await priced();
    const earliest = (await now()) + DAY + 60n;
    const sold = await sell(cover, { windowStart: earliest, windowEnd: earliest + 3_600n });
    expect(await priced()).to.deep.equal(before);
    await cover.connect(accounts.holder).cancel(sold.policyId, sold.insured);
    expect(await priced()).to.deep.equal(before);
  });
});
