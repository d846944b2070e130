import { expect } from 'chai';
import { CAPITAL, COIN, DAY, openChain, tiers, VIRTUAL_SHARES } from './fixture.ts';
import { premiumOf } from './model.ts';

const {
  ethers,
  accounts,
  insurance,
  deployWith,
  order,
  open,
  sell,
  settle,
  coolDown,
  now,
  at,
  arrive,
  terms,
} = await openChain();
const { underwriter, second, buyer, stranger } = accounts;

const MAX_ASSETS = 2n ** 112n - 1n;
const MAX_SHARES = 2n ** 143n;

describe('CoverPool deposit and mint', () => {
  it('deposit gives shares to the receiver and books the assets', async () => {
    const { pool, coin } = await insurance();
    const shares = 5n * COIN * VIRTUAL_SHARES;
    expect(await pool.previewDeposit(5n * COIN)).to.equal(shares);
    const deposit = pool.connect(second).deposit(5n * COIN, stranger);
    await expect(deposit)
      .to.emit(pool, 'Deposit')
      .withArgs(second, stranger, 5n * COIN, shares);
    await expect(deposit).to.changeTokenBalances(ethers, coin, [second, pool], [-5n * COIN, 5n * COIN]);
    await expect(deposit).to.changeTokenBalance(ethers, pool, stranger, shares);
    expect(await pool.totalAssets()).to.equal(CAPITAL + 5n * COIN);
  });

  it('mint takes what the shares cost', async () => {
    const { pool, coin } = await insurance();
    const shares = 5n * COIN * VIRTUAL_SHARES - 1n;
    expect(await pool.previewMint(shares)).to.equal(5n * COIN);
    const minting = pool.connect(second).mint(shares, stranger);
    await expect(minting)
      .to.emit(pool, 'Deposit')
      .withArgs(second, stranger, 5n * COIN, shares);
    await expect(minting).to.changeTokenBalances(ethers, coin, [second, pool], [-5n * COIN, 5n * COIN]);
    expect(await pool.balanceOf(stranger)).to.equal(shares);
    expect(await pool.totalAssets()).to.equal(CAPITAL + 5n * COIN);
  });

  it('of nothing, or of so little that it buys no share, reverts', async () => {
    const { pool, coin } = await insurance();
    const by = pool.connect(second);
    for (const call of [() => by.deposit(0n, second), () => by.mint(0n, second)]) {
      await expect(call()).to.be.revertedWithCustomError(pool, 'SharesAreZero').withArgs(0n);
    }
    await coolDown(pool, underwriter);
    await pool.connect(underwriter).redeem(await pool.balanceOf(underwriter), underwriter, underwriter);
    await by.deposit(1n, second);
    await coin.connect(buyer).transfer(pool, 10n * COIN);
    await pool.absorb();
    await expect(by.deposit(5n, second)).to.be.revertedWithCustomError(pool, 'SharesAreZero').withArgs(5n);
    await by.deposit(6n, second);
  });

  it('beyond the largest pool reverts, up to it does not; the limit counts unearned premiums', async () => {
    const { pool, cover, token } = await deployWith('PlainToken');
    await token.getFunction('mint')(second, MAX_ASSETS);
    await pool.connect(underwriter).deposit(CAPITAL, underwriter);
    const { capitalCharge, unearned } = await sell(cover);
    const most = MAX_ASSETS - CAPITAL - capitalCharge - unearned;
    const shares = await pool.previewDeposit(most);
    expect(await pool.maxDeposit(second)).to.equal(most);
    expect(await pool.maxMint(second)).to.equal(shares);
    const by = pool.connect(second);
    await expect(by.deposit(most + 1n, second))
      .to.be.revertedWithCustomError(pool, 'ERC4626ExceededMaxDeposit')
      .withArgs(second, most + 1n, most);
    await expect(by.mint(shares + 1n, second))
      .to.be.revertedWithCustomError(pool, 'ERC4626ExceededMaxMint')
      .withArgs(second, shares + 1n, shares);
    await by.deposit(most, second);
    expect(await pool.totalAssets()).to.equal(MAX_ASSETS - unearned);
    expect([await pool.maxDeposit(second), await pool.maxMint(second)]).to.deep.equal([0n, 0n]);

    // Nothing else can go beyond it either.
    await token.getFunction('mint')(pool, 1n);
    await expect(pool.absorb())
      .to.be.revertedWithCustomError(pool, 'AssetsExceedMaximum')
      .withArgs(MAX_ASSETS + 1n, MAX_ASSETS);
    const ordered = await order({ subject: ethers.id('another') });
    await open(cover, ordered);
    const time = (await now()) + 10n;
    const lockedSeconds = ordered.windowEnd + terms.graceSeconds - time;
    const { premium } = premiumOf(terms, ordered.insured, 10_000n, lockedSeconds);
    await at(time);
    await expect(cover.connect(buyer).issue(ordered))
      .to.be.revertedWithCustomError(pool, 'AssetsExceedMaximum')
      .withArgs(MAX_ASSETS + premium, MAX_ASSETS);
  });

  it('leaves room for a premium, charge and all, to the unit', async () => {
    const { pool, cover, token } = await deployWith('PlainToken');
    await token.getFunction('mint')(second, MAX_ASSETS);
    await pool.connect(underwriter).deposit(CAPITAL, underwriter);
    const ordered = await order();
    await open(cover, ordered);
    const time = (await now()) + 10n;
    const lockedSeconds = ordered.windowEnd + terms.graceSeconds - time;
    const { premium } = premiumOf(terms, ordered.insured, 10_000n, lockedSeconds);
    await pool.connect(second).deposit(MAX_ASSETS - CAPITAL - premium, second);
    await at(time);
    await cover.connect(buyer).issue(ordered);
    expect((await pool.totalAssets()) + (await pool.unearnedPremiums())).to.equal(MAX_ASSETS);
  });

  it('can reach the limit to the unit by a donation', async () => {
    const { pool, token } = await deployWith('PlainToken');
    await token.getFunction('mint')(second, MAX_ASSETS);
    await pool.connect(second).deposit(MAX_ASSETS - 5n, second);
    await token.getFunction('mint')(pool, 5n);
    await pool.absorb();
    expect(await pool.totalAssets()).to.equal(MAX_ASSETS);
  });

  it('given the capital was lost whole so often that there are 2^143 shares, is closed; with one less it is open', async () => {
    const contracts = await deployWith('PlainToken');
    const { pool, cover, token } = contracts;
    await token.getFunction('mint')(second, MAX_ASSETS);
    const by = pool.connect(second);
    await by.deposit(100n * COIN, second);
    await cover.createProduct(
      { ...terms, expectedLossPpm: 1n, loadPpm: 0n, capitalChargePpmPerYear: 0n },
      tiers,
    );
    // Each whole loss makes a share worth nothing, and the next unit buys as many shares as there are.
    const loseAll = async (index: number) => {
      const sold = await sell(cover, { productId: 2n, subject: ethers.id(`loss ${index}`) });
      await settle(contracts, sold, 240n);
      await cover.payPolicies(sold.riskNumber, [sold.policyId]);
      return 100n * COIN - (await pool.totalAssets());
    };
    let losses = 0;
    let refill = await loseAll(losses);
    while ((await pool.totalSupply()) + (await pool.previewDeposit(refill)) < MAX_SHARES && losses < 9) {
      await by.deposit(refill, second);
      refill = await loseAll(++losses);
    }
    expect(losses).to.be.lessThan(9);

    await by.mint(MAX_SHARES - 1n - (await pool.totalSupply()), second);
    const most = MAX_ASSETS - (await pool.totalAssets());
    expect(await pool.maxDeposit(second)).to.equal(most);
    expect(await pool.maxMint(second)).to.equal(await pool.previewDeposit(most));
    await by.mint(1n, second);
    expect(await pool.totalSupply()).to.equal(MAX_SHARES);
    expect([await pool.maxDeposit(second), await pool.maxMint(second)]).to.deep.equal([0n, 0n]);
    await expect(by.deposit(1n, second))
      .to.be.revertedWithCustomError(pool, 'ERC4626ExceededMaxDeposit')
      .withArgs(second, 1n, 0n);
    await expect(by.mint(1n, second))
      .to.be.revertedWithCustomError(pool, 'ERC4626ExceededMaxMint')
      .withArgs(second, 1n, 0n);
    await coolDown(pool, second);
    await by.redeem(await pool.balanceOf(second), second, second);
    expect(await pool.totalAssets()).to.equal(0n);
  });

  it('given somebody donates to catch the next depositor, the attack costs more than it takes', async () => {
    const { pool, coin } = await insurance();
    await coolDown(pool, underwriter);
    await pool.connect(underwriter).redeem(await pool.balanceOf(underwriter), underwriter, underwriter);

    const attacker = pool.connect(second);
    const before = await coin.balanceOf(second);
    await attacker.deposit(1n, second);
    await coin.connect(second).transfer(pool, 100n * COIN);
    await attacker.absorb();
    await pool.connect(underwriter).deposit(99n * COIN, underwriter);
    const victim = await pool.previewRedeem(await pool.balanceOf(underwriter));
    expect(99n * COIN - victim).to.be.lessThan(200n);
    await coolDown(pool, second);
    await attacker.redeem(await pool.balanceOf(second), second, second);
    expect(before - (await coin.balanceOf(second))).to.be.greaterThan(49n * COIN);
  });
});

