import { expect } from 'chai';
import { encodeBytes32String, id, ZeroHash } from 'ethers';
import { network } from 'hardhat';
import type { AccessManager, LedgerAnchor } from '../../../typechain-types/index.ts';

const { ethers, networkHelpers } = await network.create();
const LEDGER = id('a ledger');
const OTHER = encodeBytes32String('another ledger');
const [FIRST_HEAD, SECOND_HEAD] = [id('first'), id('second')] as const;
const MAX_NUMBER = 2n ** 64n - 1n;
const ANCHORER_ROLE = 1n;

async function deployed() {
  const [admin, anchorer, stranger] = await ethers.getSigners();
  if (!admin || !anchorer || !stranger) throw new Error('Too few accounts.');
  const manager = (await ethers.deployContract('AccessManager', [admin])) as unknown as AccessManager;
  const contract = (await ethers.deployContract('LedgerAnchor', [manager])) as unknown as LedgerAnchor;
  await manager.setTargetFunctionRole(contract, [contract.anchor.fragment.selector], ANCHORER_ROLE);
  await manager.grantRole(ANCHORER_ROLE, anchorer, 0);
  return { anchor: contract.connect(anchorer), stranger };
}
const given = () => networkHelpers.loadFixture(deployed);

describe('LedgerAnchor', () => {
  it('knows nothing of a ledger that was never anchored', async () => {
    const { anchor } = await given();
    expect(await anchor.lastAnchor(LEDGER)).to.deep.equal([0n, ZeroHash]);
  });

  it('keeps the last head with its number, and tells of each', async () => {
    const { anchor } = await given();
    await expect(anchor.anchor(LEDGER, 1, FIRST_HEAD))
      .to.emit(anchor, 'LedgerAnchored')
      .withArgs(LEDGER, 1, FIRST_HEAD);
    expect(await anchor.lastAnchor(LEDGER)).to.deep.equal([1n, FIRST_HEAD]);
    await expect(anchor.anchor(LEDGER, 2, SECOND_HEAD))
      .to.emit(anchor, 'LedgerAnchored')
      .withArgs(LEDGER, 2, SECOND_HEAD);
    expect(await anchor.lastAnchor(LEDGER)).to.deep.equal([2n, SECOND_HEAD]);
  });

  it('finds an anchor by its ledger and number', async () => {
    const { anchor } = await given();
    await anchor.anchor(LEDGER, 1, FIRST_HEAD);
    await anchor.anchor(LEDGER, 5, SECOND_HEAD);
    await anchor.anchor(OTHER, 5, FIRST_HEAD);
    const found = await anchor.queryFilter(anchor.filters.LedgerAnchored(LEDGER, 5));
    expect(found.map(({ args }) => args.head)).to.deep.equal([SECOND_HEAD]);
  });

  it('refuses number 0: postings are counted from 1', async () => {
    const { anchor } = await given();
    await expect(anchor.anchor(LEDGER, 0, FIRST_HEAD))
      .to.be.revertedWithCustomError(anchor, 'NumberNotRising')
      .withArgs(LEDGER, 0, 0);
  });

  for (const [what, number] of [
    ['the number that it has', 7],
    ['one below', 6],
  ] as const)
    it(`refuses ${what}, also with the same head`, async () => {
      const { anchor } = await given();
      await anchor.anchor(LEDGER, 7, FIRST_HEAD);
      for (const head of [FIRST_HEAD, SECOND_HEAD])
        await expect(anchor.anchor(LEDGER, number, head))
          .to.be.revertedWithCustomError(anchor, 'NumberNotRising')
          .withArgs(LEDGER, number, 7);
      expect(await anchor.lastAnchor(LEDGER)).to.deep.equal([7n, FIRST_HEAD]);
    });

  it('takes the highest number there is, and none after it', async () => {
    const { anchor } = await given();
    await anchor.anchor(LEDGER, MAX_NUMBER, FIRST_HEAD);
    expect(await anchor.lastAnchor(LEDGER)).to.deep.equal([MAX_NUMBER, FIRST_HEAD]);
    await expect(anchor.anchor(LEDGER, MAX_NUMBER, SECOND_HEAD)).to.be.revertedWithCustomError(
      anchor,
      'NumberNotRising',
    );
  });

  it('keeps ledgers apart', async () => {
    const { anchor } = await given();
    await anchor.anchor(LEDGER, 9, FIRST_HEAD);
    await anchor.anchor(OTHER, 1, SECOND_HEAD);
    expect(await anchor.lastAnchor(LEDGER)).to.deep.equal([9n, FIRST_HEAD]);
    expect(await anchor.lastAnchor(OTHER)).to.deep.equal([1n, SECOND_HEAD]);
  });

  it('takes anchors from nobody without the role', async () => {
    const { anchor, stranger } = await given();
    await expect(anchor.connect(stranger).anchor(LEDGER, 1, FIRST_HEAD))
      .to.be.revertedWithCustomError(anchor, 'AccessManagedUnauthorized')
      .withArgs(stranger.address);
  });
});
