/** What the reporters' suites share: reporters over real HTTP on a real chain, and sources whose answers a test decides. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Address, type Hex, keccak256 } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { localAccounts } from '../../../scripts/deploy/local.ts';
import { localReporters } from '../../../scripts/deploy/localReporters.ts';
import { freePort } from '../../../scripts/free-port.ts';
import { oracleHubAbi } from '../../../services/core/abi/oracleHub.ts';
import { toBytes32 } from '../../../services/core/oracleReport.ts';
import { oracleConfig } from '../../../services/oracle/config.ts';
import { type RunningReporter, startReporter } from '../../../services/oracle/reporter.ts';
import { createLogger } from '../../../services/platform/log.ts';
import type { TestChain } from '../../support/chain.ts';
import { until } from '../../support/until.ts';

export const ROUND_SECONDS = 10;
export const TURN_BLOCKS = 2;

/** Answers of a source: by path what it says, with the chain's time at hand. */
export type Answers = Record<string, string | ((now: number) => string)>;

export interface TestSource extends AsyncDisposable {
  readonly url: string;
  answers: Answers;
  /** Requests that came, by path. */
  readonly asked: Map<string, number>;
}

/** A server that says what the test wants. What it does not know is 404. */
export async function startTestSource(chain: TestChain, answers: Answers = {}): Promise<TestSource> {
  const asked = new Map<string, number>();
  const underWay = new Set<Promise<unknown>>();
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://source');
    asked.set(pathname, (asked.get(pathname) ?? 0) + 1);
    const answer = source.answers[pathname];
    if (answer === undefined) return response.writeHead(404).end();
    if (typeof answer === 'string') return response.end(answer);
    const answered = chainTime(chain).then((now) => response.end(answer(now)));
    underWay.add(answered);
    void answered.finally(() => underWay.delete(answered));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const source: TestSource = {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    answers,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      // Answers ask the chain, which may stop once this is through.
      await Promise.all(underWay);
    },
  };
  return source;
}

export async function chainTime(chain: TestChain): Promise<number> {
  return Number((await chain.client.getBlock()).timestamp);
}

/** EUR/USD as a rate API has it. */
export const rates = (rate: string) => (now: number) =>
  `{"base":"EUR","timestamp":${now},"rates":{"USD":${rate}}}`;

/** A feed of one rate source each, which the tests that are not about sources use. */
export const eurUsd = (url: string, changes: object = {}) => ({
  kind: 'price',
  feed: 'EUR/USD',
  heartbeatSeconds: ROUND_SECONDS,
  deviationBps: 10,
  sources: [
    {
      name: 'test',
      format: 'fx-rates',
      base: 'EUR',
      quote: 'USD',
      url,
      everySeconds: 0.05,
      timeoutMs: 10_000,
      maxAgeSeconds: 3_600,
    },
  ],
  ...changes,
});

/** A window of one hour that is over, of a feed of lowest rates; each test takes names of its own. */
export const hourlyRate = (name: string, hourEnd: number) => ({
  ...{ feed: 'lowest-hourly-rate', subject: `${name}/USD` },
  ...{ windowStart: hourEnd - 3_600, windowEnd: hourEnd },
});

/** Its feed, from a source that has every window at a path of its own. */
export const hourlyRates = (url: string) => ({
  ...{ kind: 'observation', feed: 'lowest-hourly-rate' },
  sources: [{ name: 'test', format: 'rate-history', url: `${url}/{subject}`, everySeconds: 0.05 }],
});

/** What the source says of one, and where: its value in 10^-4. */
export function hourlyAnswer({ subject, windowEnd }: ReturnType<typeof hourlyRate>, units: bigint): Answers {
  const rate = `${units / 10_000n}.${String(units % 10_000n).padStart(4, '0')}`;
  const [base, quote] = subject.split('/');
  const path = `/${encodeURIComponent(subject)}`;
  return { [path]: `[{"base":"${base}","timestamp":${windowEnd},"rates":{"${quote}":${rate}}}]` };
}

/** What the chain has of a window; undefined when it has nothing. */
export async function observationOf(
  chain: TestChain,
  { feed, subject, windowStart, windowEnd }: ReturnType<typeof hourlyRate>,
): Promise<bigint | undefined> {
  const [found, value] = await chain.client.readContract({
    address: chain.deployment.oracleHub,
    abi: oracleHubAbi,
    functionName: 'tryReadObservation',
    args: [toBytes32(feed), toBytes32(subject), BigInt(windowStart), BigInt(windowEnd)],
  });
  return found ? value : undefined;
}

