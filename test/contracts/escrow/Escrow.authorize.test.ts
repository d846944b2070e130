import { expect } from 'chai';
import { AMOUNT, AUTHORIZATION_EXPIRY, asEmitted, COIN, FUNDS, openChain, START, status } from './fixture.ts';

const { ethers, accounts, corridor, at } = await openChain();
const { admin, payer, payee, operator, relayer, stranger } = accounts;
const LATER = 2n ** 40n;

type Corridor = Awaited<ReturnType<typeof corridor>>;

const opened = (capturable: bigint) => ({
  capturable,
  refundable: 0n,
  rulingDeadline: 0n,
  milestonesLeft: 0n,
  status: status.open,
});

describe('Escrow authorize', () => {
  it('takes the amount from the payer and holds it', async () => {
    const { coin, escrow, terms, idOf, stateOf } = await corridor();
    const call = escrow.connect(payer).authorize(terms(), 60n * COIN);
    await expect(call)
      .to.emit(escrow, 'EscrowAuthorized')
      .withArgs(idOf(terms()), payer, payee, 60n * COIN, asEmitted(terms()));
    await expect(call).to.changeTokenBalances(ethers, coin, [payer, escrow], [-60n * COIN, 60n * COIN]);
    expect(await stateOf(idOf(terms()))).to.deep.equal(opened(60n * COIN));
  });

  it('tells the milestones', async () => {
    const { escrow, terms, idOf, stateOf } = await corridor();
    const inParts = terms({ milestones: [AMOUNT - 3n, 1n, 2n] });
    await expect(escrow.connect(payer).authorize(inParts, AMOUNT))
      .to.emit(escrow, 'EscrowAuthorized')
      .withArgs(idOf(inParts), payer, payee, AMOUNT, asEmitted(inParts));
    expect(await stateOf(idOf(inParts))).to.deep.equal({ ...opened(AMOUNT), milestonesLeft: 3n });
  });

  it('by anybody but the payer reverts', async () => {
    const { escrow, terms } = await corridor();
    for (const caller of [payee, operator, stranger]) {
      await expect(escrow.connect(caller).authorize(terms(), AMOUNT))
        .to.be.revertedWithCustomError(escrow, 'CallerIsNotPayer')
        .withArgs(caller, payer);
    }
  });

  it('counts once, whatever became of it', async () => {
    const { escrow, terms, open } = await corridor();
    const id = await open(terms(), COIN);
    const again = () => escrow.connect(payer).authorize(terms(), COIN);
    await expect(again())
      .to.be.revertedWithCustomError(escrow, 'AlreadyAuthorized')
      .withArgs(id, status.open);
    await escrow.connect(payee).void(terms());
    await expect(again())
      .to.be.revertedWithCustomError(escrow, 'AlreadyAuthorized')
      .withArgs(id, status.closed);
  });

  it('given another salt, is another escrow', async () => {
    const { terms, open, stateOf } = await corridor();
    const [one, two] = [await open(terms()), await open(terms({ salt: 2n }), 1n)];
    expect(await stateOf(one)).to.deep.equal(opened(AMOUNT));
    expect(await stateOf(two)).to.deep.equal(opened(1n));
  });

  it('without money or allowance reverts', async () => {
    const { coin, escrow, terms } = await corridor();
    const tooMuch = terms({ amount: FUNDS + 1n });
    await expect(escrow.connect(payer).authorize(tooMuch, FUNDS + 1n))
      .to.be.revertedWithCustomError(escrow, 'TransferFailed')
      .withArgs(coin, payer, escrow, FUNDS + 1n);
    await coin.connect(payer).approve(escrow, AMOUNT - 1n);
    await expect(escrow.connect(payer).authorize(terms(), AMOUNT))
      .to.be.revertedWithCustomError(escrow, 'TransferFailed')
      .withArgs(coin, payer, escrow, AMOUNT);
  });
});

