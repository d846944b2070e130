import { expect } from 'chai';
import type { BaseContract } from 'ethers';
import {
  AMOUNT,
  CAPTURE_EXPIRY,
  COIN,
  openChain,
  RULING_PERIOD,
  START,
  status,
  type Terms,
} from './fixture.ts';

const { ethers, accounts, corridor, at } = await openChain();
const { payer, payee, operator, feeRecipient, arbiter, stranger } = accounts;
const REQUIRED_GAS = (300_000n * 64n) / 63n + 10_000n;

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

/** The token of this kind: payer, payee and operator hold 1,000 and allow them to the escrow. */
async function withToken(name: string) {
  const contracts = await corridor();
  const token = (await ethers.deployContract(name)) as BaseContract;
  const address = await token.getAddress();
  for (const holder of [payer, payee, operator]) {
    await token.getFunction('mint')(holder, 1_000n);
    const asHolder = token.connect(holder) as BaseContract;
    await asHolder.getFunction('approve')(contracts.escrow, ethers.MaxUint256);
  }
  const terms = (given: Partial<Terms> = {}) =>
    contracts.disputable({ token: address, amount: 1_000n, ...given });
  const balanceOf = async (of: unknown): Promise<bigint> => await token.getFunction('balanceOf')(of);
  return { ...contracts, token, address, terms, balanceOf };
}

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
    await expect(escrow.connect(payer).authorize(terms({ token: await manager.getAddress() }), 1n))
      .to.be.revertedWithCustomError(escrow, 'NotAToken')
      .withArgs(manager);
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

describe('Escrow with a token that calls back', () => {
  it('does not let it in, by any verb', async () => {
    const { escrow, token, address, terms, balanceOf } = await withToken('CallingToken');
    const { interface: abi } = escrow;
    const one = terms();
    const split = { payeeAmount: 1n, payerAmount: 0n, feeBps: 100n, deadline: 2n ** 40n };
    const hash = ethers.ZeroHash;
    const attacks = [
      abi.encodeFunctionData('authorize', [one, 1n]),
      abi.encodeFunctionData('authorizeWithSignature', [one, 1n, '0x']),
      abi.encodeFunctionData('authorizeWithPermit', [one, 1n, 0n, 27, hash, hash]),
      abi.encodeFunctionData('authorizeWithAuthorization', [one, 1n, 0n, 1n, '0x']),
      abi.encodeFunctionData('onPaymentReceived', [payer.address, address, 1n, hash, '0x']),
      abi.encodeFunctionData('cancelAuthorization', [one]),
      abi.encodeFunctionData('charge', [one, 1n, 100n]),
      abi.encodeFunctionData('chargeWithSignature', [one, 1n, 100n, '0x']),
      abi.encodeFunctionData('capture', [one, 1n, 100n]),
      abi.encodeFunctionData('captureWithPreimage', [one, hash]),
      abi.encodeFunctionData('void', [one]),
      abi.encodeFunctionData('reclaim', [one]),
      abi.encodeFunctionData('refund', [one, 1n]),
      abi.encodeFunctionData('release', [one, split, '0x', '0x']),
      abi.encodeFunctionData('openDispute', [one, hash]),
      abi.encodeFunctionData('submitEvidence', [one, hash]),
      abi.encodeFunctionData('rule', [one, 0n, hash]),
      abi.encodeFunctionData('resolveByDefault', [one]),
      abi.encodeFunctionData('withdrawCredit', [address, payer.address]),
    ];
    const refusal = abi.getError('ReentrancyGuardReentrantCall')?.selector;
    await escrow.connect(payer).authorize(one, 100n);
    for (const attack of attacks) {
      await token.getFunction('arm')(escrow, attack);
      await escrow.connect(operator).capture(one, 1n, 100n);
      expect(await token.getFunction('refusal')(), attack.slice(0, 10)).to.equal(refusal);
      expect(await token.getFunction('entered')(), attack.slice(0, 10)).to.equal(false);
    }
    expect(await balanceOf(escrow)).to.equal(100n - BigInt(attacks.length));
  });

  it('holds the door during every verb that moves money', async () => {
    const { escrow, token, terms, idOf, signAuthorization, signRelease } = await withToken('CallingToken');
    const lock = ethers.sha256(ethers.ZeroHash);
    const [open, locked, ruled, defaulted, released, reclaimed] = [1n, 2n, 3n, 4n, 5n, 6n].map((salt) =>
      terms({ salt, amount: 100n }),
    ) as [Terms, Terms, Terms, Terms, Terms, Terms];
    const hashLocked: Terms = {
      ...locked,
      operator: ethers.ZeroAddress,
      arbiter: ethers.ZeroAddress,
      rulingPeriodSeconds: 0n,
      defaultPayeeBps: 0n,
      hashLock: lock,
    };
    const many = [open, hashLocked, ruled, defaulted, released, reclaimed];
    for (const each of many) await escrow.connect(payer).authorize(each, 100n);
    for (const each of [ruled, defaulted]) await escrow.connect(payer).openDispute(each, ethers.ZeroHash);
    const attack = escrow.interface.encodeFunctionData('void', [open]);
    const refusal = escrow.interface.getError('ReentrancyGuardReentrantCall')?.selector;
    const split = { payeeAmount: 20n, payerAmount: 80n, feeBps: 100n, deadline: 2n ** 40n };
    const message = { escrowId: idOf(released), ...split };
    const [charged, signed] = [terms({ salt: 7n }), terms({ salt: 8n })];
    const verbs = [
      async () => escrow.connect(payer).authorize(terms({ salt: 10n }), 1n),
      async () =>
        escrow.authorizeWithSignature(
          terms({ salt: 11n }),
          1n,
          await signAuthorization(payer, terms({ salt: 11n }), 1n),
        ),
      async () =>
        escrow
          .connect(payer)
          .authorizeWithPermit(terms({ salt: 12n }), 1n, 0n, 27, ethers.ZeroHash, ethers.ZeroHash),
      async () => escrow.connect(payer).charge(charged, 10n, 100n),
      async () =>
        escrow
          .connect(operator)
          .chargeWithSignature(signed, 10n, 100n, await signAuthorization(payer, signed, 10n)),
      async () => escrow.connect(operator).capture(open, 1n, 100n),
      async () => escrow.captureWithPreimage(hashLocked, ethers.ZeroHash),
      async () => escrow.connect(payee).refund(charged, 1n),
      async () =>
        escrow.release(released, split, await signRelease(payer, message), await signRelease(payee, message)),
      async () => escrow.connect(arbiter).rule(ruled, 5_000n, ethers.ZeroHash),
      async () => {
        await at(START + RULING_PERIOD * 2n);
        return await escrow.resolveByDefault(defaulted);
      },
      async () => escrow.reclaim(reclaimed),
    ];
    for (const [i, verb] of verbs.entries()) {
      await token.getFunction('arm')(escrow, attack);
      await verb();
      expect(await token.getFunction('refusal')(), `verb ${i}`).to.equal(refusal);
      await token.getFunction('arm')(ethers.ZeroAddress, '0x');
    }
    await token.getFunction('arm')(escrow, escrow.interface.encodeFunctionData('reclaim', [open]));
    await escrow.connect(operator).void(open);
    expect(await token.getFunction('refusal')(), 'void').to.equal(refusal);
  });
});

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
