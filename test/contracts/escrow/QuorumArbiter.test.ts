import { expect } from 'chai';
import { Signature, toBeHex, Wallet } from 'ethers';
import type { QuorumArbiter } from '../../../typechain-types/index.ts';
import { AMOUNT, COIN, openChain, RULING, RULING_PERIOD, START, status, type Terms } from './fixture.ts';

const { ethers, accounts, corridor, at } = await openChain();
const { payer, payee, stranger } = accounts;

const wallets = Array.from({ length: 7 }, (_, i) => new Wallet(ethers.id(`judge ${i}`)));
const others = Array.from({ length: 7 }, (_, i) => new Wallet(ethers.id(`other judge ${i}`)));
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const types = {
  Ruling: [
    { name: 'escrowId', type: 'bytes32' },
    { name: 'payeeBps', type: 'uint256' },
    { name: 'rulingHash', type: 'bytes32' },
  ],
};

/** A disputed escrow whose arbiter is any five of seven. */
async function withDispute() {
  const contracts = await corridor();
  const { escrow, disputable, open } = contracts;
  const arbiter = (await ethers.deployContract('QuorumArbiter', [
    escrow,
    wallets,
  ])) as unknown as QuorumArbiter;
  const address = await arbiter.getAddress();
  const terms = (given: Partial<Terms> = {}) => disputable({ arbiter: address, ...given });
  const dispute = async (of: Terms) => {
    const id = await open(of);
    await escrow.connect(payer).openDispute(of, ethers.ZeroHash);
    return id;
  };
  const id = await dispute(terms());
  const sign = async (wallet: Wallet, message: Record<string, unknown> = {}, chainId = 31_337) => {
    const domain = { name: 'Corridor QuorumArbiter', version: '1', chainId, verifyingContract: address };
    const ruling = { escrowId: id, payeeBps: 2_500n, rulingHash: RULING, ...message };
    return Signature.from(await wallet.signTypedData(domain, types, ruling));
  };
  const words = (signatures: Signature[]) => signatures.flatMap(({ r, yParityAndS }) => [r, yParityAndS]);
  const signedBy = async (indices: number[], message: Record<string, unknown> = {}, chainId = 31_337) =>
    words(await Promise.all(indices.map((i) => sign(wallets[i] as Wallet, message, chainId))));
  const rule = (mask: number, signatures: string[], of = terms(), payeeBps = 2_500n, hash = RULING) =>
    arbiter.connect(stranger).rule(of, payeeBps, hash, mask, signatures);
  return { ...contracts, arbiter, address, terms, dispute, id, sign, words, signedBy, rule };
}

const FIVE = 0b1011101;
const BY_FIVE = [0, 2, 3, 4, 6];

