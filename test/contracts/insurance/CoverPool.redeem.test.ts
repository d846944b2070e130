import { expect } from 'chai';
import { CAPITAL, COIN, FUNDS, openChain, VIRTUAL_SHARES } from './fixture.ts';

const { ethers, accounts, insurance, sell, coolDown, at, arrive } = await openChain();
const { underwriter, second, buyer, stranger } = accounts;

const ALL = CAPITAL * VIRTUAL_SHARES;
const [REDEEM, WITHDRAW] = [
  'redeem(uint256,address,address,uint256)',
  'withdraw(uint256,address,address,uint256)',
] as const;

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
    await expect(pool.connect(stranger)[REDEEM](5n, stranger, underwriter, 0n))
      .to.be.revertedWithCustomError(pool, 'ERC20InsufficientAllowance')
      .withArgs(stranger, 0n, 5n);
    await pool.connect(underwriter).approve(stranger, 7n);
    await pool.connect(stranger)[REDEEM](5n, stranger, underwriter, 0n);
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
    await pool.connect(underwriter).redeem(VIRTUAL_SHARES, underwriter, underwriter);
    expect(await max()).to.deep.equal([(2n * COIN - 1n) * VIRTUAL_SHARES, 2n * COIN - 1n]);
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

  it('of shares that are worth nothing reverts, of no shares does nothing', async () => {
    const { pool } = await insurance();
    await coolDown(pool, underwriter, VIRTUAL_SHARES - 1n);
    expect([await pool.maxRedeem(underwriter), await pool.maxWithdraw(underwriter)]).to.deep.equal([0n, 0n]);
    for (const shares of [1n, VIRTUAL_SHARES - 1n]) {
      await expect(pool.connect(underwriter).redeem(shares, underwriter, underwriter))
        .to.be.revertedWithCustomError(pool, 'ResultBelowMinimum')
        .withArgs(0n, 1n);
    }
    await pool.connect(underwriter).redeem(0n, underwriter, underwriter);
    expect(await pool.balanceOf(underwriter)).to.equal(ALL);
    await pool.connect(underwriter).requestRedeem(1n);
    await arrive((await pool.redeemRequestOf(underwriter)).claimableAt);
    expect([await pool.maxRedeem(underwriter), await pool.maxWithdraw(underwriter)]).to.deep.equal([
      VIRTUAL_SHARES,
      1n,
    ]);
    await pool.connect(underwriter).redeem(VIRTUAL_SHARES, underwriter, underwriter);
    expect(await pool.totalAssets()).to.equal(CAPITAL - 1n);
  });
});

describe('CoverPool redeem and withdraw with a bound', () => {
  it('redeem pays at least the assets that were asked for, or reverts', async () => {
    const { pool, coin } = await insurance();
    await coolDown(pool, underwriter, 10n * COIN * VIRTUAL_SHARES);
    const shares = 4n * COIN * VIRTUAL_SHARES;
    const by = pool.connect(underwriter);
    await expect(by[REDEEM](shares, stranger, underwriter, 4n * COIN + 1n))
      .to.be.revertedWithCustomError(pool, 'ResultBelowMinimum')
      .withArgs(4n * COIN, 4n * COIN + 1n);
    expect(await by[REDEEM].staticCall(shares, stranger, underwriter, 0n)).to.equal(4n * COIN);
    await expect(by[REDEEM](shares, stranger, underwriter, 4n * COIN))
      .to.emit(pool, 'Withdraw')
      .withArgs(underwriter, stranger, underwriter, 4n * COIN, shares);
    expect(await coin.balanceOf(stranger)).to.equal(4n * COIN);
    expect(await pool.queuedShares()).to.equal(6n * COIN * VIRTUAL_SHARES);
  });

  it('withdraw burns at most the shares that were offered, or reverts', async () => {
    const { pool, coin } = await insurance();
    await coolDown(pool, underwriter, 10n * COIN * VIRTUAL_SHARES);
    const shares = 4n * COIN * VIRTUAL_SHARES;
    const by = pool.connect(underwriter);
    await expect(by[WITHDRAW](4n * COIN, stranger, underwriter, shares - 1n))
      .to.be.revertedWithCustomError(pool, 'CostAboveMaximum')
      .withArgs(shares, shares - 1n);
    expect(await by[WITHDRAW].staticCall(4n * COIN, stranger, underwriter, ethers.MaxUint256)).to.equal(
      shares,
    );
    await expect(by[WITHDRAW](4n * COIN, stranger, underwriter, shares))
      .to.emit(pool, 'Withdraw')
      .withArgs(underwriter, stranger, underwriter, 4n * COIN, shares);
    expect(await coin.balanceOf(stranger)).to.equal(4n * COIN);
    expect(await pool.balanceOf(underwriter)).to.equal(ALL - shares);
  });

  it('is held by the same limits as the plain ones', async () => {
    const { pool } = await insurance();
    await coolDown(pool, underwriter, COIN * VIRTUAL_SHARES);
    const by = pool.connect(underwriter);
    await expect(by[REDEEM](COIN * VIRTUAL_SHARES + 1n, underwriter, underwriter, 0n))
      .to.be.revertedWithCustomError(pool, 'ERC4626ExceededMaxRedeem')
      .withArgs(underwriter, COIN * VIRTUAL_SHARES + 1n, COIN * VIRTUAL_SHARES);
    await expect(by[WITHDRAW](COIN + 1n, underwriter, underwriter, ethers.MaxUint256))
      .to.be.revertedWithCustomError(pool, 'ERC4626ExceededMaxWithdraw')
      .withArgs(underwriter, COIN + 1n, COIN);
    await expect(pool.connect(stranger)[REDEEM](VIRTUAL_SHARES, stranger, underwriter, 0n))
      .to.be.revertedWithCustomError(pool, 'ERC20InsufficientAllowance')
      .withArgs(stranger, 0n, VIRTUAL_SHARES);
  });

  it('given minAssets 0, burns shares that are worth nothing', async () => {
    const { pool } = await insurance();
    await coolDown(pool, underwriter, 2n);
    const burning = pool.connect(underwriter)[REDEEM](1n, underwriter, underwriter, 0n);
    await expect(burning).to.emit(pool, 'Withdraw').withArgs(underwriter, underwriter, underwriter, 0n, 1n);
    expect(await pool.balanceOf(underwriter)).to.equal(ALL - 1n);
    expect((await pool.redeemRequestOf(underwriter)).shares).to.equal(1n);
    expect(await pool.totalAssets()).to.equal(CAPITAL);
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
    const { capitalCharge } = await sell(cover);
    const supply = ALL + VIRTUAL_SHARES;
    const capital = CAPITAL + capitalCharge;
    expect(await pool.previewRedeem(ALL)).to.equal((ALL * (capital + 1n)) / supply);
    expect(await pool.previewWithdraw(capital + 1n)).to.equal(supply);
  });
});
