/** The benchmark's chain: an anvil node with Corridor on it, and blocks full of the stablecoin's transfers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { concatHex, encodeFunctionData, type Hex, keccak256, numberToHex } from 'viem';
import { deploy } from '../../scripts/deploy/deploy.ts';
import { localAccounts, seedLocalChain } from '../../scripts/deploy/local.ts';
import { freePort } from '../../scripts/free-port.ts';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import { type Deployment, deploymentSchema } from '../../services/core/deployment.ts';

export const EVENTS_PER_BLOCK = 100;
const TRANSACTIONS_PER_BLOCK = 10;
const EVENTS_PER_TRANSACTION = EVENTS_PER_BLOCK / TRANSACTIONS_PER_BLOCK;
const ACCOUNTS = 5_000;
/** Those of the node's accounts that send: the treasury and wallets, each one transaction a block. */
const senders = [localAccounts.treasury, 5, 6, 7, 8, 9, 10, 11, 12, 13] as const;
const FUNDS = 50_000_000_000n;
const GAS = numberToHex(1_000_000);
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;

export interface BenchmarkChain {
  readonly rpcUrl: string;
  readonly wsUrl: string;
  readonly deploymentFile: string;
  readonly token: Hex;
  /** Number of the last block. */
  head(): Promise<number>;
  /** Mines so many blocks, each of 100 transfers in 10 transactions. */
  mine(blocks: number): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a node with Corridor and `blocks` full blocks. What was once made is kept in the system's folder for temporary files,
 * with the number of blocks in its name, and made anew when its deployment is not one of this version.
 */
export async function startBenchmarkChain(
  blocks: number,
  note: (what: string) => void,
): Promise<BenchmarkChain> {
  const folder = path.join(tmpdir(), 'corridor-bench-indexer');
  await mkdir(folder, { recursive: true });
  const stateFile = path.join(folder, `${blocks}-blocks.json`);
  const deploymentFile = path.join(folder, `${blocks}-blocks.deployment.json`);
  if (!existsSync(stateFile) || !(await isDeployment(deploymentFile))) {
    note(`making a chain of ${blocks} blocks, kept in ${folder}`);
    const node = await startNode(['--dump-state', `${stateFile}.new`]);
    const deployment = await deploy({ rpcUrl: node.rpcUrl, outputFile: deploymentFile });
    await seedLocalChain({ rpcUrl: node.rpcUrl, deployment });
    const activity = createActivity(node.ask, deployment);
    await activity.fund();
    await activity.mine(blocks, (mined) => note(`${mined} of ${blocks} blocks`));
    await node.stop('SIGTERM');
    await rename(`${stateFile}.new`, stateFile);
  }
  note('starting the node');
  const node = await startNode(['--load-state', stateFile]);
  const deployment = JSON.parse(await readFile(deploymentFile, 'utf8')) as Deployment;
  const { mine } = createActivity(node.ask, deployment);
  return {
    rpcUrl: node.rpcUrl,
    wsUrl: node.rpcUrl.replace('http', 'ws'),
    deploymentFile,
    token: deployment.stablecoins.USD.address,
    head: async () => Number((await node.ask<Hex>([['eth_blockNumber', []]]))[0]),
    mine: (count) => mine(count),
    stop: () => node.stop('SIGKILL'),
  };
}

/** Whether the file has all contracts that there are now. */
async function isDeployment(file: string): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch(() => 'null');
  return deploymentSchema.safeParse(JSON.parse(text)).success;
}

type Ask = <Answer>(requests: [method: string, params: unknown[]][]) => Promise<Answer[]>;