describe('Escrow authorizeWithSignature', () => {
  it('takes the money of the signer, submitted by anybody', async () => {
    const { coin, escrow, terms, idOf, stateOf, signAuthorization } = await corridor();
    const signature = await signAuthorization(payer, terms(), COIN);
    const call = escrow.connect(relayer).authorizeWithSignature(terms(), COIN, signature);
    await expect(call)
      .to.emit(escrow, 'EscrowAuthorized')
      .withArgs(idOf(terms()), payer, payee, COIN, asEmitted(terms()));
    await expect(call).to.changeTokenBalances(ethers, coin, [payer, escrow], [-COIN, COIN]);
    expect(await stateOf(idOf(terms()))).to.deep.equal(opened(COIN));
  });

  it('takes the money of a contract account by ERC-1271', async () => {
    const { coin, escrow, account, terms, signAuthorization } = await corridor();
    const own = terms({ payer: await account.getAddress() });
    await coin.mint(account, COIN);
    await account.getFunction('execute')(
      coin,
      coin.interface.encodeFunctionData('approve', [await escrow.getAddress(), COIN]),
    );
    await escrow.authorizeWithSignature(own, COIN, await signAuthorization(payer, own, COIN));
    expect(await coin.balanceOf(account)).to.equal(0n);
  });

  it('given another signer, amount or terms, reverts', async () => {
    const { escrow, terms, signAuthorization } = await corridor();
    const signature = await signAuthorization(payer, terms(), COIN);
    const calls = [
      escrow.authorizeWithSignature(terms(), COIN, await signAuthorization(stranger, terms(), COIN)),
      escrow.authorizeWithSignature(terms(), COIN + 1n, signature),
      escrow.authorizeWithSignature(terms({ salt: 2n }), COIN, signature),
      escrow.authorizeWithSignature(terms(), COIN, '0x'),
    ];
    for (const call of calls) {
      await expect(call).to.be.revertedWithCustomError(escrow, 'InvalidSignature').withArgs(payer);
    }
  });

  it('counts once', async () => {
    const { escrow, terms, idOf, signAuthorization } = await corridor();
    const signature = await signAuthorization(payer, terms(), COIN);
    await escrow.authorizeWithSignature(terms(), COIN, signature);
    await expect(escrow.authorizeWithSignature(terms(), COIN, signature))
      .to.be.revertedWithCustomError(escrow, 'AlreadyAuthorized')
      .withArgs(idOf(terms()), status.open);
  });

  it('given it ended and was forgotten, does not count again', async () => {
    const { escrow, terms, idOf, stateOf, signAuthorization } = await corridor();
    const signature = await signAuthorization(payer, terms(), COIN);
    await escrow.authorizeWithSignature(terms(), COIN, signature);
    await at(AUTHORIZATION_EXPIRY + 1n);
    await escrow.connect(payee).void(terms());
    expect(await stateOf(idOf(terms()))).to.deep.equal({ ...opened(0n), status: status.none });
    await at(AUTHORIZATION_EXPIRY + 2n);
    await expect(escrow.authorizeWithSignature(terms(), COIN, signature))
      .to.be.revertedWithCustomError(escrow, 'AuthorizationExpired')
      .withArgs(AUTHORIZATION_EXPIRY, AUTHORIZATION_EXPIRY + 2n);
  });
});

describe('Escrow authorizeWithPermit', () => {
  const deadline = START + 1_000n;

  async function withoutAllowance() {
    const contracts = await corridor();
    await contracts.coin.connect(payer).approve(contracts.escrow, 0n);
    const { v, r, s } = await contracts.signPermit(payer, COIN, deadline);
    return { ...contracts, permit: [deadline, v, r, s] as const };
  }

  it('needs no allowance before', async () => {
    const { coin, escrow, terms, idOf, stateOf, permit } = await withoutAllowance();
    const call = escrow.connect(payer).authorizeWithPermit(terms(), COIN, ...permit);
    await expect(call)
      .to.emit(escrow, 'EscrowAuthorized')
      .withArgs(idOf(terms()), payer, payee, COIN, asEmitted(terms()));
    await expect(call).to.changeTokenBalances(ethers, coin, [payer, escrow], [-COIN, COIN]);
    expect(await stateOf(idOf(terms()))).to.deep.equal(opened(COIN));
    expect(await coin.allowance(payer, escrow)).to.equal(0n);
  });

  it('given somebody submitted the permit first, still works', async () => {
    const { coin, escrow, terms, idOf, stateOf, permit } = await withoutAllowance();
    await coin.connect(stranger).permit(payer, escrow, COIN, ...permit);
    await escrow.connect(payer).authorizeWithPermit(terms(), COIN, ...permit);
    expect(await stateOf(idOf(terms()))).to.deep.equal(opened(COIN));
  });

  it('given neither permit nor allowance, reverts', async () => {
    const { coin, escrow, terms } = await withoutAllowance();
    const nothing = [deadline, 27, ethers.ZeroHash, ethers.ZeroHash] as const;
    await expect(escrow.connect(payer).authorizeWithPermit(terms(), COIN, ...nothing))
      .to.be.revertedWithCustomError(escrow, 'TransferFailed')
      .withArgs(coin, payer, escrow, COIN);
  });

  it('by anybody but the payer reverts', async () => {
    const { escrow, terms, permit } = await withoutAllowance();
    await expect(escrow.connect(relayer).authorizeWithPermit(terms(), COIN, ...permit))
      .to.be.revertedWithCustomError(escrow, 'CallerIsNotPayer')
      .withArgs(relayer, payer);
  });

  it('in what is no token reverts', async () => {
    const { escrow, terms, permit } = await withoutAllowance();
    await expect(
      escrow.connect(payer).authorizeWithPermit(terms({ token: stranger.address }), COIN, ...permit),
    )
      .to.be.revertedWithCustomError(escrow, 'NotAToken')
      .withArgs(stranger);
  });
});

