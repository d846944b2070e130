/**
 * The local chain: a Hardhat node (chain id 31337) that lives in memory, on 127.0.0.1.
 *
 *   node scripts/chain.ts [--port 8545] [--block-interval-ms 1000] [--behind-seconds 0]
 *
 * Without an interval every transaction is mined at once, which is right for deploying only: it refuses a nonce that
 * is not next, and so hides every real queueing problem. Its clock can begin so far behind the host's.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import hre from 'hardhat';

export interface Chain {
  rpcUrl: string;
  /** The node's process, which ends with its parent. */
  process: ChildProcess;
  /** Ends the node and waits until it has gone. */
  stop(): Promise<void>;
}

/**
 * Starts a local chain as a process of its own; resolves when it answers.
 * @param port 0 for any free one.
 * @param blockIntervalMs Omit it to mine each transaction at once, and call `mineByInterval` when deployed.
 * @throws when the port is taken.
 */
export async function startChain(options: { port: number; blockIntervalMs?: number }): Promise<Chain> {
  const child = fork(import.meta.filename, ['--port', String(options.port)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let complaint = '';
  child.stderr?.on('data', (chunk) => {
    complaint = `${complaint}${chunk}`.slice(-2_000);
  });
  const [rpcUrl] = await Promise.race([
    once(child, 'message') as Promise<[string]>,
    once(child, 'exit').then(() => {
      throw new Error(`The chain did not start on port ${options.port}.\n${complaint}`);
    }),
  ]);
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL'); // it has nothing to save
    await gone;
  };
  if (options.blockIntervalMs) await mineByInterval(rpcUrl, options.blockIntervalMs);
  return { rpcUrl, process: child, stop };
}

/** Makes a local chain mine one block every `milliseconds`, in the order of arrival, as a real one would. */
export async function mineByInterval(rpcUrl: string, milliseconds: number): Promise<void> {
  await request(rpcUrl, 'evm_setAutomine', [false]);
  await request(rpcUrl, 'evm_setIntervalMining', [milliseconds]);
}

/** Sets the clock of a local chain that began behind the host's to the host's: the next block has the present time. */
export async function catchUp(rpcUrl: string): Promise<void> {
  await request(rpcUrl, 'evm_setNextBlockTimestamp', [Math.floor(Date.now() / 1_000)]);
}

async function request(rpcUrl: string, method: string, params: unknown[]): Promise<unknown> {
  const response = await fetch(rpcUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const answer = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8545' },
      'block-interval-ms': { type: 'string' },
      'behind-seconds': { type: 'string', default: '0' },
    },
  });
  const initialDate = new Date(Date.now() - Number(values['behind-seconds']) * 1_000);
  const server = await hre.network.createServer(
    { network: 'node', override: { initialDate } },
    '127.0.0.1',
    Number(values.port),
  );
  const { address, port } = await server.listen();
  const rpcUrl = `http://${address}:${port}`;
  if (values['block-interval-ms']) await mineByInterval(rpcUrl, Number(values['block-interval-ms']));
  console.log(`The local chain listens at ${rpcUrl}`);
  if (process.send) {
    process.send(rpcUrl);
    process.on('disconnect', () => process.exit());
  }
}
