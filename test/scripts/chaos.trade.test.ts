/** The simulator with cover, oracle and escrows: a run of it, and that it finds what is planted. */
import { expect } from 'chai';
import { type Address, encodeFunctionData } from 'viem';
import { faults } from '../../scripts/chaos/faults.ts';
import type { Damage } from '../../scripts/chaos/inject.ts';
import type { ViolationKind } from '../../scripts/chaos/invariants.ts';
import { FINALITY_DEPTH, tradeMoments } from '../../scripts/chaos/schedule.ts';
import type { MadeEscrow } from '../../scripts/chaos/trade/escrows.ts';
import { findTradeViolations } from '../../scripts/chaos/trade/invariants.ts';
import { playTrade, type TradeRemains } from '../../scripts/chaos/trade/run.ts';
import {
  escrowEnds,
  type PlannedEscrow,
  type PlannedPolicy,
  type TradeSchedule,
  tradeFaults,
  tradeScheduleOf,
} from '../../scripts/chaos/trade/schedule.ts';
import { startWorld, type World } from '../../scripts/chaos/world.ts';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import { until } from '../support/until.ts';

const SEED = 1;
const LIMIT_MS = 300_000;
/** A day on which some flights are late: Thursday. */
const LATE_DAY = 4;

/** A run without faults that has something of everything. */
function calm(): TradeSchedule {
  const flights = ['FRA:LH400', 'SIN:SQ322', 'FRA:LH999'];
  const risks = [
    ...flights.map((subject) => ({ product: 'flight-delay', subject }) as const),
    { product: 'heavy-rain', subject: 'EDDF' } as const,
  ];
  const holder = (place: number) => `0x${String(place + 1).repeat(40)}` as Address;
  const policy = (place: number, risk: number, cancelledCents = 0): PlannedPolicy => ({
    ...{ key: `calm-p${place}`, risk, cents: 10_000 + place, holder: holder(place), cancelledCents },
  });
  const order = { partner: 0, afterMs: 0, via: 0 } as const;
  const bulk = [policy(2, 1), policy(3, 2), policy(4, 3), policy(5, 0, 2_500), policy(6, 1, 10_006)];
  const escrow = (end: PlannedEscrow['end'], index: number): PlannedEscrow => ({
    ...{ key: `calm-e${index}`, partner: index % 3, currency: index % 3 === 2 ? 'EUR' : 'USD' },
    ...{ cents: 20_000 + index, end, partCents: 7_777, feeBps: index * 10 },
    ...{ way: index % 2 === 0 ? 'signature' : 'eip3009', afterMs: 0, via: 1 },
  });
  return {
    ...{ seed: 0, blockIntervalMs: 100, liar: 0, weekday: LATE_DAY, risks, faults: [] },
    orders: [
      { ...order, key: 'calm-o0', format: 'single', policies: [policy(0, 0)] },
      { ...order, key: 'calm-o1', format: 'quoted', policies: [policy(1, 1)] },
      { ...order, key: 'calm-o2', format: 'bulk', policies: bulk },
    ],
    escrows: escrowEnds.map(escrow),
  };
}

describe('chaos: the schedule of a run of trade', () => {
  const schedules = Array.from({ length: 200 }, (_, index) => tradeScheduleOf(index + 1));
  const struck = schedules.flatMap((schedule) => schedule.faults);

  it('is the same for the same seed, and another one for each', () => {
    expect(tradeScheduleOf(7)).to.deep.equal(schedules[6]);
    expect(new Set(schedules.map((schedule) => JSON.stringify(schedule))).size).to.equal(schedules.length);
  });

  it('has some of every fault and every end of an escrow in 200 runs, at every moment', () => {
    expect(new Set(struck.map(({ name }) => name))).to.have.all.keys(...tradeFaults);
    expect(struck.filter(({ name }) => faults[name].family === 'oracle').length).to.be.at.least(200);
    expect(new Set(struck.map(({ moment }) => moment))).to.have.all.keys(...tradeMoments);
    const ends = schedules.flatMap(({ escrows }) => escrows.map(({ end }) => end));
    expect(new Set(ends)).to.have.all.keys(...escrowEnds);
  });

  it('insures what the oracle will observe, in every run', () => {
    for (const { risks, orders } of schedules) {
      const first = orders[0]?.policies[0];
      expect(first?.risk).to.equal(0);
      expect(first?.cancelledCents, first?.key).to.be.below(first?.cents ?? 0);
      expect(risks[0]?.subject).not.to.equal('FRA:LH999');
    }
  });
});

