import { expect } from 'chai';
import {
  AMOUNT,
  CAPTURE_EXPIRY,
  COIN,
  EVIDENCE,
  openChain,
  RULING,
  RULING_PERIOD,
  START,
  status,
} from './fixture.ts';

const { ethers, accounts, corridor, at } = await openChain();
const { payer, payee, operator, feeRecipient, arbiter, stranger } = accounts;
const OPENED_AT = START + 100n;
const DEADLINE = OPENED_AT + RULING_PERIOD;

/** The payer disputes all of the amount. */
async function disputed(amount = AMOUNT, given = {}) {
  const contracts = await corridor();
  const terms = contracts.disputable(given);
  const id = await contracts.open(terms, amount);
  await at(OPENED_AT);
  await contracts.escrow.connect(payer).openDispute(terms, EVIDENCE);
  return { ...contracts, contested: terms, id };
}

describe('Escrow openDispute', () => {
  for (const [name, caller] of Object.entries({ payer, payee })) {
    it(`by the ${name} gives the arbiter its time`, async () => {
      const { coin, escrow, disputable, open, stateOf } = await corridor();
      const inParts = disputable({ milestones: [1n, AMOUNT - 1n] });
      const id = await open(inParts);
      await escrow.connect(operator).capture(inParts, 1n, 100n);
      await at(OPENED_AT);
      const call = escrow.connect(caller).openDispute(inParts, EVIDENCE);
      await expect(call).to.emit(escrow, 'DisputeOpened').withArgs(id, caller, EVIDENCE, DEADLINE);
      await expect(call).to.changeTokenBalance(ethers, coin, escrow, 0n);
      expect(await stateOf(id)).to.deep.equal({
        capturable: AMOUNT - 1n,
        refundable: 1n,
        rulingDeadline: DEADLINE,
        milestonesLeft: 1n,
        status: status.disputed,
      });
    });
  }

  it('of the largest amounts there are keeps every part of the state', async () => {
    const { escrow, disputable, stateOf, idOf } = await corridor();
    const token = await ethers.deployContract('PlainToken');
    const most = 2n ** 96n - 1n;
    await token.getFunction('mint')(payer, most);
    await (token.connect(payer) as typeof token).getFunction('approve')(escrow, most);
    const milestones = [most - 31n, ...Array.from({ length: 31 }, () => 1n)];
    const inParts = disputable({ token: await token.getAddress(), amount: most, milestones });
    await escrow.connect(payer).authorize(inParts, most);
    const opened = { capturable: most, refundable: 0n, rulingDeadline: 0n, milestonesLeft: 32n };
    expect(await stateOf(idOf(inParts))).to.deep.equal({ ...opened, status: status.open });
    await escrow.connect(operator).capture(inParts, most - 31n, 100n);
    await at(OPENED_AT);
    await escrow.connect(payer).openDispute(inParts, EVIDENCE);
    const contested = {
      capturable: 31n,
      refundable: most - 31n,
      rulingDeadline: DEADLINE,
      milestonesLeft: 31n,
    };
    expect(await stateOf(idOf(inParts))).to.deep.equal({ ...contested, status: status.disputed });
    await escrow.connect(arbiter).rule(inParts, 10_000n, RULING);
    const ruled = { ...contested, capturable: 0n, refundable: most };
    expect(await stateOf(idOf(inParts))).to.deep.equal({ ...ruled, status: status.closed });
  });

  it('by anybody else reverts', async () => {
    const { escrow, disputable, open } = await corridor();
    await open(disputable());
    for (const caller of [operator, arbiter, stranger]) {
      await expect(escrow.connect(caller).openDispute(disputable(), EVIDENCE))
        .to.be.revertedWithCustomError(escrow, 'CallerIsNotParty')
        .withArgs(caller, payer, payee);
    }
  });

  it('without an arbiter reverts', async () => {
    const { escrow, terms, open } = await corridor();
    const id = await open(terms());
    await expect(escrow.connect(payer).openDispute(terms(), EVIDENCE))
      .to.be.revertedWithCustomError(escrow, 'NoArbiter')
      .withArgs(id);
  });

  it('twice, or of nothing, reverts', async () => {
    const { escrow, contested, disputable, id, idOf } = await disputed();
    await expect(escrow.connect(payee).openDispute(contested, EVIDENCE))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsDisputed')
      .withArgs(id);
    await escrow.connect(payee).void(contested);
    await expect(escrow.connect(payee).openDispute(contested, EVIDENCE))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotOpen')
      .withArgs(id, status.closed);
    const never = disputable({ salt: 2n });
    await expect(escrow.connect(payee).openDispute(never, EVIDENCE))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotOpen')
      .withArgs(idOf(never), status.none);
  });

  it('works until the last second of the capture, and not afterwards', async () => {
    const { escrow, disputable, open, stateOf } = await corridor();
    const other = disputable({ salt: 2n });
    const id = await open(disputable());
    await open(other);
    await at(CAPTURE_EXPIRY);
    await escrow.connect(payee).openDispute(disputable(), EVIDENCE);
    expect((await stateOf(id)).rulingDeadline).to.equal(CAPTURE_EXPIRY + RULING_PERIOD);
    await at(CAPTURE_EXPIRY + 1n);
    await expect(escrow.connect(payee).openDispute(other, EVIDENCE))
      .to.be.revertedWithCustomError(escrow, 'CaptureExpired')
      .withArgs(CAPTURE_EXPIRY, CAPTURE_EXPIRY + 1n);
  });
});

