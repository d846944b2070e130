import { expect } from 'chai';
import type { IndexerConfig } from '../../../services/indexer/config.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { type NodeProxy, startNodeProxy } from '../../support/nodeProxy.ts';
import { until } from '../../support/until.ts';
import { Activity, suppliers, treasury } from './activity.ts';
import { expectFreshTables, type Indexing, startIndexing, untilCaughtUp } from './indexing.ts';

const [alice = 0, bob = 0] = suppliers;

/** The access manager, the router, the cover and its pool, the escrow, the oracle's hub, three stablecoins, and the payments. */
const SUBJECTS = 10n;
/** A block that has some of the yuan's history below and above it. */
const MIDDLE = 30;

describe('indexer: a release adds a contract or a projection', () => {
  let chain: TestChain;
  let activity: Activity;
  let proxy: NodeProxy;
  before(async () => {
    chain = await startTestChain();
    activity = new Activity(chain);
    for (let round = 0; round < 15; round++) await act();
    await activity.allowEscrow();
    for (const milestones of [[], [4n, 6n]])
      await activity.escrow(treasury, 'authorize', [await activity.terms(alice, 10n, { milestones }), 10n]);
  });
  beforeEach(async () => {
    proxy = await startNodeProxy(chain.rpcUrl);
  });
  afterEach(() => proxy?.[Symbol.asyncDispose]());
  after(() => chain?.stop());

  const act = async () => {
    await activity.settleBatch([{ recipient: activity.account(alice), amount: 3n }], 'CNY');
    await activity.settleBatch([{ recipient: activity.account(bob), amount: 2n }], 'USD');
    await activity.transfer(treasury, bob, 1n, 'CNY');
  };
  const yuan = () => activity.token('CNY').toLowerCase();

  /** A database as the last release left it, which did not know what `forget` takes out. */
  const indexedWithout = async (
    forget: (indexing: Indexing) => Promise<unknown>,
    changes: Partial<IndexerConfig> = {},
  ) => {
    const indexing = await startIndexing(chain, {
      INDEXER_RANGE_BLOCKS: 5,
      RPC_URL: proxy.rpcUrl,
      ...changes,
    });
    await untilCaughtUp(chain, indexing.database);
    await indexing.indexer.stop();
    await forget(indexing);
    return indexing;
  };
  const withoutYuan = async ({ database }: Indexing) => {
    for (const table of ['transfers', 'balances', 'payments'])
      await database.query(`delete from indexer.${table} where token = $1`, [yuan()]);
    await database.query('delete from indexer.other_events where contract = $1', [yuan()]);
    await database.query('delete from indexer.coverage where subject = $1', [yuan()]);
  };
  const withoutPayments = async ({ database }: Indexing) => {
    await database.query('delete from indexer.payments');
    await database.query(`delete from indexer.coverage where subject like 'payments %'`);
  };
  const isComplete = async ({ database }: Indexing) => {
    const { rows } = await database.query(
      'select count(*) filter (where chain_id > 0) as held, count(*) filter (where chain_id < 0) as beside from indexer.coverage',
    );
    return rows[0].held === SUBJECTS && rows[0].beside === 0n;
  };
  const untilComplete = (indexing: Indexing) => until('all to be complete', () => isComplete(indexing));
  const transfersOfYuan = async ({ database }: Indexing) => {
    const { rows } = await database.query(
      'select count(*) from indexer.transfers where chain_id = $1 and token = $2',
      [chain.deployment.chainId, yuan()],
    );
    return rows[0].count as bigint;
  };

  it('reads the history of a contract, and ends as a fresh index does', async () => {
    await using indexing = await indexedWithout(withoutYuan);
    await indexing.restart();
    await untilComplete(indexing);
    await expectFreshTables(chain, indexing.database);
  });

  it('reads the history of the escrow, and ends as a fresh index does', async () => {
    const escrow = chain.deployment.escrow.toLowerCase();
    await using indexing = await indexedWithout(async ({ database }) => {
      await database.query('delete from indexer.other_events where contract = $1', [escrow]);
      await database.query('delete from indexer.coverage where subject = $1', [escrow]);
    });
    await indexing.restart();
    await untilComplete(indexing);
    const { rowCount } = await indexing.database.query('select from indexer.escrows');
    expect(rowCount).to.equal(2);
    await expectFreshTables(chain, indexing.database);
  });

  it('reads the history of a projection, and ends as a fresh index does', async () => {
    await using indexing = await indexedWithout(withoutPayments);
    await indexing.restart();
    await untilComplete(indexing);
    await expectFreshTables(chain, indexing.database);
  });

  it('follows the chain meanwhile, and shows nothing of a contract before it has all', async () => {
    await using indexing = await indexedWithout(withoutYuan);
    // Nothing but the newest blocks can be read for now.
    const newest = await chain.client.getBlockNumber({ cacheTime: 0 });
    let isHeldBack = true;
    proxy.distort(({ method, params }, result) => {
      const isOld =
        method === 'eth_getBlockByNumber' &&
        params[0] !== 'latest' &&
        BigInt(params[0] as string) <= newest &&
        Number(params[0]) > 0;
      return isHeldBack && isOld ? null : result;
    });
    await indexing.restart();
    await act();
    await untilCaughtUp(chain, indexing.database);
    expect(await transfersOfYuan(indexing)).to.equal(0n);
    expect(await indexing.metric('indexer_subjects_incomplete')).to.equal(1);

    isHeldBack = false;
    const seen = new Set<bigint>();
    await until('all to be complete', async () => {
      seen.add(await transfersOfYuan(indexing));
      return isComplete(indexing);
    });
    expect(await indexing.metric('indexer_subjects_incomplete')).to.equal(0);
    seen.add(await transfersOfYuan(indexing));
    expect(seen.size).to.be.at.most(2);
    await expectFreshTables(chain, indexing.database);
  });

  it('goes on where it was stopped, over a fork of the chain', async () => {
    await using indexing = await indexedWithout(withoutYuan, { INDEXER_RANGE_BLOCKS: 1 });
    const newest = Number(await chain.client.getBlockNumber({ cacheTime: 0 }));
    await activity.abandon(async () => {
      for (let round = 0; round < 2; round++) await act();
      // However fast it is, it is stopped in the middle.
      proxy.distort(({ method, params }, result) => {
        if (method !== 'eth_getBlockByNumber') return result;
        const number = Number(params[0]);
        return number > MIDDLE && number <= newest ? null : result;
      });
      await indexing.restart();
      await until('some of it to be read', async () => {
        const { rows } = await indexing.database.query(
          'select head_number from indexer.cursors where chain_id < 0',
        );
        return rows[0]?.head_number > 20n;
      });
      await indexing.indexer.stop();
      proxy.distort((_, result) => result);
    });
    for (let round = 0; round < 4; round++) await act();
    await indexing.restart();
    await untilComplete(indexing);
    await expectFreshTables(chain, indexing.database);
  });

  it('forgets that it held what this release does not follow: a later one reads it anew', async () => {
    // What an older release leaves that ran for a while: the yuan's rows up to some block, and its balances of then.
    await using indexing = await indexedWithout(async ({ database }) => {
      const { rows } = await database.query(
        `with gone as (delete from indexer.transfers
           where token = $1 and block_number = (select max(block_number) from indexer.transfers where token = $1)
           returning recipient, amount)
         select recipient from gone`,
        [yuan()],
      );
      await database.query(
        'update indexer.balances set amount = amount + 5 where token = $1 and account = $2',
        [yuan(), rows[0].recipient],
      );
      await database.query('delete from indexer.coverage where subject = $1', [yuan()]);
    });
    const givenUp = `from indexer.coverage where subject = 'given up'`;
    await indexing.database.query(
      `insert into indexer.coverage (chain_id, subject) values ($1, 'given up')`,
      [chain.deployment.chainId],
    );
    await indexing.restart();
    await until(
      'it to be forgotten',
      async () => (await indexing.database.query(`select ${givenUp}`)).rowCount === 0,
    );
    await untilComplete(indexing);
    await expectFreshTables(chain, indexing.database);
  });
});
