import { expect } from 'chai';
import { CAPTURE_EXPIRY, openChain, START, status, type Terms } from './fixture.ts';

const { ethers, accounts, withToken, at } = await openChain();
const { payer, payee, operator, feeRecipient, arbiter, stranger } = accounts;

/** `CapriciousToken.Manner`: how a push fails without moving anything. */
const refusals = {
  revert: 1n,
  'return false': 2n,
  'return one byte': 3n,
  'burn all gas': 4n,
  'return a bomb': 5n,
  'say yes and move nothing': 6n,
};
const moveAndDeny = 7n;
const [half, double, moreBack] = [8n, 9n, 10n];

describe('Escrow with a token that keeps a fee, lies or takes more', () => {
  const tokens = { FeeToken: 90n, LyingToken: 0n };
  for (const [name, observed] of Object.entries(tokens)) {
    it(`refuses the ${name} with what was expected and observed`, async () => {
      const { escrow, terms } = await withToken(name);
      for (const call of [
        escrow.connect(payer).authorize(terms(), 100n),
        escrow.connect(payer).charge(terms(), 100n, 100n),
      ]) {
        await expect(call)
          .to.be.revertedWithCustomError(escrow, 'UnexpectedBalanceChange')
          .withArgs(terms().token, escrow, 100n, observed);
      }
    });
  }

  it('refuses one that moves the money and says no', async () => {
    const { escrow, token, terms } = await withToken('DenyingToken');
    await expect(escrow.connect(payer).authorize(terms(), 100n))
      .to.be.revertedWithCustomError(escrow, 'TransferFailed')
      .withArgs(token, payer, escrow, 100n);
  });

  it('takes one that says nothing', async () => {
    const { escrow, terms, idOf, stateOf, balanceOf } = await withToken('SilentToken');
    await escrow.connect(payer).authorize(terms(), 100n);
    expect(await balanceOf(escrow)).to.equal(100n);
    expect((await stateOf(idOf(terms()))).status).to.equal(status.open);
  });

  it('refuses a contract that is no token', async () => {
    const { escrow, manager, terms } = await withToken('PlainToken');
    for (const token of [manager, await ethers.deployContract('ShortAnswer')])
      await expect(escrow.connect(payer).authorize(terms({ token: await token.getAddress() }), 1n))
        .to.be.revertedWithCustomError(escrow, 'NotAToken')
        .withArgs(token);
  });
});

