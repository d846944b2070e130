import { expect } from 'chai';
import { AMOUNT, AUTHORIZATION_EXPIRY, CAPTURE_EXPIRY, COIN, openChain, status } from './fixture.ts';

const { ethers, accounts, corridor, at } = await openChain();
const { payer, payee, operator, arbiter, feeRecipient, stranger } = accounts;
const nothing = { capturable: 0n, refundable: 0n, rulingDeadline: 0n, milestonesLeft: 0n };

describe('Escrow void', () => {
  for (const [name, caller] of Object.entries({ operator, payee })) {
    it(`by the ${name} pays everything back to the payer`, async () => {
      const { coin, escrow, terms, open, stateOf } = await corridor();
      const id = await open(terms());
      const call = escrow.connect(caller).void(terms());
      await expect(call).to.emit(escrow, 'EscrowVoided').withArgs(id, AMOUNT);
      await expect(call).to.changeTokenBalances(
        ethers,
        coin,
        [payer, payee, operator, feeRecipient, escrow],
        [AMOUNT, 0n, 0n, 0n, -AMOUNT],
      );
      expect(await stateOf(id)).to.deep.equal({ ...nothing, status: status.closed });
    });
  }

  it('after a partial capture pays the rest back, and what was captured stays refundable', async () => {
    const { coin, escrow, terms, open, stateOf } = await corridor();
    const id = await open(terms());
    await escrow.connect(operator).capture(terms(), COIN, 100n);
    const call = escrow.connect(operator).void(terms());
    await expect(call)
      .to.emit(escrow, 'EscrowVoided')
      .withArgs(id, AMOUNT - COIN);
    await expect(call).to.changeTokenBalance(ethers, coin, payer, AMOUNT - COIN);
    expect(await stateOf(id)).to.deep.equal({ ...nothing, refundable: COIN, status: status.closed });
  });

  it('by anybody else reverts', async () => {
    const { escrow, terms, disputable, open } = await corridor();
    for (const each of [disputable(), terms({ operator: ethers.ZeroAddress })]) {
      await open(each);
      for (const caller of [payer, arbiter, feeRecipient, stranger]) {
        await expect(escrow.connect(caller).void(each))
          .to.be.revertedWithCustomError(escrow, 'CallerCannotVoid')
          .withArgs(caller, each.operator, payee);
      }
    }
  });

  it('in a dispute is the payee’s to give in, not the operator’s to decide', async () => {
    const { coin, escrow, disputable, open, stateOf } = await corridor();
    const id = await open(disputable());
    await escrow.connect(payer).openDispute(disputable(), ethers.ZeroHash);
    await expect(escrow.connect(operator).void(disputable()))
      .to.be.revertedWithCustomError(escrow, 'CallerCannotVoid')
      .withArgs(operator, operator, payee);
    await expect(escrow.connect(payee).void(disputable())).to.changeTokenBalance(ethers, coin, payer, AMOUNT);
    expect((await stateOf(id)).status).to.equal(status.closed);
  });

  it('works at any time', async () => {
    const { coin, escrow, terms, open } = await corridor();
    await open(terms());
    await at(CAPTURE_EXPIRY + 1n);
    await expect(escrow.connect(operator).void(terms())).to.changeTokenBalance(ethers, coin, payer, AMOUNT);
  });

  it('of nothing reverts', async () => {
    const { escrow, terms, open, idOf } = await corridor();
    await expect(escrow.connect(payee).void(terms()))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotOpen')
      .withArgs(idOf(terms()), status.none);
    await open(terms());
    await escrow.connect(payee).void(terms());
    await expect(escrow.connect(payee).void(terms()))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotOpen')
      .withArgs(idOf(terms()), status.closed);
  });

  it('is remembered until its terms expired, and forgotten then', async () => {
    const { escrow, terms, open, stateOf } = await corridor();
    const [remembered, forgotten] = [terms(), terms({ salt: 2n })];
    const ids = [await open(remembered), await open(forgotten)] as const;
    await at(AUTHORIZATION_EXPIRY);
    await escrow.connect(payee).void(remembered);
    await at(AUTHORIZATION_EXPIRY + 1n);
    await escrow.connect(payee).void(forgotten);
    expect(await stateOf(ids[0])).to.deep.equal({ ...nothing, status: status.closed });
    expect(await stateOf(ids[1])).to.deep.equal({ ...nothing, status: status.none });
  });
});