describe('chaos: runs of trade', function () {
  this.timeout(LIMIT_MS);
  let world: World;
  let remains: TradeRemains;
  const damage: Damage = { kills: 0, reporterKills: 0, reorgs: 0, databaseCrashes: 0 };
  before(async () => {
    world = await startWorld(FINALITY_DEPTH, 'trade');
  });
  after(() => world?.stop());

  it(`pays and holds what is due, whoever dies or lies: seed ${SEED}`, async () => {
    expect(await findTradeViolations(await playTrade(world, tradeScheduleOf(SEED), damage))).to.deep.equal(
      [],
    );
    expect(world.crashes).to.deep.equal([]);
    expect(damage.kills + damage.reporterKills).to.be.above(0);
  });

  describe('after a calm run', () => {
    before(async () => {
      remains = await playTrade(world, calm(), damage);
      expect(await findTradeViolations(remains)).to.deep.equal([]);
    });
    const kindsFound = async (of: TradeRemains = remains): Promise<ViolationKind[]> => [
      ...new Set((await findTradeViolations(of)).map(({ kind }) => kind)),
    ];
    const transfer = async (from: Address, to: Address, units: bigint) => {
      const { chain } = world;
      const data = encodeFunctionData({ abi: stablecoinAbi, functionName: 'transfer', args: [to, units] });
      const hash = await chain.sendAs(from, chain.token('USD').address, data);
      await until('the transfer to be in a block', () => chain.hasHappened(hash));
    };

    it('finds a webhook that never came', async () => {
      const receivers = world.partners.map(({ receiver }) => receiver);
      const taken = receivers.map((receiver) => receiver.taken.splice(0));
      expect(await kindsFound()).to.deep.equal(['lost']);
      for (const [index, receiver] of receivers.entries()) receiver.taken.push(...(taken[index] ?? []));
    });

    it('finds a value of the oracle that is not true', async () => {
      const risks = remains.risks.map((risk) => ({ ...risk, observation: (risk.observation ?? 0n) + 1n }));
      expect(await kindsFound({ ...remains, risks })).to.deep.equal(['unbalanced']);
    });

    it('finds a policy that is due and unpaid', async () => {
      const policies = remains.policies.map((policy) => ({
        ...policy,
        risk: { ...policy.risk, observation: 9_999n },
      }));
      expect(await kindsFound({ ...remains, policies })).to.include('lost');
    });

    it('finds a unit that is gone from the pool', async () => {
      const { coverPool } = world.chain.deployment;
      const thief = '0x00000000000000000000000000000000000000aa';
      await transfer(coverPool, thief, 1n);
      expect(await kindsFound()).to.deep.equal(['unbalanced']);
      await transfer(thief, coverPool, 1n);
      expect(await kindsFound()).to.deep.equal([]);
    });

    it("finds a unit more than was due in the hands of an escrow's payee, and one less in the payer's", async () => {
      const isMovedHere = ({ planned }: MadeEscrow) => planned.currency === 'USD';
      const { partner, payee } = remains.escrows.find(isMovedHere) as MadeEscrow;
      await transfer(partner.wallet, payee, 1n);
      expect(await kindsFound()).to.have.members(['duplicated', 'unbalanced']);
      await transfer(payee, partner.wallet, 1n);
      expect(await kindsFound()).to.deep.equal([]);
    });

    it('finds a payout that was made twice', async () => {
      const { chain } = world;
      const { planned } = remains.policies.find(({ risk }) => risk.observation === 190n) as {
        planned: PlannedPolicy;
      };
      await transfer(chain.deployment.coverPool, planned.holder, 5_000_000n);
      expect(await kindsFound()).to.include.members(['duplicated', 'unbalanced']);
    });
  });
});