/** Those after the local chain's four are of no set before {@link enlargeSet}. */
export const reporterKey = (index: number): Hex =>
  (localReporters[index]?.privateKey as Hex | undefined) ?? keccak256(toBytes32(`reporter ${index}`));
export const reporterAddress = (index: number): Address => privateKeyToAccount(reporterKey(index)).address;

/** Makes so many reporters the active set, and gives the new ones money for gas. @returns the number of the set */
export async function enlargeSet(chain: TestChain, size: number): Promise<number> {
  const hub = { address: chain.deployment.oracleHub, abi: oracleHubAbi } as const;
  const reporters = Array.from({ length: size }, (_, index) => reporterAddress(index));
  for (const reporter of reporters)
    await chain.request('hardhat_setBalance', [reporter, '0x8AC7230489E80000']);
  const [delaySeconds] = await Promise.all([
    chain.client.readContract({ ...hub, functionName: 'reporterSetDelaySeconds' }),
    chain
      .wallet(localAccounts.admin)
      .writeContract({ ...hub, functionName: 'scheduleReporterSet', args: [reporters], gas: 3_000_000n }),
  ]);
  await chain.request('evm_mine');
  await chain.request('evm_increaseTime', [Number(delaySeconds)]);
  await chain.request('evm_mine');
  const [version, active] = await chain.client.readContract({ ...hub, functionName: 'reporterSet' });
  if (active.length !== size) throw new Error(`The set has ${active.length} reporters, expected ${size}.`);
  return version;
}

export interface Reporter extends RunningReporter {
  index: number;
  origin: string;
}

/** Ports are taken before the reporters start, because each names the others. */
export function freePorts(count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, freePort));
}

export interface ReporterOptions {
  index: number;
  port: number;
  peers: readonly string[];
  /** Feeds and windows of its file. */
  file: object;
  /** Where its key is; without it, in the environment. */
  key?: Record<string, string>;
}

/** Starts one reporter of the local chain's set in this process. */
export async function startTestReporter(
  chain: TestChain,
  { index, port, peers, file, key = { ORACLE_REPORTER_KEY: reporterKey(index) } }: ReporterOptions,
): Promise<Reporter> {
  const feedsFile = path.join(path.dirname(chain.deploymentFile), `feeds-${index}.json`);
  await writeFile(
    feedsFile,
    JSON.stringify({ roundSeconds: ROUND_SECONDS, turnBlocks: TURN_BLOCKS, ...file }),
  );
  const config = oracleConfig.parse({
    RPC_URL: chain.rpcUrl,
    DEPLOYMENT_FILE: chain.deploymentFile,
    ORACLE_PORT: port,
    ...key,
    ORACLE_FEEDS_FILE: feedsFile,
    ORACLE_PEERS: peers.join(','),
    POLL_INTERVAL_MS: 20,
    LOG_LEVEL: 'fatal',
  });
  const running = await startReporter(config, createLogger('oracle', 'fatal'));
  return { ...running, index, origin: `http://127.0.0.1:${port}` };
}

/** Starts reporters 0 to 3, or those named, each knowing the places of all. */
export async function startNetwork(
  chain: TestChain,
  fileOf: (index: number) => object,
  indices: readonly number[] = [0, 1, 2, 3],
  keyOf: (index: number) => Record<string, string> | undefined = () => undefined,
  size = 4,
) {
  const ports = await freePorts(size);
  const origins = ports.map((port) => `http://127.0.0.1:${port}`);
  const start = (index: number) => {
    const key = keyOf(index);
    return startTestReporter(chain, {
      index,
      port: ports[index] as number,
      peers: origins.filter((_, other) => other !== index),
      file: fileOf(index),
      ...(key && { key }),
    });
  };
  const running = new Map<number, Reporter>();
  for (const index of indices) running.set(index, await start(index));
  const stop = async (index: number) => {
    await running.get(index)?.stop();
    running.delete(index);
  };
  return {
    size,
    origins,
    running,
    stop,
    start: async (index: number) => {
      running.set(index, await start(index));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...running.keys()].map(stop));
    },
  };
}

/** Mines the first block of the next round. @returns the round */
export async function nextRound(chain: TestChain): Promise<number> {
  const now = await chainTime(chain);
  const round = now - (now % ROUND_SECONDS) + ROUND_SECONDS;
  await chain.request('evm_setNextBlockTimestamp', [round]);
  await chain.request('evm_mine');
  return round;
}

export interface ChainPrice {
  units: bigint;
  observedAt: number;
  round: number;
}

