import { expect } from 'chai';
import { AMOUNT, COIN, openChain } from './fixture.ts';

const { accounts, corridor, withToken } = await openChain();
const { payer, operator, stranger } = accounts;
const REQUIRED_GAS = (300_000n * 64n) / 63n + 10_000n;

describe('Escrow given too little gas', () => {
  it('reverts instead of owing what could be paid', async () => {
    const { escrow, terms, open } = await corridor();
    await open(terms());
    await escrow.connect(operator).capture(terms(), COIN, 100n);
    const gasLimit = { gasLimit: 300_000n };
    for (const call of [
      escrow.connect(operator).void(terms(), gasLimit),
      escrow.connect(operator).refund(terms(), 1n, gasLimit),
    ]) {
      await expect(call)
        .to.be.revertedWithCustomError(escrow, 'InsufficientGas')
        .withArgs((available: bigint) => available < REQUIRED_GAS && available > 200_000n, REQUIRED_GAS);
    }
    await escrow.connect(operator).void(terms(), { gasLimit: 400_000n });
  });

  it('withdraws a credit with whatever gas is enough for the token', async () => {
    const { coin, escrow, terms, open } = await corridor();
    await open(terms());
    await coin.freeze(payer);
    await escrow.connect(operator).void(terms());
    await coin.unfreeze(payer);
    await expect(escrow.withdrawCredit(coin, payer, { gasLimit: 150_000n }))
      .to.emit(escrow, 'CreditWithdrawn')
      .withArgs(payer, coin, AMOUNT);
  });
});

describe('Escrow with a token whose transfer costs more than a push may', () => {
  it('owes what it pays out, and pays it when it is withdrawn with more gas', async () => {
    const { escrow, token, terms, idOf, balanceOf } = await withToken('DearToken');
    await escrow.connect(payer).authorize(terms(), 100n);
    await expect(escrow.connect(operator).void(terms()))
      .to.emit(escrow, 'CreditAdded')
      .withArgs(payer, idOf(terms()), token, 100n);
    expect([await balanceOf(escrow), await balanceOf(payer)]).to.deep.equal([100n, 900n]);

    await expect(escrow.withdrawCredit(token, payer, { gasLimit: 350_000n }))
      .to.be.revertedWithCustomError(escrow, 'TransferFailed')
      .withArgs(token, escrow, payer, 100n);
    expect(await escrow.creditOf(payer, token)).to.equal(100n);
    await expect(escrow.connect(stranger).withdrawCredit(token, payer))
      .to.emit(escrow, 'CreditWithdrawn')
      .withArgs(payer, token, 100n);
    expect([
      await balanceOf(escrow),
      await balanceOf(payer),
      await escrow.creditOf(payer, token),
    ]).to.deep.equal([0n, 1_000n, 0n]);
  });
});
