/** Cover and pool as the index shows them: undone with their blocks, and read beside where a release adds them. */
import { expect } from 'chai';
import { localAccounts } from '../../../scripts/deploy/local.ts';
import { seedLocalInsurance } from '../../../scripts/deploy/localInsurance.ts';
import { coverPoolAbi } from '../../../services/core/abi/coverPool.ts';
import { parametricCoverAbi } from '../../../services/core/abi/parametricCover.ts';
import { toBytes32 } from '../../../services/core/oracleReport.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { until } from '../../support/until.ts';
import { Activity } from './activity.ts';
import { expectFreshTables, startIndexing, untilCaughtUp } from './indexing.ts';

const DAY = 86_400n;
const { operator, treasury, underwriter } = localAccounts;
const [holder, second] = [5, 6];
const COIN = 1_000_000n;
const gas = 5_000_000n;

describe('indexer: cover and pool', () => {
  let chain: TestChain;
  let activity: Activity;
  let window: { windowStart: bigint; windowEnd: bigint };
  let sequence = 0n;
  before(async () => {
    chain = await startTestChain();
    activity = new Activity(chain);
    await seedLocalInsurance(chain);
    const { timestamp } = await chain.client.getBlock();
    const windowStart = (timestamp / DAY + 4n) * DAY;
    window = { windowStart, windowEnd: windowStart + 7_200n };
  });
  after(() => chain?.stop());

  const call = (from: number, functionName: string, args: readonly unknown[]) =>
    chain.wallet(from).writeContract({
      address: chain.deployment.parametricCover,
      abi: parametricCoverAbi,
      functionName,
      args,
      gas,
    } as never);
  const open = (subject: string) =>
    call(operator, 'openRisk', [1n, toBytes32(subject), window.windowStart, window.windowEnd]);
  const buy = (subject: string, insured: bigint) =>
    call(operator, 'issueFor', [
      activity.account(treasury),
      sequence++,
      window.windowStart,
      {
        productId: 1n,
        subject: toBytes32(subject),
        ...window,
        insured,
        maxPremium: 10n ** 12n,
        holder: activity.account(holder),
        transferable: true,
      },
    ]);

  it('shows risks, policies and what moved, and a fork takes them back', async () => {
    await using indexing = await startIndexing(chain);
    await open('FRA:LH400');
    await buy('FRA:LH400', 100n * COIN);
    await buy('FRA:LH400', 50n * COIN);
    await activity.abandon(async () => {
      await call(holder, 'cancel', [1n, 100n * COIN]);
      await call(holder, 'transferPolicy', [2n, activity.account(second)]);
      await open('SIN:SQ322');
      await buy('SIN:SQ322', 10n * COIN);
      await untilCaughtUp(chain, indexing.database);
      const { rows } = await indexing.database.query(
        'select policy_number, holder, insured from indexer.policies order by 1',
      );
      const wallet = (index: number) => activity.account(index).toLowerCase();
      expect(rows).to.deep.equal([
        { policy_number: 1n, holder: wallet(holder), insured: 0n },
        { policy_number: 2n, holder: wallet(second), insured: 50n * COIN },
        { policy_number: 3n, holder: wallet(holder), insured: 10n * COIN },
      ]);
    });
    await call(holder, 'cancel', [1n, 40n * COIN]);
    await chain.wallet(underwriter).writeContract({
      address: chain.deployment.coverPool,
      abi: coverPoolAbi,
      functionName: 'requestRedeem',
      args: [1n],
      gas,
    });
    await activity.emptyBlocks(6);
    await untilCaughtUp(chain, indexing.database);
    const { rows } = await indexing.database.query(
      `select p.policy_number, p.sequence, p.insured, p.outcome, r.product_number, r.state
         from indexer.policies p join indexer.risks r using (chain_id, risk_number) order by 1`,
    );
    const shared = { outcome: null, product_number: 1, state: 'open' };
    expect(rows).to.deep.equal([
      { policy_number: 1n, sequence: 0n, insured: 60n * COIN, ...shared },
      { policy_number: 2n, sequence: 1n, insured: 50n * COIN, ...shared },
    ]);
    const { rows: moved } = await indexing.database.query(
      'select kind, owner, assets from indexer.pool_movements',
    );
    expect(moved).to.deep.equal([
      { kind: 'deposit', owner: activity.account(underwriter).toLowerCase(), assets: 1_000_000n * COIN },
    ]);
    await expectFreshTables(chain, indexing.database);
  });

  it('is complete in a database of a release that did not know them', async () => {
    await using indexing = await startIndexing(chain, { INDEXER_RANGE_BLOCKS: 5 });
    await untilCaughtUp(chain, indexing.database);
    await indexing.indexer.stop();
    const added = [chain.deployment.parametricCover, chain.deployment.coverPool].map((one) =>
      one.toLowerCase(),
    );
    await indexing.database.query('delete from indexer.other_events where contract = any($1)', [added]);
    for (const table of ['transfers', 'balances'])
      await indexing.database.query(`delete from indexer.${table} where token = any($1)`, [added]);
    await indexing.database.query('delete from indexer.coverage where subject = any($1)', [added]);
    await indexing.restart();
    await until('cover and pool to be complete', async () => {
      const { rowCount } = await indexing.database.query(
        'select from indexer.coverage where chain_id > 0 and subject = any($1)',
        [added],
      );
      return rowCount === 2;
    });
    await expectFreshTables(chain, indexing.database);
  });
});
