import { expect } from 'chai';
import { AMOUNT, AUTHORIZATION_EXPIRY, COIN, openChain, REFUND_EXPIRY, START, status } from './fixture.ts';

const { ethers, accounts, corridor, at } = await openChain();
const { payer, payee, operator, arbiter, feeRecipient, stranger } = accounts;

/** 40 COIN were captured of 100. */
async function captured() {
  const contracts = await corridor();
  const id = await contracts.open(contracts.terms());
  await contracts.escrow.connect(operator).capture(contracts.terms(), 40n * COIN, 200n);
  return { ...contracts, id };
}

describe('Escrow refund', () => {
  for (const [name, caller] of Object.entries({ operator, payee })) {
    it(`by the ${name} pays captured money back, straight from its allowance`, async () => {
      const { coin, escrow, terms, id, stateOf } = await captured();
      const call = escrow.connect(caller).refund(terms(), 10n * COIN);
      await expect(call)
        .to.emit(escrow, 'EscrowRefunded')
        .withArgs(id, caller, 10n * COIN);
      await expect(call).to.changeTokenBalances(
        ethers,
        coin,
        [payer, caller, feeRecipient, escrow],
        [10n * COIN, -10n * COIN, 0n, 0n],
      );
      await expect(call)
        .to.emit(coin, 'Transfer')
        .withArgs(caller, payer, 10n * COIN);
      expect(await stateOf(id)).to.deep.equal({
        capturable: 60n * COIN,
        refundable: 30n * COIN,
        rulingDeadline: 0n,
        milestonesLeft: 0n,
        status: status.open,
      });
    });
  }

  it('brings back all that was captured, fees included, in parts, and no more', async () => {
    const { escrow, terms, id, stateOf } = await captured();
    await escrow.connect(payee).refund(terms(), 40n * COIN - 1n);
    await expect(escrow.connect(operator).refund(terms(), 2n))
      .to.be.revertedWithCustomError(escrow, 'AmountOutOfBounds')
      .withArgs(2n, 1n, 1n);
    await escrow.connect(operator).refund(terms(), 1n);
    expect(await stateOf(id)).to.deep.include({
      capturable: 60n * COIN,
      refundable: 0n,
      status: status.open,
    });
    for (const amount of [0n, 1n, 2n ** 96n]) {
      await expect(escrow.connect(payee).refund(terms(), amount))
        .to.be.revertedWithCustomError(escrow, 'AmountOutOfBounds')
        .withArgs(amount, 1n, 0n);
    }
  });

  it('works after everything was captured, voided or disputed', async () => {
    const { escrow, disputable, open, stateOf } = await corridor();
    const id = await open(disputable());
    await escrow.connect(operator).capture(disputable(), 3n, 100n);
    await escrow.connect(payer).openDispute(disputable(), ethers.ZeroHash);
    await escrow.connect(payee).refund(disputable(), 1n);
    expect(await stateOf(id)).to.deep.equal({
      capturable: AMOUNT - 3n,
      refundable: 2n,
      rulingDeadline: (await stateOf(id)).rulingDeadline,
      milestonesLeft: 0n,
      status: status.disputed,
    });
    await escrow.connect(payee).void(disputable());
    await escrow.connect(payee).refund(disputable(), 1n);
    expect(await stateOf(id)).to.deep.include({ refundable: 1n, status: status.closed });
  });

  it('of the last unit of a closed escrow whose terms expired lets it be forgotten', async () => {
    const { escrow, terms, id, stateOf } = await captured();
    await escrow.connect(payee).void(terms());
    await at(AUTHORIZATION_EXPIRY);
    await escrow.connect(payee).refund(terms(), COIN);
    expect((await stateOf(id)).status).to.equal(status.closed);
    await at(AUTHORIZATION_EXPIRY + 1n);
    await escrow.connect(payee).refund(terms(), 38n * COIN);
    expect(await stateOf(id)).to.deep.include({ refundable: COIN, status: status.closed });
    await escrow.connect(payee).refund(terms(), COIN);
    expect(await stateOf(id)).to.deep.include({ refundable: 0n, status: status.none });
  });

  it('by anybody else reverts', async () => {
    const { escrow, terms } = await captured();
    for (const caller of [payer, arbiter, feeRecipient, stranger]) {
      await expect(escrow.connect(caller).refund(terms(), 1n))
        .to.be.revertedWithCustomError(escrow, 'CallerCannotRefund')
        .withArgs(caller, operator, payee);
    }
  });

  it('works until the last second, and not afterwards', async () => {
    const { escrow, terms } = await captured();
    await at(REFUND_EXPIRY);
    await escrow.connect(payee).refund(terms(), 1n);
    await at(REFUND_EXPIRY + 1n);
    await expect(escrow.connect(payee).refund(terms(), 1n))
      .to.be.revertedWithCustomError(escrow, 'RefundExpired')
      .withArgs(REFUND_EXPIRY, REFUND_EXPIRY + 1n);
    expect(START).to.be.lessThan(REFUND_EXPIRY);
  });

  it('given nothing was authorized, reverts', async () => {
    const { escrow, terms } = await corridor();
    await expect(escrow.connect(payee).refund(terms(), 1n))
      .to.be.revertedWithCustomError(escrow, 'AmountOutOfBounds')
      .withArgs(1n, 1n, 0n);
  });

  it('without an allowance reverts', async () => {
    const { coin, escrow, terms } = await captured();
    await coin.connect(payee).approve(escrow, COIN - 1n);
    await expect(escrow.connect(payee).refund(terms(), COIN))
      .to.be.revertedWithCustomError(escrow, 'TransferFailed')
      .withArgs(coin, payee, escrow, COIN);
  });

  it('given the payer is frozen, becomes its credit', async () => {
    const { coin, escrow, terms, id } = await captured();
    await coin.freeze(payer);
    const call = escrow.connect(payee).refund(terms(), COIN);
    await expect(call).to.emit(escrow, 'CreditAdded').withArgs(payer, id, coin, COIN);
    await expect(call).to.changeTokenBalances(ethers, coin, [payee, payer, escrow], [-COIN, 0n, COIN]);
    expect(await escrow.creditOf(payer, coin)).to.equal(COIN);
    await coin.unfreeze(payer);
    await expect(escrow.withdrawCredit(coin, payer)).to.changeTokenBalances(
      ethers,
      coin,
      [payer, escrow],
      [COIN, -COIN],
    );
  });
});