describe('CoverPool deposit and mint with a bound', () => {
  const [DEPOSIT, MINT] = ['deposit(uint256,address,uint256)', 'mint(uint256,address,uint256)'] as const;

  it('deposit gives at least the shares that were asked for, or reverts', async () => {
    const { pool } = await insurance();
    const shares = 5n * COIN * VIRTUAL_SHARES;
    const by = pool.connect(second);
    await expect(by[DEPOSIT](5n * COIN, stranger, shares + 1n))
      .to.be.revertedWithCustomError(pool, 'ResultBelowMinimum')
      .withArgs(shares, shares + 1n);
    expect(await by[DEPOSIT].staticCall(5n * COIN, stranger, 0n)).to.equal(shares);
    await expect(by[DEPOSIT](5n * COIN, stranger, shares))
      .to.emit(pool, 'Deposit')
      .withArgs(second, stranger, 5n * COIN, shares);
    expect(await pool.balanceOf(stranger)).to.equal(shares);
  });

  it('mint takes at most the assets that were offered, or reverts', async () => {
    const { pool } = await insurance();
    const shares = 5n * COIN * VIRTUAL_SHARES - 1n;
    const by = pool.connect(second);
    await expect(by[MINT](shares, stranger, 5n * COIN - 1n))
      .to.be.revertedWithCustomError(pool, 'CostAboveMaximum')
      .withArgs(5n * COIN, 5n * COIN - 1n);
    expect(await by[MINT].staticCall(shares, stranger, ethers.MaxUint256)).to.equal(5n * COIN);
    await expect(by[MINT](shares, stranger, 5n * COIN))
      .to.emit(pool, 'Deposit')
      .withArgs(second, stranger, 5n * COIN, shares);
    expect(await pool.balanceOf(stranger)).to.equal(shares);
  });

  it('is stopped by what stops the plain ones', async () => {
    const { pool } = await insurance();
    await pool.pause();
    const by = pool.connect(second);
    for (const call of [() => by[DEPOSIT](1n, second, 0n), () => by[MINT](1n, second, 1n)]) {
      await expect(call()).to.be.revertedWithCustomError(pool, 'PoolIsPaused');
    }
  });
});