describe('Escrow authorizeWithAuthorization', () => {
  async function signed({ terms, idOf, signReceive }: Corridor, value = COIN) {
    const message = { from: payer.address, value, validAfter: 0n, validBefore: LATER, nonce: idOf(terms()) };
    return await signReceive(payer, message);
  }

  it('takes the money of the signer, submitted by anybody, without an allowance', async () => {
    const contracts = await corridor();
    const { coin, escrow, terms, idOf, stateOf } = contracts;
    await coin.connect(payer).approve(escrow, 0n);
    const call = escrow
      .connect(relayer)
      .authorizeWithAuthorization(terms(), COIN, 0n, LATER, await signed(contracts));
    await expect(call)
      .to.emit(escrow, 'EscrowAuthorized')
      .withArgs(idOf(terms()), payer, payee, COIN, asEmitted(terms()));
    await expect(call).to.changeTokenBalances(ethers, coin, [payer, escrow], [-COIN, COIN]);
    expect(await stateOf(idOf(terms()))).to.deep.equal(opened(COIN));
    expect(await coin.authorizationState(payer, idOf(terms()))).to.equal(true);
  });

  it('given other terms or another amount than signed, reverts', async () => {
    const contracts = await corridor();
    const { coin, escrow, terms } = contracts;
    const signature = await signed(contracts);
    const calls = [
      escrow.authorizeWithAuthorization(terms({ payee: stranger.address }), COIN, 0n, LATER, signature),
      escrow.authorizeWithAuthorization(terms(), COIN + 1n, 0n, LATER, signature),
      escrow.authorizeWithAuthorization(terms(), COIN, 1n, LATER, signature),
      escrow.authorizeWithAuthorization(terms(), COIN, 0n, LATER + 1n, signature),
    ];
    for (const call of calls) {
      await expect(call).to.be.revertedWithCustomError(coin, 'InvalidSignature').withArgs(payer);
    }
  });

  it('counts once', async () => {
    const contracts = await corridor();
    const { escrow, terms, idOf } = contracts;
    const submit = async () =>
      await escrow.authorizeWithAuthorization(terms(), COIN, 0n, LATER, await signed(contracts));
    await submit();
    await expect(submit())
      .to.be.revertedWithCustomError(escrow, 'AlreadyAuthorized')
      .withArgs(idOf(terms()), status.open);
  });
});

describe('Escrow cancelAuthorization', () => {
  it('makes what the payer signed worthless', async () => {
    const { escrow, terms, idOf, stateOf, signAuthorization } = await corridor();
    const signature = await signAuthorization(payer, terms(), COIN);
    const id = idOf(terms());
    await expect(escrow.connect(payer).cancelAuthorization(terms()))
      .to.emit(escrow, 'AuthorizationCancelled')
      .withArgs(id);
    expect(await stateOf(id)).to.deep.equal({ ...opened(0n), status: status.closed });
    await expect(escrow.authorizeWithSignature(terms(), COIN, signature))
      .to.be.revertedWithCustomError(escrow, 'AlreadyAuthorized')
      .withArgs(id, status.closed);
  });

  it('works until the last second, also while paused, and not afterwards', async () => {
    const { escrow, terms } = await corridor();
    await escrow.connect(admin).pause();
    await at(AUTHORIZATION_EXPIRY);
    await escrow.connect(payer).cancelAuthorization(terms());
    await at(AUTHORIZATION_EXPIRY + 1n);
    await expect(escrow.connect(payer).cancelAuthorization(terms({ salt: 2n })))
      .to.be.revertedWithCustomError(escrow, 'AuthorizationExpired')
      .withArgs(AUTHORIZATION_EXPIRY, AUTHORIZATION_EXPIRY + 1n);
  });

  it('by anybody but the payer, or after the authorization, reverts', async () => {
    const { escrow, terms, open } = await corridor();
    await expect(escrow.connect(operator).cancelAuthorization(terms()))
      .to.be.revertedWithCustomError(escrow, 'CallerIsNotPayer')
      .withArgs(operator, payer);
    const id = await open(terms());
    await expect(escrow.connect(payer).cancelAuthorization(terms()))
      .to.be.revertedWithCustomError(escrow, 'AlreadyAuthorized')
      .withArgs(id, status.open);
  });
});