describe('QuorumArbiter', () => {
  it('rules as a quorum signed, submitted by anybody, once', async () => {
    const { coin, escrow, id, rule, signedBy, stateOf } = await withDispute();
    const signatures = await signedBy(BY_FIVE);
    const call = rule(FIVE, signatures);
    const [toPayee, toPayer, fee] = [25n * COIN, 75n * COIN, COIN / 4n];
    await expect(call).to.emit(escrow, 'DisputeRuled').withArgs(id, 2_500n, toPayee, toPayer, fee, RULING);
    await expect(call).to.changeTokenBalances(
      ethers,
      coin,
      [payer, payee, accounts.feeRecipient, escrow],
      [toPayer, toPayee - fee, fee, -AMOUNT],
    );
    expect((await stateOf(id)).status).to.equal(status.closed);
    await expect(rule(FIVE, signatures))
      .to.be.revertedWithCustomError(escrow, 'EscrowIsNotDisputed')
      .withArgs(id, status.closed);
  });

  it('says what it ruled', async () => {
    const { arbiter, terms, signedBy } = await withDispute();
    const signatures = await signedBy([0, 1, 2, 3, 4, 5, 6]);
    expect(await arbiter.rule.staticCall(terms(), 2_500n, RULING, 0x7f, signatures)).to.deep.equal([
      25n * COIN,
      75n * COIN,
      COIN / 4n,
    ]);
  });

  it('says whom it rules for, and who signs', async () => {
    const { arbiter, escrow } = await withDispute();
    expect(await arbiter.escrow()).to.equal(await escrow.getAddress());
    expect(await arbiter.signers()).to.deep.equal(wallets.map(({ address }) => address));
    expect(await arbiter.RULING_TYPEHASH()).to.equal(
      ethers.id('Ruling(bytes32 escrowId,uint256 payeeBps,bytes32 rulingHash)'),
    );
  });

  it('refuses sets that are none', async () => {
    const { arbiter, escrow } = await withDispute();
    const [one, two, three, four] = wallets.map(({ address }) => address) as [string, string, string, string];
    const deploy = (signers: string[]) => ethers.deployContract('QuorumArbiter', [escrow, signers]);
    for (const signers of [[], [one], [one, two, three], [one, two, three, four, escrow.target as string]])
      await expect(deploy(signers))
        .to.be.revertedWithCustomError(arbiter, 'SignerCountInvalid')
        .withArgs(signers.length, 4n, 31n);
    await expect(deploy([one, two, ethers.ZeroAddress, four]))
      .to.be.revertedWithCustomError(arbiter, 'SignerIsZero')
      .withArgs(2n);
    await expect(deploy([one, two, three, one]))
      .to.be.revertedWithCustomError(arbiter, 'SignerRepeated')
      .withArgs(one);
  });
});