describe('Escrow submitEvidence', () => {
  it('by payer and payee is told, and changes nothing', async () => {
    const { escrow, contested, id, stateOf } = await disputed();
    const before = await stateOf(id);
    for (const caller of [payer, payee]) {
      await expect(escrow.connect(caller).submitEvidence(contested, RULING))
        .to.emit(escrow, 'EvidenceSubmitted')
        .withArgs(id, caller, RULING);
    }
    expect(await stateOf(id)).to.deep.equal(before);
  });

  it('by anybody else reverts', async () => {
    const { escrow, contested } = await disputed();
    for (const caller of [operator, arbiter, stranger]) {
      await expect(escrow.connect(caller).submitEvidence(contested, EVIDENCE))
        .to.be.revertedWithCustomError(escrow, 'CallerIsNotParty')
        .withArgs(caller, payer, payee);
    }
  });

  it('works as long as the arbiter may rule, and not afterwards', async () => {
    const { escrow, contested } = await disputed();
    await at(DEADLINE);
    await escrow.connect(payee).submitEvidence(contested, EVIDENCE);
    await at(DEADLINE + 1n);
    await expect(escrow.connect(payee).submitEvidence(contested, EVIDENCE))
      .to.be.revertedWithCustomError(escrow, 'RulingExpired')
      .withArgs(DEADLINE, DEADLINE + 1n);
  });

  it('without a dispute reverts', async () => {
    const { escrow, disputable, open, idOf } = await corridor();
    await expect(escrow.connect(payee).submitEvidence(disputable(), EVIDENCE))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotDisputed')
      .withArgs(idOf(disputable()), status.none);
    const id = await open(disputable());
    await expect(escrow.connect(payer).submitEvidence(disputable(), EVIDENCE))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotDisputed')
      .withArgs(id, status.open);
  });
});

describe('Escrow rule', () => {
  it('splits as the arbiter says: the payee’s part and its fee rounded down', async () => {
    const amount = 99_999_999n;
    const { coin, escrow, contested, id, stateOf } = await disputed(amount);
    const ruling = escrow.connect(arbiter).rule(contested, 3_333n, RULING);
    // 33,329,999.6667 and 1 % of 33,329,999
    await expect(ruling)
      .to.emit(escrow, 'DisputeRuled')
      .withArgs(id, 3_333n, 33_329_999n, 66_670_000n, 333_299n, RULING);
    await expect(ruling).to.changeTokenBalances(
      ethers,
      coin,
      [payer, payee, feeRecipient, arbiter, escrow],
      [66_670_000n, 32_996_700n, 333_299n, 0n, -amount],
    );
    expect(await stateOf(id)).to.deep.equal({
      capturable: 0n,
      refundable: 33_329_999n,
      rulingDeadline: DEADLINE,
      milestonesLeft: 0n,
      status: status.closed,
    });
  });

  it('says the split', async () => {
    const { escrow, contested } = await disputed();
    expect([...(await escrow.connect(arbiter).rule.staticCall(contested, 2_500n, RULING))]).to.deep.equal([
      25n * COIN,
      75n * COIN,
      COIN / 4n,
    ]);
  });

  it('may give everything to one of the two', async () => {
    for (const [payeeBps, change] of [
      [0n, [AMOUNT, 0n, 0n]],
      [10_000n, [0n, AMOUNT - COIN, COIN]],
    ] as const) {
      const { coin, escrow, contested } = await disputed();
      await expect(escrow.connect(arbiter).rule(contested, payeeBps, RULING)).to.changeTokenBalances(
        ethers,
        coin,
        [payer, payee, feeRecipient],
        [...change],
      );
    }
  });

  it('of more than everything reverts', async () => {
    const { escrow, contested } = await disputed();
    await expect(escrow.connect(arbiter).rule(contested, 10_001n, RULING))
      .to.be.revertedWithCustomError(escrow, 'PayeeBpsTooHigh')
      .withArgs(10_001n, 10_000n);
  });

  it('by anybody but the arbiter reverts', async () => {
    const { escrow, contested } = await disputed();
    for (const caller of [payer, payee, operator, stranger]) {
      await expect(escrow.connect(caller).rule(contested, 5_000n, RULING))
        .to.be.revertedWithCustomError(escrow, 'CallerIsNotArbiter')
        .withArgs(caller, arbiter);
    }
  });

  it('without a dispute, or once it is over, reverts', async () => {
    const { escrow, disputable, contested, open, id } = await disputed();
    const calm = disputable({ salt: 2n });
    const calmId = await open(calm);
    await expect(escrow.connect(arbiter).rule(calm, 5_000n, RULING))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotDisputed')
      .withArgs(calmId, status.open);
    await escrow.connect(arbiter).rule(contested, 5_000n, RULING);
    await expect(escrow.connect(arbiter).rule(contested, 5_000n, RULING))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotDisputed')
      .withArgs(id, status.closed);
  });

  it('works until the last second of the ruling period, and not afterwards', async () => {
    const late = await disputed();
    await at(DEADLINE + 1n);
    await expect(late.escrow.connect(arbiter).rule(late.contested, 5_000n, RULING))
      .to.be.revertedWithCustomError(late.escrow, 'RulingExpired')
      .withArgs(DEADLINE, DEADLINE + 1n);
    const { coin, escrow, contested } = await disputed();
    await at(DEADLINE);
    await expect(escrow.connect(arbiter).rule(contested, 5_000n, RULING)).to.changeTokenBalance(
      ethers,
      coin,
      payer,
      50n * COIN,
    );
  });
});

