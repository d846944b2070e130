/** Chain, database, indexer and settlement as processes of their own, and partners with accounts full of money. */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Address,
  createWalletClient,
  http,
  type LocalAccount,
  maxUint96,
  type PublicClient,
  parseEther,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { hardhat } from 'viem/chains';
import { mineByInterval, startChain } from '../../scripts/chain.ts';
import { deploy } from '../../scripts/deploy/deploy.ts';
import { localAccounts, seedLocalChain } from '../../scripts/deploy/local.ts';
import { freePort } from '../../scripts/free-port.ts';
import { startPostgres } from '../../scripts/postgres.ts';
import { paymentRouterAbi } from '../../services/core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import type { Deployment } from '../../services/core/deployment.ts';
import { createChainClient } from '../../services/platform/chain.ts';
import { type Database, openDatabase } from '../../services/platform/database.ts';
import { openAccount } from '../../services/settlement/domains/accounts/service.ts';
import { openLedgerAccounts, postTransfers } from '../../services/settlement/domains/ledger/postings.ts';
import { registerPartner } from '../../services/settlement/domains/partners/service.ts';
import { createLightClient, type LightClient } from './lightClient.ts';

/** As `npm start` has it. */
export const BLOCK_INTERVAL_MS = 1_000;
export const FINALITY_DEPTH = 3;
const READY_LIMIT_MS = 60_000;
/** The first of Hardhat's accounts that nobody else uses. */
const FIRST_PAYER = 5;
/** Partners, each with an account: one may have eight requests under way. */
const PARTNERS = 8;
/** Of the pipeline beside it: wallets that are nobody's account, so that no ledger has them. */
const SENDERS = Array.from({ length: 8 }, (_, index) =>
  privateKeyToAccount(`0x${String(index + 1).padStart(64, '0')}`),
);
const EACH_HAS = 10_000_000_000_000n;

export interface World {
  rpcUrl: string;
  chain: PublicClient;
  deployment: Deployment;
  /** Accounts that the node signs for. */
  wallets: readonly Address[];
  database: Database;
  /** Each has an account, with a wallet of its own. */
  partners: readonly LightClient[];
  /** Wallets with money that no account of ours has. */
  senders: readonly LocalAccount[];
  /** Largest resident memory of the settlement process so far, MiB; 0 where the system does not tell. */
  peakRssMiB(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts it all. `stop` ends every process and removes every file. */
export async function startWorld(): Promise<World> {
  const parts = new AsyncDisposableStack();
  try {
    const folder = await mkdtemp(path.join(tmpdir(), 'corridor-bench-'));
    parts.defer(() => rm(folder, { recursive: true, force: true }));
    const postgres = await startPostgres({ dataDir: path.join(folder, 'data') });
    parts.defer(() => postgres.stop());
    const node = await startChain({ port: 0 });
    parts.defer(() => node.stop());
    const { rpcUrl } = node;
    const deploymentFile = path.join(folder, 'deployment.json');
    const deployment = await deploy({ rpcUrl, outputFile: deploymentFile });
    await seedLocalChain({ rpcUrl, deployment });
    const chain = createChainClient(rpcUrl);
    const wallets = (await chain.request({ method: 'eth_accounts' as never })) as Address[];
    const payers = wallets.slice(FIRST_PAYER, FIRST_PAYER + PARTNERS);
    await fund(rpcUrl, deployment, wallets, payers);
    await mineByInterval(rpcUrl, BLOCK_INTERVAL_MS);

    const port = await freePort();
    const environment = {
      DATABASE_URL: postgres.url,
      RPC_URL: rpcUrl,
      DEPLOYMENT_FILE: deploymentFile,
      FINALITY_DEPTH: String(FINALITY_DEPTH),
      LOG_LEVEL: 'warn',
    };
    const indexerPort = await freePort();
    const indexer = await startService('indexer', indexerPort, {
      ...environment,
      INDEXER_PORT: String(indexerPort),
    });
    parts.defer(() => end(indexer));
    const settlement = await startService('settlement', port, {
      ...environment,
      SETTLEMENT_PORT: String(port),
    });
    parts.defer(() => end(settlement));

    const database = openDatabase(postgres.url, 'bench', 2);
    parts.defer(() => database.end());
    const parties = { database, chain, deployment, ledger: { openLedgerAccounts, postTransfers } };
    const partners: LightClient[] = [];
    for (const payer of payers) {
      const { credential, publicKeyPem } = newCredential();
      const { id: partnerId } = await registerPartner(database, {
        name: 'Benchmark',
        ...credential,
        publicKeyPem,
      });
      await openAccount(parties, { partnerId, currency: 'USD', payer });
      partners.push(createLightClient(`http://127.0.0.1:${port}`, credential));
    }
    await untilFunded(database, PARTNERS);
    return {
      rpcUrl,
      chain,
      deployment,
      wallets,
      database,
      partners,
      senders: SENDERS,
      peakRssMiB: () => peakRssMiB(settlement),
      stop: () => parts.disposeAsync(),
    };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

async function fund(
  rpcUrl: string,
  { stablecoins, paymentRouter }: Deployment,
  wallets: readonly Address[],
  payers: readonly Address[],
): Promise<void> {
  const wallet = (account: Address) =>
    createWalletClient({ account, chain: hardhat, transport: http(rpcUrl) });
  const token = stablecoins.USD.address as Address;
  const minter = wallet(wallets[localAccounts.minter] as Address);
  const operator = wallets[localAccounts.operator] as Address;
  for (const payer of payers) {
    const coin = { address: token, abi: stablecoinAbi } as const;
    await minter.writeContract({ ...coin, functionName: 'mint', args: [payer, EACH_HAS] });
    await wallet(payer).writeContract({
      ...coin,
      functionName: 'approve',
      args: [paymentRouter as Address, 2n ** 256n - 1n],
    });
    await wallet(payer).writeContract({
      address: paymentRouter as Address,
      abi: paymentRouterAbi,
      functionName: 'authorizeOperator',
      args: [operator, token, maxUint96, 86_400],
    });
  }
  for (const { address } of SENDERS) {
    await minter.writeContract({
      address: token,
      abi: stablecoinAbi,
      functionName: 'mint',
      args: [address, EACH_HAS],
    });
    await minter.sendTransaction({ to: address, value: parseEther('100') });
  }
}

async function startService(
  name: string,
  port: number,
  environment: Record<string, string>,
): Promise<ChildProcess> {
  const child = spawn(process.execPath, [`services/${name}/main.ts`], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const deadline = Date.now() + READY_LIMIT_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${name} ended with code ${child.exitCode}`);
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (answer?.ok) return child;
    if (Date.now() > deadline) throw new Error(`${name} is not ready after ${READY_LIMIT_MS / 1_000} s`);
    await delay(100);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

async function untilFunded(database: Database, accounts: number): Promise<void> {
  const deadline = Date.now() + READY_LIMIT_MS;
  for (;;) {
    const { rows } = await database.query<{ count: bigint }>(
      `select count(*) as count from settlement.ledger_accounts where kind = 'funds' and balance > 0`,
    );
    if (rows[0]?.count === BigInt(accounts)) return;
    if (Date.now() > deadline) throw new Error('The accounts were not funded in time.');
    await delay(100);
  }
}

function newCredential() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    credential: {
      keyId: `bench-${crypto.randomUUID()}`,
      algorithm: 'ed25519' as const,
      privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** Linux tells the high-water mark of a process. */
async function peakRssMiB({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1_024);
}
