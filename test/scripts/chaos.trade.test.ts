/** The simulator with cover, oracle and escrows: a run of it, and that it finds what is planted. */
import { expect } from 'chai';
import { type Address, encodeFunctionData } from 'viem';
import { payers } from '../../scripts/chaos/chain.ts';
import { faults } from '../../scripts/chaos/faults.ts';
import type { Damage } from '../../scripts/chaos/inject.ts';
import type { ViolationKind } from '../../scripts/chaos/invariants.ts';
import type { Partner } from '../../scripts/chaos/partner.ts';
import { untilPeace } from '../../scripts/chaos/run.ts';
import { FINALITY_DEPTH, tradeMoments } from '../../scripts/chaos/schedule.ts';
import { createCoverBuyers } from '../../scripts/chaos/trade/cover.ts';
import { createEscrowMakers, deadlinesAt, type MadeEscrow } from '../../scripts/chaos/trade/escrows.ts';
import { findTradeViolations } from '../../scripts/chaos/trade/invariants.ts';
import { bringAbout } from '../../scripts/chaos/trade/patience.ts';
import { type Risk, risksAt } from '../../scripts/chaos/trade/risks.ts';
import { playTrade, type TradeRemains } from '../../scripts/chaos/trade/run.ts';
import {
  escrowEnds,
  escrowWays,
  type PlannedEscrow,
  type PlannedPolicy,
  type TradeSchedule,
  tradeFaults,
  tradeScheduleOf,
} from '../../scripts/chaos/trade/schedule.ts';
import { startWorld, type World } from '../../scripts/chaos/world.ts';
import { escrowAbi } from '../../services/core/abi/escrow.ts';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import { until } from '../support/until.ts';

const SEED = 1;
/** What nobody would wait for: how long a run takes is no matter. */
const LIMIT_MS = 900_000;
/** A day on which some flights are late: Thursday. */
const LATE_DAY = 4;
const THIEF = '0x00000000000000000000000000000000000000aa';

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
    ...{ way: escrowWays[(index + Math.floor(index / 3)) % 3] ?? 'account', afterMs: 0, via: 1 },
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

/** An escrow and a policy more, whose money goes back while those who paid it are frozen. */
async function withCredits(world: World, remains: TradeRemains): Promise<TradeRemains> {
  const { chain, database } = world;
  const now = await chain.now();
  const risks = risksAt([{ product: 'flight-delay', subject: 'FRA:LH999' }], now);
  const [risk] = risks as [Risk];
  const buyers = createCoverBuyers(world, risks);
  const makers = createEscrowMakers(world, risk, deadlinesAt(now, risk.dueAt));
  await buyers.order({
    ...{ key: 'credit-o', partner: 0, format: 'single', afterMs: 0, via: 0 },
    policies: [{ key: 'credit-p', risk: 0, cents: 12_345, holder: `0x${'8'.repeat(40)}`, cancelledCents: 0 }],
  });
  await makers.make({
    ...{ key: 'credit-e', partner: 0, currency: 'USD', cents: 23_456, end: 'timed', partCents: 7_890 },
    ...{ feeBps: 100, way: 'signature', afterMs: 0, via: 1 },
  });
  const untilIs = (status: string, table: 'policies' | 'escrows', id: string | undefined) =>
    bringAbout(`${id} to be ${status}`, async () => {
      const { rowCount } = await database.query(
        `select from settlement.${table} where id = $1 and status = $2`,
        [id, status],
      );
      return rowCount === 1;
    });
  const frozen = [payerOf(world), walletOf(world)];
  await untilIs('issued', 'policies', buyers.bought[0]?.id);
  for (const owner of frozen) await chain.setFrozen(owner, true);
  await chain.jumpTo(risk.dueAt + 1);
  await untilIs('refunded', 'policies', buyers.bought[0]?.id);
  await untilIs('voided', 'escrows', makers.made[0]?.id);
  for (const owner of frozen) await chain.setFrozen(owner, false);
  expect(await untilPeace(world)).to.equal(true);
  return {
    ...remains,
    risks: [...remains.risks, ...risks],
    policies: [...remains.policies, ...buyers.bought],
    escrows: [...remains.escrows, ...makers.made],
  };
}

/** Of the first partner's cover, and of its escrows. */
const payerOf = ({ chain }: World) => chain.account(payers[0]);
const walletOf = ({ partners }: World) => (partners[0] as Partner).wallet;

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
    const ways = schedules.flatMap(({ escrows }) => escrows.map(({ way }) => way));
    expect(new Set(ways)).to.have.all.keys(...escrowWays);
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
      await transfer(coverPool, THIEF, 1n);
      expect(await kindsFound()).to.deep.equal(['unbalanced']);
      await transfer(THIEF, coverPool, 1n);
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
      await transfer(planned.holder, chain.deployment.coverPool, 5_000_000n);
    });

    describe('and payers that could not be paid while they were frozen', () => {
      before(async () => {
        remains = await withCredits(world, remains);
      });
      const creditOf = (contract: 'escrow' | 'coverPool', owner: Address) =>
        world.chain.client.readContract({
          ...{ address: world.chain.deployment[contract], abi: escrowAbi, functionName: 'creditOf' },
          args: [owner, world.chain.token('USD').address],
        });

      it('counts what an escrow and a policy owe them', async () => {
        expect(await creditOf('escrow', walletOf(world))).to.equal(155_660_000n);
        expect((await creditOf('coverPool', payerOf(world))) > 0n).to.equal(true);
        expect(await findTradeViolations(remains)).to.deep.equal([]);
      });

      it('finds a unit that is gone from a wallet beside its credit', async () => {
        for (const owner of [walletOf(world), payerOf(world)]) {
          await transfer(owner, THIEF, 1n);
          expect(await kindsFound(), owner).to.include('unbalanced');
          await transfer(THIEF, owner, 1n);
        }
      });

      it('counts the same when a credit was fetched', async () => {
        const { chain } = world;
        const args = [chain.token('USD').address, walletOf(world)] as const;
        const data = encodeFunctionData({ abi: escrowAbi, functionName: 'withdrawCredit', args });
        const hash = await chain.sendAs(THIEF, chain.deployment.escrow, data);
        await until('the credit to be fetched', () => chain.hasHappened(hash));
        expect(await creditOf('escrow', walletOf(world))).to.equal(0n);
        expect(await findTradeViolations(remains)).to.deep.equal([]);
      });
    });
  });
});
