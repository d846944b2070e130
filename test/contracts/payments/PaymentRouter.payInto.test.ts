import { expect } from 'chai';
import type { BaseContract } from 'ethers';
import { COIN, openChain, REFERENCE } from './fixture.ts';

const { ethers, accounts, corridor, someone } = await openChain();
const { payer, recipient, stranger } = accounts;
const DATA = '0xc0ffee';

async function withReceiver() {
  const contracts = await corridor();
  const receiver = await ethers.deployContract('RecordingReceiver');
  const { coin, router } = contracts;
  const payInto = (amount = COIN) => router.connect(payer).payInto(coin, receiver, amount, REFERENCE, DATA);
  return { ...contracts, receiver, payInto };
}

describe('PaymentRouter payInto', () => {
  it('moves the amount and tells the reference, as pay does', async () => {
    const { coin, router, receiver, payInto } = await withReceiver();
    const payment = payInto();
    await expect(payment).to.emit(router, 'PaymentSettled').withArgs(payer, receiver, REFERENCE, coin, COIN);
    await expect(payment).to.changeTokenBalances(ethers, coin, [payer, receiver, router], [-COIN, COIN, 0n]);
  });

  it('tells the receiver who paid what for, once the money is there', async () => {
    const { coin, router, receiver, payInto } = await withReceiver();
    await payInto();
    expect([
      await receiver.getFunction('caller')(),
      await receiver.getFunction('payer')(),
      await receiver.getFunction('token')(),
      await receiver.getFunction('amount')(),
      await receiver.getFunction('paymentReference')(),
      await receiver.getFunction('data')(),
      await receiver.getFunction('balance')(),
    ]).to.deep.equal([
      await router.getAddress(),
      payer.address,
      await coin.getAddress(),
      COIN,
      REFERENCE,
      DATA,
      COIN,
    ]);
  });

  it('given the receiver answers something else, reverts', async () => {
    const { router, receiver, payInto } = await withReceiver();
    await receiver.getFunction('setAnswer')('0x12345678');
    await expect(payInto())
      .to.be.revertedWithCustomError(router, 'PaymentNotAccepted')
      .withArgs(receiver, receiver.interface.getFunction('onPaymentReceived')?.selector, '0x12345678');
  });

  it('given the receiver refuses, reverts with its reason', async () => {
    const { coin, router } = await corridor();
    const receiver = await ethers.deployContract('RefusingReceiver');
    await expect(router.connect(payer).payInto(coin, receiver, COIN, REFERENCE, DATA))
      .to.be.revertedWithCustomError(receiver, 'NotThisOne')
      .withArgs(COIN);
  });

  it('to an account without code reverts', async () => {
    const { coin, router } = await corridor();
    const nobody = someone();
    await expect(router.connect(payer).payInto(coin, nobody, COIN, REFERENCE, DATA))
      .to.be.revertedWithCustomError(router, 'ReceiverHasNoCode')
      .withArgs(nobody);
  });

  it('to the router itself, or in what is no token, reverts as pay does', async () => {
    const { coin, router, receiver } = await withReceiver();
    await expect(router.connect(payer).payInto(coin, router, COIN, REFERENCE, DATA))
      .to.be.revertedWithCustomError(router, 'RecipientInvalid')
      .withArgs(router);
    const nothing = someone();
    await expect(router.connect(payer).payInto(nothing, receiver, COIN, REFERENCE, DATA))
      .to.be.revertedWithCustomError(router, 'NotAToken')
      .withArgs(nothing);
  });

  it('to the payer itself, which would get nothing for what it is told, reverts', async () => {
    const { coin, router, account } = await corridor();
    const asPayer = async (contract: BaseContract, name: string, given: unknown[]) =>
      await account.connect(payer).getFunction('execute')(
        contract,
        contract.interface.encodeFunctionData(name, given),
      );
    const to = await account.getAddress();
    await asPayer(coin, 'approve', [await router.getAddress(), COIN]);
    await expect(asPayer(router, 'payInto', [await coin.getAddress(), to, COIN, REFERENCE, DATA]))
      .to.be.revertedWithCustomError(router, 'RecipientInvalid')
      .withArgs(to);
    await expect(router.connect(payer).payInto(coin, payer, COIN, REFERENCE, DATA))
      .to.be.revertedWithCustomError(router, 'ReceiverHasNoCode')
      .withArgs(payer);
  });

  it('without allowance reverts', async () => {
    const { coin, router, receiver } = await withReceiver();
    await expect(router.connect(stranger).payInto(coin, receiver, 1n, REFERENCE, DATA))
      .to.be.revertedWithCustomError(router, 'TransferFailed')
      .withArgs(coin, stranger, receiver, 1n);
  });

  it('reverts while paused', async () => {
    const { router, payInto } = await withReceiver();
    await router.pause();
    await expect(payInto()).to.be.revertedWithCustomError(router, 'RouterIsPaused');
  });

  it('does not let the receiver or the token in again', async () => {
    const { coin, router, receiver, payInto } = await withReceiver();
    const attack = router.interface.encodeFunctionData('payInto', [
      await coin.getAddress(),
      await receiver.getAddress(),
      1n,
      REFERENCE,
      DATA,
    ]);
    await receiver.getFunction('setAttack')(attack);
    await payInto();
    const refusal = router.interface.getError('ReentrancyGuardReentrantCall')?.selector;
    expect(await receiver.getFunction('refusal')()).to.equal(refusal);

    const token = await ethers.deployContract('CallingToken');
    await token.getFunction('mint')(payer, 10n);
    await token.connect(payer).getFunction('approve')(router, 10n);
    await token.getFunction('arm')(router, attack);
    await receiver.getFunction('setAttack')('0x');
    await router.connect(payer).payInto(token, receiver, 10n, REFERENCE, DATA);
    expect(await token.getFunction('refusal')()).to.equal(refusal);
  });

  it('in a token that moves something else reverts', async () => {
    const { router, receiver } = await withReceiver();
    const token = await ethers.deployContract('FeeToken');
    await token.getFunction('mint')(payer, 10n);
    await token.connect(payer).getFunction('approve')(router, 10n);
    await expect(router.connect(payer).payInto(token, receiver, 10n, REFERENCE, DATA))
      .to.be.revertedWithCustomError(router, 'UnexpectedBalanceChange')
      .withArgs(token, receiver, 10n, 9n);
    expect(await token.getFunction('balanceOf')(recipient)).to.equal(0n);
  });
});
