import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import type { IndexerStopped } from '../../../services/indexer/errors.ts';
import type { RunningIndexer } from '../../../services/indexer/indexer.ts';
import { startIndexer } from '../../../services/indexer/indexer.ts';
import { ConfigError } from '../../../services/platform/config.ts';
import { openDatabase } from '../../../services/platform/database.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { startNodeProxy } from '../../support/nodeProxy.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';
import { environmentOf, startIndexing, tablesOf, testConfig, untilCaughtUp } from './indexing.ts';

describe('indexer: chain, deployment and database belong together', () => {
  let chain: TestChain;
  let other: TestChain;
  before(async () => {
    chain = await startTestChain();
    other = await startTestChain();
  });
  after(async () => {
    await chain?.stop();
    await other?.stop();
  });

  const refused = async (start: Promise<RunningIndexer>): Promise<string> => {
    const error = await start.then(
      async (indexer) => {
        await indexer.stop();
        return undefined;
      },
      (reason: Error) => reason,
    );
    expect(error).to.be.instanceOf(ConfigError);
    return error?.message ?? '';
  };
  const deploymentWith = async (changes: object) => {
    const file = path.join(path.dirname(chain.deploymentFile), `${crypto.randomUUID()}.json`);
    await writeFile(file, JSON.stringify({ ...chain.deployment, ...changes }));
    return file;
  };

  it('refuses a deployment of another chain', async () => {
    const DEPLOYMENT_FILE = await deploymentWith({ chainId: 1 });
    const message = await refused(
      startIndexer(testConfig(chain, await createTestDatabase(), { DEPLOYMENT_FILE })),
    );
    expect(message).to.match(/chain 31337.*chain 1\b.*DEPLOYMENT_FILE/);
  });

  it('ends as a process with a sentence and exit code 1', async () => {
    const DEPLOYMENT_FILE = await deploymentWith({ chainId: 1 });
    const config = testConfig(chain, await createTestDatabase(), { DEPLOYMENT_FILE });
    const child = spawn(process.execPath, ['services/indexer/main.ts'], {
      env: environmentOf(config),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr.on('data', (chunk) => {
      complaint += chunk;
    });
    const [code] = await once(child, 'close');
    expect(code).to.equal(1);
    expect(complaint.trim().split('\n')).to.have.length(1);
    expect(complaint).to.match(/^RPC_URL leads to chain 31337/);
  });

  it('refuses a deployment that is not on the chain', async () => {
    const DEPLOYMENT_FILE = await deploymentWith({ paymentRouter: chain.accounts[9] });
    const message = await refused(
      startIndexer(testConfig(chain, await createTestDatabase(), { DEPLOYMENT_FILE })),
    );
    expect(message).to.match(/no PaymentRouter/);
  });

  it('refuses a deployment file that is missing or malformed, and names it', async () => {
    const databaseUrl = await createTestDatabase();
    const DEPLOYMENT_FILE = await deploymentWith({ startBlock: 'one' });
    expect(await refused(startIndexer(testConfig(chain, databaseUrl, { DEPLOYMENT_FILE })))).to.match(
      /startBlock/,
    );
    const missing = `${DEPLOYMENT_FILE}.gone`;
    expect(
      await refused(startIndexer(testConfig(chain, databaseUrl, { DEPLOYMENT_FILE: missing }))),
    ).to.include(missing);
  });

  describe('given a database of a chain', () => {
    let databaseUrl: string;
    before(async () => {
      await using indexing = await startIndexing(chain);
      await untilCaughtUp(chain, indexing.database);
      databaseUrl = indexing.databaseUrl;
    });

    it('refuses the same chain started anew, and says how to go on', async () => {
      const message = await refused(startIndexer(testConfig(other, databaseUrl)));
      expect(message).to.match(/genesis 0x.*Nothing was changed.*DATABASE_URL/);
    });

    it('refuses another deployment on the same chain', async () => {
      const DEPLOYMENT_FILE = await deploymentWith({ accessManager: chain.accounts[9] });
      expect(await refused(startIndexer(testConfig(chain, databaseUrl, { DEPLOYMENT_FILE })))).to.match(
        /deployment/,
      );
    });
  });

  it('stops with a sentence when the chain is replaced while it is followed', async () => {
    await using proxy = await startNodeProxy(chain.rpcUrl);
    await using indexing = await startIndexing(chain, { RPC_URL: proxy.rpcUrl });
    await untilCaughtUp(chain, indexing.database);
    await other.request('evm_mine');
    proxy.distort(({ method, params }) => other.request(method, params));
    const code = await indexing.indexer.ended.catch((error: IndexerStopped) => error.code);
    expect(code).to.equal('chain_replaced');
  });

  it('refuses a database of a newer release, and changes nothing in it', async () => {
    await using indexing = await startIndexing(chain);
    await untilCaughtUp(chain, indexing.database);
    await indexing.indexer.stop();
    await indexing.database.query(`insert into indexer.migrations values ('9999_later.sql', '')`);
    const before = await tablesOf(indexing.database);
    await chain.request('evm_mine');
    const message = await refused(startIndexer(testConfig(chain, indexing.databaseUrl)));
    expect(message).to.match(/newer release.*9999_later\.sql.*up to \d{4}_.*Start the newer release/);
    expect(await tablesOf(indexing.database)).to.deep.equal(before);
  });

  it('stops with a sentence when a newer release migrates the database under it', async () => {
    await using indexing = await startIndexing(chain);
    await untilCaughtUp(chain, indexing.database);
    await indexing.database.query(`insert into indexer.migrations values ('9999_later.sql', '')`);
    const code = await indexing.indexer.ended.catch((error: IndexerStopped) => error.code);
    expect(code).to.equal('schema_newer');
  });

  it('waits for a node that is just starting', async () => {
    await using proxy = await startNodeProxy(chain.rpcUrl);
    proxy.silence(true);
    const starting = startIndexer(testConfig(chain, await createTestDatabase(), { RPC_URL: proxy.rpcUrl }));
    setTimeout(() => proxy.silence(false), 300);
    await (await starting).stop();
  });

  it('leaves no connection behind when it cannot start', async () => {
    const databaseUrl = await createTestDatabase();
    await using indexing = await startIndexing(chain);
    const taken = { INDEXER_PORT: indexing.indexer.port };
    await startIndexer(testConfig(chain, databaseUrl, taken)).then(
      () => expect.fail('must reject'),
      (error: NodeJS.ErrnoException) => expect(error.code).to.equal('EADDRINUSE'),
    );
    const database = openDatabase(databaseUrl, 'test', 1);
    await until('the server to see every connection end', async () => {
      const { rowCount } = await database.query(
        `select from pg_stat_activity where application_name = 'indexer' and datname = current_database()`,
      );
      return rowCount === 0;
    });
    await database.end();
  });
});
