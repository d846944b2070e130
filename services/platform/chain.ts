/** The chain client of the services, and the check that chain, deployment and database belong together. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createPublicClient, type Hex, HttpRequestError, http, type PublicClient } from 'viem';
import { z } from 'zod';
import { type Deployment, deploymentSchema } from '../core/deployment.ts';
import { ConfigError } from './config.ts';
import { type Database, oneRow, withTransaction } from './database.ts';

const RPC_TIMEOUT_MS = 10_000;
const RPC_BATCH_SIZE = 50;
// A batch of receipts takes up to some megabytes; viem's own limit of 10 MiB would refuse it.
const RPC_BATCH_BYTES = 128 * 1024 * 1024;
const NODE_WAIT_MS = 500;
const NODE_WAITS = 60;
const LOCAL_CHAIN_ID = 31_337;
const deploymentsFolder = path.resolve(import.meta.dirname, '../core/deployments');

/**
 * An HTTP client of one node. It has no fixed chain: the node tells, {@link bindChain} compares.
 * @param options.batch Send requests that are made at the same time as one JSON-RPC batch.
 * @param options.patienceMs How long an answer may take, once; without it there are two more tries of ten seconds.
 */
export function createChainClient(
  rpcUrl: string,
  options: { batch?: boolean; patienceMs?: number } = {},
): PublicClient {
  const batch = options.batch
    ? { batch: { batchSize: RPC_BATCH_SIZE }, maxResponseBodySize: RPC_BATCH_BYTES }
    : {};
  const { patienceMs } = options;
  const patience = patienceMs
    ? { timeout: patienceMs, retryCount: 0 }
    : { timeout: RPC_TIMEOUT_MS, retryCount: 2 };
  return createPublicClient({ transport: http(rpcUrl, { ...patience, ...batch }) });
}

/**
 * Reads where Corridor lives on the node's chain; a node that is just starting is waited for, half a minute.
 * @param file DEPLOYMENT_FILE; without it `services/core/deployments/<chainId>.json`.
 * @throws ConfigError when the node does not answer, or the file is missing or wrong.
 */
export async function readDeployment(client: PublicClient, file?: string): Promise<Deployment> {
  const place = file ?? path.join(deploymentsFolder, `${await chainIdOnceReachable(client)}.json`);
  let text: string;
  try {
    text = await readFile(place, 'utf8');
  } catch (error) {
    throw new ConfigError(
      `The deployment file ${place} cannot be read (${(error as NodeJS.ErrnoException).code}). Deploy with scripts/deploy/deploy.ts, or set DEPLOYMENT_FILE to the file that it wrote.`,
    );
  }
  try {
    return deploymentSchema.parse(JSON.parse(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new ConfigError(`The deployment file ${place} is wrong: ${why}`);
  }
}

async function chainIdOnceReachable(client: PublicClient): Promise<number> {
  for (let waits = 1; ; waits++) {
    try {
      return await client.getChainId();
    } catch (error) {
      if (!(error instanceof HttpRequestError) || error.status !== undefined) throw error;
      if (waits < NODE_WAITS) await delay(NODE_WAIT_MS);
      else throw new ConfigError('No node answers at RPC_URL. Start it, or correct RPC_URL.');
    }
  }
}

export interface ChainIdentity {
  chainId: number;
  genesisHash: Hex;
  /** SHA-256 over the deployment's addresses. */
  deploymentHash: Hex;
}

/** Reads who the node is. Throws a {@link ConfigError} when the deployment is of another chain or not there. */
export async function readChainIdentity(
  client: PublicClient,
  deployment: Deployment,
): Promise<ChainIdentity> {
  const chainId = await chainIdOnceReachable(client);
  if (chainId !== deployment.chainId) {
    throw new ConfigError(
      `RPC_URL leads to chain ${chainId}, the deployment file is of chain ${deployment.chainId}. Point RPC_URL or DEPLOYMENT_FILE to the same chain.`,
    );
  }
  const genesis = await client.getBlock({ blockNumber: 0n });
  if (!(await client.getCode({ address: deployment.paymentRouter }))) {
    throw new ConfigError(
      `There is no PaymentRouter at ${deployment.paymentRouter} on chain ${chainId}. Deploy first, or correct DEPLOYMENT_FILE.`,
    );
  }
  const addresses = [
    deployment.accessManager,
    deployment.paymentRouter,
    ...Object.values(deployment.stablecoins).map((coin) => coin.address),
  ];
  const deploymentHash =
    `0x${createHash('sha256').update(addresses.join().toLowerCase()).digest('hex')}` as const;
  return { chainId, genesisHash: genesis.hash, deploymentHash };
}

/**
 * Binds a database schema to one chain for good: the first start writes the identity, later ones compare.
 * Throws a {@link ConfigError} when the database belongs to another chain, genesis or deployment.
 */
export async function bindChain(database: Database, schema: string, identity: ChainIdentity): Promise<void> {
  const bound = await withTransaction(database, async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtext($1))', [`bind ${schema}`]); // two may start at once
    await tx.query(`create schema if not exists ${schema}`);
    await tx.query(
      `create table if not exists ${schema}.chain_identity (
         only_row boolean primary key default true check (only_row),
         chain_id bigint not null, genesis_hash text not null, deployment_hash text not null)`,
    );
    await tx.query(
      `insert into ${schema}.chain_identity (chain_id, genesis_hash, deployment_hash) values ($1, $2, $3) on conflict do nothing`,
      [identity.chainId, identity.genesisHash, identity.deploymentHash],
    );
    return oneRow(
      await tx.query<{ chain_id: bigint; genesis_hash: string; deployment_hash: string }>(
        `select chain_id, genesis_hash, deployment_hash from ${schema}.chain_identity`,
      ),
    );
  });
  const differs = [
    bound.chain_id !== BigInt(identity.chainId) && `chain id ${bound.chain_id}, not ${identity.chainId}`,
    bound.genesis_hash !== identity.genesisHash &&
      `genesis ${bound.genesis_hash}, not ${identity.genesisHash}`,
    bound.deployment_hash !== identity.deploymentHash && 'another deployment of the contracts',
  ].filter(Boolean);
  if (differs.length === 0) return;
  const restarted =
    identity.chainId === LOCAL_CHAIN_ID && bound.chain_id === BigInt(LOCAL_CHAIN_ID)
      ? ' A local chain lives in memory: one that was started or deployed anew needs an empty database (`npm start` without DATABASE_URL makes one).'
      : '';
  throw new ConfigError(
    `The database belongs to another chain (${differs.join('; ')}). Nothing was changed. Set DATABASE_URL to this chain's database or to an empty one, or RPC_URL to the chain of this database.${restarted}`,
  );
}
