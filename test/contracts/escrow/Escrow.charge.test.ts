import { expect } from 'chai';
import { AMOUNT, AUTHORIZATION_EXPIRY, asEmitted, COIN, openChain, status } from './fixture.ts';

const { ethers, accounts, corridor, at } = await openChain();
const { payer, payee, operator, feeRecipient, stranger } = accounts;
const zero = ethers.ZeroAddress;

const charged = (refundable: bigint) => ({
  capturable: 0n,
  refundable,
  rulingDeadline: 0n,
  milestonesLeft: 0n,
  status: status.closed,
});

describe('Escrow charge', () => {
  it('pays the payee at once, but for the lowest fee, and stays refundable', async () => {
    const { coin, escrow, terms, idOf, stateOf } = await corridor();
    const amount = 60n * COIN + 99n; // 1 % of it is 600,000.99 units
    const call = escrow.connect(payer).charge(terms(), amount, 100n);
    await expect(call)
      .to.emit(escrow, 'EscrowCharged')
      .withArgs(idOf(terms()), payer, payee, amount, 600_000n, asEmitted(terms()));
    await expect(call).to.changeTokenBalances(
      ethers,
      coin,
      [payer, payee, feeRecipient, escrow],
      [-amount, amount - 600_000n, 600_000n, 0n],
    );
    expect(await stateOf(idOf(terms()))).to.deep.equal(charged(amount));
    await escrow.connect(payee).refund(terms(), amount);
  });

  it('says the fee', async () => {
    const { escrow, terms } = await corridor();
    expect(await escrow.connect(payer).charge.staticCall(terms(), AMOUNT, 100n)).to.equal(COIN);
  });

  it('given no operator, a hash lock, or milestones, is the payer’s to give away too', async () => {
    const { escrow, terms, hashLocked, idOf, stateOf } = await corridor();
    const inParts = terms({ milestones: [1n, AMOUNT - 1n] });
    for (const each of [terms({ operator: zero }), hashLocked(), inParts]) {
      await escrow.connect(payer).charge(each, AMOUNT, 100n);
      expect((await stateOf(idOf(each))).refundable).to.equal(AMOUNT);
    }
  });

  it('by anybody but the payer reverts', async () => {
    const { escrow, terms } = await corridor();
    for (const caller of [operator, payee]) {
      await expect(escrow.connect(caller).charge(terms(), AMOUNT, 100n))
        .to.be.revertedWithCustomError(escrow, 'CallerIsNotPayer')
        .withArgs(caller, payer);
    }
  });

  it('given another fee than the lowest, reverts', async () => {
    const { escrow, terms } = await corridor();
    for (const feeBps of [99n, 101n]) {
      await expect(escrow.connect(payer).charge(terms(), AMOUNT, feeBps))
        .to.be.revertedWithCustomError(escrow, 'FeeOutOfBounds')
        .withArgs(feeBps, 100n, 100n);
    }
  });

  it('counts once, and only by terms that make sense', async () => {
    const { escrow, terms, idOf } = await corridor();
    await expect(escrow.connect(payer).charge(terms(), AMOUNT + 1n, 100n))
      .to.be.revertedWithCustomError(escrow, 'AmountOutOfBounds')
      .withArgs(AMOUNT + 1n, 1n, AMOUNT);
    await escrow.connect(payer).charge(terms(), 1n, 100n);
    await expect(escrow.connect(payer).charge(terms(), 1n, 100n))
      .to.be.revertedWithCustomError(escrow, 'AlreadyAuthorized')
      .withArgs(idOf(terms()), status.closed);
  });

  it('works until the last second of the authorization', async () => {
    const { escrow, terms } = await corridor();
    await at(AUTHORIZATION_EXPIRY);
    await escrow.connect(payer).charge(terms(), AMOUNT, 100n);
    await at(AUTHORIZATION_EXPIRY + 1n);
    await expect(escrow.connect(payer).charge(terms({ salt: 2n }), AMOUNT, 100n))
      .to.be.revertedWithCustomError(escrow, 'AuthorizationExpired')
      .withArgs(AUTHORIZATION_EXPIRY, AUTHORIZATION_EXPIRY + 1n);
  });
});

