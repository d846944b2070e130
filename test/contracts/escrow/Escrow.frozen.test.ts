import { expect } from 'chai';
import { AMOUNT, COIN, openChain } from './fixture.ts';

const { ethers, accounts, corridor } = await openChain();
const { payer, payee, operator, feeRecipient } = accounts;

describe('Escrow with a frozen party', () => {
  it('closes whatever is frozen, and pays out once it is not', async () => {
    const { coin, escrow, terms, open } = await corridor();
    await open(terms());
    for (const account of [payer, payee, feeRecipient]) await coin.freeze(account);
    await escrow.connect(operator).capture(terms(), 50n * COIN, 200n);
    await escrow.connect(operator).void(terms());
    const credits = { payer: 50n * COIN, payee: 49n * COIN, feeRecipient: COIN };
    for (const [name, credit] of Object.entries(credits)) {
      const account = accounts[name as keyof typeof credits];
      expect(await escrow.creditOf(account, coin), name).to.equal(credit);
      await expect(escrow.withdrawCredit(coin, account))
        .to.be.revertedWithCustomError(escrow, 'TransferFailed')
        .withArgs(coin, escrow, account, credit);
      await coin.unfreeze(account);
      await expect(escrow.withdrawCredit(coin, account)).to.changeTokenBalances(
        ethers,
        coin,
        [account, escrow],
        [credit, -credit],
      );
    }
    expect(await coin.balanceOf(escrow)).to.equal(0n);
  });

  it('given the payer was frozen after it signed, takes nothing', async () => {
    const { coin, escrow, terms, signAuthorization } = await corridor();
    const signature = await signAuthorization(payer, terms(), COIN);
    await coin.freeze(payer);
    await expect(escrow.authorizeWithSignature(terms(), COIN, signature))
      .to.be.revertedWithCustomError(escrow, 'TransferFailed')
      .withArgs(coin, payer, escrow, COIN);
  });

  it('given the escrow itself is frozen, owes everybody, and pays once it is not', async () => {
    const { coin, escrow, terms, open } = await corridor();
    await open(terms());
    await coin.freeze(escrow);
    await escrow.connect(payee).void(terms());
    expect(await escrow.creditOf(payer, coin)).to.equal(AMOUNT);
    await coin.unfreeze(escrow);
    await escrow.withdrawCredit(coin, payer);
    expect(await coin.balanceOf(escrow)).to.equal(0n);
  });
});