describe('Escrow with a token that refuses a recipient', () => {
  for (const [manner, index] of Object.entries(refusals)) {
    it(`given its way is to ${manner}, owes the payee and the fee recipient, and closes`, async () => {
      const { escrow, token, terms, idOf, stateOf, balanceOf } = await withToken('CapriciousToken');
      await escrow.connect(payer).authorize(terms(), 1_000n);
      await token.getFunction('mark')(payee, index);
      await token.getFunction('mark')(feeRecipient, index);
      const call = escrow.connect(operator).capture(terms(), 1_000n, 100n);
      await expect(call)
        .to.emit(escrow, 'CreditAdded')
        .withArgs(payee, idOf(terms()), token, 990n)
        .and.to.emit(escrow, 'CreditAdded')
        .withArgs(feeRecipient, idOf(terms()), token, 10n);
      expect(await stateOf(idOf(terms()))).to.deep.include({ refundable: 1_000n, status: status.closed });
      expect([await escrow.creditOf(payee, token), await escrow.creditOf(feeRecipient, token)]).to.deep.equal(
        [990n, 10n],
      );
      expect(await balanceOf(escrow)).to.equal(1_000n);

      await expect(escrow.withdrawCredit(token, payee))
        .to.be.revertedWithCustomError(escrow, 'TransferFailed')
        .withArgs(token, escrow, payee, 990n);
      await token.getFunction('mark')(payee, 0n);
      await expect(escrow.connect(stranger).withdrawCredit(token, payee))
        .to.emit(escrow, 'CreditWithdrawn')
        .withArgs(payee, token, 990n);
      expect([await balanceOf(payee), await escrow.creditOf(payee, token)]).to.deep.equal([1_990n, 0n]);
      await expect(escrow.withdrawCredit(token, payee))
        .to.be.revertedWithCustomError(escrow, 'NoCredit')
        .withArgs(payee, token);
    });

    it(`given its way is to ${manner}, owes the payer what is refunded`, async () => {
      const { escrow, token, terms, idOf, balanceOf } = await withToken('CapriciousToken');
      await escrow.connect(payer).charge(terms(), 1_000n, 100n);
      await token.getFunction('mark')(payer, index);
      await expect(escrow.connect(operator).refund(terms(), 400n))
        .to.emit(escrow, 'CreditAdded')
        .withArgs(payer, idOf(terms()), token, 400n);
      expect([await balanceOf(operator), await balanceOf(escrow), await balanceOf(payer)]).to.deep.equal([
        600n,
        400n,
        0n,
      ]);
      await token.getFunction('mark')(payer, 0n);
      await escrow.withdrawCredit(token, payer);
      expect([await balanceOf(escrow), await balanceOf(payer)]).to.deep.equal([0n, 400n]);
    });
  }

  it('owes the payer what is voided, reclaimed, ruled or released', async () => {
    const { escrow, token, terms, idOf, signRelease, balanceOf } = await withToken('CapriciousToken');
    const four = [1n, 2n, 3n, 4n].map((salt) => terms({ salt, amount: 100n })) as [
      Terms,
      Terms,
      Terms,
      Terms,
    ];
    const [voided, ruled, released, reclaimed] = four;
    for (const each of four) await escrow.connect(payer).authorize(each, 100n);
    await token.getFunction('mark')(payer, 1n);
    await escrow.connect(operator).void(voided);
    await escrow.connect(payer).openDispute(ruled, ethers.ZeroHash);
    await escrow.connect(arbiter).rule(ruled, 5_000n, ethers.ZeroHash);
    const split = { payeeAmount: 20n, payerAmount: 80n, feeBps: 100n, deadline: START + 1_000n };
    const message = { escrowId: idOf(released), ...split };
    await escrow.release(
      released,
      split,
      await signRelease(payer, message),
      await signRelease(payee, message),
    );
    await at(CAPTURE_EXPIRY + 1n);
    await escrow.reclaim(reclaimed);
    expect(await escrow.creditOf(payer, token)).to.equal(100n + 50n + 80n + 100n);
    expect([await balanceOf(escrow), await balanceOf(payee)]).to.deep.equal([330n, 1_070n]);
  });

  it('given it moves the money and says no, believes the balance', async () => {
    const { escrow, token, terms, balanceOf } = await withToken('CapriciousToken');
    await escrow.connect(payer).authorize(terms(), 1_000n);
    await token.getFunction('mark')(payee, moveAndDeny);
    await token.getFunction('mark')(payer, moveAndDeny);
    await escrow.connect(operator).capture(terms(), 1_000n, 100n);
    await escrow.connect(operator).refund(terms(), 500n);
    expect([await balanceOf(payee), await balanceOf(payer), await balanceOf(escrow)]).to.deep.equal([
      1_990n,
      500n,
      0n,
    ]);
    expect([await escrow.creditOf(payee, token), await escrow.creditOf(payer, token)]).to.deep.equal([
      0n,
      0n,
    ]);
  });

  it('given it moves less than asked, or a recipient sends some of it back, owes the rest', async () => {
    const { escrow, token, terms, idOf, stateOf, balanceOf } = await withToken('CapriciousToken');
    await escrow.connect(payer).authorize(terms(), 1_000n);
    await token.getFunction('mark')(payee, half);
    await expect(escrow.connect(operator).capture(terms(), 500n, 200n))
      .to.emit(escrow, 'CreditAdded')
      .withArgs(payee, idOf(terms()), token, 245n);
    expect([await balanceOf(payee), await escrow.creditOf(payee, token)]).to.deep.equal([1_245n, 245n]);
    await expect(escrow.withdrawCredit(token, payee))
      .to.be.revertedWithCustomError(escrow, 'UnexpectedBalanceChange')
      .withArgs(token, escrow, -245n, -122n);

    await token.getFunction('mark')(payer, moreBack);
    await expect(escrow.connect(operator).void(terms()))
      .to.emit(escrow, 'CreditAdded')
      .withArgs(payer, idOf(terms()), token, 500n);
    expect(await stateOf(idOf(terms()))).to.deep.include({ refundable: 500n, status: status.closed });
    expect(await balanceOf(escrow)).to.equal(245n + 500n + 1n);
    await token.getFunction('mark')(payee, 0n);
    await escrow.withdrawCredit(token, payee);
    expect(await balanceOf(payee)).to.equal(1_490n);
  });

  it('given it moves more than asked, reverts', async () => {
    const { escrow, token, terms } = await withToken('CapriciousToken');
    await escrow.connect(payer).authorize(terms(), 100n);
    await escrow.connect(payer).authorize(terms({ salt: 2n }), 500n);
    await token.getFunction('mark')(payer, double);
    await expect(escrow.connect(operator).void(terms()))
      .to.be.revertedWithCustomError(escrow, 'UnexpectedBalanceChange')
      .withArgs(token, escrow, -100n, -200n);
  });

  it('given a refund takes another amount than asked, reverts', async () => {
    for (const [manner, taken] of [
      [half, 50n],
      [double, 200n],
      [moreBack, -1n],
    ] as const) {
      const { escrow, token, terms } = await withToken('CapriciousToken');
      await escrow.connect(payer).charge(terms(), 100n, 100n);
      await token.getFunction('mark')(payer, manner);
      await expect(escrow.connect(operator).refund(terms(), 100n))
        .to.be.revertedWithCustomError(escrow, 'UnexpectedBalanceChange')
        .withArgs(token, operator, -100n, -taken);
    }
  });
});

