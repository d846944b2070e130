import { expect } from 'chai';
import { AMOUNT, CAPTURE_EXPIRY, COIN, openChain, PREIMAGE, status } from './fixture.ts';

const { ethers, accounts, corridor, at } = await openChain();
const { payer, payee, feeRecipient, stranger } = accounts;

describe('Escrow captureWithPreimage', () => {
  it('pays everything to the payee at the lowest fee, for anybody who knows it', async () => {
    const { coin, escrow, hashLocked, open, stateOf } = await corridor();
    const amount = 50n * COIN + 199n; // 1 % of it is 500,001.99 units
    const id = await open(hashLocked(), amount);
    const call = escrow.connect(stranger).captureWithPreimage(hashLocked(), PREIMAGE);
    await expect(call).to.emit(escrow, 'EscrowCapturedWithPreimage').withArgs(id, PREIMAGE, amount, 500_001n);
    await expect(call).to.changeTokenBalances(
      ethers,
      coin,
      [payer, payee, feeRecipient, stranger, escrow],
      [0n, amount - 500_001n, 500_001n, 0n, -amount],
    );
    expect(await stateOf(id)).to.deep.equal({
      capturable: 0n,
      refundable: amount,
      rulingDeadline: 0n,
      milestonesLeft: 0n,
      status: status.closed,
    });
  });

  it('says the fee', async () => {
    const { escrow, hashLocked, open } = await corridor();
    await open(hashLocked());
    expect(await escrow.captureWithPreimage.staticCall(hashLocked(), PREIMAGE)).to.equal(COIN);
  });

  it('after a part was released by the payer pays the rest', async () => {
    const { escrow, hashLocked, open, stateOf } = await corridor();
    const id = await open(hashLocked());
    await escrow.connect(payer).capture(hashLocked(), COIN, 100n);
    await escrow.captureWithPreimage(hashLocked(), PREIMAGE);
    expect((await stateOf(id)).refundable).to.equal(AMOUNT);
  });

  it('with another preimage reverts', async () => {
    const { escrow, hashLocked, open } = await corridor();
    await open(hashLocked());
    const wrong = ethers.id('wrong');
    await expect(escrow.captureWithPreimage(hashLocked(), wrong))
      .to.be.revertedWithCustomError(escrow, 'PreimageMismatch')
      .withArgs(ethers.sha256(wrong), ethers.sha256(PREIMAGE));
  });

  it('works until the last second, and not afterwards', async () => {
    const { escrow, hashLocked, open } = await corridor();
    await open(hashLocked());
    await open(hashLocked({ salt: 2n }));
    await at(CAPTURE_EXPIRY);
    await escrow.captureWithPreimage(hashLocked(), PREIMAGE);
    await at(CAPTURE_EXPIRY + 1n);
    await expect(escrow.captureWithPreimage(hashLocked({ salt: 2n }), PREIMAGE))
      .to.be.revertedWithCustomError(escrow, 'CaptureExpired')
      .withArgs(CAPTURE_EXPIRY, CAPTURE_EXPIRY + 1n);
  });

  it('without a hash lock, or without money, reverts', async () => {
    const { escrow, terms, hashLocked, open, idOf } = await corridor();
    const id = await open(terms());
    await expect(escrow.captureWithPreimage(terms(), PREIMAGE))
      .to.be.revertedWithCustomError(escrow, 'NoHashLock')
      .withArgs(id);
    await expect(escrow.captureWithPreimage(hashLocked(), PREIMAGE))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotOpen')
      .withArgs(idOf(hashLocked()), status.none);
    await open(hashLocked());
    await escrow.captureWithPreimage(hashLocked(), PREIMAGE);
    await expect(escrow.captureWithPreimage(hashLocked(), PREIMAGE))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotOpen')
      .withArgs(idOf(hashLocked()), status.closed);
  });
});
