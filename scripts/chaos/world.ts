/** Everything that a run happens to: a real chain, PostgreSQL, two processes of each service, nodes between them, partners. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createChainClient } from '../../services/platform/chain.ts';
import { type Database, openDatabase } from '../../services/platform/database.ts';
import { openAccount } from '../../services/settlement/domains/accounts/service.ts';
import { openLedgerAccounts, postTransfers } from '../../services/settlement/domains/ledger/postings.ts';
import { registerPartner } from '../../services/settlement/domains/partners/service.ts';
import { newCredential } from '../../test/support/settlementApi.ts';
import { until } from '../../test/support/until.ts';
import { localAccounts } from '../deploy/local.ts';
import { localProductsFile } from '../deploy/localProducts.ts';
import { freePort } from '../free-port.ts';
import { type Bank, createBank } from './bank.ts';
import { payers, sharedRecipient, startWorldChain, type WorldChain } from './chain.ts';
import { type CommitWatch, startCommitWatch } from './commitWatch.ts';
import { type FaultyNode, startFaultyNode } from './node.ts';
import { type Oracle, startOracle } from './oracle.ts';
import { Partner } from './partner.ts';
import { startWorldPostgres, type WorldPostgres } from './postgres.ts';
import { startReceiver } from './receiver.ts';
import { partnerCurrencies, type WorldKind } from './schedule.ts';
import { Service } from './service.ts';
import { openTrade } from './trade/chain.ts';
import { createWallet } from './wallet.ts';

const READY_LIMIT_MS = 120_000;
/** Enough tries for every receiver that comes back within a run. */
const RETRY_SECONDS = ['0.2', '0.3', '0.5', ...Array<string>(120).fill('1')].join(',');

/** A service process with its own ways to the database and to the chain. */
export interface Process {
  service: Service;
  commits: CommitWatch;
  node: FaultyNode;
  /** When it last handed a transaction to its node, by `performance.now()`: the lane is with whoever was last. */
  sentAt: number;
}