describe('Escrow with a payer that passes a refund on at once', () => {
  async function refunded() {
    const contracts = await withToken('PassingToken');
    const { escrow, token, terms, balanceOf } = contracts;
    await escrow.connect(payer).charge(terms(), 1_000n, 100n);
    const pass = async (to: { address: string }, amount: bigint) =>
      await token.getFunction('mark')(payer, to.address, amount);
    const amounts = async () => ({
      operator: await balanceOf(operator),
      payer: await balanceOf(payer),
      stranger: await balanceOf(stranger),
      escrow: await balanceOf(escrow),
      credit: await escrow.creditOf(payer, token),
    });
    return { ...contracts, pass, amounts };
  }

  for (const amount of [400n, 399n]) {
    it(`given ${amount} of 400 go to somebody else, takes the refund once and owes nothing`, async () => {
      const { escrow, token, terms, idOf, stateOf, pass, amounts } = await refunded();
      await pass(stranger, amount);
      const call = escrow.connect(operator).refund(terms(), 400n);
      await expect(call).to.emit(escrow, 'EscrowRefunded').withArgs(idOf(terms()), operator, 400n);
      await expect(call).not.to.emit(escrow, 'CreditAdded');
      expect(await amounts()).to.deep.equal({
        operator: 600n,
        payer: 400n - amount,
        stranger: amount,
        escrow: 0n,
        credit: 0n,
      });
      expect((await stateOf(idOf(terms()))).refundable).to.equal(600n);
      await expect(escrow.withdrawCredit(token, payer))
        .to.be.revertedWithCustomError(escrow, 'NoCredit')
        .withArgs(payer, token);
    });
  }

  it('given all of it comes back to who refunds, takes it once, as a credit', async () => {
    const { escrow, token, terms, idOf, pass, amounts } = await refunded();
    await pass(operator, 400n);
    await expect(escrow.connect(operator).refund(terms(), 400n))
      .to.emit(escrow, 'CreditAdded')
      .withArgs(payer, idOf(terms()), token, 400n);
    expect(await amounts()).to.deep.equal({
      operator: 600n,
      payer: 0n,
      stranger: 0n,
      escrow: 400n,
      credit: 400n,
    });
  });

  it('given some of it comes back, reverts', async () => {
    const { escrow, token, terms, pass } = await refunded();
    for (const amount of [1n, 399n]) {
      await pass(operator, amount);
      await expect(escrow.connect(operator).refund(terms(), 400n))
        .to.be.revertedWithCustomError(escrow, 'UnexpectedBalanceChange')
        .withArgs(token, operator, -400n, amount - 400n);
    }
  });
});
