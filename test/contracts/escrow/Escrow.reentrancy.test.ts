import { expect } from 'chai';
import { openChain, RULING_PERIOD, START, type Terms } from './fixture.ts';

const { ethers, accounts, withToken, at } = await openChain();
const { payer, payee, operator, arbiter } = accounts;

describe('Escrow with a token that calls back', () => {
  it('does not let it in, by any verb', async () => {
    const { escrow, token, address, terms, balanceOf } = await withToken('CallingToken');
    const { interface: abi } = escrow;
    const one = terms();
    const split = { payeeAmount: 1n, payerAmount: 0n, feeBps: 100n, deadline: 2n ** 40n };
    const hash = ethers.ZeroHash;
    const attacks = [
      abi.encodeFunctionData('authorize', [one, 1n]),
      abi.encodeFunctionData('authorizeFor', [one, 1n]),
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
      async () => escrow.connect(payer).authorizeFor(terms({ salt: 13n }), 1n),
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
