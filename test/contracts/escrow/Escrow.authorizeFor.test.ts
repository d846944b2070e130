import { expect } from 'chai';
import {
  AMOUNT,
  AUTHORIZATION_EXPIRY,
  asEmitted,
  COIN,
  openChain,
  START,
  status,
  type Terms,
} from './fixture.ts';

const { ethers, accounts, corridor, withToken, at } = await openChain();
const { payer, payee, operator, relayer, stranger } = accounts;
const LIMIT = 150n * COIN;
const DAY = 86_400n;

describe('Escrow authorizeFor', () => {
  /** The relayer may put the payer's coins into escrow. */
  async function authorised() {
    const parts = await corridor();
    const { escrow, coin, terms } = parts;
    await escrow.connect(payer).authorizeOperator(relayer, coin, LIMIT, DAY);
    return {
      ...parts,
      put: (amount = AMOUNT, given: Partial<Terms> = {}) =>
        escrow.connect(relayer).authorizeFor(terms(given), amount),
      available: async () => (await escrow.operatorAllowance(payer, relayer, coin)).available,
    };
  }

  it("takes the amount from the payer, within the payer's limit, and holds it", async () => {
    const { coin, escrow, terms, idOf, stateOf, put } = await authorised();
    const call = put(60n * COIN);
    await expect(call)
      .to.emit(escrow, 'EscrowAuthorized')
      .withArgs(idOf(terms()), payer, payee, 60n * COIN, asEmitted(terms()));
    await expect(call).to.changeTokenBalances(
      ethers,
      coin,
      [payer, relayer, escrow],
      [-60n * COIN, 0n, 60n * COIN],
    );
    const { capturable, status: now } = await stateOf(idOf(terms()));
    expect([capturable, now]).to.deep.equal([60n * COIN, status.open]);
    const { available, limit, windowSeconds } = await escrow.operatorAllowance(payer, relayer, coin);
    expect([available, limit, windowSeconds]).to.deep.equal([LIMIT - 60n * COIN, LIMIT, DAY]);
  });

  it('uses the limit up with each call, to the last unit, and what comes back does not grow it', async () => {
    const { coin, escrow, terms, put, available } = await authorised();
    await escrow.connect(payer).authorizeOperator(relayer, coin, LIMIT, 2n ** 24n - 1n);
    await put(AMOUNT);
    const left = await available();
    await expect(put(left + COIN, { salt: 2n })).to.be.revertedWithCustomError(
      escrow,
      'OperatorLimitExceeded',
    );
    await put(left, { salt: 2n });
    await escrow.connect(payee).void(terms());
    expect(await available()).to.be.lessThan(COIN);
    await escrow.connect(payer).authorizeOperator(relayer, coin, COIN, DAY);
    expect(await available()).to.equal(COIN);
  });

  it('may spend again what has grown back, to the second', async () => {
    const { escrow, put, available } = await authorised();
    await at(START + 100n);
    await put(AMOUNT);
    const later = { salt: 2n, authorizationExpiry: START + DAY, captureExpiry: START + DAY };
    await at(START + 100n + DAY / 3n - 1n);
    await expect(put(AMOUNT, later)).to.be.revertedWithCustomError(escrow, 'OperatorLimitExceeded');
    await at(START + 100n + DAY / 3n);
    await put(AMOUNT, later);
    expect(await available()).to.equal(0n);
  });

  it('is nothing that anybody else can do with the money of a payer', async () => {
    const { coin, escrow, terms } = await authorised();
    for (const caller of [payee, operator, stranger])
      await expect(escrow.connect(caller).authorizeFor(terms(), AMOUNT))
        .to.be.revertedWithCustomError(escrow, 'OperatorLimitExceeded')
        .withArgs(payer, caller, 0n, AMOUNT);
    await expect(escrow.connect(relayer).authorizeFor(terms({ payer: stranger.address }), AMOUNT))
      .to.be.revertedWithCustomError(escrow, 'OperatorLimitExceeded')
      .withArgs(stranger, relayer, 0n, AMOUNT);
    expect(await coin.balanceOf(escrow)).to.equal(0n);
  });

  it('is a limit of one coin', async () => {
    const { escrow, coin, address, terms } = await withToken('PlainToken');
    await escrow.connect(payer).authorizeOperator(relayer, coin, LIMIT, DAY);
    const put = () => escrow.connect(relayer).authorizeFor(terms(), 100n);
    await expect(put())
      .to.be.revertedWithCustomError(escrow, 'OperatorLimitExceeded')
      .withArgs(payer, relayer, 0n, 100n);
    await escrow.connect(payer).authorizeOperator(relayer, address, 100n, DAY);
    await put();
    expect((await escrow.operatorAllowance(payer, relayer, coin)).available).to.equal(LIMIT);
  });

  it('needs no limit for money of its own', async () => {
    const { escrow, terms, idOf, stateOf } = await corridor();
    await escrow.connect(payer).authorizeFor(terms(), COIN);
    expect((await stateOf(idOf(terms()))).capturable).to.equal(COIN);
  });

  it('says whom a payer lets spend its money, also while the entries are paused', async () => {
    const { coin, escrow } = await corridor();
    await escrow.pause();
    await expect(escrow.connect(payer).authorizeOperator(relayer, coin, LIMIT, DAY))
      .to.emit(escrow, 'OperatorAuthorized')
      .withArgs(payer, relayer, coin, LIMIT, DAY);
    await expect(
      escrow.connect(payer).authorizeOperator(relayer, coin, LIMIT, 0n),
    ).to.be.revertedWithCustomError(escrow, 'WindowInvalid');
    await escrow.connect(payer).authorizeOperator(relayer, coin, 0n, 0n);
    expect((await escrow.operatorAllowance(payer, relayer, coin)).limit).to.equal(0n);
  });

  it('counts once, whoever was first, and says so before it says anything of the limit', async () => {
    const { escrow, coin, terms, idOf, put } = await authorised();
    await put(COIN);
    const [one, two] = [idOf(terms()), idOf(terms({ salt: 2n }))];
    await escrow.connect(payer).authorizeOperator(relayer, coin, 0n, 0n);
    await expect(put(COIN))
      .to.be.revertedWithCustomError(escrow, 'AlreadyAuthorized')
      .withArgs(one, status.open);
    await escrow.connect(payer).cancelAuthorization(terms({ salt: 2n }));
    await expect(put(COIN, { salt: 2n }))
      .to.be.revertedWithCustomError(escrow, 'AlreadyAuthorized')
      .withArgs(two, status.closed);
    await expect(escrow.connect(payer).authorize(terms(), COIN)).to.be.revertedWithCustomError(
      escrow,
      'AlreadyAuthorized',
    );
  });

  it('refuses the terms that authorize refuses, and leaves the limit as it was', async () => {
    const { escrow, put, available } = await authorised();
    for (const [amount, given, error] of [
      [AMOUNT + 1n, {}, 'AmountOutOfBounds'],
      [0n, {}, 'AmountOutOfBounds'],
      [AMOUNT, { payee: payer.address }, 'PayeeInvalid'],
      [AMOUNT, { maxFeeBps: 10_001n }, 'FeeBoundsInvalid'],
      [AMOUNT - 1n, { milestones: [AMOUNT] }, 'AmountOutOfBounds'],
    ] as const)
      await expect(
        put(amount, given as unknown as Partial<Terms>),
        JSON.stringify(Object.keys(given)),
      ).to.be.revertedWithCustomError(escrow, error);
    await at(AUTHORIZATION_EXPIRY + 1n);
    await expect(put()).to.be.revertedWithCustomError(escrow, 'AuthorizationExpired');
    expect(await available()).to.equal(LIMIT);
  });

  it('takes nothing without money, without allowance, from a frozen payer, or while it is paused', async () => {
    const { coin, escrow, put, available } = await authorised();
    const refused = (amount: bigint) =>
      expect(put(amount))
        .to.be.revertedWithCustomError(escrow, 'TransferFailed')
        .withArgs(coin, payer, escrow, amount);
    await coin.connect(payer).approve(escrow, AMOUNT - 1n);
    await refused(AMOUNT);
    await coin.freeze(payer);
    await refused(COIN);
    await coin.unfreeze(payer);
    await coin.connect(payer).transfer(stranger, await coin.balanceOf(payer));
    await refused(COIN);
    await escrow.pause();
    await expect(put()).to.be.revertedWithCustomError(escrow, 'EscrowIsPaused');
    expect(await available()).to.equal(LIMIT);
  });

  it('lets a token that calls back neither in nor beyond the limit', async () => {
    const { escrow, token, address, terms, balanceOf } = await withToken('CallingToken');
    await escrow.connect(payer).authorizeOperator(relayer, address, 100n, 2n ** 24n - 1n);
    // The token is an operator too, so that only the door keeps it out.
    await escrow.connect(payer).authorizeOperator(address, address, 100n, 2n ** 24n - 1n);
    const attack = escrow.interface.encodeFunctionData('authorizeFor', [terms({ salt: 2n }), 50n]);
    await token.getFunction('arm')(escrow, attack);
    await escrow.connect(relayer).authorizeFor(terms(), 100n);
    expect(await token.getFunction('refusal')()).to.equal(
      escrow.interface.getError('ReentrancyGuardReentrantCall')?.selector,
    );
    expect(await balanceOf(escrow)).to.equal(100n);
    expect((await escrow.operatorAllowance(payer, relayer, address)).available).to.equal(0n);
  });

  it('takes exactly the amount, or nothing, from a token that keeps a fee', async () => {
    const { escrow, address, terms } = await withToken('FeeToken');
    await escrow.connect(payer).authorizeOperator(relayer, address, 100n, DAY);
    await expect(escrow.connect(relayer).authorizeFor(terms(), 100n)).to.be.revertedWithCustomError(
      escrow,
      'UnexpectedBalanceChange',
    );
  });
});
