import { expect } from 'chai';
import { FUNDS, OPERATOR_LIMIT, openChain, WINDOW_SECONDS } from './fixture.ts';

const { ethers, networkHelpers, accounts, corridor, pack, sign, someone, now } = await openChain();
const { operator, payer, recipient, frozen, relayer, stranger } = accounts;

type Corridor = Awaited<ReturnType<typeof corridor>>;

describe('PaymentRouter settleBatch', () => {
  it('pays every recipient, then tells the batch with its commitment', async () => {
    const { coin, router } = await corridor();
    const payments = [pack(recipient, 3n), pack(stranger, 4n)];
    const settlement = router.connect(operator).settleBatch(payer, coin, 7n, payments);
    await expect(settlement)
      .to.emit(router, 'BatchSettled')
      .withArgs(payer, coin, 7n, 2n, 7n, ethers.keccak256(ethers.concat(payments)), operator);
    await expect(settlement).to.changeTokenBalances(
      ethers,
      coin,
      [payer, recipient, stranger],
      [-7n, 3n, 4n],
    );

    const receipt = await (await settlement).wait();
    const order = receipt?.logs.map((log) => (log.address === router.target ? 'router' : 'token'));
    expect(order).to.deep.equal(['token', 'token', 'router']);
  });

  it('uses exactly the sequences of its payments', async () => {
    const { coin, router } = await corridor();
    const payments = Array.from({ length: 256 }, () => pack(recipient, 1n));
    await router.connect(operator).settleBatch(payer, coin, 300n, payments);
    const used = async (sequence: bigint) => await router.isSequenceUsed(payer, sequence);
    expect([await used(299n), await used(300n), await used(512n)]).to.deep.equal([false, true, true]);
    expect([await used(555n), await used(556n)]).to.deep.equal([true, false]);
    expect(await router.isSequenceUsed(recipient, 300n)).to.equal(false);
  });

  it('given one of the sequences was used, reverts with the lowest of them and changes nothing', async () => {
    const { coin, router } = await corridor();
    const settle = (first: bigint, count: number) =>
      router.connect(operator).settleBatch(
        payer,
        coin,
        first,
        Array.from({ length: count }, () => pack(recipient, 1n)),
      );
    await settle(260n, 2);
    await settle(511n, 2);
    for (const [first, count, clash] of [
      [260n, 1, 260n],
      [100n, 200, 260n],
      [261n, 5, 261n],
      [255n, 6, 260n],
      [500n, 20, 511n],
    ] as const) {
      await expect(settle(first, count))
        .to.be.revertedWithCustomError(router, 'SequenceAlreadyUsed')
        .withArgs(payer, clash);
    }
    expect(await coin.balanceOf(recipient)).to.equal(4n);
    expect(await router.isSequenceUsed(payer, 100n)).to.equal(false);
  });

  it('given a recipient cannot receive, returns that payment and settles the others', async () => {
    const { coin, router } = await corridor();
    const payments = [pack(recipient, 3n), pack(frozen, 4n), pack(recipient, 5n)];
    const asOperator = router.connect(operator);
    expect(await asOperator.settleBatch.staticCall(payer, coin, 1n, payments)).to.deep.equal([8n, 0b010n]);
    const settlement = asOperator.settleBatch(payer, coin, 1n, payments);
    await expect(settlement).to.emit(router, 'PaymentReturned').withArgs(payer, 2n, frozen, coin, 4n);
    await expect(settlement)
      .to.emit(router, 'BatchSettled')
      .withArgs(payer, coin, 1n, 3n, 8n, ethers.keccak256(ethers.concat(payments)), operator);
    await expect(settlement).to.changeTokenBalances(ethers, coin, [payer, recipient, frozen], [-8n, 8n, 0n]);
    expect(await router.isSequenceUsed(payer, 2n)).to.equal(true);
    expect((await router.operatorAllowance(payer, operator, coin)).available).to.equal(OPERATOR_LIMIT - 8n);
  });

  it('can pay the payer itself', async () => {
    const { coin, router } = await corridor();
    const payments = [pack(payer, 3n), pack(recipient, 4n), pack(frozen, 5n)];
    const settlement = router.connect(operator).settleBatch(payer, coin, 1n, payments);
    await expect(settlement).to.changeTokenBalances(ethers, coin, [payer, recipient], [-4n, 4n]);
  });

  it('of no payments, or more than 256, reverts', async () => {
    const { coin, router } = await corridor();
    for (const count of [0, 257]) {
      const payments = Array.from({ length: count }, () => pack(recipient, 1n));
      await expect(router.connect(operator).settleBatch(payer, coin, 1n, payments))
        .to.be.revertedWithCustomError(router, 'BatchSizeInvalid')
        .withArgs(count, 256);
    }
  });

  it('beyond the last sequence reverts', async () => {
    const { coin, router } = await corridor();
    const last = ethers.MaxUint256;
    const settle = (count: number) =>
      router.connect(operator).settleBatch(
        payer,
        coin,
        last,
        Array.from({ length: count }, () => pack(recipient, 1n)),
      );
    await expect(settle(2)).to.be.revertedWithCustomError(router, 'SequenceRangeInvalid').withArgs(last, 2);
    await settle(1);
    expect(await router.isSequenceUsed(payer, last)).to.equal(true);
  });

  it('that pays the router itself reverts: nobody could take it out again', async () => {
    const { coin, router } = await corridor();
    const payments = [pack(recipient, 1n), pack(await router.getAddress(), 1n)];
    await expect(router.connect(operator).settleBatch(payer, coin, 1n, payments))
      .to.be.revertedWithCustomError(router, 'RecipientInvalid')
      .withArgs(router);
  });

  it('with a payment of nothing reverts, and says which; the sequences are the payer’s', async () => {
    const { coin, router } = await corridor();
    for (const by of [operator, stranger])
      for (const amounts of [[0n], [0n, 1n], [1n, 0n, 1n], [1n, 1n, 0n, 0n], [2n ** 64n, 0n]])
        await expect(
          router.connect(by).settleBatch(
            payer,
            coin,
            1n,
            amounts.map((amount) => pack(recipient, amount)),
          ),
        )
          .to.be.revertedWithCustomError(router, 'AmountIsZero')
          .withArgs(amounts.indexOf(0n));
    expect(await router.isSequenceUsed(payer, 1n)).to.equal(false);
  });

  it('by an operator beyond its limit, or by a stranger, reverts', async () => {
    const { coin, router } = await corridor();
    const payments = [pack(recipient, OPERATOR_LIMIT), pack(recipient, 1n)];
    await expect(router.connect(operator).settleBatch(payer, coin, 1n, payments))
      .to.be.revertedWithCustomError(router, 'OperatorLimitExceeded')
      .withArgs(payer, operator, coin, OPERATOR_LIMIT, OPERATOR_LIMIT + 1n);
    await expect(router.connect(stranger).settleBatch(payer, coin, 1n, [pack(stranger, 1n)]))
      .to.be.revertedWithCustomError(router, 'OperatorLimitExceeded')
      .withArgs(payer, stranger, coin, 0n, 1n);
  });

  it('given the payer cannot cover all of it, reverts', async () => {
    const { coin, router } = await corridor();
    await coin.connect(payer).transfer(recipient, FUNDS - 1n);
    await expect(router.connect(operator).settleBatch(payer, coin, 1n, [pack(recipient, 2n)]))
      .to.be.revertedWithCustomError(coin, 'ERC20InsufficientBalance')
      .withArgs(payer, 1n, 2n);
  });

  it('in what is no token reverts, and also while paused', async () => {
    const { coin, router } = await corridor();
    const nowhere = someone();
    await router.connect(payer).authorizeOperator(operator, nowhere, 1n, 1);
    await expect(router.connect(operator).settleBatch(payer, nowhere, 1n, [pack(recipient, 1n)]))
      .to.be.revertedWithCustomError(router, 'NotAToken')
      .withArgs(nowhere);
    await router.pause();
    await expect(
      router.connect(operator).settleBatch(payer, coin, 1n, [pack(recipient, 1n)]),
    ).to.be.revertedWithCustomError(router, 'RouterIsPaused');
  });
});

