import { expect } from 'chai';
import { COIN, FUNDS, openChain, REFERENCE } from './fixture.ts';

const { ethers, accounts, corridor, sign, someone, now } = await openChain();
const { payer, recipient, frozen, relayer, stranger } = accounts;
const LATER = 2n ** 40n;
const SALT = ethers.id('salt');

type Corridor = Awaited<ReturnType<typeof corridor>>;

describe('PaymentRouter pay', () => {
  it('moves the amount and tells the reference', async () => {
    const { coin, router } = await corridor();
    const payment = router.connect(payer).pay(coin, recipient, COIN, REFERENCE);
    await expect(payment).to.emit(router, 'PaymentSettled').withArgs(payer, recipient, REFERENCE, coin, COIN);
    await expect(payment).to.changeTokenBalances(ethers, coin, [payer, recipient], [-COIN, COIN]);
  });

  it('can be to oneself', async () => {
    const { coin, router } = await corridor();
    await expect(router.connect(payer).pay(coin, payer, COIN, REFERENCE)).to.emit(router, 'PaymentSettled');
  });

  it('without allowance, to a frozen account, or of more than there is reverts', async () => {
    const { coin, router } = await corridor();
    const failing = [
      { from: recipient, to: payer, amount: 1n },
      { from: payer, to: frozen, amount: 1n },
      { from: payer, to: recipient, amount: FUNDS + 1n },
    ];
    for (const { from, to, amount } of failing) {
      await expect(router.connect(from).pay(coin, to, amount, REFERENCE))
        .to.be.revertedWithCustomError(router, 'TransferFailed')
        .withArgs(coin, from, to, amount);
    }
  });

  it('to the router itself reverts: nobody could take it out again', async () => {
    const { coin, router } = await corridor();
    await expect(router.connect(payer).pay(coin, router, COIN, REFERENCE))
      .to.be.revertedWithCustomError(router, 'RecipientInvalid')
      .withArgs(router);
  });

  it('of nothing reverts', async () => {
    const { coin, router } = await corridor();
    const nothing = [0n, 27, ethers.ZeroHash, ethers.ZeroHash] as const;
    const asPayer = router.connect(payer);
    for (const call of [
      asPayer.pay(coin, recipient, 0n, REFERENCE),
      asPayer.payWithPermit(coin, recipient, 0n, REFERENCE, ...nothing),
      asPayer.payInto(coin, coin, 0n, REFERENCE, '0x'),
    ])
      await expect(call).to.be.revertedWithCustomError(router, 'AmountIsZero').withArgs(0n);
  });

  it('in what is no token reverts', async () => {
    const { router } = await corridor();
    const nothing = someone();
    await expect(router.connect(payer).pay(nothing, recipient, 1n, REFERENCE))
      .to.be.revertedWithCustomError(router, 'NotAToken')
      .withArgs(nothing);
  });

  it('reverts while paused', async () => {
    const { coin, router } = await corridor();
    await router.pause();
    await expect(router.connect(payer).pay(coin, recipient, 1n, REFERENCE)).to.be.revertedWithCustomError(
      router,
      'RouterIsPaused',
    );
  });
});

describe('PaymentRouter payWithPermit', () => {
  const permit = async ({ coin, router }: Corridor, value: bigint) => {
    const deadline = (await now()) + 100n;
    const message = {
      owner: payer.address,
      spender: await router.getAddress(),
      value,
      nonce: await coin.nonces(payer),
      deadline,
    };
    const { vrs } = await sign(payer, coin, 'Permit', message);
    return [deadline, ...vrs] as const;
  };

  it('pays without an allowance before', async () => {
    const contracts = await corridor();
    const { coin, router } = contracts;
    await coin.connect(payer).approve(router, 0n);
    const payment = router
      .connect(payer)
      .payWithPermit(coin, recipient, COIN, REFERENCE, ...(await permit(contracts, COIN)));
    await expect(payment).to.emit(router, 'PaymentSettled').withArgs(payer, recipient, REFERENCE, coin, COIN);
    expect(await coin.allowance(payer, router)).to.equal(0n);
  });

  it('given somebody submitted the permit first, still pays', async () => {
    const contracts = await corridor();
    const { coin, router } = contracts;
    await coin.connect(payer).approve(router, 0n);
    const [deadline, v, r, s] = await permit(contracts, COIN);
    await coin.connect(stranger).permit(payer, router, COIN, deadline, v, r, s);
    await router.connect(payer).payWithPermit(coin, recipient, COIN, REFERENCE, deadline, v, r, s);
    expect(await coin.balanceOf(recipient)).to.equal(COIN);
  });

  it('given neither permit nor allowance, reverts', async () => {
    const { coin, router } = await corridor();
    const nothing = [0n, 27, ethers.ZeroHash, ethers.ZeroHash] as const;
    await expect(router.connect(recipient).payWithPermit(coin, payer, 1n, REFERENCE, ...nothing))
      .to.be.revertedWithCustomError(router, 'TransferFailed')
      .withArgs(coin, recipient, payer, 1n);
  });

  it('in what is no token reverts, and also while paused', async () => {
    const { coin, router } = await corridor();
    const [nowhere, nothing] = [someone(), [0n, 27, ethers.ZeroHash, ethers.ZeroHash] as const];
    await expect(router.payWithPermit(nowhere, payer, 1n, REFERENCE, ...nothing))
      .to.be.revertedWithCustomError(router, 'NotAToken')
      .withArgs(nowhere);
    await router.pause();
    await expect(router.payWithPermit(coin, payer, 1n, REFERENCE, ...nothing)).to.be.revertedWithCustomError(
      router,
      'RouterIsPaused',
    );
  });
});

