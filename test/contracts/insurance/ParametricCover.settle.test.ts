import { expect } from 'chai';
import type { ParametricCover } from '../../../typechain-types/index.ts';
import { CAPITAL, COIN, openChain, states, tiers } from './fixture.ts';

const {
  ethers,
  accounts,
  insurance,
  terms,
  minutes,
  order,
  deployPool,
  open: openRisk,
  sell,
  observe,
  settle,
  settleSilent,
  at,
  arrive,
  flight,
  FEED,
} = await openChain();
const { underwriter, buyer, keeper, stranger } = accounts;

describe('ParametricCover settleRisk', () => {
  for (const [delay, payoutBps] of [
    [0n, 0n],
    [59n, 0n],
    [60n, 2_500n],
    [239n, 5_000n],
    [240n, 10_000n],
  ] as const) {
    it(`given a delay of ${delay} minutes, owes ${payoutBps} basis points and earns the unearned premium`, async () => {
      const contracts = await insurance();
      const { cover, pool, oracle } = contracts;
      const sold = await sell(cover);
      const other = await sell(cover, { subject: flight('ZRH'), insured: 30n * COIN });
      await arrive(sold.windowEnd);
      await observe(oracle, sold, delay);
      const owed = (sold.insured * payoutBps) / 10_000n;
      expect(await cover.settleRisk.staticCall(1n)).to.deep.equal([states.observed, owed]);
      const settlement = cover.connect(stranger).settleRisk(1n);
      await expect(settlement)
        .to.emit(cover, 'RiskSettled')
        .withArgs(1n, states.observed, delay, payoutBps, owed);
      await expect(settlement).to.emit(pool, 'RiskClosed').withArgs(1n, sold.insured, sold.unearned, owed);
      expect(await pool.totalAssets()).to.equal(CAPITAL + sold.premium + other.capitalCharge - owed);
      expect(await pool.payoutReserve()).to.equal(owed);
      expect([await pool.lockedCapital(), await pool.unearnedPremiums()]).to.deep.equal([
        other.insured,
        other.unearned,
      ]);
      expect(await pool.begunExposure()).to.deep.equal([other.insured, other.unearned]);
      const risk = await cover.riskOf(1n);
      expect([risk.state, risk.payoutBps]).to.deep.equal([states.observed, payoutBps]);
      expect(risk.insuredSteps).to.equal(10_000n);
      expect(risk.unearnedPremiums).to.equal(sold.unearned);
    });
  }

  it('frees what the largest payout was, of a product that never pays the whole', async () => {
    const contracts = await insurance();
    const { cover, pool } = contracts;
    await cover.createProduct(terms, tiers.slice(0, 2));
    const sold = await sell(cover, { productId: 2n });
    await expect(settle(contracts, sold, 60n))
      .to.emit(pool, 'RiskClosed')
      .withArgs(1n, 50n * COIN, sold.unearned, 25n * COIN);
    expect(await pool.lockedCapital()).to.equal(0n);
  });

  it('given the oracle stays silent for the grace period, owes the unearned premiums, keeps the charges and pays no claim', async () => {
    const contracts = await insurance();
    const { cover, pool } = contracts;
    const sold = await sell(cover);
    const second = await sell(cover, { insured: 3n * COIN });
    const owed = sold.unearned + second.unearned;
    const capital = CAPITAL + sold.capitalCharge + second.capitalCharge;
    await arrive(sold.windowEnd + terms.graceSeconds);
    await at(sold.windowEnd + terms.graceSeconds + 1n);
    const settlement = cover.connect(keeper).settleRisk(1n);
    await expect(settlement).to.emit(cover, 'RiskSettled').withArgs(1n, states.silent, 0n, 0n, owed);
    await expect(settlement)
      .to.emit(pool, 'RiskClosed')
      .withArgs(1n, 103n * COIN, 0n, owed);
    expect([await pool.totalAssets(), await pool.payoutReserve()]).to.deep.equal([capital, owed]);
    expect([await pool.lockedCapital(), await pool.unearnedPremiums()]).to.deep.equal([0n, 0n]);
    expect((await cover.riskOf(1n)).state).to.equal(states.silent);
  });

  it('until the last second of the grace period waits for the oracle', async () => {
    const { cover } = await insurance();
    const sold = await sell(cover);
    const deadline = sold.windowEnd + terms.graceSeconds;
    for (const time of [sold.windowEnd, deadline]) {
      await at(time);
      await expect(cover.settleRisk(1n))
        .to.be.revertedWithCustomError(cover, 'ObservationIsAwaited')
        .withArgs(1n, deadline, time);
    }
  });

  it('before the end of the window reverts, whatever the oracle says', async () => {
    const { cover, oracle } = await insurance();
    const sold = await sell(cover);
    await arrive(sold.windowEnd - 60n);
    await expect(observe(oracle, sold, 240n)).to.be.revertedWithCustomError(oracle, 'WindowNotOver');
    await at(sold.windowEnd - 1n);
    await expect(cover.settleRisk(1n))
      .to.be.revertedWithCustomError(cover, 'WindowIsOpen')
      .withArgs(1n, sold.windowEnd, sold.windowEnd - 1n);
  });

  it('given an oracle that knows too early, waits for the end of the window all the same', async () => {
    const { manager, coin } = await insurance();
    const oracle = await ethers.deployContract('SettableOracle');
    const pool = await deployPool(coin, manager);
    const cover = await ethers.deployContract('ParametricCover', [pool, oracle, manager]);
    await pool.setCover(cover);
    await oracle.getFunction('addFeed')(FEED);
    await cover.getFunction('createProduct')(terms, tiers);
    await coin.connect(underwriter).approve(pool, ethers.MaxUint256);
    await coin.connect(buyer).approve(pool, ethers.MaxUint256);
    await pool.connect(underwriter).deposit(CAPITAL, underwriter);
    const ordered = await order();
    await openRisk(cover as unknown as ParametricCover, ordered);
    await (cover.connect(buyer) as typeof cover).getFunction('issue')(ordered);
    await oracle.getFunction('observe')(FEED, ordered.subject, ordered.windowStart, ordered.windowEnd, 240n);
    await at(ordered.windowEnd - 1n);
    await expect(cover.getFunction('settleRisk')(1n)).to.be.revertedWithCustomError(cover, 'WindowIsOpen');
    await at(ordered.windowEnd);
    await cover.getFunction('settleRisk')(1n);
    expect(await pool.payoutReserve()).to.equal(ordered.insured);
  });

  it('a second time reverts, after an observation and after silence', async () => {
    const contracts = await insurance();
    const { cover } = contracts;
    const observed = await sell(cover);
    const silent = await sell(cover, { subject: flight('ZRH') });
    await settle(contracts, observed, 60n);
    await settleSilent(contracts, silent);
    for (const [riskNumber, state] of [
      [1n, states.observed],
      [2n, states.silent],
    ] as const) {
      await expect(cover.settleRisk(riskNumber))
        .to.be.revertedWithCustomError(cover, 'RiskIsSettled')
        .withArgs(riskNumber, state);
    }
  });

  it('an observation that comes after the grace period counts if it is first, and changes nothing if it is not', async () => {
    const contracts = await insurance();
    const { cover, pool, oracle } = contracts;
    const late = await sell(cover);
    const later = await sell(cover, { subject: flight('ZRH') });
    await settleSilent(contracts, later);
    await settle(contracts, late, 240n);
    expect((await cover.riskOf(1n)).payoutBps).to.equal(10_000n);
    await observe(oracle, later, 240n);
    await expect(cover.settleRisk(2n)).to.be.revertedWithCustomError(cover, 'RiskIsSettled');
    expect((await cover.riskOf(2n)).payoutBps).to.equal(0n);
    expect(await pool.payoutReserve()).to.equal(late.insured + later.unearned);
  });

  it('reads the observation of its own feed, subject and window only', async () => {
    const { cover, oracle } = await insurance();
    const sold = await sell(cover);
    await arrive(sold.windowEnd + 1n);
    await observe(oracle, { ...sold, subject: flight('ZRH') }, 240n);
    await observe(oracle, { ...sold, windowStart: sold.windowStart + 1n }, 240n);
    await observe(oracle, { ...sold, windowEnd: sold.windowEnd + 1n }, 240n);
    const rainfall = ethers.encodeBytes32String('rainfall');
    await oracle.addFeed(rainfall, minutes);
    await observe(oracle, sold, 240n, rainfall);
    await expect(cover.settleRisk(1n)).to.be.revertedWithCustomError(cover, 'ObservationIsAwaited');
    await observe(oracle, sold, 240n, FEED);
    await cover.settleRisk(1n);
  });

  it('given all policies were cancelled, settles nothing', async () => {
    const contracts = await insurance();
    const { cover, pool } = contracts;
    const sold = await sell(cover);
    await cover.connect(accounts.holder).cancel(1n, sold.insured);
    await expect(settle(contracts, sold, 240n))
      .to.emit(pool, 'RiskClosed')
      .withArgs(1n, 0n, 0n, 0n);
    expect(await pool.totalAssets()).to.equal(CAPITAL + sold.capitalCharge);
  });

  it('given nobody bought a policy, settles nothing', async () => {
    const { cover, pool } = await insurance();
    const ordered = await order();
    await openRisk(cover, ordered);
    await arrive(ordered.windowEnd + terms.graceSeconds + 1n);
    const settlement = cover.settleRisk(1n);
    await expect(settlement).to.emit(cover, 'RiskSettled').withArgs(1n, states.silent, 0n, 0n, 0n);
    await expect(settlement).to.emit(pool, 'RiskClosed').withArgs(1n, 0n, 0n, 0n);
  });

  it('given no such risk, it and all that names a risk revert', async () => {
    const { cover } = await insurance();
    await sell(cover);
    for (const number of [0n, 2n]) {
      for (const call of [
        () => cover.settleRisk(number),
        () => cover.riskOf(number),
        () => cover.payPolicies(number, [1n]),
      ]) {
        await expect(call()).to.be.revertedWithCustomError(cover, 'RiskNotFound').withArgs(number);
      }
    }
  });

  it('costs no more for many policies than for one', async () => {
    const contracts = await insurance();
    const { cover } = contracts;
    const one = await sell(cover);
    const many = await sell(cover, { subject: flight('ZRH'), insured: COIN });
    for (let i = 0; i < 20; ++i) await sell(cover, { ...many, holder: ethers.Wallet.createRandom().address });
    const gas = [];
    for (const sold of [one, many])
      gas.push((await (await settle(contracts, sold, 240n)).wait())?.gasUsed ?? 0n);
    expect(gas[1]).to.be.at.most(gas[0] ?? 0n);
  });

  it('is not stopped by a pause of the product or the pool', async () => {
    const contracts = await insurance();
    const { cover, pool } = contracts;
    const sold = await sell(cover);
    await cover.pauseProduct(1n);
    await pool.pause();
    await settle(contracts, sold, 240n);
    await cover.payPolicies(1n, [1n]);
    expect(await pool.payoutReserve()).to.equal(0n);
  });
});
