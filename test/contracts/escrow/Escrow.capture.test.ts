import { expect } from 'chai';
import { AMOUNT, CAPTURE_EXPIRY, COIN, openChain, RULING_PERIOD, status } from './fixture.ts';

const { ethers, accounts, corridor, at } = await openChain();
const { payer, payee, operator, feeRecipient, arbiter, stranger } = accounts;
const zero = ethers.ZeroAddress;

const state = (capturable: bigint, refundable: bigint, changes = {}) => ({
  capturable,
  refundable,
  rulingDeadline: 0n,
  milestonesLeft: 0n,
  status: capturable === 0n ? status.closed : status.open,
  ...changes,
});

describe('Escrow capture', () => {
  it('pays the payee but for the fee, in parts, until nothing is left', async () => {
    const { coin, escrow, terms, open, stateOf } = await corridor();
    const id = await open(terms());
    const part = 30n * COIN + 67n; // 1.5 % of it is 450,001.005 units
    const first = escrow.connect(operator).capture(terms(), part, 150n);
    await expect(first).to.emit(escrow, 'EscrowCaptured').withArgs(id, part, 450_001n);
    await expect(first).to.changeTokenBalances(
      ethers,
      coin,
      [payer, payee, operator, feeRecipient, escrow],
      [0n, part - 450_001n, 0n, 450_001n, -part],
    );
    expect(await stateOf(id)).to.deep.equal(state(AMOUNT - part, part));

    const rest = AMOUNT - part;
    const second = escrow.connect(operator).capture(terms(), rest, 300n);
    await expect(second).to.emit(escrow, 'EscrowCaptured').withArgs(id, rest, 2_099_997n);
    for (const paid of [first, second]) await expect(paid).to.not.emit(escrow, 'CreditAdded');
    await expect(second).to.changeTokenBalances(
      ethers,
      coin,
      [payee, feeRecipient, escrow],
      [rest - 2_099_997n, 2_099_997n, -rest],
    );
    expect(await stateOf(id)).to.deep.equal(state(0n, AMOUNT));
    await expect(escrow.connect(operator).capture(terms(), 1n, 150n))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotOpen')
      .withArgs(id, status.closed);
  });

  it('says the fee', async () => {
    const { escrow, terms, open } = await corridor();
    await open(terms());
    expect(await escrow.connect(operator).capture.staticCall(terms(), AMOUNT, 300n)).to.equal(3n * COIN);
  });

  it('given no fee, or a fee of everything, pays one of the two', async () => {
    const { coin, escrow, terms, open } = await corridor();
    const free = terms({ minFeeBps: 0n, maxFeeBps: 0n, feeRecipient: zero });
    await open(free);
    await expect(escrow.connect(operator).capture(free, AMOUNT, 0n)).to.changeTokenBalances(
      ethers,
      coin,
      [payee, escrow],
      [AMOUNT, -AMOUNT],
    );
    const all = terms({ maxFeeBps: 10_000n });
    await open(all);
    await expect(escrow.connect(operator).capture(all, AMOUNT, 10_000n)).to.changeTokenBalances(
      ethers,
      coin,
      [payee, feeRecipient, escrow],
      [0n, AMOUNT, -AMOUNT],
    );
  });

  it('by the payer is always possible, with and without an operator', async () => {
    const { escrow, terms, hashLocked, open, stateOf } = await corridor();
    for (const each of [terms(), terms({ operator: zero }), hashLocked()]) {
      const id = await open(each);
      await escrow.connect(payer).capture(each, COIN, 100n);
      expect(await stateOf(id)).to.deep.equal(state(AMOUNT - COIN, COIN));
    }
  });

  it('by anybody else reverts, the payee before all', async () => {
    const { escrow, terms, disputable, open } = await corridor();
    for (const each of [disputable(), terms({ operator: zero })]) {
      await open(each);
      for (const caller of [payee, arbiter, feeRecipient, stranger]) {
        await expect(escrow.connect(caller).capture(each, 1n, 100n))
          .to.be.revertedWithCustomError(escrow, 'CallerCannotCapture')
          .withArgs(caller, each.operator, payer);
      }
    }
  });

  it('given a fee out of bounds, reverts: the operator chooses, the payer does not', async () => {
    const { escrow, terms, open } = await corridor();
    await open(terms());
    for (const feeBps of [0n, 99n, 301n, 2n ** 16n]) {
      await expect(escrow.connect(operator).capture(terms(), COIN, feeBps))
        .to.be.revertedWithCustomError(escrow, 'FeeOutOfBounds')
        .withArgs(feeBps, 100n, 300n);
    }
    for (const feeBps of [0n, 99n, 101n]) {
      await expect(escrow.connect(payer).capture(terms(), COIN, feeBps))
        .to.be.revertedWithCustomError(escrow, 'FeeOutOfBounds')
        .withArgs(feeBps, 100n, 100n);
    }
  });

  it('of nothing, or of more than there is, reverts', async () => {
    const { escrow, terms, open } = await corridor();
    await open(terms(), COIN);
    for (const caller of [operator, payer]) {
      for (const amount of [0n, COIN + 1n, 2n ** 96n + 1n]) {
        await expect(escrow.connect(caller).capture(terms(), amount, 100n))
          .to.be.revertedWithCustomError(escrow, 'AmountOutOfBounds')
          .withArgs(amount, 1n, COIN);
      }
    }
  });

  it('works until the last second, and not afterwards, for the payer neither', async () => {
    const { escrow, terms, open } = await corridor();
    await open(terms());
    await at(CAPTURE_EXPIRY);
    await escrow.connect(operator).capture(terms(), 1n, 100n);
    for (const [i, caller] of [operator, payer].entries()) {
      const time = CAPTURE_EXPIRY + 1n + BigInt(i);
      await at(time);
      await expect(escrow.connect(caller).capture(terms(), AMOUNT - 1n, 100n))
        .to.be.revertedWithCustomError(escrow, 'CaptureExpired')
        .withArgs(CAPTURE_EXPIRY, time);
    }
  });

  it('given nothing was authorized, reverts', async () => {
    const { escrow, terms, idOf } = await corridor();
    await expect(escrow.connect(operator).capture(terms(), 1n, 100n))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotOpen')
      .withArgs(idOf(terms()), status.none);
  });
});

