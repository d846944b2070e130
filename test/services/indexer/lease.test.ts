import { expect } from 'chai';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { until } from '../../support/until.ts';
import { Activity, suppliers, treasury } from './activity.ts';
import { expectFreshTables, type Indexing, startIndexing, untilCaughtUp } from './indexing.ts';

describe('indexer: one writer a chain', () => {
  let chain: TestChain;
  let activity: Activity;
  before(async () => {
    chain = await startTestChain();
    activity = new Activity(chain);
  });
  after(() => chain?.stop());

  const isWriter = async (indexing: Indexing) => (await indexing.metric('indexer_is_writer')) === 1;
  const startPair = async () => {
    const first = await startIndexing(chain);
    await until('the first to write', () => isWriter(first));
    const second = await startIndexing(chain, {}, first.databaseUrl);
    return { first, second };
  };

  it('lets a second process stand by, ready, and take over when the first stops', async () => {
    const pair = await startPair();
    await using first = pair.first;
    await using second = pair.second;
    await activity.transfer(treasury, suppliers[0] ?? 0, 1n);
    await untilCaughtUp(chain, first.database);
    await until('the second to be ready', async () => {
      const { status } = await fetch(`http://127.0.0.1:${second.indexer.port}/readyz`);
      return status === 200;
    });
    expect(await isWriter(second)).to.equal(false);
    await first.indexer.stop();
    await until('the second to write', () => isWriter(second));
    await activity.transfer(treasury, suppliers[1] ?? 0, 1n);
    await expectFreshTables(chain, second.database);
  });

  it('hands over when the connection that holds the lease is cut, without a gap or a double', async () => {
    const pair = await startPair();
    await using first = pair.first;
    await using second = pair.second;
    for (let cut = 0; cut < 6; cut++) {
      await first.database.query(
        `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
      );
      await activity.transfer(treasury, suppliers[cut % 3] ?? 0, 5n);
      await untilCaughtUp(chain, second.database);
    }
    await expectFreshTables(chain, second.database);
    // Whoever lost its connection in the last cut says so with its next round.
    await until(
      'one of them to call itself the writer',
      async () => (await isWriter(first)) !== (await isWriter(second)),
    );
  });
});