export interface World {
  chain: WorldChain;
  postgres: WorldPostgres;
  /** Our own way to the database: for looking, and for what an operator hands in. */
  database: Database;
  settlements: readonly Process[];
  indexers: readonly Process[];
  /** What the settlement processes hold their own nodes against. */
  secondNode: FaultyNode;
  partners: readonly Partner[];
  /** Only of a world of trade. */
  oracle: Oracle | undefined;
  /** Of the reserves. */
  bank: Bank;
  /** Requests to the address that receivers redirect to: none may come. */
  trap: { hits: number };
  /** Processes that ended by an error which nobody caught. They were started again. */
  crashes: string[];
  /** Waits until every process is ready. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

/** @param finalityDepth Blocks on a block that make it final. */
export async function startWorld(finalityDepth: number, kind: WorldKind = 'payments'): Promise<World> {
  const isTrade = kind === 'trade';
  const parts = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(path.join(tmpdir(), 'corridor-chaos-'));
    parts.defer(() => rm(folder, { recursive: true, force: true }));
    const chain = await startWorldChain(isTrade ? openTrade : undefined);
    parts.defer(() => chain.stop());
    const postgres = await startWorldPostgres(path.join(folder, 'data'));
    parts.defer(() => postgres.stop());
    const database = openDatabase(postgres.url, 'chaos', 4);
    parts.defer(() => database.end());
    const trap = await startTrap();
    parts.defer(trap.stop);

    const crashes: string[] = [];
    const startProcess = async (name: string, environment: Record<string, string>): Promise<Process> => {
      const commits = await startCommitWatch(postgres.port);
      parts.defer(() => commits.stop());
      const node = await startFaultyNode(chain.rpcUrl, (raw) => {
        chain.note(raw);
        started.sentAt = performance.now();
      });
      parts.defer(() => node.stop());
      const service = new Service(
        name,
        await freePort(),
        {
          DATABASE_URL: postgres.url.replace(`:${postgres.port}/`, `:${commits.port}/`),
          DEPLOYMENT_FILE: chain.deploymentFile,
          RPC_URL: node.rpcUrl,
          LOG_LEVEL: 'warn',
          ...environment,
        },
        (report) => crashes.push(report),
      );
      parts.defer(() => service.stop());
      const started: Process = { service, commits, node, sentAt: 0 };
      service.start();
      return started;
    };
    const secondNode = await startFaultyNode(chain.rpcUrl, () => undefined);
    parts.defer(() => secondNode.stop());
    const indexing = { FINALITY_DEPTH: String(finalityDepth), POLL_INTERVAL_MS: '50' };
    const settling = {
      RPC_URL_2: secondNode.rpcUrl,
      SETTLEMENT_SIGNER_KEYS: chain.signerKeys.join(','),
      BATCH_MAX_AGE_MS: '100',
      BATCH_SIZE: '8',
      WEBHOOK_ALLOW_PRIVATE: 'true',
      WEBHOOK_TIMEOUT_MS: '1000',
      WEBHOOK_RETRY_SECONDS: RETRY_SECONDS,
      ...(isTrade && { INSURANCE_PRODUCTS_FILE: localProductsFile, ESCROW_REMINDER_SECONDS: '3600' }),
    };
    const [indexers, settlements] = [
      [await startProcess('indexer 1', indexing), await startProcess('indexer 2', indexing)],
      [await startProcess('settlement 1', settling), await startProcess('settlement 2', settling)],
    ];
    const oracle = isTrade
      ? await startOracle({ chain, folder, onCrash: (report) => crashes.push(report), parts })
      : undefined;
    const ready = async () => {
      const services = [...indexers, ...settlements].map(({ service }) => service);
      for (const service of [...services, ...(oracle?.reporters ?? [])])
        await until(`${service.name} to be ready`, () => service.isReady(), READY_LIMIT_MS);
    };
    await ready();

    const origins = settlements.map(({ service }) => `http://127.0.0.1:${service.port}`);
    const partners: Partner[] = [];
    for (const index of partnerCurrencies.keys()) {
      const receiver = await startReceiver(trap.url);
      parts.defer(() => receiver.stop());
      const partner = await openPartner(index, { chain, database, origins }, receiver);
      partners.push(partner);
    }
    await until('the partners to have money', async () => {
      const { rowCount } = await database.query(
        `select from settlement.ledger_accounts where kind = 'funds' and balance = 0`,
      );
      return rowCount === 0;
    });
    return {
      chain,
      postgres,
      database,
      settlements,
      indexers,
      secondNode,
      partners,
      oracle,
      bank: createBank(chain, database),
      trap,
      crashes,
      ready,
      stop: () => parts.disposeAsync(),
    };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

/** Registers a partner and opens its accounts, as an operator does; the partner subscribes to webhooks. */
async function openPartner(
  index: number,
  { chain, database, origins }: Pick<World, 'chain' | 'database'> & { origins: string[] },
  receiver: Awaited<ReturnType<typeof startReceiver>>,
): Promise<Partner> {
  const { credential, publicKeyPem } = newCredential('ed25519');
  const { id } = await registerPartner(database, { name: `Partner ${index}`, ...credential, publicKeyPem });
  const { deployment } = chain;
  const accounts = {
    database,
    chain: createChainClient(chain.rpcUrl),
    deployment,
    ledger: { openLedgerAccounts, postTransfers },
  };
  const payer = chain.account(payers[index] as number);
  for (const currency of partnerCurrencies[index] ?? [])
    await openAccount(accounts, { partnerId: id, currency, payer });
  const partner = new Partner(index, origins, credential, receiver, createWallet(chain, index), {
    frozen: chain.account(localAccounts.frozenSupplier),
    shared: chain.account(sharedRecipient),
  });
  await partner.subscribe();
  return partner;
}

/** A server of the inside, which no redirect may lead to. */
async function startTrap() {
  const trap = { hits: 0, url: '', stop: async () => void server.close() };
  const server = createServer((_request, response) => {
    trap.hits++;
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  trap.url = `http://127.0.0.1:${(server.address() as { port: number }).port}/inside`;
  return trap;
}