describe('CoverPool entry price', () => {
  it('has the unearned premiums of begun risks in it, so that nobody enters ahead of a known gain', async () => {
    const contracts = await insurance();
    const { pool, cover } = contracts;
    const sold = await sell(cover);
    const supply = (await pool.totalSupply()) + VIRTUAL_SHARES;
    const earned = CAPITAL + sold.capitalCharge;
    const begins = ((sold.windowStart - DAY) / DAY + 1n) * DAY;
    await arrive(begins - 1n);
    expect(await pool.previewDeposit(COIN)).to.equal((COIN * supply) / (earned + 1n));
    expect(await pool.begunExposure()).to.deep.equal([0n, 0n]);

    await arrive(begins);
    expect(await pool.begunExposure()).to.deep.equal([sold.insured, sold.unearned]);
    const denominator = earned + sold.unearned + 1n;
    const shares = (1_000n * COIN * supply) / denominator;
    expect(await pool.previewDeposit(1_000n * COIN)).to.equal(shares);
    const cost = (shares * denominator) / supply + 1n;
    expect(await pool.previewMint(shares)).to.equal(cost);
    await pool.connect(second).deposit(1_000n * COIN, second);
    expect(await pool.balanceOf(second)).to.equal(shares);

    await settle(contracts, sold, 0n);
    expect(await pool.begunExposure()).to.deep.equal([0n, 0n]);
    expect(await pool.convertToAssets(shares)).to.equal(1_000n * COIN - 1n);
  });
});
