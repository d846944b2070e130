/** A real local chain of a suite's own: Hardhat node, Corridor deployed, people and money on it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type Account,
  type Address,
  createWalletClient,
  http,
  type PublicClient,
  type WalletClient,
} from 'viem';
import { hardhat } from 'viem/chains';
import { mineByInterval, startChain } from '../../scripts/chain.ts';
import { deploy } from '../../scripts/deploy/deploy.ts';
import { seedLocalChain } from '../../scripts/deploy/local.ts';
import type { Deployment } from '../../services/core/deployment.ts';
import { createChainClient } from '../../services/platform/chain.ts';

export type TestWallet = WalletClient<ReturnType<typeof http>, typeof hardhat, Account>;

export interface TestChain {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  /** Where the deployment was written: DEPLOYMENT_FILE of a service. */
  readonly deploymentFile: string;
  readonly client: PublicClient;
  /** The accounts of Hardhat's public mnemonic, which the node signs for; `localAccounts` says who is who. */
  readonly accounts: readonly Address[];
  /** Sends transactions from an account by its index. */
  wallet(index: number): TestWallet;
  /** Any JSON-RPC request, such as `evm_mine` or `evm_snapshot`. */
  request<Answer = unknown>(method: string, params?: unknown[]): Promise<Answer>;
  stop(): Promise<void>;
}

/**
 * Starts a chain on a free port.
 * @param options.blockIntervalMs Mine one block so often, as `npm start` does; without it each transaction at once.
 */
export async function startTestChain(options: { blockIntervalMs?: number } = {}): Promise<TestChain> {
  const folder = await mkdtemp(path.join(tmpdir(), 'corridor-chain-'));
  const chain = await startChain({ port: 0 });
  const { rpcUrl } = chain;
  const stop = async () => {
    await chain.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const deploymentFile = path.join(folder, 'deployment.json');
    const deployment = await deploy({ rpcUrl, outputFile: deploymentFile });
    await seedLocalChain({ rpcUrl, deployment });
    if (options.blockIntervalMs) await mineByInterval(rpcUrl, options.blockIntervalMs);

    const client = createChainClient(rpcUrl);
    const request = client.request as (call: object) => Promise<unknown>;
    const send = <Answer>(method: string, params: unknown[] = []) =>
      request({ method, params }) as Promise<Answer>;
    const accounts = await send<Address[]>('eth_accounts');
    const wallet = (index: number) => {
      const account = accounts[index];
      if (!account) throw new Error(`The node has no account ${index}.`);
      return createWalletClient({ account, chain: hardhat, transport: http(rpcUrl) });
    };
    return { rpcUrl, deployment, deploymentFile, client, accounts, wallet, request: send, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