function createActivity(ask: Ask, { stablecoins }: Deployment) {
  const token = stablecoins.USD.address;
  const recipients = Array.from(
    { length: ACCOUNTS },
    (_, index) => keccak256(numberToHex(index)).slice(0, 42) as Hex,
  );
  let sent = 0;
  /** The next recipient: each once before any comes again, in no order. */
  const payment = () =>
    concatHex([recipients[(sent++ * 3_119) % ACCOUNTS] as Hex, numberToHex(1 + (sent % 97), { size: 12 })]);
  const prepare = async () => {
    await ask([['evm_setAutomine', [false]]]);
    const [accounts = []] = await ask<Hex[]>([['eth_accounts', []]]);
    const from = senders.map((index) => accounts[index] as Hex);
    const counts = await ask<Hex>(from.map((account) => ['eth_getTransactionCount', [account, 'latest']]));
    return from.map((account, at) => ({ account, nonce: Number(counts[at]) }));
  };
  const transfers = (from: Hex, nonce: number): [string, unknown[]] => {
    const payments = Array.from({ length: EVENTS_PER_TRANSACTION }, payment);
    const data = encodeFunctionData({ abi: stablecoinAbi, functionName: 'transferBatch', args: [payments] });
    return ['eth_sendTransaction', [{ from, to: token, gas: GAS, data, nonce: numberToHex(nonce) }]];
  };
  let prepared: ReturnType<typeof prepare> | undefined;
  return {
    async fund() {
      const [treasury, ...wallets] = (await prepare()).map(({ account }) => account);
      const payments = wallets.map((wallet) => concatHex([wallet, numberToHex(FUNDS, { size: 12 })]));
      const data = encodeFunctionData({
        abi: stablecoinAbi,
        functionName: 'transferBatch',
        args: [payments],
      });
      await ask([['eth_sendTransaction', [{ from: treasury, to: token, gas: GAS, data }]]]);
      await ask([['evm_mine', []]]);
    },
    async mine(blocks: number, onProgress?: (mined: number) => void) {
      prepared ??= prepare();
      const from = await prepared;
      for (let mined = 0; mined < blocks; mined++) {
        await ask(from.map((sender) => transfers(sender.account, sender.nonce++)));
        await ask([['evm_mine', []]]);
        if (mined % 1_000 === 999) onProgress?.(mined + 1);
      }
    },
  };
}

async function startNode(options: string[]) {
  const port = await freePort();
  const rpcUrl = `http://127.0.0.1:${port}`;
  const fixed = ['--port', String(port), '--silent', '--hardfork', 'prague', '--accounts', '14'];
  const limits = ['--no-request-size-limit', '--prune-history'];
  const node = spawn(anvilBinary(), [...fixed, ...limits, ...options], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ask: Ask = async <Answer>(requests: [string, unknown[]][]) => {
    const response = await fetch(rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(requests.map(([method, params], id) => ({ jsonrpc: '2.0', id, method, params }))),
    });
    const answers = (await response.json()) as { result: Answer; error?: { message: string } }[];
    const refused = answers.find(({ error }) => error);
    if (refused) throw new Error(`The node refused: ${refused.error?.message}`);
    return answers.map(({ result }) => result);
  };
  await untilAnswering(node, () => ask([['eth_chainId', []]]));
  return {
    rpcUrl,
    ask,
    async stop(signal: NodeJS.Signals) {
      const ended = once(node, 'exit');
      node.kill(signal);
      await Promise.race([
        ended,
        delay(STOP_LIMIT_MS, undefined, { ref: false }).then(() => node.kill('SIGKILL')),
      ]);
      await ended;
    },
  };
}

async function untilAnswering(node: ChildProcess, ask: () => Promise<unknown>): Promise<void> {
  const endsAt = performance.now() + START_LIMIT_MS;
  for (;;) {
    if (node.exitCode !== null) throw new Error(`The node ended with code ${node.exitCode}.`);
    const isThere = await ask().then(
      () => true,
      () => false,
    );
    if (isThere) return;
    if (performance.now() > endsAt) throw new Error(`The node did not answer within ${START_LIMIT_MS} ms.`);
    await delay(50);
  }
}

/** Anvil's binary for this platform, or the one that is installed. */
function anvilBinary(): string {
  try {
    return createRequire(import.meta.url).resolve('@foundry-rs/anvil-linux-amd64/bin/anvil');
  } catch {
    return 'anvil';
  }
}
