import { expect } from 'chai';
import { seededBelow as seeded } from '../support/random.ts';
import { COIN, COVER_STEP, DAY, HOUR, openChain, operators, states, tiers } from './fixture.ts';
import { PoolModel, payoutBpsOf, premiumOf, type Tier } from './model.ts';

const { ethers, accounts, named, insurance, terms, flight, order, sell, observe, now, arrive, at } =
  await openChain();
const { underwriter, second, buyer, holder, stranger } = accounts;

const BOUNDED_REDEEM = 'redeem(uint256,address,address,uint256)';

/** Distinct numbers below `bound`, ascending. */
function ascending(random: ReturnType<typeof seeded>, count: number, bound: bigint): bigint[] {
  const found = new Set<bigint>();
  while (found.size < count) found.add(random(bound));
  return [...found].sort((a, b) => (a < b ? -1 : 1));
}

function someTiers(random: ReturnType<typeof seeded>, atLeast: boolean): Tier[] {
  const count = Number(random(4n)) + 1;
  const thresholds = ascending(random, count, 1_000n).map((threshold) => threshold - 500n);
  if (!atLeast) thresholds.reverse();
  const payouts = ascending(random, count, 10_000n).map((payoutBps) => payoutBps + 1n);
  return thresholds.map((threshold, i) => ({ threshold, payoutBps: payouts[i] ?? 0n }));
}

