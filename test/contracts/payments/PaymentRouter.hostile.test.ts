import { expect } from 'chai';
import type { AddressLike, BaseContract } from 'ethers';
import { openChain, REFERENCE, WINDOW_SECONDS } from './fixture.ts';

const { ethers, accounts, corridor, pack } = await openChain();
const { operator, payer, recipient, stranger, relayer } = accounts;

const manners = {
  revert: 1,
  'return false': 2,
  'return one byte': 3,
  'burn all gas': 4,
  'return a bomb': 5,
};

/** The token of this kind, of which the payer holds 1,000 and allows them to the router and the operator. */
async function withToken(name: string) {
  const contracts = await corridor();
  const token = (await ethers.deployContract(name)) as BaseContract;
  const asPayer = token.connect(payer) as BaseContract;
  await token.getFunction('mint')(payer, 1_000n);
  await asPayer.getFunction('approve')(contracts.router, ethers.MaxUint256);
  await contracts.router.connect(payer).authorizeOperator(operator, token, 1_000n, WINDOW_SECONDS);
  const pay = (amount: bigint) => contracts.router.connect(payer).pay(token, recipient, amount, REFERENCE);
  const settle = (payments: string[]) =>
    contracts.router.connect(operator).settleBatch(payer, token, 1n, payments);
  const balanceOf = async (of: AddressLike): Promise<bigint> => await token.getFunction('balanceOf')(of);
  /** A batch of two, of which nothing moves, whatever the token did meanwhile. */
  const returnsAll = async () => {
    const payments = [pack(recipient, 10n), pack(stranger, 20n)];
    const settlement = settle(payments);
    await expect(settlement)
      .to.emit(contracts.router, 'BatchSettled')
      .withArgs(payer, token, 1n, 2n, 0n, ethers.keccak256(ethers.concat(payments)), operator);
    for (const [sequence, to, amount] of [
      [1n, recipient, 10n],
      [2n, stranger, 20n],
    ] as const)
      await expect(settlement)
        .to.emit(contracts.router, 'PaymentReturned')
        .withArgs(payer, sequence, to, token, amount);
    expect([await balanceOf(payer), await balanceOf(recipient), await balanceOf(stranger)]).to.deep.equal([
      1_000n,
      0n,
      0n,
    ]);
    expect((await contracts.router.operatorAllowance(payer, operator, token)).available).to.equal(1_000n);
  };
  return { ...contracts, token, pay, settle, returnsAll, balanceOf };
}

for (const name of ['PlainToken', 'SilentToken']) {
  describe(`PaymentRouter with a ${name}`, () => {
    it('pays', async () => {
      const { router, pay, balanceOf } = await withToken(name);
      await expect(pay(10n)).to.emit(router, 'PaymentSettled');
      expect(await balanceOf(recipient)).to.equal(10n);
    });

    it('settles a batch, also to the payer itself', async () => {
      const { router, token, settle, balanceOf } = await withToken(name);
      const payments = [pack(recipient, 10n), pack(payer, 20n), pack(stranger, 30n)];
      await expect(settle(payments))
        .to.emit(router, 'BatchSettled')
        .withArgs(payer, token, 1n, 3n, 60n, ethers.keccak256(ethers.concat(payments)), operator);
      expect([await balanceOf(payer), await balanceOf(recipient), await balanceOf(stranger)]).to.deep.equal([
        960n,
        10n,
        30n,
      ]);
    });

    it('given the payer cannot cover the batch, reverts and leaves the sequences', async () => {
      const { router, token, settle } = await withToken(name);
      await router.connect(payer).authorizeOperator(operator, token, 2_000n, WINDOW_SECONDS);
      await expect(settle([pack(recipient, 1_001n)]))
        .to.be.revertedWithCustomError(router, 'PayerCannotCover')
        .withArgs(token, payer, 1_000n, 1_001n);
      await (token.connect(payer) as BaseContract).getFunction('approve')(router, 5n);
      await expect(settle([pack(recipient, 6n)]))
        .to.be.revertedWithCustomError(router, 'PayerCannotCover')
        .withArgs(token, payer, 5n, 6n);
      expect(await router.isSequenceUsed(payer, 1n)).to.equal(false);
    });
  });
}

describe('PaymentRouter with a token that keeps a fee', () => {
  it('refuses payments with what was expected and observed, and returns those of a batch', async () => {
    const { router, token, pay, returnsAll } = await withToken('FeeToken');
    await expect(pay(10n))
      .to.be.revertedWithCustomError(router, 'UnexpectedBalanceChange')
      .withArgs(token, recipient, 10n, 9n);
    await returnsAll();
  });
});

