import { expect } from 'chai';
import type { BaseContract } from 'ethers';
import { openChain, REFERENCE, WINDOW_SECONDS } from './fixture.ts';

const { ethers, accounts, corridor, pack } = await openChain();
const { operator, payer, recipient, stranger, relayer } = accounts;

/** The token of this kind, of which the payer holds 1,000 and allows them to the router. */
async function withToken(name: string) {
  const { router } = await corridor();
  const token = (await ethers.deployContract(name)) as BaseContract;
  await token.getFunction('mint')(payer, 1_000n);
  await (token.connect(payer) as BaseContract).getFunction('approve')(router, 1_000n);
  await router.connect(payer).authorizeOperator(operator, token, 1_000n, WINDOW_SECONDS);
  return { router, token };
}

describe('PaymentRouter: what counts as the token’s yes', () => {
  const word = (value: bigint) => ethers.toBeHex(value, 32);
  const answers = [
    { what: 'nothing', answer: '0x', counts: true },
    { what: 'true', answer: word(1n), counts: true },
    { what: 'true and a word', answer: ethers.concat([word(1n), word(0n)]), counts: true },
    { what: 'false', answer: word(0n), counts: false },
    { what: 'two', answer: word(2n), counts: false },
    { what: 'three', answer: word(3n), counts: false },
    { what: 'all ones', answer: ethers.toBeHex(ethers.MaxUint256, 32), counts: false },
    { what: 'one byte', answer: '0x00', counts: false },
    { what: 'a byte less than a word', answer: `0x${'00'.repeat(31)}`, counts: false },
    { what: 'a word and a byte', answer: ethers.concat([word(1n), '0x00']), counts: true },
  ];
  for (const { what, answer, counts } of answers) {
    it(`${what}: ${counts ? 'yes' : 'no'}`, async () => {
      const { router, token } = await withToken('AnsweringToken');
      await token.getFunction('answerWith')(answer);
      const payment = router.connect(payer).pay(token, recipient, 5n, REFERENCE);
      if (counts) await expect(payment).to.emit(router, 'PaymentSettled');
      else {
        await expect(payment)
          .to.be.revertedWithCustomError(router, 'TransferFailed')
          .withArgs(token, payer, recipient, 5n);
      }
    });
  }
});

describe('PaymentRouter payWithAuthorization with a token that keeps something', () => {
  const submit = async (kept: [onReceipt: bigint, onTransfer: bigint]) => {
    const { router, token } = await withToken('KeepingToken');
    await token.getFunction('keep')(...kept);
    const asRelayer = router.connect(relayer);
    const payment = () =>
      asRelayer.payWithAuthorization(token, payer, recipient, 10n, REFERENCE, 0n, 1n, ethers.ZeroHash, '0x');
    return { router, token, payment };
  };

  it('given it keeps nothing, pays', async () => {
    const { router, token, payment } = await submit([0n, 0n]);
    await expect(payment())
      .to.emit(router, 'PaymentSettled')
      .withArgs(payer, recipient, REFERENCE, token, 10n);
    expect(await token.getFunction('balanceOf')(recipient)).to.equal(10n);
  });

  it('given it keeps something when the router receives, reverts with what came', async () => {
    const { router, token, payment } = await submit([3n, 0n]);
    await expect(payment())
      .to.be.revertedWithCustomError(router, 'UnexpectedBalanceChange')
      .withArgs(token, router, 10n, 7n);
  });

  it('given it keeps something when the router forwards, reverts with what came', async () => {
    const { router, token, payment } = await submit([0n, 4n]);
    await expect(payment())
      .to.be.revertedWithCustomError(router, 'UnexpectedBalanceChange')
      .withArgs(token, recipient, 10n, 6n);
  });

  it('given it refuses to forward, reverts with who should have received', async () => {
    const { router, token, payment } = await submit([0n, 0n]);
    await token.getFunction('refuse')();
    await expect(payment())
      .to.be.revertedWithCustomError(router, 'TransferFailed')
      .withArgs(token, router, recipient, 10n);
  });
});

describe('PaymentRouter authorizationNonce', () => {
  it('binds recipient, reference and salt', async () => {
    const { router } = await corridor();
    const salt = ethers.id('salt');
    const values = [recipient.address, REFERENCE, salt];
    const encoded = ethers.AbiCoder.defaultAbiCoder().encode(['address', 'bytes32', 'bytes32'], values);
    expect(await router.authorizationNonce(recipient, REFERENCE, salt)).to.equal(ethers.keccak256(encoded));
  });
});

describe('PaymentRouter with a token that says too much was returned', () => {
  const settle = async (claim: [settled: bigint, returned: bigint, moved: bigint], amounts: bigint[]) => {
    const { router, token } = await withToken('LyingBatchToken');
    await token.getFunction('claim')(...claim);
    const payments = amounts.map((amount) => pack(stranger, amount));
    return { router, token, settlement: router.connect(operator).settleBatch(payer, token, 1n, payments) };
  };

  it('reports nothing of a payment that is not in the batch', async () => {
    const { router, settlement } = await settle([10n, 0b100n, 10n], [6n, 4n]);
    await expect(settlement).to.emit(router, 'BatchSettled').and.not.to.emit(router, 'PaymentReturned');
  });

  it('and moved the money of all of them, reverts', async () => {
    const { router, token, settlement } = await settle([0n, 0b11n, 10n], [6n, 4n]);
    await expect(settlement)
      .to.be.revertedWithCustomError(router, 'UnexpectedBalanceChange')
      .withArgs(token, payer, 0n, -10n);
  });

  it('and says it moved the money of all of them, reverts', async () => {
    const { router, token, settlement } = await settle([10n, 0b11n, 10n], [6n, 4n]);
    await expect(settlement)
      .to.be.revertedWithCustomError(router, 'UnexpectedBalanceChange')
      .withArgs(token, payer, 0n, -10n);
  });
});
