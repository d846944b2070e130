import { expect } from 'chai';
import { CAPITAL, CLAIM_WINDOW, COIN, COOLDOWN, DAY, openChain, VIRTUAL_SHARES } from './fixture.ts';
import { ceilDiv } from './model.ts';

const { accounts, insurance, sell, now, at, arrive } = await openChain();
const { underwriter, second, stranger } = accounts;

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

  it('of no more shares begins the time of the requested ones anew', async () => {
    const { pool } = await insurance();
    await pool.connect(underwriter).requestRedeem(ALL);
    const time = (await pool.redeemRequestOf(underwriter)).lapsesAt - 1n;
    await at(time);
    await expect(pool.connect(underwriter).requestRedeem(0n))
      .to.emit(pool, 'RedeemRequested')
      .withArgs(underwriter, ALL, time + COOLDOWN, time + COOLDOWN + CLAIM_WINDOW);
    expect(await pool.queuedShares()).to.equal(ALL);
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
    const { capitalCharge } = await sell(cover);
    // Of the charge that is earned, only what belongs to the other shares.
    const capital = CAPITAL + capitalCharge;
    const queued = (ALL - 100n * COIN * VIRTUAL_SHARES) * (capital + 1n);
    expect(await pool.capacity()).to.equal(
      capital - 100n * COIN - ceilDiv(queued, (CAPITAL + 1n) * VIRTUAL_SHARES),
    );
    // What was sold before cannot keep anybody from asking. When all is requested, nothing is left to sell, not even the
    // virtual shares' part.
    await pool.connect(underwriter).requestRedeem(100n * COIN * VIRTUAL_SHARES - 1n);
    expect(await pool.capacity()).to.equal(0n);
    await pool.connect(underwriter).requestRedeem(1n);
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