describe('Escrow capture of milestones', () => {
  const parts = [20n * COIN, 50n * COIN, 30n * COIN];

  it('takes them one after the other', async () => {
    const { coin, escrow, terms, open, stateOf } = await corridor();
    const inParts = terms({ milestones: parts });
    const id = await open(inParts);
    const expected = [
      state(80n * COIN, 20n * COIN, { milestonesLeft: 2n }),
      state(30n * COIN, 70n * COIN, { milestonesLeft: 1n }),
      state(0n, AMOUNT),
    ];
    for (const [i, part] of parts.entries()) {
      await expect(escrow.connect(operator).capture(inParts, part, 100n)).to.changeTokenBalances(
        ethers,
        coin,
        [payee, feeRecipient],
        [(part * 99n) / 100n, part / 100n],
      );
      expect(await stateOf(id)).to.deep.equal(expected[i]);
    }
  });

  it('of another amount than the next one’s reverts, for the operator of everything too', async () => {
    const { escrow, terms, open } = await corridor();
    const inParts = terms({ milestones: parts });
    await open(inParts);
    for (const amount of [20n * COIN - 1n, 20n * COIN + 1n, 50n * COIN, AMOUNT]) {
      await expect(escrow.connect(operator).capture(inParts, amount, 100n))
        .to.be.revertedWithCustomError(escrow, 'MilestoneMismatch')
        .withArgs(0n, 20n * COIN, amount);
    }
    await escrow.connect(operator).capture(inParts, 20n * COIN, 100n);
    await expect(escrow.connect(payer).capture(inParts, 20n * COIN, 100n))
      .to.be.revertedWithCustomError(escrow, 'MilestoneMismatch')
      .withArgs(1n, 50n * COIN, 20n * COIN);
  });

  it('lets the payer release the next one, or everything that is left', async () => {
    const { escrow, terms, open, stateOf } = await corridor();
    const inParts = terms({ milestones: parts, operator: zero });
    const id = await open(inParts);
    await escrow.connect(payer).capture(inParts, 20n * COIN, 100n);
    expect(await stateOf(id)).to.deep.equal(state(80n * COIN, 20n * COIN, { milestonesLeft: 2n }));
    await escrow.connect(payer).capture(inParts, 80n * COIN, 100n);
    expect(await stateOf(id)).to.deep.equal(state(0n, AMOUNT, { milestonesLeft: 2n }));
  });

  it('knows 32 of them', async () => {
    const { escrow, terms, open, stateOf } = await corridor();
    const inParts = terms({ amount: 528n, milestones: Array.from({ length: 32 }, (_, i) => BigInt(i + 1)) });
    const id = await open(inParts);
    for (const part of inParts.milestones) await escrow.connect(operator).capture(inParts, part, 100n);
    expect(await stateOf(id)).to.deep.equal(state(0n, 528n));
  });
});

describe('Escrow capture in a dispute', () => {
  async function disputed() {
    const contracts = await corridor();
    const terms = contracts.disputable({ milestones: [COIN, AMOUNT - COIN] });
    const id = await contracts.open(terms);
    await contracts.escrow.connect(payee).openDispute(terms, ethers.ZeroHash);
    return { ...contracts, contested: terms, id };
  }

  it('is refused to the operator, and to the payer for a part', async () => {
    const { escrow, contested, id } = await disputed();
    const calls = [
      escrow.connect(operator).capture(contested, AMOUNT, 100n),
      escrow.connect(operator).capture(contested, COIN, 100n),
      escrow.connect(payer).capture(contested, COIN, 100n),
    ];
    for (const call of calls) {
      await expect(call).to.be.revertedWithCustomError(escrow, 'EscrowIsDisputed').withArgs(id);
    }
  });

  it('lets the payer give in, also after the capture expired', async () => {
    const { coin, escrow, contested, id, stateOf } = await disputed();
    await at(CAPTURE_EXPIRY + RULING_PERIOD * 2n);
    const call = escrow.connect(payer).capture(contested, AMOUNT, 100n);
    await expect(call).to.emit(escrow, 'EscrowCaptured').withArgs(id, AMOUNT, COIN);
    await expect(call).to.changeTokenBalances(
      ethers,
      coin,
      [payer, payee, feeRecipient, escrow],
      [0n, AMOUNT - COIN, COIN, -AMOUNT],
    );
    expect((await stateOf(id)).status).to.equal(status.closed);
    expect((await stateOf(id)).refundable).to.equal(AMOUNT);
  });
});
