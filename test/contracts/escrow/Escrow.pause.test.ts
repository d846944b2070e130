import { expect } from 'chai';
import { AbiCoder } from 'ethers';
import {
  AMOUNT,
  CAPTURE_EXPIRY,
  COIN,
  openChain,
  PREIMAGE,
  RULING_PERIOD,
  START,
  status,
} from './fixture.ts';

const { ethers, accounts, corridor, at } = await openChain();
const { admin, payer, payee, operator, arbiter, stranger } = accounts;

describe('Escrow pause and unpause', () => {
  it('stop and let go', async () => {
    const { escrow, terms, open, stateOf } = await corridor();
    expect(await escrow.paused()).to.equal(false);
    await expect(escrow.pause()).to.emit(escrow, 'Paused').withArgs(admin);
    expect(await escrow.paused()).to.equal(true);
    await expect(escrow.unpause()).to.emit(escrow, 'Unpaused').withArgs(admin);
    expect(await escrow.paused()).to.equal(false);
    expect((await stateOf(await open(terms()))).status).to.equal(status.open);
  });

  it('revert when it is so already, and for a stranger', async () => {
    const { escrow } = await corridor();
    await expect(escrow.unpause()).to.be.revertedWithCustomError(escrow, 'EscrowIsNotPaused');
    await escrow.pause();
    await expect(escrow.pause()).to.be.revertedWithCustomError(escrow, 'EscrowIsPaused');
    for (const call of [escrow.connect(stranger).pause(), escrow.connect(stranger).unpause()]) {
      await expect(call)
        .to.be.revertedWithCustomError(escrow, 'AccessManagedUnauthorized')
        .withArgs(stranger);
    }
  });

  it('stop every entry', async () => {
    const { coin, router, escrow, terms, idOf } = await corridor();
    await escrow.pause();
    const one = terms();
    const nothing = [0n, 27, ethers.ZeroHash, ethers.ZeroHash] as const;
    const [type] = escrow.interface.getFunction('escrowIdOf').inputs;
    if (!type) throw new Error('escrowIdOf takes terms.');
    const data = AbiCoder.defaultAbiCoder().encode([type], [one]);
    const entries = [
      escrow.connect(payer).authorize(one, 1n),
      escrow.connect(payer).authorizeFor(one, 1n),
      escrow.connect(payer).authorizeWithPermit(one, 1n, ...nothing),
      escrow.authorizeWithSignature(one, 1n, '0x'),
      escrow.authorizeWithAuthorization(one, 1n, 0n, 1n, '0x'),
      escrow.connect(payer).charge(one, 1n, 100n),
      escrow.connect(operator).chargeWithSignature(one, 1n, 100n, '0x'),
      router.connect(payer).payInto(coin, escrow, 1n, idOf(one), data),
    ];
    for (const entry of entries) await expect(entry).to.be.revertedWithCustomError(escrow, 'EscrowIsPaused');
  });

  it('stop no exit', async () => {
    const { coin, escrow, terms, disputable, hashLocked, idOf, open, signRelease } = await corridor();
    const ruled = disputable();
    const defaulted = disputable({ salt: 2n });
    const [released, voided, reclaimed] = [terms({ salt: 3n }), terms({ salt: 4n }), terms({ salt: 5n })];
    for (const each of [terms(), hashLocked(), ruled, defaulted, released, voided, reclaimed])
      await open(each);
    await escrow.pause();

    await escrow.connect(operator).capture(terms(), AMOUNT, 100n);
    await escrow.connect(payee).refund(terms(), AMOUNT);
    await escrow.captureWithPreimage(hashLocked(), PREIMAGE);
    const split = { payeeAmount: 0n, payerAmount: AMOUNT, feeBps: 100n, deadline: START + 1_000n };
    const message = { escrowId: idOf(released), ...split };
    await escrow.release(
      released,
      split,
      await signRelease(payer, message),
      await signRelease(payee, message),
    );
    await escrow.connect(payer).openDispute(ruled, ethers.ZeroHash);
    await escrow.connect(payee).submitEvidence(ruled, ethers.ZeroHash);
    await escrow.connect(arbiter).rule(ruled, 0n, ethers.ZeroHash);
    await escrow.connect(payee).openDispute(defaulted, ethers.ZeroHash);
    await coin.freeze(payer);
    await escrow.connect(operator).void(voided);
    await coin.unfreeze(payer);
    await escrow.withdrawCredit(coin, payer);
    await at(CAPTURE_EXPIRY + RULING_PERIOD);
    await escrow.reclaim(reclaimed);
    await escrow.resolveByDefault(defaulted);
    expect(await coin.balanceOf(escrow)).to.equal(0n);
    expect(await escrow.paused()).to.equal(true);
    expect(COIN).to.be.lessThan(AMOUNT);
  });
});
