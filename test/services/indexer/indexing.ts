/** What the indexer's suites share: an indexer in this process, and its tables to compare. */
import { expect } from 'chai';
import type { Hex } from 'viem';
import { escrowAbi } from '../../../services/core/abi/escrow.ts';
import type { IndexerConfig } from '../../../services/indexer/config.ts';
import { type RunningIndexer, startIndexer } from '../../../services/indexer/indexer.ts';
import { type Database, openDatabase } from '../../../services/platform/database.ts';
import { createLogger } from '../../../services/platform/log.ts';
import type { TestChain } from '../../support/chain.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';

/** Deep enough that no fork of these suites reaches a final block unless it is meant to. */
export const DEEP = 50;

export function testConfig(
  chain: TestChain,
  databaseUrl: string,
  changes: Partial<IndexerConfig> = {},
): IndexerConfig {
  return {
    DATABASE_URL: databaseUrl,
    RPC_URL: chain.rpcUrl,
    INDEXER_PORT: 0,
    DEPLOYMENT_FILE: chain.deploymentFile,
    FINALITY_DEPTH: DEEP,
    POLL_INTERVAL_MS: 10,
    INDEXER_RANGE_BLOCKS: 200,
    INDEXER_LOG_PROOF: 'receipts',
    INDEXER_HEADER_PROOF: 'hash',
    LOG_LEVEL: 'fatal',
    ...changes,
  };
}

/** The same as the environment of an indexer in a process of its own. */
export function environmentOf(config: IndexerConfig): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...Object.fromEntries(Object.entries(config).map(([name, value]) => [name, String(value)])),
  };
}

export interface Indexing extends AsyncDisposable {
  readonly databaseUrl: string;
  readonly database: Database;
  readonly indexer: RunningIndexer;
  /** Prometheus sample, such as `indexer_reorgs_total` or `indexer_rpc_errors_total{method="eth_getLogs"}`. */
  metric(name: string): Promise<number>;
  restart(): Promise<void>;
}

/** Starts an indexer with a database of its own; `await using` stops it. */
export async function startIndexing(
  chain: TestChain,
  changes: Partial<IndexerConfig> = {},
  databaseUrl?: string,
): Promise<Indexing> {
  const url = databaseUrl ?? (await createTestDatabase());
  const start = () => startIndexer(testConfig(chain, url, changes), createLogger('indexer', 'silent'));
  let indexer = await start();
  const database = openDatabase(url, 'test', 2);
  return {
    databaseUrl: url,
    database,
    get indexer() {
      return indexer;
    },
    async metric(name) {
      const text = await (await fetch(`http://127.0.0.1:${indexer.port}/metrics`)).text();
      const [bare, labels = ''] = name.split(/[{}]/);
      const line = text
        .split('\n')
        .find((sample) => sample.startsWith(`${bare}{`) && sample.includes(labels));
      return Number(line?.split(' ').at(-1) ?? Number.NaN);
    },
    async restart() {
      await indexer.stop();
      indexer = await start();
    },
    async [Symbol.asyncDispose]() {
      await indexer.stop();
      await database.end();
    },
  };
}

/** Waits until the database stands at the very block that the chain's node has as its head. */
export async function untilCaughtUp(chain: TestChain, database: Database): Promise<void> {
  const { hash } = await chain.client.getBlock();
  await until(`the database to stand at block ${hash}`, async () => {
    const { rows } = await database.query('select from indexer.cursors where head_hash = $1', [hash]);
    return rows.length === 1;
  });
}

const ordered = {
  cursors: 'select chain_id, start_block, head_number, head_hash, final_number from indexer.cursors',
  blocks: 'select * from indexer.blocks order by number',
  events: 'select * from indexer.events order by block_number, log_index',
  transfers: 'select * from indexer.transfers order by block_number, log_index',
  balances: 'select * from indexer.balances order by token, account',
  payments: 'select * from indexer.payments order by block_number, log_index',
  risks: 'select * from indexer.risks order by risk_number',
  policies: 'select * from indexer.policies order by policy_number',
  coverMoney: 'select * from indexer.cover_money order by block_number, log_index',
  poolMovements: 'select * from indexer.pool_movements order by block_number, log_index',
  escrows: 'select * from indexer.escrows order by escrow_id',
  milestones: 'select * from indexer.escrow_milestones order by escrow_id, position',
  disputes: 'select * from indexer.escrow_disputes order by escrow_id',
  credits: 'select * from indexer.credits order by block_number, log_index',
};