describe('QuorumArbiter refuses', () => {
  it('fewer than a quorum, and nobody at all', async () => {
    const { arbiter, rule, signedBy } = await withDispute();
    for (const [mask, indices] of [
      [0, []],
      [0b1111, [0, 1, 2, 3]],
      [0b1111000, [3, 4, 5, 6]],
    ] as const)
      await expect(rule(mask, await signedBy([...indices])))
        .to.be.revertedWithCustomError(arbiter, 'QuorumNotReached')
        .withArgs(indices.length, 5n);
  });

  it('one signer counted twice', async () => {
    const { arbiter, rule, signedBy } = await withDispute();
    await expect(rule(FIVE, await signedBy([0, 2, 3, 4, 4])))
      .to.be.revertedWithCustomError(arbiter, 'QuorumSignatureInvalid')
      .withArgs(wallets[6]?.address, (digest: string) => digest !== ethers.ZeroHash);
  });

  it('signatures in another order than the set’s', async () => {
    const { arbiter, rule, signedBy } = await withDispute();
    await expect(rule(FIVE, await signedBy([2, 0, 3, 4, 6])))
      .to.be.revertedWithCustomError(arbiter, 'QuorumSignatureInvalid')
      .withArgs(wallets[0]?.address, (digest: string) => digest !== ethers.ZeroHash);
  });

  it('signers that it does not have', async () => {
    const { arbiter, rule, signedBy } = await withDispute();
    for (const mask of [0b10011111, 0x80000000])
      await expect(rule(mask, await signedBy(BY_FIVE)))
        .to.be.revertedWithCustomError(arbiter, 'SignerUnknown')
        .withArgs(mask, 7n);
  });

  it('strangers’ signatures', async () => {
    const { arbiter, rule, sign, words } = await withDispute();
    const signatures = words(await Promise.all(BY_FIVE.map((i) => sign(others[i] as Wallet))));
    await expect(rule(FIVE, signatures))
      .to.be.revertedWithCustomError(arbiter, 'QuorumSignatureInvalid')
      .withArgs(wallets[0]?.address, (digest: string) => digest !== ethers.ZeroHash);
  });

  it('one signature more or less than signers', async () => {
    const { arbiter, rule, signedBy } = await withDispute();
    const signatures = await signedBy(BY_FIVE);
    for (const wrong of [[], signatures.slice(1), signatures.slice(2), [...signatures, RULING]])
      await expect(rule(FIVE, wrong))
        .to.be.revertedWithCustomError(arbiter, 'SignatureCountInvalid')
        .withArgs(wrong.length, 10n);
  });

  it('the second form of a signature', async () => {
    const { arbiter, rule, sign, signedBy } = await withDispute();
    const { s, yParity } = await sign(wallets[0] as Wallet);
    const signatures = await signedBy(BY_FIVE);
    const high = ORDER - BigInt(s);
    signatures[1] = toBeHex((BigInt(1 - yParity) << 255n) | (high & ((1n << 255n) - 1n)), 32);
    await expect(rule(FIVE, signatures)).to.be.revertedWithCustomError(arbiter, 'QuorumSignatureInvalid');
  });

  it('another ruling than was signed: its share, its reasons', async () => {
    const { arbiter, terms, rule, signedBy } = await withDispute();
    const signatures = await signedBy(BY_FIVE);
    for (const [payeeBps, hash] of [
      [2_501n, RULING],
      [2_500n, ethers.ZeroHash],
    ] as const)
      await expect(rule(FIVE, signatures, terms(), payeeBps, hash)).to.be.revertedWithCustomError(
        arbiter,
        'QuorumSignatureInvalid',
      );
  });

  it('a ruling of another escrow, for another arbiter, or for another chain', async () => {
    const { arbiter, escrow, terms, dispute, rule, signedBy } = await withDispute();
    const another = terms({ salt: 2n });
    await dispute(another);
    const signatures = await signedBy(BY_FIVE);
    await expect(rule(FIVE, signatures, another)).to.be.revertedWithCustomError(
      arbiter,
      'QuorumSignatureInvalid',
    );
    const twin = (await ethers.deployContract('QuorumArbiter', [
      escrow,
      wallets,
    ])) as unknown as QuorumArbiter;
    await expect(twin.rule(terms(), 2_500n, RULING, FIVE, signatures)).to.be.revertedWithCustomError(
      arbiter,
      'QuorumSignatureInvalid',
    );
    await expect(rule(FIVE, await signedBy(BY_FIVE, {}, 31_338))).to.be.revertedWithCustomError(
      arbiter,
      'QuorumSignatureInvalid',
    );
  });

  it('to rule where it is not the arbiter', async () => {
    const { escrow, disputable, dispute, address, signedBy, rule } = await withDispute();
    const elsewhere = disputable({ salt: 3n });
    const escrowId = await dispute(elsewhere);
    await expect(rule(FIVE, await signedBy(BY_FIVE, { escrowId }), elsewhere))
      .to.be.revertedWithCustomError(escrow, 'CallerIsNotArbiter')
      .withArgs(address, elsewhere.arbiter);
  });

  it('a share of more than the whole', async () => {
    const { escrow, terms, rule, signedBy } = await withDispute();
    await expect(rule(FIVE, await signedBy(BY_FIVE, { payeeBps: 10_001n }), terms(), 10_001n))
      .to.be.revertedWithCustomError(escrow, 'PayeeBpsTooHigh')
      .withArgs(10_001n, 10_000n);
  });

  it('a ruling after the deadline', async () => {
    const { escrow, id, rule, signedBy, stateOf } = await withDispute();
    const { rulingDeadline } = await stateOf(id);
    expect(rulingDeadline > START + RULING_PERIOD - 10n).to.equal(true);
    const signatures = await signedBy(BY_FIVE);
    await at(rulingDeadline + 1n);
    await expect(rule(FIVE, signatures))
      .to.be.revertedWithCustomError(escrow, 'RulingExpired')
      .withArgs(rulingDeadline, rulingDeadline + 1n);
  });

  it('nothing in the last second of the deadline', async () => {
    const { escrow, id, rule, signedBy, stateOf } = await withDispute();
    const { rulingDeadline } = await stateOf(id);
    const signatures = await signedBy(BY_FIVE);
    await at(rulingDeadline);
    await expect(rule(FIVE, signatures)).to.emit(escrow, 'DisputeRuled');
  });
});
