import { expect } from 'chai';
import { COIN, DAY, HOUR, openChain, tiers } from './fixture.ts';

const { ethers, accounts, named, insurance, terms, flight, order, at, now } = await openChain();
const { buyer, keeper, stranger } = accounts;

const SCHEDULER = 7n;

describe('ParametricCover openRisk', () => {
  it('opens a risk for sale, and tells so', async () => {
    const { cover, pool } = await insurance();
    const { subject, windowStart, windowEnd } = await order();
    expect(await cover.riskNumberOf(1n, subject, windowStart, windowEnd)).to.equal(0n);
    expect(await cover.openRisk.staticCall(1n, subject, windowStart, windowEnd)).to.equal(1n);
    await expect(cover.openRisk(1n, subject, windowStart, windowEnd))
      .to.emit(cover, 'RiskOpened')
      .withArgs(1n, 1n, subject, windowStart, windowEnd);
    expect(await cover.riskNumberOf(1n, subject, windowStart, windowEnd)).to.equal(1n);
    expect(await cover.riskCount()).to.equal(1n);
    expect(named(await cover.riskOf(1n))).to.deep.equal({
      productId: 1n,
      windowStart,
      windowEnd,
      state: 0n,
      payoutBps: 0n,
      insuredSteps: 0n,
      unearnedPremiums: 0n,
      subject,
    });
    expect([await pool.lockedCapital(), await pool.unearnedPremiums()]).to.deep.equal([0n, 0n]);
  });

  it('opens another one for each other product, subject and window', async () => {
    const { cover } = await insurance();
    await cover.createProduct(terms, tiers);
    const { subject, windowStart, windowEnd } = await order();
    const risks = [
      [1n, subject, windowStart, windowEnd],
      [2n, subject, windowStart, windowEnd],
      [1n, flight('FRA', 2), windowStart, windowEnd],
      [1n, subject, windowStart + 1n, windowEnd],
      [1n, subject, windowStart, windowEnd + 1n],
    ] as const;
    for (const risk of risks) await cover.openRisk(...risk);
    for (const [index, risk] of risks.entries()) {
      expect(await cover.riskNumberOf(...risk)).to.equal(BigInt(index) + 1n);
    }
    expect(await cover.riskCount()).to.equal(5n);
    expect((await cover.riskOf(2n)).productId).to.equal(2n);
    expect(await cover.riskNumberOf(1n, flight('ZRH'), windowStart, windowEnd)).to.equal(0n);
  });

  it('of a risk that is there reverts with its number', async () => {
    const { cover } = await insurance();
    const { subject, windowStart, windowEnd } = await order();
    await cover.openRisk(1n, flight('ZRH'), windowStart, windowEnd);
    await cover.openRisk(1n, subject, windowStart, windowEnd);
    await expect(cover.openRisk(1n, subject, windowStart, windowEnd))
      .to.be.revertedWithCustomError(cover, 'RiskExists')
      .withArgs(2n);
    expect(await cover.riskCount()).to.equal(2n);
  });

  it('of a window that could not be sold now reverts', async () => {
    const { cover } = await insurance();
    const time = (await now()) + 100n;
    const [earliest, latest] = [time + DAY, time + 30n * DAY];
    const open = (windowStart: bigint, length: bigint) =>
      cover.openRisk(1n, flight('FRA'), windowStart, windowStart + length);
    await at(time);
    await expect(open(earliest - 1n, HOUR))
      .to.be.revertedWithCustomError(cover, 'WindowStartsTooSoon')
      .withArgs(earliest - 1n, earliest);
    await at(time + 1n);
    await expect(open(latest + 2n, HOUR))
      .to.be.revertedWithCustomError(cover, 'WindowStartsTooLate')
      .withArgs(latest + 2n, latest + 1n);
    await at(time + 2n);
    await open(earliest + 2n, HOUR);
    await at(time + 3n);
    await open(latest + 3n, 2n * DAY);
    for (const [length, reported] of [
      [-1n, 0n],
      [HOUR - 1n, HOUR - 1n],
      [2n * DAY + 1n, 2n * DAY + 1n],
    ] as const) {
      await expect(open(earliest + DAY, length))
        .to.be.revertedWithCustomError(cover, 'WindowLengthInvalid')
        .withArgs(reported, HOUR, 2n * DAY);
    }
  });

  it('is SCHEDULER’s alone; many at once by multicall, each part by its own right', async () => {
    const { cover, manager } = await insurance();
    const { subject, windowStart, windowEnd } = await order();
    const openRisk = (to: string) =>
      cover.interface.encodeFunctionData('openRisk', [1n, to, windowStart, windowEnd]);
    const calls = [openRisk(subject), openRisk(flight('ZRH')), openRisk(flight('OSL'))];
    for (const call of [
      () => cover.connect(stranger).openRisk(1n, subject, windowStart, windowEnd),
      () => cover.connect(stranger).multicall(calls),
    ]) {
      await expect(call())
        .to.be.revertedWithCustomError(cover, 'AccessManagedUnauthorized')
        .withArgs(stranger);
    }

    const { selector } = cover.interface.getFunction('openRisk');
    await manager.setTargetFunctionRole(cover, [selector], SCHEDULER);
    await manager.grantRole(SCHEDULER, keeper, 0n);
    await cover.connect(keeper).multicall(calls);
    expect(await cover.riskCount()).to.equal(3n);
    expect(await cover.riskNumberOf(1n, flight('OSL'), windowStart, windowEnd)).to.equal(3n);
    // A right to one part is no right to another.
    const create = cover.interface.encodeFunctionData('createProduct', [terms, tiers]);
    await expect(cover.connect(keeper).multicall([openRisk(flight('CDG')), create]))
      .to.be.revertedWithCustomError(cover, 'AccessManagedUnauthorized')
      .withArgs(keeper);
    expect(await cover.riskCount()).to.equal(3n);
  });

  it('opens no sale that is not bounded by its product', async () => {
    const { cover } = await insurance();
    const ordered = await order({ insured: 1_000n * COIN });
    await cover.openRisk(1n, ordered.subject, ordered.windowStart, ordered.windowEnd);
    await cover.connect(buyer).issue(ordered);
    await expect(cover.connect(buyer).issue({ ...ordered, insured: 10_000n }))
      .to.be.revertedWithCustomError(cover, 'RiskLimitExceeded')
      .withArgs(1_000n * COIN + 10_000n, 1_000n * COIN);
    expect(ethers.toBigInt(await cover.policyCount())).to.equal(1n);
  });
});