/** Everything that the indexer wrote, as text in a fixed order. */
export async function tablesOf(database: Database): Promise<Record<string, string[]>> {
  const tables: Record<string, string[]> = {};
  for (const [name, sql] of Object.entries(ordered)) {
    const { rows } = await database.query(sql);
    tables[name] = rows.map((row) =>
      JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
    );
  }
  return tables;
}

/** The first rows that only one side has, a few of each table. */
function differences(found: Record<string, string[]>, expected: Record<string, string[]>): string[] {
  return Object.keys(ordered).flatMap((name) => {
    const [ours, fresh] = [new Set(found[name]), new Set(expected[name])];
    const missing = [...fresh].filter((row) => !ours.has(row)).map((row) => `${name} lacks ${row}`);
    const surplus = [...ours].filter((row) => !fresh.has(row)).map((row) => `${name} has besides ${row}`);
    return [...missing.slice(0, 3), ...surplus.slice(0, 3)];
  });
}

/** Expects the tables to be what a fresh index of the chain as it is now gives, and the balances to be the chain's own. */
export async function expectFreshTables(
  chain: TestChain,
  database: Database,
  changes: Partial<IndexerConfig> = {},
): Promise<void> {
  await untilCaughtUp(chain, database);
  await using fresh = await startIndexing(chain, changes);
  await untilCaughtUp(chain, fresh.database);
  expect(differences(await tablesOf(database), await tablesOf(fresh.database))).to.deep.equal([]);
  await expectBalancesOfChain(chain, database);
  await expectEscrowsOfChain(chain, database);
}

const balanceOfAbi = [
  {
    type: 'function',
    name: 'balanceOf',
    stateMutability: 'view',
    inputs: [{ name: 'account', type: 'address' }],
    outputs: [{ type: 'uint256' }],
  },
] as const;

/** Expects every account that ever touched a token to hold what the token itself says. */
export async function expectBalancesOfChain(chain: TestChain, database: Database): Promise<void> {
  const { rows } = await database.query(
    `select distinct t.token, a.account, coalesce(b.amount, 0) as amount
       from indexer.transfers t cross join lateral (values (sender), (recipient)) a (account)
       left join indexer.balances b on b.chain_id = t.chain_id and b.token = t.token and b.account = a.account
      where a.account <> '0x0000000000000000000000000000000000000000'`,
  );
  for (const { token, account, amount } of rows) {
    const held = await chain.client.readContract({
      address: token,
      abi: balanceOfAbi,
      functionName: 'balanceOf',
      args: [account],
    });
    expect(amount, `${token} of ${account}`).to.equal(held);
  }
}

/** What `stateOf` calls an escrow that holds something. */
const statusOfChain: Record<string, number> = { open: 1, disputed: 2 };

/** Expects every escrow to stand where its contract says, and every credit that is owed to be there. */
async function expectEscrowsOfChain(chain: TestChain, database: Database): Promise<void> {
  const contract = { address: chain.deployment.escrow, abi: escrowAbi } as const;
  const { rows } = await database.query<{
    escrow_id: Hex;
    status: string;
    capturable: bigint;
    captured: bigint;
    refunded: bigint;
  }>('select * from indexer.escrows where authorized > 0');
  for (const { escrow_id: id, status, capturable, captured, refunded } of rows) {
    const state = await chain.client.readContract({ ...contract, functionName: 'stateOf', args: [id] });
    expect([state.capturable, state.refundable], id).to.deep.equal([capturable, captured - refunded]);
    if (capturable > 0n) expect(state.status, id).to.equal(statusOfChain[status]);
  }
  const { rows: credits } = await database.query<{ account: Hex; token: Hex; owed: bigint }>(
    'select account, token, sum(amount) as owed from indexer.credits where withdrawn_block is null group by 1, 2',
  );
  for (const { account, token, owed } of credits)
    expect(
      await chain.client.readContract({ ...contract, functionName: 'creditOf', args: [account, token] }),
      account,
    ).to.equal(owed);
}