describe('PaymentRouter with a token that takes more from the payer', () => {
  it('refuses payments with what was expected and observed, and returns those of a batch', async () => {
    const { router, token, pay, returnsAll } = await withToken('GreedyToken');
    await expect(pay(10n))
      .to.be.revertedWithCustomError(router, 'UnexpectedBalanceChange')
      .withArgs(token, payer, -10n, -20n);
    await returnsAll();
  });
});

describe('PaymentRouter with a token that moves nothing and says yes', () => {
  it('refuses payments, and returns those of a batch', async () => {
    const { router, token, pay, returnsAll } = await withToken('LyingToken');
    await expect(pay(10n))
      .to.be.revertedWithCustomError(router, 'UnexpectedBalanceChange')
      .withArgs(token, recipient, 10n, 0n);
    await returnsAll();
  });
});

describe('PaymentRouter with a token that moves the money and says no', () => {
  it('refuses payments, and returns those of a batch', async () => {
    const { router, token, pay, returnsAll } = await withToken('DenyingToken');
    await expect(pay(10n))
      .to.be.revertedWithCustomError(router, 'TransferFailed')
      .withArgs(token, payer, recipient, 10n);
    await returnsAll();
  });
});

describe('PaymentRouter with a token that treats one recipient badly', () => {
  for (const [manner, index] of Object.entries(manners)) {
    it(`given the token’s way is to ${manner}, returns that payment and settles the others`, async () => {
      const { router, token, settle, balanceOf } = await withToken('CapriciousToken');
      await token.getFunction('mark')(stranger, index);
      const settlement = settle([pack(recipient, 1n), pack(stranger, 2n), pack(relayer, 4n)]);
      await expect(settlement).to.emit(router, 'PaymentReturned').withArgs(payer, 2n, stranger, token, 2n);
      expect([await balanceOf(payer), await balanceOf(recipient), await balanceOf(stranger)]).to.deep.equal([
        995n,
        1n,
        0n,
      ]);
      expect((await router.operatorAllowance(payer, operator, token)).available).to.equal(995n);
    });

    it(`given the token’s way is to ${manner}, fails a single payment`, async () => {
      const { router, token, pay } = await withToken('CapriciousToken');
      await token.getFunction('mark')(recipient, index);
      await expect(pay(2n))
        .to.be.revertedWithCustomError(router, 'TransferFailed')
        .withArgs(token, payer, recipient, 2n);
    });
  }

  it('given the submitter left too little gas, reverts instead of returning payments', async () => {
    const { router, token } = await withToken('PlainToken');
    const required = (300_000n * 64n) / 63n + 10_000n;
    const gasLimit = { gasLimit: 300_000n };
    await expect(router.connect(operator).settleBatch(payer, token, 1n, [pack(recipient, 1n)], gasLimit))
      .to.be.revertedWithCustomError(router, 'InsufficientGas')
      .withArgs((available: bigint) => available < required, required);
  });
});

describe('PaymentRouter with a token that lets a recipient move money on at once', () => {
  for (const { to, next, amount } of [
    { to: 'somebody else', next: operator, amount: 20n },
    { to: 'somebody else, some of it', next: operator, amount: 1n },
    { to: 'the payer', next: payer, amount: 20n },
    { to: 'the payer, some of it', next: payer, amount: 1n },
    { to: 'another recipient of the batch', next: relayer, amount: 20n },
  ]) {
    it(`given it goes to ${to}, returns that payment alone and settles the others`, async () => {
      const { router, token, settle, balanceOf } = await withToken('PassingToken');
      await token.getFunction('mark')(stranger, next, amount);
      const payments = [pack(recipient, 10n), pack(stranger, 20n), pack(relayer, 40n), pack(payer, 80n)];
      const settlement = settle(payments);
      await expect(settlement).to.emit(router, 'PaymentReturned').withArgs(payer, 2n, stranger, token, 20n);
      await expect(settlement)
        .to.emit(router, 'BatchSettled')
        .withArgs(payer, token, 1n, 4n, 130n, ethers.keccak256(ethers.concat(payments)), operator);
      const holders = [payer, recipient, stranger, relayer, operator, router];
      expect(await Promise.all(holders.map(balanceOf))).to.deep.equal([950n, 10n, 0n, 40n, 0n, 0n]);
      expect((await router.operatorAllowance(payer, operator, token)).available).to.equal(870n);
    });
  }

  it('given it goes to the router, returns that payment alone', async () => {
    const { router, token, settle, balanceOf } = await withToken('PassingToken');
    await token.getFunction('mark')(stranger, router, 20n);
    await expect(settle([pack(recipient, 10n), pack(stranger, 20n)]))
      .to.emit(router, 'PaymentReturned')
      .withArgs(payer, 2n, stranger, token, 20n);
    expect([await balanceOf(payer), await balanceOf(router)]).to.deep.equal([990n, 0n]);
  });

  it('given another account of the recipient pays the router, settles all', async () => {
    const { router, token, settle, balanceOf } = await withToken('ToppingUpToken');
    await token.getFunction('mark')(stranger, router);
    await settle([pack(recipient, 10n), pack(stranger, 20n)]);
    expect([await balanceOf(payer), await balanceOf(stranger), await balanceOf(router)]).to.deep.equal([
      970n,
      20n,
      1n,
    ]);
  });

  it('fails a single payment', async () => {
    const { router, token, pay } = await withToken('PassingToken');
    await token.getFunction('mark')(recipient, stranger, 3n);
    await expect(pay(10n))
      .to.be.revertedWithCustomError(router, 'UnexpectedBalanceChange')
      .withArgs(token, recipient, 10n, 7n);
    await token.getFunction('mark')(recipient, payer, 10n);
    await expect(pay(10n))
      .to.be.revertedWithCustomError(router, 'UnexpectedBalanceChange')
      .withArgs(token, recipient, 10n, 0n);
  });
});

