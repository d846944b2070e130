import { expect } from 'chai';
import { AMOUNT, CAPTURE_EXPIRY, COIN, openChain, START, status, type Terms } from './fixture.ts';

const { ethers, accounts, corridor, at } = await openChain();
const { payer, payee, operator, feeRecipient, relayer, stranger } = accounts;
const DEADLINE = START + 1_000n;

type Corridor = Awaited<ReturnType<typeof corridor>>;
const agreed = { payeeAmount: 70n * COIN, payerAmount: 30n * COIN, feeBps: 200n, deadline: DEADLINE };

/** Signs `split` by both, and submits `submitted`. */
async function release(
  { escrow, idOf, signRelease }: Corridor,
  terms: Terms,
  split = agreed,
  { submitted = split, by = [payer, payee] as const } = {},
) {
  const message = { escrowId: idOf(terms), ...split };
  const signatures = [await signRelease(by[0], message), await signRelease(by[1], message)] as const;
  return escrow.connect(relayer).release(terms, submitted, ...signatures);
}

describe('Escrow release', () => {
  it('splits as both have signed, submitted by anybody', async () => {
    const contracts = await corridor();
    const { coin, escrow, terms, open, stateOf } = contracts;
    const id = await open(terms());
    const call = release(contracts, terms());
    await expect(call)
      .to.emit(escrow, 'EscrowReleased')
      .withArgs(id, 70n * COIN, 30n * COIN, 1_400_000n);
    await expect(call).to.changeTokenBalances(
      ethers,
      coin,
      [payer, payee, feeRecipient, operator, relayer, escrow],
      [30n * COIN, 68_600_000n, 1_400_000n, 0n, 0n, -AMOUNT],
    );
    expect(await stateOf(id)).to.deep.equal({
      capturable: 0n,
      refundable: 70n * COIN,
      rulingDeadline: 0n,
      milestonesLeft: 0n,
      status: status.closed,
    });
  });

  it('says the fee, rounded down', async () => {
    const { escrow, terms, open, idOf, signRelease } = await corridor();
    await open(terms(), 99n);
    const split = { payeeAmount: 99n, payerAmount: 0n, feeBps: 200n, deadline: DEADLINE };
    const message = { escrowId: idOf(terms()), ...split };
    const signatures = [await signRelease(payer, message), await signRelease(payee, message)] as const;
    expect(await escrow.release.staticCall(terms(), split, ...signatures)).to.equal(1n);
  });

  it('may give everything to one of the two', async () => {
    const contracts = await corridor();
    const { coin, terms, open } = contracts;
    await open(terms());
    await expect(
      release(contracts, terms(), { ...agreed, payeeAmount: 0n, payerAmount: AMOUNT }),
    ).to.changeTokenBalances(ethers, coin, [payer, payee, feeRecipient], [AMOUNT, 0n, 0n]);
    const other = terms({ salt: 2n });
    await open(other);
    await expect(
      release(contracts, other, { ...agreed, payeeAmount: AMOUNT, payerAmount: 0n, feeBps: 300n }),
    ).to.changeTokenBalances(ethers, coin, [payer, payee, feeRecipient], [0n, 97n * COIN, 3n * COIN]);
  });

  it('works with milestones and a hash lock, in a dispute, and after the capture expired', async () => {
    const contracts = await corridor();
    const { escrow, terms, hashLocked, disputable, open, stateOf } = contracts;
    const kinds = [terms({ milestones: [1n, AMOUNT - 1n] }), hashLocked(), disputable(), terms({ salt: 9n })];
    const ids = [];
    for (const each of kinds) ids.push(await open(each));
    await escrow.connect(payer).openDispute(disputable(), ethers.ZeroHash);
    await at(CAPTURE_EXPIRY + 1n);
    for (const [i, each] of kinds.entries()) {
      await release(contracts, each, { ...agreed, deadline: 2n ** 40n });
      const { refundable, status: now } = await stateOf(ids[i] as string);
      expect([refundable, now]).to.deep.equal([70n * COIN, status.closed]);
    }
  });

  it('after a partial capture adds to what is refundable', async () => {
    const contracts = await corridor();
    const { escrow, terms, open, stateOf } = contracts;
    const id = await open(terms());
    await escrow.connect(operator).capture(terms(), COIN, 100n);
    await release(contracts, terms(), { ...agreed, payerAmount: 29n * COIN });
    expect((await stateOf(id)).refundable).to.equal(71n * COIN);
  });

  it('given a contract account, takes its ERC-1271 signature', async () => {
    const contracts = await corridor();
    const { coin, account, terms, open } = contracts;
    const own = terms({ payee: await account.getAddress() });
    await open(own);
    await release(contracts, own, agreed, { by: [payer, payer] });
    expect(await coin.balanceOf(account)).to.equal(68_600_000n);
  });

  it('given a signature is missing or somebody else’s, reverts', async () => {
    const contracts = await corridor();
    const { escrow, terms, open } = contracts;
    await open(terms());
    const wrong = [
      { by: [payee, payee], signer: payer },
      { by: [stranger, payee], signer: payer },
      { by: [payer, payer], signer: payee },
      { by: [payer, operator], signer: payee },
    ] as const;
    for (const { by, signer } of wrong) {
      await expect(release(contracts, terms(), agreed, { by: [by[0], by[1]] as never }))
        .to.be.revertedWithCustomError(escrow, 'InvalidSignature')
        .withArgs(signer);
    }
  });

  it('given anything else than was signed, reverts', async () => {
    const contracts = await corridor();
    const { escrow, terms, open } = contracts;
    await open(terms());
    const changes = [
      { payeeAmount: 71n * COIN, payerAmount: 29n * COIN },
      { feeBps: 201n },
      { deadline: DEADLINE + 1n },
    ];
    for (const change of changes) {
      await expect(release(contracts, terms(), agreed, { submitted: { ...agreed, ...change } }))
        .to.be.revertedWithCustomError(escrow, 'InvalidSignature')
        .withArgs(payer);
    }
  });

  it('given the signatures are about another escrow, reverts', async () => {
    const { escrow, terms, open, idOf, signRelease } = await corridor();
    await open(terms());
    const message = { escrowId: idOf(terms({ salt: 2n })), ...agreed };
    const signatures = [await signRelease(payer, message), await signRelease(payee, message)] as const;
    await expect(escrow.release(terms(), agreed, ...signatures))
      .to.be.revertedWithCustomError(escrow, 'InvalidSignature')
      .withArgs(payer);
  });

  it('given the two amounts are not what is capturable, reverts', async () => {
    const contracts = await corridor();
    const { escrow, terms, open } = contracts;
    await open(terms());
    const wrong = [
      [70n * COIN, 30n * COIN + 1n],
      [70n * COIN, 30n * COIN - 1n],
      [AMOUNT + 1n, 0n],
      [AMOUNT + 1n, 2n ** 256n - 1n],
    ] as const;
    for (const [payeeAmount, payerAmount] of wrong) {
      await expect(release(contracts, terms(), { ...agreed, payeeAmount, payerAmount }))
        .to.be.revertedWithCustomError(escrow, 'SplitMismatch')
        .withArgs(payeeAmount, payerAmount, AMOUNT);
    }
  });

  it('given a capture came in between, reverts', async () => {
    const contracts = await corridor();
    const { escrow, terms, open } = contracts;
    await open(terms());
    await escrow.connect(operator).capture(terms(), COIN, 100n);
    await expect(release(contracts, terms()))
      .to.be.revertedWithCustomError(escrow, 'SplitMismatch')
      .withArgs(70n * COIN, 30n * COIN, 99n * COIN);
  });

  it('given a fee out of the terms’ bounds, reverts whoever signed', async () => {
    const contracts = await corridor();
    const { escrow, terms, open } = contracts;
    await open(terms());
    for (const feeBps of [99n, 301n]) {
      await expect(release(contracts, terms(), { ...agreed, feeBps }))
        .to.be.revertedWithCustomError(escrow, 'FeeOutOfBounds')
        .withArgs(feeBps, 100n, 300n);
    }
  });

  it('works until the last second of the deadline, and not afterwards', async () => {
    const contracts = await corridor();
    const { escrow, terms, open } = contracts;
    await open(terms());
    const other = terms({ salt: 2n });
    await open(other);
    await at(DEADLINE);
    await release(contracts, terms());
    await at(DEADLINE + 1n);
    await expect(release(contracts, other))
      .to.be.revertedWithCustomError(escrow, 'SignatureExpired')
      .withArgs(DEADLINE, DEADLINE + 1n);
  });

  it('counts once', async () => {
    const contracts = await corridor();
    const { escrow, terms, open, idOf } = contracts;
    await expect(release(contracts, terms()))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotOpen')
      .withArgs(idOf(terms()), status.none);
    const id = await open(terms());
    await release(contracts, terms());
    await expect(release(contracts, terms()))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotOpen')
      .withArgs(id, status.closed);
  });
});
