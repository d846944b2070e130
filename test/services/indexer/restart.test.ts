import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type Database, migrate, openDatabase } from '../../../services/platform/database.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';
import { Activity, frozenSupplier, suppliers, treasury } from './activity.ts';
import { environmentOf, expectFreshTables, startIndexing, testConfig, untilCaughtUp } from './indexing.ts';

const MAIN = 'services/indexer/main.ts';

describe('indexer: restarts', () => {
  let chain: TestChain;
  let activity: Activity;
  let databaseUrl: string;
  let database: Database;
  let child: ChildProcess | undefined;
  before(async () => {
    chain = await startTestChain();
    activity = new Activity(chain);
    for (let round = 0; round < 40; round++) {
      await activity.inOneBlock(async () => {
        await activity.settleBatch(items());
        await activity.transfer(treasury, suppliers[0] ?? 0, BigInt(round + 1));
      });
      await activity.emptyBlocks(1);
    }
  });
  beforeEach(async () => {
    databaseUrl = await createTestDatabase();
    database = openDatabase(databaseUrl, 'test', 2);
    await migrate(database, 'indexer', 'services/indexer/migrations');
  });
  afterEach(async () => {
    await kill();
    await database?.end();
  });
  after(() => chain?.stop());

  const items = () =>
    [...suppliers, frozenSupplier].map((index) => ({ recipient: activity.account(index), amount: 3n }));

  /** A process of its own, with small steps so that there are many commits to be killed between. */
  const start = () => {
    const config = testConfig(chain, databaseUrl, { INDEXER_RANGE_BLOCKS: 2 });
    child = spawn(process.execPath, [MAIN], { env: environmentOf(config), stdio: 'inherit' });
  };
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  const untilHead = (number: number) =>
    until(`the cursor at ${number}`, async () => {
      const { rows } = await database.query('select from indexer.cursors where head_number >= $1', [number]);
      return rows.length > 0;
    });

  it('goes on from where it was killed, at any moment of catching up', async () => {
    for (let moment = 1; moment <= 6; moment++) {
      start();
      await untilHead(moment * 14);
      await delay(Math.random() * 20);
      await kill();
    }
    start();
    await expectFreshTables(chain, database);
  });

  it('goes on from where it was killed, at any moment of following', async () => {
    for (let moment = 0; moment < 4; moment++) {
      start();
      await untilCaughtUp(chain, database);
      for (let block = 0; block < 3; block++) await activity.settleBatch(items());
      await untilHead(Number(await chain.client.getBlockNumber({ cacheTime: 0 })) - 1);
      await kill();
    }
    start();
    await expectFreshTables(chain, database);
  });

  it('has nothing of a commit in the middle of which it was killed', async () => {
    start();
    await untilHead(20);
    const blocker = await database.connect();
    await blocker.query('begin; lock table indexer.payments in exclusive mode');
    await activity.settleBatch(items()); // it may have caught up before the lock was there
    await until('the indexer to wait in the middle of its transaction', async () => {
      const { rows } = await database.query(
        `select from pg_stat_activity where application_name = 'indexer' and wait_event_type = 'Lock' and datname = current_database()`,
      );
      return rows.length > 0;
    });
    await kill();
    await blocker.query('rollback');
    blocker.release();
    start();
    await expectFreshTables(chain, database);
  });

  it('goes on when its database connections are cut', async () => {
    await using indexing = await startIndexing(chain, { INDEXER_RANGE_BLOCKS: 2 }, databaseUrl);
    for (let cut = 1; cut <= 4; cut++) {
      await untilHead(cut * 15);
      await database.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'indexer' and datname = current_database()`,
      );
    }
    await expectFreshTables(chain, indexing.database);
  });

  it('stops by SIGTERM within five seconds, with exit code 0', async () => {
    start();
    await untilHead(30);
    const exited = once(child as ChildProcess, 'exit');
    child?.kill('SIGTERM');
    const [code] = await Promise.race([exited, delay(5_000, ['still running'])]);
    if (code !== 0) throw new Error(`exit code ${code}`);
  });
});