describe('Escrow chargeWithSignature', () => {
  it('lets the operator charge what the payer signed, at a fee within the bounds', async () => {
    const { coin, escrow, terms, idOf, stateOf, signAuthorization } = await corridor();
    const signature = await signAuthorization(payer, terms(), AMOUNT);
    const call = escrow.connect(operator).chargeWithSignature(terms(), AMOUNT, 300n, signature);
    await expect(call)
      .to.emit(escrow, 'EscrowCharged')
      .withArgs(idOf(terms()), payer, payee, AMOUNT, 3n * COIN, asEmitted(terms()));
    await expect(call).to.changeTokenBalances(
      ethers,
      coin,
      [payer, payee, feeRecipient, escrow, operator],
      [-AMOUNT, AMOUNT - 3n * COIN, 3n * COIN, 0n, 0n],
    );
    expect(await stateOf(idOf(terms()))).to.deep.equal(charged(AMOUNT));
  });

  it('says the fee', async () => {
    const { escrow, terms, signAuthorization } = await corridor();
    const signature = await signAuthorization(payer, terms(), AMOUNT);
    const call = escrow.connect(operator).chargeWithSignature.staticCall(terms(), AMOUNT, 200n, signature);
    expect(await call).to.equal(2n * COIN);
  });

  it('given a fee out of bounds, reverts', async () => {
    const { escrow, terms, signAuthorization } = await corridor();
    const signature = await signAuthorization(payer, terms(), AMOUNT);
    for (const feeBps of [99n, 301n]) {
      await expect(escrow.connect(operator).chargeWithSignature(terms(), AMOUNT, feeBps, signature))
        .to.be.revertedWithCustomError(escrow, 'FeeOutOfBounds')
        .withArgs(feeBps, 100n, 300n);
    }
  });

  it('by payee or stranger reverts, whatever the payer signed', async () => {
    const { escrow, terms, signAuthorization } = await corridor();
    for (const each of [terms(), terms({ operator: zero })]) {
      const signature = await signAuthorization(payer, each, AMOUNT);
      for (const caller of [payee, stranger]) {
        await expect(escrow.connect(caller).chargeWithSignature(each, AMOUNT, 100n, signature))
          .to.be.revertedWithCustomError(escrow, 'CallerCannotCapture')
          .withArgs(caller, each.operator, payer);
      }
    }
  });

  it('given somebody else signed, or something else, reverts', async () => {
    const { escrow, terms, signAuthorization } = await corridor();
    const signature = await signAuthorization(payer, terms(), AMOUNT);
    const calls = [
      escrow
        .connect(operator)
        .chargeWithSignature(terms(), AMOUNT, 100n, await signAuthorization(operator, terms(), AMOUNT)),
      escrow.connect(operator).chargeWithSignature(terms(), AMOUNT - 1n, 100n, signature),
      escrow.connect(operator).chargeWithSignature(terms({ maxFeeBps: 400n }), AMOUNT, 100n, signature),
    ];
    for (const call of calls) {
      await expect(call).to.be.revertedWithCustomError(escrow, 'InvalidSignature').withArgs(payer);
    }
  });

  it('given milestones, charges only what the first one is', async () => {
    const { escrow, terms, signAuthorization, idOf, stateOf } = await corridor();
    const inParts = terms({ milestones: [1n, AMOUNT - 1n] });
    await expect(
      escrow
        .connect(operator)
        .chargeWithSignature(inParts, AMOUNT, 100n, await signAuthorization(payer, inParts, AMOUNT)),
    )
      .to.be.revertedWithCustomError(escrow, 'MilestoneMismatch')
      .withArgs(0n, 1n, AMOUNT);
    const inOne = terms({ milestones: [AMOUNT] });
    const signature = await signAuthorization(payer, inOne, AMOUNT);
    await escrow.connect(operator).chargeWithSignature(inOne, AMOUNT, 100n, signature);
    expect(await stateOf(idOf(inOne))).to.deep.equal(charged(AMOUNT));
  });
});