export async function priceOf(chain: TestChain, feed: string): Promise<ChainPrice> {
  const [units, observedAt, round] = await chain.client.readContract({
    address: chain.deployment.oracleHub,
    abi: oracleHubAbi,
    functionName: 'priceOf',
    args: [toBytes32(feed)],
  });
  return { units, observedAt: Number(observedAt), round: Number(round) };
}

/** The round of the last report of a feed that the hub took, held ones included. */
export async function lastRound(chain: TestChain, feed: string): Promise<number> {
  const held = await chain.client.readContract({
    address: chain.deployment.oracleHub,
    abi: oracleHubAbi,
    functionName: 'heldPriceOf',
    args: [toBytes32(feed)],
  });
  return Math.max(Number(held[2]), (await priceOf(chain, feed)).round);
}

/** Waits until the feed has a report of this round, mining what is sent. */
export async function untilReported(chain: TestChain, feed: string, round: number): Promise<void> {
  await until(`a report of ${feed} of round ${round}`, async () => {
    if ((await lastRound(chain, feed)) >= round) return true;
    await mineWhatWaits(chain);
    return false;
  });
}

export type Network = Awaited<ReturnType<typeof startNetwork>>;

/** Mines the first block of the next round, and waits until each running reporter has begun it. @returns the round */
export async function beginRound(chain: TestChain, { running }: Pick<Network, 'running'>): Promise<number> {
  const round = await nextRound(chain);
  await until(`all reporters to begin round ${round}`, async () => {
    const begun = await Promise.all(
      [...running.values()].map(({ origin }) => metric(origin, 'oracle_round')),
    );
    return begun.every((one) => one >= round);
  });
  return round;
}

/** Runs rounds until a condition holds; each gets a second for what is on its way. */
export async function untilHolds(
  what: string,
  chain: TestChain,
  network: Pick<Network, 'running'>,
  holds: () => Promise<boolean>,
  limitMs = 120_000,
): Promise<void> {
  await until(
    what,
    async () => {
      await beginRound(chain, network);
      for (let looks = 0; looks < 50; looks++) {
        await mineWhatWaits(chain);
        if (await holds()) return true;
        await delay(20);
      }
      return false;
    },
    limitMs,
  );
}

/**
 * Lets a round that all running reporters have begun end with its report: if some are dead, by mining so many blocks as they have
 * turns before the first of the living.
 */
export async function finishRound(
  chain: TestChain,
  network: Pick<Network, 'running'> & { size?: number },
  feed: string,
  round: number,
): Promise<void> {
  await mineTurnsOfDead(chain, network, round);
  await untilReported(chain, feed, round);
}

/** Mines so many blocks as the reporters before the first of the living have turns. */
async function mineTurnsOfDead(
  chain: TestChain,
  { running, size = 4 }: Pick<Network, 'running'> & { size?: number },
  round: number,
): Promise<void> {
  const leader = (round / ROUND_SECONDS) % size;
  const turns = Array.from({ length: size }, (_, turn) => turn);
  const dead = turns.find((turn) => running.has((leader + turn) % size)) ?? 0;
  for (let block = 0; block < dead * TURN_BLOCKS; block++) await mineNext(chain);
}

/** Runs one round to its report. @returns the round */
export async function completeRound(chain: TestChain, network: Network, feed: string): Promise<number> {
  const round = await beginRound(chain, network);
  await finishRound(chain, network, feed, round);
  return round;
}

/** Mines a block, a second after the last one: by the host's clock a slow machine would come into the next round before its time. */
export async function mineNext(chain: TestChain): Promise<void> {
  await chain.request('evm_setNextBlockTimestamp', [(await chainTime(chain)) + 1]);
  await chain.request('evm_mine');
}

/** Mines a block when a transaction waits for one. */
export async function mineWhatWaits(chain: TestChain): Promise<void> {
  const pending = await chain.request<{ transactions: unknown[] }>('eth_getBlockByNumber', [
    'pending',
    false,
  ]);
  if (pending.transactions.length > 0) await mineNext(chain);
}

/** A request on a connection of its own: one that is kept may be closed by the server at the moment in which it is used again. */
export function ask(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...init, headers: { ...init.headers, connection: 'close' } });
}

/** One figure of a reporter's metrics; 0 when it is not there. */
export async function metric(origin: string, name: string, labels: Record<string, string> = {}) {
  const text = await (await ask(`${origin}/metrics`)).text();
  const line = text
    .split('\n')
    .find(
      (one) =>
        (one.startsWith(`${name}{`) || one.startsWith(`${name} `)) &&
        Object.entries(labels).every(([label, value]) => one.includes(`${label}="${value}"`)),
    );
  return Number(line?.split(' ').at(-1) ?? 0);
}
