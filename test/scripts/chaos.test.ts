/** The simulator: a few of its runs, and that it finds what is planted. `npm run chaos` makes as many runs as one wants. */
import { expect } from 'chai';
import { payers } from '../../scripts/chaos/chain.ts';
import type { Damage } from '../../scripts/chaos/inject.ts';
import { findViolations, type Remains, type ViolationKind } from '../../scripts/chaos/invariants.ts';
import type { Partner } from '../../scripts/chaos/partner.ts';
import { play } from '../../scripts/chaos/run.ts';
import { FINALITY_DEPTH, type PlannedPayment, scheduleOf } from '../../scripts/chaos/schedule.ts';
import { startWorld, type World } from '../../scripts/chaos/world.ts';

/** Between them kills at sending, reorganisations, database crashes, a node that lags, and payments of wallets with rivals. */
const SEEDS = [24, 2];
/** What nobody would wait for: how long a run takes is no matter. */
const LIMIT_MS = 900_000;

describe('chaos: runs', function () {
  this.timeout(LIMIT_MS);
  let world: World;
  const damage: Damage = { kills: 0, reporterKills: 0, reorgs: 0, databaseCrashes: 0 };
  before(async () => {
    world = await startWorld(FINALITY_DEPTH);
  });
  after(() => world?.stop());

  for (const seed of SEEDS)
    it(`loses, repeats and jams nothing: seed ${seed}`, async () => {
      const remains = await play(world, scheduleOf(seed), damage);
      expect(await findViolations(remains)).to.deep.equal([]);
      expect(world.crashes).to.deep.equal([]);
    });

  it('did some damage', () => {
    expect(damage.kills).to.be.above(0);
    expect(damage.reorgs).to.be.above(0);
    expect(damage.databaseCrashes).to.be.above(0);
  });

  describe('after a calm run', () => {
    let remains: Remains;
    before(async () => {
      remains = await play(world, { ...scheduleOf(4), faults: [] }, damage);
      expect(await findViolations(remains)).to.deep.equal([]);
    });
    const kindsFound = async (): Promise<ViolationKind[]> => [
      ...new Set((await findViolations(remains)).map(({ kind }) => kind)),
    ];
    const partner = () => world.partners.find(({ entries }) => entries.length > 0) as Partner;

    it('finds a webhook that never came', async () => {
      const { receiver } = partner();
      const taken = receiver.taken.splice(0);
      expect(await kindsFound()).to.deep.equal(['lost']);
      receiver.taken.push(...taken);
    });

    it('finds a payment that nobody knows any more', async () => {
      const [entry] = partner().entries;
      const { id } = entry as { id?: string };
      delete (entry as { id?: string }).id;
      expect(await kindsFound()).to.include('lost');
      Object.assign(entry as object, { id });
    });

    it('finds what a wallet signed and paid, and was told that it failed', async () => {
      const settled = `status = 'settled', block_hash = reason_detail, reason_code = null, reason_detail = null`;
      const failed = `status = 'failed', reason_code = 'expired', reason_detail = block_hash, block_hash = null`;
      const write = (change: string, of: string) =>
        world.database.query(`update settlement.authorized_payments set ${change} where ${of}`);
      await write(failed, `status = 'settled'`);
      expect(await kindsFound()).to.include('duplicated');
      await write(settled, `reason_code = 'expired'`);
    });

    it('finds money that is still reserved', async () => {
      const reserve = (units: number) =>
        world.database.query(`update settlement.ledger_accounts set held = held + $1 where kind = 'funds'`, [
          units,
        ]);
      await reserve(1);
      expect(await kindsFound()).to.include('unbalanced');
      await reserve(-1);
    });

    it('finds a break with the bank that nothing explains, though it is closed', async () => {
      await world.database.query(
        `insert into settlement.breaks (kind, currency, subject, observed_units, expected_units, closed_at)
         values ('bank_duplicate', 'USD', 'USD-1/1', 0, 1, now())`,
      );
      expect(await kindsFound()).to.deep.equal(['unbalanced']);
      await world.database.query(`delete from settlement.breaks where subject = 'USD-1/1'`);
    });

    it('finds a payment that was made twice', async () => {
      const { chain } = world;
      const { entries, index } = partner();
      const planned = entries[0]?.order.payments[0] as PlannedPayment;
      const hash = await chain.wallet(payers[index] as number).writeContract({
        ...chain.token(planned.currency),
        functionName: 'transfer',
        args: [planned.wallet, 10_000n * BigInt(planned.cents)],
      });
      await chain.client.waitForTransactionReceipt({ hash });
      expect(await kindsFound()).to.include('duplicated');
    });
  });
});