describe('PaymentRouter settleBatchWithSignature', () => {
  /** Signs the batch as the payer and submits it with `changes`. */
  async function submit(
    { coin, router }: Corridor,
    options: {
      from?: string;
      signer?: typeof payer;
      deadline?: bigint;
      changes?: { payments?: string[] };
    } = {},
  ) {
    const { from = payer.address, signer = payer, changes = {} } = options;
    const deadline = options.deadline ?? (await now()) + 1_000n;
    const message = {
      payer: from,
      token: await coin.getAddress(),
      firstSequence: 9n,
      payments: [pack(recipient, 3n), pack(frozen, 4n)],
      deadline,
    };
    const { bytes } = await sign(signer, router, 'SettleBatch', message);
    const payments = changes.payments ?? message.payments;
    return router
      .connect(relayer)
      .settleBatchWithSignature(from, message.token, 9n, payments, deadline, bytes);
  }

  it('settles the batch that the payer signed, submitted by anybody', async () => {
    const contracts = await corridor();
    const { coin, router } = contracts;
    const settlement = submit(contracts);
    const commitment = ethers.keccak256(ethers.concat([pack(recipient, 3n), pack(frozen, 4n)]));
    await expect(settlement)
      .to.emit(router, 'BatchSettled')
      .withArgs(payer, coin, 9n, 2n, 3n, commitment, relayer);
    await expect(settlement).to.changeTokenBalances(ethers, coin, [payer, recipient], [-3n, 3n]);
  });

  it('settles for a contract account by ERC-1271', async () => {
    const contracts = await corridor();
    const { coin, router, account } = contracts;
    const from = await account.getAddress();
    const approval = coin.interface.encodeFunctionData('approve', [await router.getAddress(), 100n]);
    await account.getFunction('execute')(coin, approval);
    await submit(contracts, { from });
    expect(await coin.balanceOf(from)).to.equal(FUNDS - 3n);
  });

  it('counts once', async () => {
    const contracts = await corridor();
    await submit(contracts);
    await expect(submit(contracts))
      .to.be.revertedWithCustomError(contracts.router, 'SequenceAlreadyUsed')
      .withArgs(payer, 9n);
  });

  it('with another batch than signed, or signed by somebody else, reverts', async () => {
    const contracts = await corridor();
    for (const options of [{ changes: { payments: [pack(stranger, 3n)] } }, { signer: stranger }]) {
      await expect(submit(contracts, options))
        .to.be.revertedWithCustomError(contracts.router, 'InvalidSignature')
        .withArgs(payer);
    }
  });

  it('after its deadline reverts', async () => {
    const contracts = await corridor();
    await expect(submit(contracts, { deadline: 1n }))
      .to.be.revertedWithCustomError(contracts.router, 'SignatureExpired')
      .withArgs(1n, (time: bigint) => time > 1n);
  });

  it('of no payments reverts, and also while paused', async () => {
    const contracts = await corridor();
    const { router } = contracts;
    await expect(submit(contracts, { changes: { payments: [] } }))
      .to.be.revertedWithCustomError(router, 'BatchSizeInvalid')
      .withArgs(0, 256);
    await router.pause();
    await expect(submit(contracts)).to.be.revertedWithCustomError(router, 'RouterIsPaused');
  });

  it('whose sequences were cancelled reverts', async () => {
    const contracts = await corridor();
    await contracts.router.connect(payer).cancelSequences(10n, 1n);
    await expect(submit(contracts))
      .to.be.revertedWithCustomError(contracts.router, 'SequenceAlreadyUsed')
      .withArgs(payer, 10n);
  });
});