describe('Insurance beside its model', () => {
  it('pays for 1,600 observations of 40 seeded products what the model says', async () => {
    const { cover } = await insurance();
    const random = seeded(1);
    for (let i = 0; i < 40; ++i) {
      const atLeast = random(2n) === 0n;
      const some = someTiers(random, atLeast);
      const operator = atLeast ? operators.atLeast : operators.atMost;
      await cover.createProduct({ ...terms, operator }, some);
      const productId = await cover.productCount();
      const edges = some.flatMap(({ threshold }) => [threshold - 1n, threshold, threshold + 1n]);
      while (edges.length < 40) edges.push(random(1_200n) - 600n);
      const payouts = await Promise.all(edges.map((value) => cover.payoutBpsFor(productId, value)));
      expect(payouts).to.deep.equal(edges.map((value) => payoutBpsOf(some, atLeast, value)));
    }
  });

  it('prices 2,000 seeded orders of 50 products as the model does', async () => {
    const { cover } = await insurance();
    const random = seeded(2);
    for (let i = 0; i < 50; ++i) {
      const some = someTiers(random, true);
      const rates = {
        expectedLossPpm: random(1_000_000n) + 1n,
        loadPpm: random(2n ** 24n),
        capitalChargePpmPerYear: random(2n ** 24n),
      };
      const limits = { maxInsuredPerRisk: 2n ** 69n, maxInsuredPerCluster: 2n ** 90n };
      await cover.createProduct({ ...terms, ...rates, ...limits }, some);
      const productId = await cover.productCount();
      const time = await now();
      const maxPayoutBps = some.at(-1)?.payoutBps ?? 0n;
      await Promise.all(
        Array.from({ length: 40 }, async () => {
          const windowStart = time + DAY + random(28n * DAY);
          const windowEnd = windowStart + HOUR + random(DAY);
          const insured = (random(2n ** (1n + random(55n))) + 1n) * COVER_STEP;
          const expected = premiumOf(rates, insured, maxPayoutBps, windowEnd + terms.graceSeconds - time);
          const quoted = await cover.quote(productId, windowStart, windowEnd, insured);
          expect(named(quoted)).to.deep.equal(expected);
        }),
      );
    }
  });

  for (const seed of [3, 4, 5, 6]) {
    it(`goes through a random history with the model, and down to zero (seed ${seed})`, async () => {
      const contracts = await insurance();
      const { pool, cover, coin, oracle } = contracts;
      const random = seeded(seed);
      const model = new PoolModel();
      const owners = [underwriter, second, stranger];
      const waiting = [DAY, 2n * DAY + 7n * HOUR, 5n * DAY];
      for (const waitingPeriodSeconds of waiting.slice(1)) {
        await cover.createProduct({ ...terms, waitingPeriodSeconds }, tiers);
      }
      const open: (Awaited<ReturnType<typeof sell>> & { closesAt: bigint })[] = [];
      const owed: { riskNumber: bigint; policyId: bigint }[] = [];
      model.totalAssets = await pool.totalAssets();
      model.totalSupply = await pool.totalSupply();
      await coin.connect(buyer).transfer(stranger, 10_000n * COIN);
      await coin.connect(stranger).approve(pool, ethers.MaxUint256);
      const someone = () => owners[Number(random(3n))] ?? underwriter;
      const riskOf = (riskNumber: bigint) => {
        const risk = model.risks.get(riskNumber);
        if (!risk) throw new Error(`The model has no risk ${riskNumber}.`);
        return risk;
      };
      const next = async () => {
        const time = (await now()) + 1n + random(600n);
        await at(time);
        return time;
      };

      const verbs = {
        async deposit() {
          const assets = random(2_000n * COIN) + 1n;
          const owner = someone();
          const before = await pool.balanceOf(owner);
          const shares = model.deposit(assets, await next());
          await pool.connect(owner).deposit(assets, owner);
          expect((await pool.balanceOf(owner)) - before).to.equal(shares);
        },
        async request() {
          const owner = someone();
          const { shares } = await pool.redeemRequestOf(owner);
          const free = (await pool.balanceOf(owner)) - shares;
          if (free === 0n) return;
          const requested = random(free) + 1n;
          await pool.connect(owner).requestRedeem(requested);
          model.requested.set(owner.address, shares + requested);
        },
        async redeem() {
          const owner = someone();
          const max = await pool.maxRedeem(owner);
          if (max === 0n) return;
          const shares = random(3n) === 0n ? max : random(max) + 1n;
          const before = await coin.balanceOf(owner);
          const assets = model.redeem(owner.address, shares, await next());
          await pool.connect(owner)[BOUNDED_REDEEM](shares, owner, owner, assets);
          expect((await coin.balanceOf(owner)) - before).to.equal(assets);
        },
        async cancelRequest() {
          const owner = someone();
          const { shares } = await pool.redeemRequestOf(owner);
          if (shares === 0n) return;
          await pool.connect(owner).cancelRequest(owner);
          model.requested.set(owner.address, 0n);
        },
        async issue() {
          const last = random(2n) === 0n ? open.at(-1) : undefined;
          const time = await now();
          const again = last && last.closesAt > time + HOUR ? last : undefined;
          const productId = again?.productId ?? 1n + random(3n);
          const waitingPeriodSeconds = waiting[Number(productId) - 1] ?? 0n;
          const windowStart = again?.windowStart ?? time + waitingPeriodSeconds + HOUR + random(10n * DAY);
          const windowEnd = again?.windowEnd ?? windowStart + HOUR + random(DAY);
          const insured = (1n + random(4_000n)) * COVER_STEP;
          if (insured > model.capacity) return;
          const ordered = await order({
            productId,
            subject: again?.subject ?? flight('ABC', Number(random(1_000_000n))),
            windowStart,
            windowEnd,
            insured,
          });
          const inCluster = await cover.clusterInsured(productId, ordered.subject, ordered.windowStart);
          if (inCluster + insured > 1_500n * COIN) return;
          const sold = await sell(cover, ordered);
          const issuedAt = await now();
          const lockedSeconds = sold.windowEnd + terms.graceSeconds - issuedAt;
          const { premium, capitalCharge } = premiumOf(terms, insured, 10_000n, lockedSeconds);
          expect([sold.premium, sold.capitalCharge]).to.deep.equal([premium, capitalCharge]);
          const closesAt = sold.windowStart - waitingPeriodSeconds;
          model.sell(sold.riskNumber, closesAt, insured, premium - capitalCharge, capitalCharge);
          open.push({ ...sold, closesAt });
        },
        async cancel() {
          const sold = open[Number(random(BigInt(open.length || 1)))];
          if (!sold || sold.closesAt < (await now()) + HOUR) return;
          const { policy, purchase } = await cover.policyOf(sold.policyId);
          const steps = 1n + random(policy.insuredSteps);
          const refund = (purchase.unearnedPremium * steps) / policy.insuredSteps;
          await cover.connect(holder).cancel(sold.policyId, steps * COVER_STEP);
          const risk = riskOf(sold.riskNumber);
          risk.locked -= steps * COVER_STEP;
          risk.unearned -= refund;
          if (steps === policy.insuredSteps) open.splice(open.indexOf(sold), 1);
        },
        async settle() {
          const due = open.find(({ windowEnd }) => windowEnd <= clock);
          if (!due) return;
          const policies = open.filter(({ riskNumber }) => riskNumber === due.riskNumber);
          const risk = riskOf(due.riskNumber);
          if (random(3n) === 0n) {
            const deadline = due.windowEnd + terms.graceSeconds + 1n;
            if ((await now()) < deadline) await arrive(deadline);
            await cover.settleRisk(due.riskNumber);
            expect((await cover.riskOf(due.riskNumber)).state).to.equal(states.silent);
            model.settle(due.riskNumber, 0n, risk.unearned);
            owed.push(...policies);
          } else {
            const minutes = random(300n);
            await observe(oracle, due, minutes);
            await cover.settleRisk(due.riskNumber);
            const payoutBps = payoutBpsOf(tiers, true, minutes);
            model.settle(due.riskNumber, (risk.locked * payoutBps) / 10_000n, 0n);
            if (payoutBps !== 0n) owed.push(...policies);
          }
          for (const policy of policies) open.splice(open.indexOf(policy), 1);
        },
        async pay() {
          const first = owed[0];
          if (!first) return;
          const ids = owed
            .filter(({ riskNumber }) => riskNumber === first.riskNumber)
            .map(({ policyId }) => policyId);
          const reserve = await pool.payoutReserve();
          await cover.payPolicies(first.riskNumber, ids);
          model.payoutReserve -= reserve - (await pool.payoutReserve());
          owed.splice(0, owed.length, ...owed.filter(({ riskNumber }) => riskNumber !== first.riskNumber));
          if (owed.length === 0) expect(model.payoutReserve).to.equal(0n);
        },
        async wait() {
          await arrive((await now()) + random(3n * DAY) + 1n);
        },
      };
      let clock = await now();

      const compare = async () => {
        clock = await now();
        expect(await pool.totalAssets(), 'totalAssets').to.equal(model.totalAssets);
        expect(await pool.totalSupply(), 'totalSupply').to.equal(model.totalSupply);
        expect(await pool.lockedCapital(), 'lockedCapital').to.equal(model.lockedCapital);
        expect(await pool.unearnedPremiums(), 'unearnedPremiums').to.equal(model.unearnedPremiums);
        expect(await pool.payoutReserve(), 'payoutReserve').to.equal(model.payoutReserve);
        expect(await pool.capacity(), 'capacity').to.equal(model.capacity);
        const { locked, unearned } = model.begun(clock);
        expect(await pool.begunExposure(), 'begunExposure').to.deep.equal([locked, unearned]);
        const assets = random(10_000n * COIN);
        const shares = random(model.totalSupply + 1n);
        expect(await pool.previewDeposit(assets), 'previewDeposit').to.equal(model.sharesFor(assets, clock));
        expect(await pool.previewMint(shares), 'previewMint').to.equal(model.costOf(shares, clock));
        expect(await pool.previewRedeem(shares), 'previewRedeem').to.equal(model.assetsFor(shares, clock));
        for (const owner of owners) {
          const { claimableAt, lapsesAt } = await pool.redeemRequestOf(owner);
          const claimable = clock >= claimableAt && clock < lapsesAt;
          const redeemable = claimable ? model.redeemable(owner.address, clock) : 0n;
          const worth = model.assetsFor(redeemable, clock);
          expect(await pool.maxRedeem(owner), 'maxRedeem').to.equal(worth === 0n ? 0n : redeemable);
          expect(await pool.maxWithdraw(owner), 'maxWithdraw').to.equal(worth);
        }
        expect(await coin.balanceOf(pool), 'balance').to.equal(
          model.totalAssets + model.unearnedPremiums + model.payoutReserve,
        );
      };

      const names = Object.keys(verbs) as (keyof typeof verbs)[];
      for (let step = 0; step < 120; ++step) {
        await verbs[names[Number(random(BigInt(names.length)))] ?? 'wait']();
        await compare();
      }

      // By exits alone everything goes down to zero.
      await arrive((await now()) + 20n * DAY);
      for (const riskNumber of new Set(open.map((sold) => sold.riskNumber))) {
        await cover.settleRisk(riskNumber);
        owed.push(...open.filter((sold) => sold.riskNumber === riskNumber));
      }
      for (const { riskNumber, policyId } of owed) await cover.payPolicies(riskNumber, [policyId]);
      const left = [];
      for (const owner of owners) {
        const balance = await pool.balanceOf(owner);
        const { shares } = await pool.redeemRequestOf(owner);
        if (shares !== 0n) await pool.connect(owner).cancelRequest(owner);
        if (balance === 0n) continue;
        await pool.connect(owner).requestRedeem(balance);
        left.push(owner);
      }
      await arrive((await now()) + 7n * DAY);
      for (const owner of left) {
        await pool.connect(owner)[BOUNDED_REDEEM](await pool.balanceOf(owner), owner, owner, 0n);
      }
      expect(await coin.balanceOf(pool)).to.equal(0n);
      expect([await pool.totalAssets(), await pool.totalSupply()]).to.deep.equal([0n, 0n]);
      expect([await pool.payoutReserve(), await pool.unearnedPremiums()]).to.deep.equal([0n, 0n]);
    });
  }
});
