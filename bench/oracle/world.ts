/** A chain that mines by interval, a source, and four reporters as processes of their own. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Hex } from 'viem';
import { mineByInterval } from '../../scripts/chain.ts';
import { localAccounts } from '../../scripts/deploy/local.ts';
import { localReporters } from '../../scripts/deploy/localReporters.ts';
import { freePort } from '../../scripts/free-port.ts';
import { oracleHubAbi } from '../../services/core/abi/oracleHub.ts';
import { toBytes32 } from '../../services/core/oracleReport.ts';
import { startTestChain, type TestChain } from '../../test/support/chain.ts';
import { ServiceProcess } from '../../test/support/serviceProcess.ts';

export interface World extends AsyncDisposable {
  chain: TestChain;
  feeds: readonly string[];
  /** What the source says of every feed from now on. */
  tell(rate: string): void;
}

interface WorldOptions {
  blockIntervalMs: number;
  roundSeconds: number;
  feedCount: number;
  heartbeatSeconds: number;
}

const PRICE = {
  kind: 1,
  decimals: 8,
  maxAgeSeconds: 86_400,
  maxDeviationBps: 5_000,
  minValue: 1n,
  maxValue: 10n ** 15n,
};
const PATIENCE_MS = 60_000;

/** Resolves when every feed has a value. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const parts = new AsyncDisposableStack();
  try {
    const chain = await startTestChain();
    parts.defer(() => chain.stop());
    const feeds = Array.from(
      { length: options.feedCount },
      (_, at) => `BENCH-${String(at).padStart(3, '0')}`,
    );
    for (const feed of feeds)
      await chain.wallet(localAccounts.admin).writeContract({
        address: chain.deployment.oracleHub,
        abi: oracleHubAbi,
        functionName: 'addFeed',
        args: [toBytes32(feed), PRICE],
      });

    let rate = '1.0837';
    let timestamp = 0;
    const source = createServer((_request, response) => {
      response.end(`{"base":"EUR","timestamp":${timestamp},"rates":{"USD":${rate}}}`);
    });
    source.listen(0, '127.0.0.1');
    await once(source, 'listening');
    parts.defer(async () => {
      source.closeAllConnections();
      source.close();
      await once(source, 'close');
    });
    const follow = setInterval(() => {
      void chain.client.getBlock().then(
        (block) => {
          timestamp = Number(block.timestamp);
        },
        () => undefined, // the chain is being stopped
      );
    }, 250);
    parts.defer(async () => clearInterval(follow));
    timestamp = Number((await chain.client.getBlock()).timestamp);

    await mineByInterval(chain.rpcUrl, options.blockIntervalMs);
    const { port } = source.address() as { port: number };
    await startReporters(chain, parts, options, feeds, `http://127.0.0.1:${port}/`);
    await untilAll(chain, feeds);
    return {
      chain,
      feeds,
      tell(next) {
        rate = next;
      },
      [Symbol.asyncDispose]: () => parts.disposeAsync(),
    };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

async function startReporters(
  chain: TestChain,
  parts: AsyncDisposableStack,
  { roundSeconds, heartbeatSeconds }: WorldOptions,
  feeds: readonly string[],
  url: string,
): Promise<void> {
  const source = { name: 'bench', format: 'fx-rates', base: 'EUR', quote: 'USD', url, maxAgeSeconds: 600 };
  const file = path.join(path.dirname(chain.deploymentFile), 'feeds.json');
  const everySeconds = feeds.length > 1 ? 1 : 0.2;
  const settings = feeds.map((feed) => ({
    kind: 'price',
    feed,
    heartbeatSeconds,
    deviationBps: 5,
    sources: [{ ...source, everySeconds }],
  }));
  await writeFile(file, JSON.stringify({ roundSeconds, feeds: settings }));
  const ports: number[] = [];
  for (const _ of localReporters) ports.push(await freePort());
  const origins = ports.map((port) => `http://127.0.0.1:${port}`);
  for (const [index, { privateKey }] of localReporters.entries()) {
    const reporter = new ServiceProcess('oracle', {
      RPC_URL: chain.rpcUrl,
      DEPLOYMENT_FILE: chain.deploymentFile,
      ORACLE_PORT: String(ports[index]),
      ORACLE_REPORTER_KEY: privateKey as Hex,
      ORACLE_FEEDS_FILE: file,
      ORACLE_PEERS: origins.filter((_, other) => other !== index).join(','),
      POLL_INTERVAL_MS: '100',
      LOG_LEVEL: 'warn',
    });
    parts.defer(() => reporter.stop());
    await reporter.start();
  }
}

async function untilAll(chain: TestChain, feeds: readonly string[]): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const times = await Promise.all(
      feeds.map((feed) =>
        chain.client.readContract({
          address: chain.deployment.oracleHub,
          abi: oracleHubAbi,
          functionName: 'priceOf',
          args: [toBytes32(feed)],
        }),
      ),
    );
    if (times.every(([, observedAt]) => observedAt > 0n)) return;
    if (performance.now() > deadline) throw new Error('Not every feed had a value within a minute.');
    await delay(100);
  }
}