describe('Escrow resolveByDefault', () => {
  it('by anybody, once the arbiter stayed silent, splits as the terms say', async () => {
    const amount = 12_345_679n;
    const { coin, escrow, contested, id, stateOf } = await disputed(amount);
    await at(DEADLINE + 1n);
    const call = escrow.connect(stranger).resolveByDefault(contested);
    // 40 % is 4,938,271.6; 1 % of that is 49,382.71
    await expect(call).to.emit(escrow, 'DisputeDefaulted').withArgs(id, 4_938_271n, 7_407_408n, 49_382n);
    await expect(call).to.changeTokenBalances(
      ethers,
      coin,
      [payer, payee, feeRecipient, stranger, escrow],
      [7_407_408n, 4_888_889n, 49_382n, 0n, -amount],
    );
    expect(await stateOf(id)).to.deep.equal({
      capturable: 0n,
      refundable: 4_938_271n,
      rulingDeadline: DEADLINE,
      milestonesLeft: 0n,
      status: status.closed,
    });
  });

  it('says the split', async () => {
    const { escrow, contested } = await disputed();
    await at(DEADLINE + 1n);
    await ethers.provider.send('evm_mine', []);
    expect([...(await escrow.resolveByDefault.staticCall(contested))]).to.deep.equal([
      40n * COIN,
      60n * COIN,
      (2n * COIN) / 5n,
    ]);
  });

  it('as long as the arbiter may rule reverts', async () => {
    const { escrow, contested } = await disputed();
    await at(DEADLINE);
    await expect(escrow.connect(payee).resolveByDefault(contested))
      .to.be.revertedWithCustomError(escrow, 'RulingStillPossible')
      .withArgs(DEADLINE, DEADLINE);
  });

  it('without a dispute, or once it is over, reverts', async () => {
    const { escrow, disputable, contested, open, id } = await disputed();
    const calm = disputable({ salt: 2n });
    const calmId = await open(calm);
    await at(DEADLINE + 1n);
    await expect(escrow.resolveByDefault(calm))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotDisputed')
      .withArgs(calmId, status.open);
    await escrow.resolveByDefault(contested);
    await expect(escrow.resolveByDefault(contested))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotDisputed')
      .withArgs(id, status.closed);
  });

  it('given nothing for the payee, leaves nothing to remember', async () => {
    const { escrow, contested, id, stateOf } = await disputed(AMOUNT, { defaultPayeeBps: 0n });
    await at(DEADLINE + 1n);
    await escrow.resolveByDefault(contested);
    expect(await stateOf(id)).to.deep.equal({
      capturable: 0n,
      refundable: 0n,
      rulingDeadline: 0n,
      milestonesLeft: 0n,
      status: status.none,
    });
  });
});