describe('PaymentRouter authorizeOperator', () => {
  it('gives a full limit that grows back over the window', async () => {
    const { coin, router } = await corridor();
    await expect(router.connect(payer).authorizeOperator(stranger, coin, 100n, WINDOW_SECONDS))
      .to.emit(router, 'OperatorAuthorized')
      .withArgs(payer, stranger, coin, 100n, WINDOW_SECONDS);
    const allowance = async () => await router.operatorAllowance(payer, stranger, coin);
    expect(await allowance()).to.deep.equal([100n, 100n, BigInt(WINDOW_SECONDS)]);
    await router.connect(stranger).settleBatch(payer, coin, 1n, [pack(recipient, 100n)]);
    expect((await allowance()).available).to.equal(0n);
    await networkHelpers.time.increase(WINDOW_SECONDS / 4);
    expect((await allowance()).available).to.equal(25n);
  });

  it('revokes with a limit of 0, also while paused', async () => {
    const { coin, router } = await corridor();
    await router.pause();
    await router.connect(payer).authorizeOperator(operator, coin, 0n, 0);
    await router.unpause();
    await expect(router.connect(operator).settleBatch(payer, coin, 1n, [pack(recipient, 1n)]))
      .to.be.revertedWithCustomError(router, 'OperatorLimitExceeded')
      .withArgs(payer, operator, coin, 0n, 1n);
  });

  it('given a limit without a window, reverts', async () => {
    const { coin, router } = await corridor();
    await expect(router.connect(payer).authorizeOperator(operator, coin, 1n, 0))
      .to.be.revertedWithCustomError(router, 'WindowInvalid')
      .withArgs(0, 1);
  });
});

describe('PaymentRouter cancelSequences', () => {
  it('uses up the sequences, also across words and while paused', async () => {
    const { router } = await corridor();
    await router.pause();
    await expect(router.connect(payer).cancelSequences(250n, 600n))
      .to.emit(router, 'SequencesCancelled')
      .withArgs(payer, 250n, 600n);
    const used = async (sequence: bigint) => await router.isSequenceUsed(payer, sequence);
    expect([await used(249n), await used(250n), await used(600n)]).to.deep.equal([false, true, true]);
    expect([await used(849n), await used(850n)]).to.deep.equal([true, false]);
  });

  it('given one of them was used, still cancels the others', async () => {
    const { coin, router } = await corridor();
    await router.connect(operator).settleBatch(payer, coin, 5n, [pack(recipient, 1n)]);
    await router.connect(payer).cancelSequences(4n, 3n);
    expect(await router.isSequenceUsed(payer, 6n)).to.equal(true);
  });

  it('of nothing, or beyond the last, reverts', async () => {
    const { router } = await corridor();
    for (const [first, count] of [
      [1n, 0n],
      [ethers.MaxUint256, 2n],
      [2n, ethers.MaxUint256],
    ] as const) {
      await expect(router.connect(payer).cancelSequences(first, count))
        .to.be.revertedWithCustomError(router, 'SequenceRangeInvalid')
        .withArgs(first, count);
    }
  });
});
