/** One reporter as a process: its sources, its rounds, and the server by which the others reach it. */
import { toBytes32 } from '../core/oracleReport.ts';
import { createChainClient, readDeployment } from '../platform/chain.ts';
import { ConfigError } from '../platform/config.ts';
import { healthOf } from '../platform/health.ts';
import { addErrorAnswers, createApp, listen } from '../platform/http/server.ts';
import { createLogger, type Logger } from '../platform/log.ts';
import { createMetrics } from '../platform/metrics.ts';
import { startWorker } from '../platform/worker.ts';
import type { OracleConfig } from './config.ts';
import {
  createObserver,
  type Feeds,
  type ObservedPrices,
  type ObservedWindows,
} from './domains/rounds/observing.ts';
import { openPeers } from './domains/rounds/peers.ts';
import { createProposer } from './domains/rounds/proposing.ts';
import { type Head, Rounds } from './domains/rounds/rounds.ts';
import { roundRoutes } from './domains/rounds/routes.ts';
import { createTransmitter } from './domains/rounds/transmitter.ts';
import { openAwaitedWindows } from './domains/sources/awaited.ts';
import { openPriceSources, type SourceParts } from './domains/sources/prices.ts';
import { openWindowSources } from './domains/sources/windows.ts';
import { type FeedsFile, readFeedsFile } from './feedsFile.ts';
import { type FeedRules, type Hub, openHub } from './hub.ts';
import { createOracleMetrics } from './metrics.ts';
import { openReporterSigner } from './reporterSigner.ts';

const LOCAL_CHAIN_ID = 31_337;
/** A request of a peer comes whole within this time, or not at all. */
const LIMITS = { requestTimeoutMs: 5_000, connections: 256 };

export interface RunningReporter {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts a reporter. Resolves when its configuration fits the chain; rounds begin afterwards.
 * @throws ConfigError when the node or the deployment is not there, or the feeds file is wrong or not of this hub
 */
export async function startReporter(
  config: OracleConfig,
  log: Logger = createLogger('oracle', config.LOG_LEVEL),
): Promise<RunningReporter> {
  const parts = new AsyncDisposableStack();
  try {
    const file = readFeedsFile(config.ORACLE_FEEDS_FILE);
    const chain = createChainClient(config.RPC_URL, { batch: true });
    const deployment = await readDeployment(chain, config.DEPLOYMENT_FILE);
    const hub = openHub(chain, deployment);
    const signer = openReporterSigner(config);
    const registry = createMetrics('oracle');
    const metrics = createOracleMetrics(registry);
    const health = healthOf({ metrics: registry, log });
    let head = await readHead();

    const feeds = await openFeeds(file, hub, { metrics, log, health, chainTime: () => head.timestamp });
    for (const { sources } of feeds.values()) parts.defer(() => sources.stop());
    const peers = openPeers(config.ORACLE_PEERS, metrics, log);
    parts.defer(() => peers.stop());
    const transmitter = createTransmitter({
      chain,
      chainId: deployment.chainId,
      hub: hub.address,
      signer,
      metrics,
      log,
    });
    const { roundSeconds, turnBlocks } = file;
    const windows = file.windows.map((one) => ({
      ...one,
      feed: toBytes32(one.feed),
      subject: toBytes32(one.subject),
    }));
    const observations = file.feeds.flatMap(({ kind, feed }) => (kind === 'observation' ? feed : []));
    const awaited = openAwaitedWindows(file.windowsFrom, new Set(observations), health);
    parts.defer(() => awaited.stop());
    const rounds = new Rounds({
      hub,
      feeds,
      observe: createObserver({
        ...{ feeds, hub, roundSeconds, metrics, log },
        windows: () => [...windows, ...awaited.windows()],
      }),
      propose: createProposer(roundSeconds),
      signer,
      peers,
      transmitter,
      roundSeconds,
      turnBlocks,
      metrics,
      log,
      onRow: () => worker.wake(),
    });
    let fault: Error | undefined = new Error('no round has begun yet');
    const interval = config.POLL_INTERVAL_MS ?? (deployment.chainId === LOCAL_CHAIN_ID ? 200 : 1_000);
    const worker = startWorker('follow the rounds', interval, health, async () => {
      try {
        head = await readHead();
        await rounds.onHead(head);
        fault = undefined;
      } catch (error) {
        fault = error as Error;
        throw error;
      }
      return false;
    });
    parts.defer(() => worker.stop());

    const ready = async () => {
      if (fault) throw fault;
    };
    const app = createApp({ log, metrics: registry, ready });
    app.use(roundRoutes(rounds));
    addErrorAnswers(app, { log, metrics: registry });
    const server = await listen(app, config.ORACLE_PORT, config.ORACLE_HOST, LIMITS);
    parts.defer(() => server.stop());
    log.info({ port: server.port, reporter: signer.address, feeds: [...feeds.keys()] }, 'reporter started');
    return { port: server.port, stop: () => parts.disposeAsync() };

    async function readHead(): Promise<Head> {
      const { number, timestamp } = await chain.getBlock();
      return { number, timestamp: Number(timestamp) };
    }
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

/** @throws ConfigError when a feed is not on the hub, or of the other kind */
async function openFeeds(file: FeedsFile, hub: Hub, parts: SourceParts): Promise<Feeds> {
  const rules = await hub.rulesOf(file.feeds.map(({ feed }) => feed));
  const wrong = file.feeds.flatMap(({ feed, kind }, at) =>
    rules[at]?.kind === kind
      ? []
      : `${feed} is ${rules[at] ? `of kind ${rules[at].kind}` : 'not known'} there`,
  );
  if (wrong.length > 0)
    throw new ConfigError(
      `The feeds file does not fit the hub ${hub.address}: ${wrong.join('; ')}. Correct ORACLE_FEEDS_FILE, or add the feeds (addFeed).`,
    );
  return new Map(
    file.feeds.map((feed, at): [string, ObservedPrices | ObservedWindows] => {
      const { decimals } = rules[at] as FeedRules; // never changed
      return [
        feed.feed,
        feed.kind === 'price'
          ? { kind: feed.kind, feed, sources: openPriceSources(feed, decimals, parts) }
          : { kind: feed.kind, sources: openWindowSources(feed, decimals, parts) },
      ];
    }),
  );
}
