import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { setDiskFull } from '../../../scripts/chaos/fullDisk.ts';
import { freePort } from '../../../scripts/free-port.ts';
import { bindChain, readChainIdentity } from '../../../services/platform/chain.ts';
import { openDatabase, withTransaction } from '../../../services/platform/database.ts';
import { signedFetch } from '../../../services/platform/http/signedFetch.ts';
import { registerPartner } from '../../../services/settlement/domains/partners/service.ts';
import { enqueueWebhook } from '../../../services/settlement/domains/webhooks/outbox.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { startNodeProxy } from '../../support/nodeProxy.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { newCredential } from '../../support/settlementApi.ts';
import { until } from '../../support/until.ts';
import { startWebhookReceiver } from '../../support/webhookReceiver.ts';

describe('settlement: the process', () => {
  let chain: TestChain;
  let databaseUrl: string;
  const children: ChildProcess[] = [];
  before(async () => {
    [chain, databaseUrl] = await Promise.all([startTestChain(), createTestDatabase()]);
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await chain?.stop();
  });

  const run = async (environment: Record<string, string> = {}) => {
    const port = await freePort();
    const env = {
      PATH: process.env.PATH,
      DATABASE_URL: databaseUrl,
      RPC_URL: chain.rpcUrl,
      DEPLOYMENT_FILE: chain.deploymentFile,
      SETTLEMENT_PORT: String(port),
      WEBHOOK_ALLOW_PRIVATE: 'true',
      ...environment,
    };
    const child = spawn(process.execPath, ['services/settlement/main.ts'], { env });
    children.push(child);
    const running = { child, origin: `http://127.0.0.1:${port}`, stderr: '', exit: once(child, 'close') };
    child.stderr.on('data', (chunk: Buffer) => {
      running.stderr += chunk.toString();
    });
    child.stdout.resume();
    return running;
  };
  const ready = (origin: string) =>
    until('readiness', () =>
      fetch(`${origin}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      ),
    );

  for (const [name, environment, sentence] of [
    ['without a database', { DATABASE_URL: '' }, /DATABASE_URL: is missing/],
    [
      'where no database answers',
      { DATABASE_URL: 'postgres://a:b@127.0.0.1:1/x' },
      /DATABASE_URL cannot be used/,
    ],
    [
      'with a wrong origin',
      { SETTLEMENT_ORIGIN: 'https://api.example/v1' },
      /SETTLEMENT_ORIGIN: must be an origin/,
    ],
    [
      'with a key that is none',
      { SETTLEMENT_SIGNER_KEYS: '0x12' },
      /SETTLEMENT_SIGNER_KEYS: must be private keys/,
    ],
    [
      'with key files and no password',
      { SETTLEMENT_KEYSTORES: 'key.json' },
      /SETTLEMENT_KEYSTORE_PASSWORD_FILE: is missing/,
    ],
    [
      'with a remote signer and no key of it',
      { SETTLEMENT_REMOTE_SIGNER_URL: 'https://signer.example' },
      /SETTLEMENT_REMOTE_PUBLIC_KEYS: is missing/,
    ],
    ['with a wrong batch size', { BATCH_SIZE: '257' }, /BATCH_SIZE/],
    ['with a wrong schedule', { WEBHOOK_RETRY_SECONDS: '5;30' }, /WEBHOOK_RETRY_SECONDS: must be numbers/],
    [
      'without a deployment',
      { DEPLOYMENT_FILE: '/none.json' },
      /deployment file \/none\.json cannot be read/,
    ],
  ] as const)
    it(`does not start ${name}, and says so in a sentence`, async () => {
      const { exit, child, stderr } = await run(environment).then(async (running) => {
        await running.exit;
        return running;
      });
      await exit;
      expect(child.exitCode).to.equal(1);
      expect(stderr).to.match(sentence);
      expect(stderr.trim().split('\n')).to.have.length(1);
    });

  it('does not start on the database of another chain, and changes nothing in it', async () => {
    const other = await createTestDatabase();
    const database = openDatabase(other, 'test', 2);
    await database.query(
      `create schema settlement;
       create table settlement.chain_identity (only_row boolean primary key default true,
         chain_id bigint not null, genesis_hash text not null, deployment_hash text not null);
       insert into settlement.chain_identity values (true, 1, '0xab', '0xcd')`,
    );
    const running = await run({ DATABASE_URL: other });
    await running.exit;
    expect(running.stderr).to.match(/belongs to another chain \(chain id 1, not 31337/);
    const { rows } = await database.query('select chain_id from settlement.chain_identity');
    expect(rows).to.deep.equal([{ chain_id: 1n }]);
    const tables = await database.query(
      `select from information_schema.tables where table_schema = 'settlement'`,
    );
    expect(tables.rowCount).to.equal(1);
    await database.end();
  });

  it('does not start on the database of a newer release, and ends when one migrates it meanwhile', async () => {
    const url = await createTestDatabase();
    const older = await run({ DATABASE_URL: url });
    await ready(older.origin);
    const database = openDatabase(url, 'test', 2);
    await database.query(`insert into settlement.migrations values ('9999_later.sql', '')`);
    const another = await run({ DATABASE_URL: url });
    for (const { child, exit, stderr } of [older, another]) {
      await exit;
      expect(child.exitCode, stderr).to.equal(1);
    }
    for (const { stderr } of [older, another]) {
      expect(stderr).to.match(/^The database's schema "settlement" is of a newer release.*9999_later\.sql/);
      expect(stderr.trim().split('\n')).to.have.length(1);
    }
    await database.end();
  });

  it('does not start on a full disk, nor on a node that refuses, and says so in a sentence', async () => {
    const url = await createTestDatabase();
    const database = openDatabase(url, 'test', 2);
    const identity = await readChainIdentity(chain.client, chain.deployment);
    await bindChain(database, 'settlement', identity);
    await database.query('delete from settlement.chain_identity'); // the first thing that a start writes
    await database.end();
    await setDiskFull(url, true);
    await using proxy = await startNodeProxy(chain.rpcUrl);
    proxy.refuse(502);
    for (const [environment, sentence] of [
      [{ DATABASE_URL: url }, /^The database has no room to write/],
      [{ RPC_URL: proxy.rpcUrl }, /^The node does not do what it is asked/],
    ] as const) {
      const running = await run(environment);
      await running.exit;
      expect(running.child.exitCode).to.equal(1);
      expect(running.stderr).to.match(sentence);
      expect(running.stderr.trim().split('\n')).to.have.length(1);
    }
  });

  it('stops within five seconds on SIGTERM, exit code 0, though a receiver does not answer', async () => {
    const running = await run();
    await ready(running.origin);
    const database = openDatabase(databaseUrl, 'test', 2);
    const { credential, publicKeyPem } = newCredential('ed25519');
    const { id: partnerId } = await registerPartner(database, { name: 'Bank', ...credential, publicKeyPem });
    const receiver = await startWebhookReceiver();
    receiver.answer = () => undefined;
    const body = JSON.stringify({ url: receiver.url });
    const answer = await signedFetch(credential, 'POST', `${running.origin}/v1/webhook-endpoints`, { body });
    expect(answer.status).to.equal(201);
    await withTransaction(database, (tx) =>
      enqueueWebhook(tx, [{ partnerId, type: 'payment.settled', data: {} }]),
    );
    await until('the webhook', () => receiver.received.length === 1);

    const asked = performance.now();
    running.child.kill('SIGTERM');
    await running.exit;
    expect(performance.now() - asked).to.be.below(5_000);
    expect([running.child.exitCode, running.stderr]).to.deep.equal([0, '']);
    await receiver.stop();
    await database.end();
  });
});
