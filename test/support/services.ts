/** Indexer and settlement at work in this process, on a chain that mines by itself; with what they log and measure. */
import { Writable } from 'node:stream';
import pg from 'pg';
import { pino } from 'pino';
import type { Address } from 'viem';
import { localAccounts } from '../../scripts/deploy/local.ts';
import { freePort } from '../../scripts/free-port.ts';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import { indexerConfig } from '../../services/indexer/config.ts';
import { startIndexer } from '../../services/indexer/indexer.ts';
import { openDatabase } from '../../services/platform/database.ts';
import { signedFetch } from '../../services/platform/http/signedFetch.ts';
import { settlementConfig } from '../../services/settlement/config.ts';
import { openAccount } from '../../services/settlement/domains/accounts/service.ts';
import * as holds from '../../services/settlement/domains/ledger/holds.ts';
import * as postings from '../../services/settlement/domains/ledger/postings.ts';
import { registerPartner } from '../../services/settlement/domains/partners/service.ts';
import { startSettlement } from '../../services/settlement/settlement.ts';
import { startTestChain, type TestChain } from './chain.ts';
import { createTestDatabase } from './postgres.ts';
import { newCredential } from './settlementApi.ts';
import { freshWallet } from './stage.ts';
import { until } from './until.ts';

const BLOCK_MS = 250;
/** Prometheus' own default. */
const SCRAPE_TIMEOUT_MS = 10_000;

export type ServiceName = 'indexer' | 'settlement';
export type Services = Awaited<ReturnType<typeof startServices>>;

export interface LogLine {
  level: number;
  msg: string;
  part?: string;
  reason?: string;
  code?: string;
  against?: string;
}

/**
 * Starts them with a partner that has an account of cUSD.
 * @param routes Where the services find node and database, given where these really are.
 */
export async function startServices(
  routes: { rpcUrl?: (url: string) => Promise<string>; databaseUrl?: (url: string) => Promise<string> } = {},
) {
  const parts = new AsyncDisposableStack();
  const chain = await startTestChain({ blockIntervalMs: BLOCK_MS });
  parts.defer(() => chain.stop());
  const adminUrl = await createTestDatabase();
  const ownerUrl = await ownerOf(adminUrl);
  const environment = {
    DATABASE_URL: (await routes.databaseUrl?.(ownerUrl)) ?? ownerUrl,
    RPC_URL: (await routes.rpcUrl?.(chain.rpcUrl)) ?? chain.rpcUrl,
    DEPLOYMENT_FILE: chain.deploymentFile,
  };
  const logs: Record<ServiceName, LogLine[]> = { indexer: [], settlement: [] };
  const indexer = await startIndexer(
    indexerConfig.parse({ ...environment, INDEXER_PORT: 0, POLL_INTERVAL_MS: 50 }),
    logInto(logs.indexer),
  );
  parts.defer(() => indexer.stop());
  const settlement = await startSettlement(
    settlementConfig.parse({
      ...environment,
      SETTLEMENT_PORT: await freePort(),
      BATCH_MAX_AGE_MS: 50,
      WEBHOOK_ALLOW_PRIVATE: 'true',
    }),
    logInto(logs.settlement),
  );
  parts.defer(() => settlement.stop());
  const database = openDatabase(adminUrl, 'test', 4);
  parts.defer(() => database.end());

  const ports = { indexer: indexer.port, settlement: settlement.port };
  const origin = `http://127.0.0.1:${settlement.port}`;
  const ready = async (name: ServiceName): Promise<{ status: number; reason: string | undefined }> => {
    const answer = await fetch(`http://127.0.0.1:${ports[name]}/readyz`);
    const { reason } = (await answer.json()) as { reason?: string };
    return { status: answer.status, reason };
  };
  const bothReady = () =>
    until('both services to be ready', async () =>
      (await Promise.all([ready('indexer'), ready('settlement')])).every(({ status }) => status === 200),
    );
  await bothReady();
  const { credential, id: partnerId } = await partnerWithAccount(chain, database);
  return {
    chain,
    database,
    ownerUrl,
    adminUrl,
    logs,
    partnerId,
    ready,
    bothReady,
    /** All that `/metrics` has. @throws when it takes longer than a scrape of Prometheus waits by default */
    metrics: async (name: ServiceName) => {
      const scrape = { signal: AbortSignal.timeout(SCRAPE_TIMEOUT_MS) };
      return (await fetch(`http://127.0.0.1:${ports[name]}/metrics`, scrape)).text();
    },
    /** Posts a payment of 10.00 USD. */
    pay: (idempotencyKey: string = crypto.randomUUID(), to = freshWallet()) => {
      const creditor = { name: 'Supplier', account: { scheme: 'EVM', identification: to } };
      const amount = { currency: 'USD', value: '10.00' };
      const body = JSON.stringify({ endToEndId: idempotencyKey.slice(0, 30), amount, creditor });
      return signedFetch(credential, 'POST', `${origin}/v1/payments`, { body, idempotencyKey });
    },
    /** Has the partner's webhooks sent somewhere. */
    subscribe: async (url: string) => {
      const body = JSON.stringify({ url });
      await signedFetch(credential, 'POST', `${origin}/v1/webhook-endpoints`, { body });
    },
    /** Waits until a payment is posted. */
    posted: (id: string) =>
      until(
        'the payment to be posted',
        async () => {
          const { rows } = await database.query(
            'select state from settlement.current_payments where id = $1',
            [id],
          );
          return rows[0]?.state === 'posted';
        },
        60_000,
      ),
    stop: () => parts.disposeAsync(),
  };
}

/** A role that is no superuser, as a service should have: limits hold for it. */
async function ownerOf(adminUrl: string): Promise<string> {
  const url = new URL(adminUrl);
  const name = url.pathname.slice(1);
  const client = new pg.Client(adminUrl);
  await client.connect();
  await client.query(`create role owner_of_${name} login password 'owner'`);
  await client.query(`alter database ${name} owner to owner_of_${name}`);
  await client.end();
  url.username = `owner_of_${name}`;
  url.password = 'owner';
  return url.href;
}

async function partnerWithAccount(chain: TestChain, database: ReturnType<typeof openDatabase>) {
  const { credential, publicKeyPem } = newCredential('ed25519');
  const { id } = await registerPartner(database, { name: 'Bank', ...credential, publicKeyPem });
  const payer = chain.accounts[localAccounts.treasury] as Address;
  const { client, deployment } = chain;
  const ledger = { ...holds, ...postings };
  await openAccount(
    { database, chain: client, deployment, ledger },
    { partnerId: id, currency: 'USD', payer },
  );
  const held = await client.readContract({
    address: deployment.stablecoins.USD.address,
    abi: stablecoinAbi,
    functionName: 'balanceOf',
    args: [payer],
  });
  await until('the money of the account to be posted', async () => {
    const { rows } = await database.query<{ balance: bigint }>(
      `select balance from settlement.ledger_accounts where kind = 'funds'`,
    );
    return rows[0]?.balance === held;
  });
  return { credential, id };
}

function logInto(lines: LogLine[]) {
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()) as LogLine);
      done();
    },
  });
  return pino({ level: 'info' }, destination);
}
