/** The chain client of the services, and the check that chain, deployment and database belong together. */
import { createHash } from 'node:crypto';
import { createPublicClient, type Hex, http, type PublicClient } from 'viem';
import type { Deployment } from '../core/deployment.ts';
import { ConfigError } from './config.ts';
import { type Database, oneRow } from './database.ts';

const RPC_TIMEOUT_MS = 10_000;

/** An HTTP client of one node. It has no fixed chain: the node tells, {@link bindChain} compares. */
export function createChainClient(rpcUrl: string): PublicClient {
  return createPublicClient({ transport: http(rpcUrl, { timeout: RPC_TIMEOUT_MS, retryCount: 2 }) });
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
  const chainId = await client.getChainId();
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
  await database.query(
    `create table if not exists ${schema}.chain_identity (
       only_row boolean primary key default true check (only_row),
       chain_id bigint not null, genesis_hash text not null, deployment_hash text not null)`,
  );
  await database.query(
    `insert into ${schema}.chain_identity (chain_id, genesis_hash, deployment_hash) values ($1, $2, $3) on conflict do nothing`,
    [identity.chainId, identity.genesisHash, identity.deploymentHash],
  );
  const bound = oneRow(
    await database.query<{ chain_id: bigint; genesis_hash: string; deployment_hash: string }>(
      `select chain_id, genesis_hash, deployment_hash from ${schema}.chain_identity`,
    ),
  );
  const differs = [
    bound.chain_id !== BigInt(identity.chainId) && `chain id ${bound.chain_id}, not ${identity.chainId}`,
    bound.genesis_hash !== identity.genesisHash &&
      `genesis ${bound.genesis_hash}, not ${identity.genesisHash}`,
    bound.deployment_hash !== identity.deploymentHash && 'another deployment of the contracts',
  ].filter(Boolean);
  if (differs.length === 0) return;
  throw new ConfigError(
    `The database belongs to another chain (${differs.join('; ')}). Nothing was changed. Set DATABASE_URL to that chain's database or to an empty one, or RPC_URL to the chain of this database.`,
  );
}
