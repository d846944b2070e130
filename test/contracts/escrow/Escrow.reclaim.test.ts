import { expect } from 'chai';
import { AMOUNT, CAPTURE_EXPIRY, COIN, openChain, status } from './fixture.ts';

const { ethers, accounts, corridor, at } = await openChain();
const { payer, payee, operator, feeRecipient, stranger } = accounts;
const nothing = { capturable: 0n, refundable: 0n, rulingDeadline: 0n, milestonesLeft: 0n };

describe('Escrow reclaim', () => {
  it('by anybody, after the capture expired, pays everything back to the payer', async () => {
    const { coin, escrow, terms, hashLocked, open, stateOf } = await corridor();
    const kinds = [terms(), hashLocked(), terms({ milestones: [1n, AMOUNT - 1n] })];
    const ids = [];
    for (const each of kinds) ids.push(await open(each));
    await at(CAPTURE_EXPIRY + 1n);
    for (const [i, each] of kinds.entries()) {
      const call = escrow.connect(stranger).reclaim(each);
      await expect(call).to.emit(escrow, 'EscrowReclaimed').withArgs(ids[i], AMOUNT);
      await expect(call).to.changeTokenBalances(
        ethers,
        coin,
        [payer, payee, operator, feeRecipient, stranger, escrow],
        [AMOUNT, 0n, 0n, 0n, 0n, -AMOUNT],
      );
      expect(await stateOf(ids[i] as string)).to.deep.equal({ ...nothing, status: status.none });
    }
  });

  it('after a partial capture pays the rest back, and what was captured stays refundable', async () => {
    const { coin, escrow, terms, open, stateOf } = await corridor();
    const id = await open(terms());
    await escrow.connect(operator).capture(terms(), COIN, 100n);
    await at(CAPTURE_EXPIRY + 1n);
    const call = escrow.reclaim(terms());
    await expect(call)
      .to.emit(escrow, 'EscrowReclaimed')
      .withArgs(id, AMOUNT - COIN);
    await expect(call).to.changeTokenBalance(ethers, coin, payer, AMOUNT - COIN);
    expect(await stateOf(id)).to.deep.equal({ ...nothing, refundable: COIN, status: status.closed });
  });

  it('as long as it may be captured reverts, for the payer too', async () => {
    const { escrow, terms, open } = await corridor();
    await open(terms());
    await at(CAPTURE_EXPIRY);
    await expect(escrow.connect(payer).reclaim(terms()))
      .to.be.revertedWithCustomError(escrow, 'CaptureStillPossible')
      .withArgs(CAPTURE_EXPIRY, CAPTURE_EXPIRY);
  });

  it('in a dispute reverts', async () => {
    const { escrow, disputable, open } = await corridor();
    const id = await open(disputable());
    await escrow.connect(payee).openDispute(disputable(), ethers.ZeroHash);
    await at(CAPTURE_EXPIRY + 1n);
    await expect(escrow.reclaim(disputable()))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsDisputed')
      .withArgs(id);
  });

  it('of nothing reverts', async () => {
    const { escrow, terms, open, idOf } = await corridor();
    const captured = terms({ salt: 2n });
    const id = await open(captured);
    await escrow.connect(operator).capture(captured, AMOUNT, 100n);
    await at(CAPTURE_EXPIRY + 1n);
    await expect(escrow.reclaim(terms()))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotOpen')
      .withArgs(idOf(terms()), status.none);
    await expect(escrow.reclaim(captured))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotOpen')
      .withArgs(id, status.closed);
  });
});