describe('PaymentRouter payWithAuthorization', () => {
  /** Signs for `recipient` and submits for `to`. */
  async function submit({ coin, router, account }: Corridor, options: { from?: string; to?: string } = {}) {
    const { from = payer.address, to = recipient.address } = options;
    const message = {
      from,
      to: await router.getAddress(),
      value: COIN,
      validAfter: 0n,
      validBefore: LATER,
      nonce: await router.authorizationNonce(recipient, REFERENCE, SALT),
    };
    expect(from === payer.address || from === (await account.getAddress())).to.equal(true);
    const { bytes } = await sign(payer, coin, 'ReceiveWithAuthorization', message);
    return router
      .connect(relayer)
      .payWithAuthorization(coin, from, to, COIN, REFERENCE, 0n, LATER, SALT, bytes);
  }

  it('pays from the signer, submitted by anybody', async () => {
    const contracts = await corridor();
    const { coin, router } = contracts;
    const payment = submit(contracts);
    await expect(payment).to.emit(router, 'PaymentSettled').withArgs(payer, recipient, REFERENCE, coin, COIN);
    await expect(payment).to.changeTokenBalances(ethers, coin, [payer, recipient, router], [-COIN, COIN, 0n]);
  });

  it('pays from a contract account by ERC-1271', async () => {
    const contracts = await corridor();
    const from = await contracts.account.getAddress();
    await submit(contracts, { from });
    expect(await contracts.coin.balanceOf(from)).to.equal(FUNDS - COIN);
  });

  it('to the router itself reverts: nobody could take it out again', async () => {
    const contracts = await corridor();
    const { router } = contracts;
    await expect(submit(contracts, { to: await router.getAddress() }))
      .to.be.revertedWithCustomError(router, 'RecipientInvalid')
      .withArgs(router);
  });

  it('of nothing reverts, also in a token that takes any call, so that nobody tells of a payment in another’s name', async () => {
    const { router } = await corridor();
    const token = await ethers.deployContract('PermissiveToken');
    const pay = (amount: bigint) =>
      router
        .connect(relayer)
        .payWithAuthorization(token, payer, recipient, amount, REFERENCE, 0n, LATER, SALT, '0x');
    await expect(pay(0n)).to.be.revertedWithCustomError(router, 'AmountIsZero').withArgs(0n);
    await expect(pay(1n))
      .to.be.revertedWithCustomError(router, 'UnexpectedBalanceChange')
      .withArgs(token, router, 1n, 0n);
  });

  it('counts once', async () => {
    const contracts = await corridor();
    await submit(contracts);
    await expect(submit(contracts)).to.be.revertedWithCustomError(contracts.coin, 'AuthorizationAlreadyUsed');
  });

  it('for another recipient than signed reverts', async () => {
    const contracts = await corridor();
    await expect(submit(contracts, { to: stranger.address }))
      .to.be.revertedWithCustomError(contracts.coin, 'InvalidSignature')
      .withArgs(payer);
  });

  it('given the recipient was frozen since, reverts and leaves the authorization', async () => {
    const contracts = await corridor();
    const { coin, router } = contracts;
    await coin.freeze(recipient);
    await expect(submit(contracts))
      .to.be.revertedWithCustomError(router, 'TransferFailed')
      .withArgs(coin, router, recipient, COIN);
    await coin.unfreeze(recipient);
    await submit(contracts);
  });

  it('in what is no token reverts, and also while paused', async () => {
    const contracts = await corridor();
    const { router } = contracts;
    const nowhere = someone();
    await expect(router.payWithAuthorization(nowhere, payer, recipient, 1n, REFERENCE, 0n, LATER, SALT, '0x'))
      .to.be.revertedWithCustomError(router, 'NotAToken')
      .withArgs(nowhere);
    await router.pause();
    await expect(submit(contracts)).to.be.revertedWithCustomError(router, 'RouterIsPaused');
  });
});

describe('PaymentRouter pause and unpause', () => {
  it('stop and let go', async () => {
    const { coin, router } = await corridor();
    await expect(router.pause()).to.emit(router, 'Paused').withArgs(accounts.admin);
    expect(await router.paused()).to.equal(true);
    await expect(router.unpause()).to.emit(router, 'Unpaused').withArgs(accounts.admin);
    await router.connect(payer).pay(coin, recipient, 1n, REFERENCE);
  });

  it('revert when it is so already, and for a stranger', async () => {
    const { router } = await corridor();
    await expect(router.unpause()).to.be.revertedWithCustomError(router, 'RouterIsNotPaused');
    await router.pause();
    await expect(router.pause()).to.be.revertedWithCustomError(router, 'RouterIsPaused');
    for (const call of [router.connect(stranger).pause(), router.connect(stranger).unpause()]) {
      await expect(call)
        .to.be.revertedWithCustomError(router, 'AccessManagedUnauthorized')
        .withArgs(stranger);
    }
  });
});