describe('PaymentRouter transferExactly', () => {
  it('is for the router alone', async () => {
    const { router, coin } = await corridor();
    for (const caller of [payer, operator, stranger])
      await expect(router.connect(caller).transferExactly(coin, payer, stranger, 1n))
        .to.be.revertedWithCustomError(router, 'CallerIsNotRouter')
        .withArgs(caller, router);
  });
});

describe('PaymentRouter given a submitter that starves a payment', () => {
  it('settles all or reverts, whatever gas it brings', async () => {
    const { router, token } = await withToken('CostlyToken');
    const payments = [pack(recipient, 1n), pack(stranger, 2n)];
    const outcomes = new Set<string>();
    for (let gasLimit = 300_000n; gasLimit <= 800_000n; gasLimit += 10_000n) {
      const settled = router
        .connect(operator)
        .settleBatch.staticCall(payer, token, 1n, payments, { gasLimit })
        .then(
          ([amount, returned]) => `settled ${amount}, returned ${returned}`,
          () => 'reverted',
        );
      outcomes.add(await settled);
    }
    expect([...outcomes]).to.deep.equal(['reverted', 'settled 3, returned 0']);
  });
});

describe('PaymentRouter with a token that calls back', () => {
  it('does not let it in, by any entry', async () => {
    const { router, token, pay, balanceOf } = await withToken('CallingToken');
    const { interface: abi } = router;
    const target = await token.getAddress();
    const zero = ethers.ZeroHash;
    const attacks = [
      abi.encodeFunctionData('pay', [target, stranger.address, 1n, REFERENCE]),
      abi.encodeFunctionData('payWithPermit', [target, stranger.address, 1n, REFERENCE, 0n, 27, zero, zero]),
      abi.encodeFunctionData('payWithAuthorization', [
        target,
        payer.address,
        stranger.address,
        1n,
        REFERENCE,
        0n,
        1n,
        zero,
        '0x',
      ]),
      abi.encodeFunctionData('settleBatch', [payer.address, target, 1n, [pack(stranger, 1n)]]),
      abi.encodeFunctionData('settleBatchWithSignature', [
        payer.address,
        target,
        1n,
        [pack(stranger, 1n)],
        0n,
        '0x',
      ]),
    ];
    for (const attack of attacks) {
      await token.getFunction('arm')(router, attack);
      await pay(1n);
      const refusal = abi.getError('ReentrancyGuardReentrantCall')?.selector;
      expect(await token.getFunction('refusal')(), attack.slice(0, 10)).to.equal(refusal);
    }
    expect(await balanceOf(stranger)).to.equal(0n);
  });
});

describe('PaymentRouter with a token that lies about its native batches', () => {
  const lies = [
    {
      title: 'that it moved less than it says',
      claim: [10n, 0n, 9n],
      expected: -10n,
      observed: -9n,
    },
    {
      title: 'that it moved more than it says',
      claim: [10n, 0n, 11n],
      expected: -10n,
      observed: -11n,
    },
    {
      title: 'a sum that was not asked for',
      claim: [9n, 0n, 9n],
      expected: -10n,
      observed: -9n,
    },
    {
      title: 'returned payments that it settled',
      claim: [10n, 1n, 10n],
      expected: -4n,
      observed: -10n,
    },
    {
      title: 'returned payments that nobody asked for',
      claim: [9n, 4n, 9n],
      expected: -10n,
      observed: -9n,
    },
  ] as const;
  for (const { title, claim, expected, observed } of lies) {
    it(`refuses ${title}`, async () => {
      const { router, token, settle } = await withToken('LyingBatchToken');
      await token.getFunction('claim')(...claim);
      await expect(settle([pack(recipient, 6n), pack(stranger, 4n)]))
        .to.be.revertedWithCustomError(router, 'UnexpectedBalanceChange')
        .withArgs(token, payer, expected, observed);
    });
  }
});
