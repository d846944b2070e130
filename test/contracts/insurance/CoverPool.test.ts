import { expect } from 'chai';
import { CAPITAL, CLAIM_WINDOW, COIN, COOLDOWN, COVER_STEP, DAY, HOUR, openChain } from './fixture.ts';

const { ethers, accounts, deployPool, insurance, sell, settle, coolDown, now } = await openChain();
const { admin, underwriter, second, buyer, stranger } = accounts;

describe('CoverPool', () => {
  it('says what it is', async () => {
    const { pool, cover, oracle, coin, manager } = await insurance();
    expect([await pool.name(), await pool.symbol(), await pool.decimals()]).to.deep.equal([
      'Corridor cover',
      'cCOVER',
      12n,
    ]);
    expect(await pool.asset()).to.equal(coin);
    expect(await pool.cover()).to.equal(cover);
    expect(await pool.authority()).to.equal(manager);
    expect([await pool.cooldownSeconds(), await pool.claimWindowSeconds()]).to.deep.equal([
      COOLDOWN,
      CLAIM_WINDOW,
    ]);
    expect([await pool.MAX_ASSETS(), await pool.MAX_SHARES()]).to.deep.equal([2n ** 112n - 1n, 2n ** 143n]);
    expect([await cover.pool(), await cover.oracle(), await cover.COVER_STEP()]).to.deep.equal([
      await pool.getAddress(),
      await oracle.getAddress(),
      COVER_STEP,
    ]);
  });

  it('is not made for an asset without code', async () => {
    const { pool, manager } = await insurance();
    await expect(deployPool(stranger.address, manager))
      .to.be.revertedWithCustomError(pool, 'AssetInvalid')
      .withArgs(stranger);
  });

  it('is made with a cooldown and a claim window of 1 hour to 365 days, and no others', async () => {
    const { pool, coin, manager } = await insurance();
    const deploy = (cooldown: bigint, claimWindow: bigint) =>
      ethers.deployContract('CoverPool', [coin, 'n', 's', manager, cooldown, claimWindow]);
    await deploy(HOUR, 365n * DAY);
    await deploy(365n * DAY, HOUR);
    for (const wrong of [0n, HOUR - 1n, 365n * DAY + 1n]) {
      for (const call of [() => deploy(wrong, DAY), () => deploy(DAY, wrong)]) {
        await expect(call())
          .to.be.revertedWithCustomError(pool, 'DurationInvalid')
          .withArgs(wrong, HOUR, 365n * DAY);
      }
    }
  });

  describe('setCover', () => {
    async function unbound() {
      const contracts = await insurance();
      const pool = await deployPool(contracts.coin, contracts.manager);
      const cover = await ethers.deployContract('ParametricCover', [
        pool,
        contracts.oracle,
        contracts.manager,
      ]);
      return { ...contracts, pool, cover, bound: contracts.pool, boundCover: contracts.cover };
    }

    it('binds the pool to the cover that names it', async () => {
      const { pool, cover } = await unbound();
      await expect(pool.setCover(cover)).to.emit(pool, 'CoverSet').withArgs(cover);
      expect(await pool.cover()).to.equal(cover);
    });

    it('a second time reverts, also for the same cover', async () => {
      const { bound, boundCover, cover } = await unbound();
      for (const other of [boundCover, cover]) {
        await expect(bound.setCover(other))
          .to.be.revertedWithCustomError(bound, 'CoverIsSet')
          .withArgs(boundCover);
      }
    });

    it('to an account without code, or to the cover of another pool, reverts', async () => {
      const { pool, boundCover } = await unbound();
      for (const wrong of [stranger.address, await boundCover.getAddress()]) {
        await expect(pool.setCover(wrong))
          .to.be.revertedWithCustomError(pool, 'CoverInvalid')
          .withArgs(wrong);
      }
    });

    it('by a stranger reverts', async () => {
      const { pool, cover } = await unbound();
      await expect(pool.connect(stranger).setCover(cover))
        .to.be.revertedWithCustomError(pool, 'AccessManagedUnauthorized')
        .withArgs(stranger);
    });

    it('comes before all money: given no cover, deposit and mint revert and nothing can be deposited', async () => {
      const { pool, coin } = await unbound();
      await coin.connect(underwriter).approve(pool, ethers.MaxUint256);
      for (const call of [
        () => pool.connect(underwriter).deposit(1n, underwriter),
        () => pool.connect(underwriter).mint(1n, underwriter),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(pool, 'CoverIsMissing');
      }
      expect([await pool.maxDeposit(underwriter), await pool.maxMint(underwriter)]).to.deep.equal([0n, 0n]);
    });
  });

  it('lets nobody but the cover sell, free, settle or pay: no role either', async () => {
    const { pool, cover } = await insurance();
    for (const caller of [admin, stranger]) {
      const by = pool.connect(caller);
      for (const call of [
        () => by.underwrite(1n, caller, 0n, 0n, 0n, 0n),
        () => by.unwind(1n, caller, 0n, 0n, 0n),
        () => by.settle(1n, 0n, 0n, 0n, 0n, 0n),
        () => by.pay(1n, []),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(pool, 'NotTheCover').withArgs(caller, cover);
      }
    }
  });

  describe('pause', () => {
    it('stops deposit, mint and new cover', async () => {
      const { pool, cover } = await insurance();
      await expect(pool.pause()).to.emit(pool, 'Paused').withArgs(admin);
      expect(await pool.paused()).to.equal(true);
      expect([await pool.maxDeposit(underwriter), await pool.maxMint(underwriter)]).to.deep.equal([0n, 0n]);
      for (const call of [
        () => pool.connect(underwriter).deposit(1n, underwriter),
        () => pool.connect(underwriter).mint(1n, underwriter),
        () => sell(cover),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(pool, 'PoolIsPaused');
      }
    });

    it('stops no exit', async () => {
      const contracts = await insurance();
      const { pool, cover, coin } = contracts;
      const cancelled = await sell(cover);
      const paid = await sell(cover);
      await pool.connect(underwriter).transfer(second, 1_000n);
      await pool.pause();
      await cover.connect(accounts.holder).cancel(cancelled.policyId, cancelled.insured);
      await settle(contracts, paid, 240n);
      await cover.payPolicies(paid.riskNumber, [paid.policyId]);
      expect(await coin.balanceOf(accounts.holder)).to.equal(paid.insured);
      await coolDown(pool, second, 500n);
      await pool.connect(second)['redeem(uint256,address,address,uint256)'](250n, second, second, 0n);
      await pool.connect(second).cancelRequest(second);
      await coolDown(pool, underwriter);
      await pool.connect(underwriter).withdraw(COIN, underwriter, underwriter);
    });

    it('ends by unpause', async () => {
      const { pool, cover } = await insurance();
      await pool.pause();
      await expect(pool.unpause()).to.emit(pool, 'Unpaused').withArgs(admin);
      expect(await pool.paused()).to.equal(false);
      await pool.connect(underwriter).deposit(1n, underwriter);
      await pool.connect(underwriter).mint(1n, underwriter);
      await sell(cover);
    });

    it('of a paused pool, unpause of another, and both by a stranger, revert', async () => {
      const { pool } = await insurance();
      await expect(pool.unpause()).to.be.revertedWithCustomError(pool, 'PoolIsNotPaused');
      await pool.pause();
      await expect(pool.pause()).to.be.revertedWithCustomError(pool, 'PoolIsPaused');
      for (const call of [() => pool.connect(stranger).pause(), () => pool.connect(stranger).unpause()]) {
        await expect(call())
          .to.be.revertedWithCustomError(pool, 'AccessManagedUnauthorized')
          .withArgs(stranger);
      }
    });
  });

  describe('shares', () => {
    it('move like any token', async () => {
      const { pool } = await insurance();
      await pool.connect(underwriter).transfer(second, 7n);
      await pool.connect(underwriter).approve(stranger, 5n);
      await pool.connect(stranger).transferFrom(underwriter, second, 5n);
      expect(await pool.balanceOf(second)).to.equal(12n);
    });

    it('cannot be given to the pool, where they would be nobody’s', async () => {
      const { pool } = await insurance();
      const by = pool.connect(underwriter);
      for (const call of [
        () => by.transfer(pool, 1n),
        () => by.deposit(COIN, pool),
        () => by.mint(1n, pool),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(pool, 'ERC20InvalidReceiver').withArgs(pool);
      }
    });

    it('under a request stay with their owner, the others move', async () => {
      const { pool } = await insurance();
      const all = await pool.balanceOf(underwriter);
      await pool.connect(underwriter).requestRedeem(all - 10n);
      await expect(pool.connect(underwriter).transfer(second, 11n))
        .to.be.revertedWithCustomError(pool, 'SharesAreRequested')
        .withArgs(underwriter, 10n, 11n);
      await pool.connect(underwriter).transfer(second, 10n);
      await expect(pool.connect(underwriter).transfer(second, 1n))
        .to.be.revertedWithCustomError(pool, 'SharesAreRequested')
        .withArgs(underwriter, 0n, 1n);
      await pool.connect(second).transfer(underwriter, 3n);
    });
  });

  describe('absorb', () => {
    it('gives what was donated to the shares; a donation alone changes nothing', async () => {
      const { pool, coin } = await insurance();
      const priceBefore = await pool.convertToAssets(10n ** 12n);
      await coin.connect(buyer).transfer(pool, 500n);
      expect(await pool.totalAssets()).to.equal(CAPITAL);
      expect(await pool.convertToAssets(10n ** 12n)).to.equal(priceBefore);
      expect(await pool.connect(stranger).absorb.staticCall()).to.equal(500n);
      await expect(pool.connect(stranger).absorb())
        .to.emit(pool, 'DonationAbsorbed')
        .withArgs(stranger, 500n);
      expect(await pool.totalAssets()).to.equal(CAPITAL + 500n);
    });

    it('takes no premium, no payout and no credit for a donation', async () => {
      const contracts = await insurance();
      const { pool, cover, coin } = contracts;
      const paid = await sell(cover);
      const credited = await sell(cover, { holder: stranger.address, subject: ethers.id('other') });
      await sell(cover, {
        subject: ethers.id('open'),
        windowStart: (await now()) + 5n * DAY,
        windowEnd: (await now()) + 6n * DAY,
      });
      await coin.freeze(stranger);
      await settle(contracts, paid, 240n);
      await settle(contracts, credited, 240n);
      await cover.payPolicies(credited.riskNumber, [credited.policyId]);
      expect(await pool.unearnedPremiums()).to.not.equal(0n);
      expect(await pool.payoutReserve()).to.equal(paid.insured);
      expect(await pool.totalCredits()).to.equal(credited.insured);
      await expect(pool.absorb()).to.be.revertedWithCustomError(pool, 'NothingToAbsorb');
      await coin.connect(buyer).transfer(pool, 1n);
      await expect(pool.absorb()).to.emit(pool, 'DonationAbsorbed').withArgs(admin, 1n);
      await expect(pool.absorb()).to.be.revertedWithCustomError(pool, 'NothingToAbsorb');
    });

    it('given no shares, reverts: there is nobody to have it', async () => {
      const { pool, coin } = await insurance();
      await coolDown(pool, underwriter);
      await pool.connect(underwriter).redeem(await pool.balanceOf(underwriter), underwriter, underwriter);
      await coin.connect(buyer).transfer(pool, 5n);
      await expect(pool.absorb()).to.be.revertedWithCustomError(pool, 'NothingToAbsorb');
      await pool.connect(second).deposit(1n, second);
      await expect(pool.absorb()).to.emit(pool, 'DonationAbsorbed').withArgs(admin, 5n);
    });
  });
});
