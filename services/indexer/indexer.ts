/** The indexer as a whole: one process that follows one chain into one database, or stands by to do so. */
import path from 'node:path';
import { bindChain, createChainClient, readChainIdentity, readDeployment } from '../platform/chain.ts';
import { migrate, openDatabase, reachDatabase } from '../platform/database.ts';
import { addErrorAnswers, createApp, listen } from '../platform/http/server.ts';
import { createLogger, type Logger } from '../platform/log.ts';
import { createMetrics } from '../platform/metrics.ts';
import { startWorker } from '../platform/worker.ts';
import { createLogReader } from './blockLogs.ts';
import { createAsk } from './chainNode.ts';
import { finalityOf, type IndexerConfig, pollIntervalMsOf } from './config.ts';
import { watchedContracts } from './contractEvents.ts';
import { CursorMoved, IndexerStopped, NodeInconsistent } from './errors.ts';
import { type Following, followRound } from './follow.ts';
import { createIndexerMetrics } from './metrics.ts';
import { takeWriterLease, type Writer } from './writer.ts';

const MIGRATIONS = path.join(import.meta.dirname, 'migrations');

export interface RunningIndexer {
  /** Of `/healthz`, `/readyz` and `/metrics`, on 127.0.0.1. */
  readonly port: number;
  /** Resolves after `stop`; rejects with an {@link IndexerStopped} when going on would be wrong. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts to follow the chain that `RPC_URL` leads to. Resolves when database, chain and deployment are known to belong
 * together; blocks are read afterwards, by whoever holds the chain's lease.
 * @throws ConfigError when they do not belong together, or one of them is not there.
 */
export async function startIndexer(
  config: IndexerConfig,
  log: Logger = createLogger('indexer', config.LOG_LEVEL),
): Promise<RunningIndexer> {
  const parts = new AsyncDisposableStack();
  try {
    const client = createChainClient(config.RPC_URL, { batch: true });
    const deployment = await readDeployment(client, config.DEPLOYMENT_FILE);
    const identity = await readChainIdentity(client, deployment);
    const database = openDatabase(config.DATABASE_URL, 'indexer', 4);
    parts.defer(() => database.end());
    await reachDatabase(database);
    await bindChain(database, 'indexer', identity); // before anything of it is touched
    await migrate(database, 'indexer', MIGRATIONS);

    const registry = createMetrics('indexer');
    const metrics = createIndexerMetrics(registry);
    const stopping = new AbortController();
    const ask = createAsk(client, stopping.signal, metrics.rpcError);
    const contracts = watchedContracts(deployment);
    const { worker, ended, ready } = startFollowing(
      {
        ask,
        logs: createLogReader(ask, contracts.addresses, config.INDEXER_LOG_PROOF),
        database,
        identity,
        contracts,
        // The genesis block holds no transactions, so no contract is older than block 1.
        startBlock: BigInt(Math.max(1, deployment.startBlock)),
        finality: finalityOf(config, identity.chainId),
        rangeBlocks: config.INDEXER_RANGE_BLOCKS,
        metrics,
        log,
      },
      pollIntervalMsOf(config, identity.chainId),
      stopping.signal,
    );
    parts.defer(async () => {
      stopping.abort();
      await worker.stop();
    });
    const app = createApp({ log, metrics: registry, ready });
    addErrorAnswers(app, log);
    const server = await listen(app, config.INDEXER_PORT);
    parts.defer(() => server.stop());
    log.info(
      { chainId: identity.chainId, port: server.port, startBlock: deployment.startBlock },
      'indexer started',
    );
    return { port: server.port, ended, stop: () => parts.disposeAsync() };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

/** Takes the lease when it is free, then follows, round by round; gives the lease up in the end. */
function startFollowing(following: Following, pollIntervalMs: number, stopping: AbortSignal) {
  const { database, identity, metrics, log } = following;
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  ended.catch(() => undefined); // whoever does not ask still learns by /readyz and the log
  let writer: Writer | undefined;
  let { rangeBlocks } = following;
  let notReady: Error | undefined = new Error('not caught up with the chain yet');

  const round = async (): Promise<boolean> => {
    if (notReady instanceof IndexerStopped || stopping.aborted) return false;
    if (writer?.isLost()) {
      log.warn('the connection that holds the lease is gone');
      writer.release();
      writer = undefined;
    }
    writer ??= await takeWriterLease(database, identity.chainId);
    metrics.leads(writer !== undefined);
    if (!writer) {
      notReady = undefined; // a standby does its work by waiting
      return false;
    }
    const range = rangeBlocks;
    rangeBlocks = Math.max(1, range >> 1); // should the node or the answer be too slow or too large for this one
    const isMore = await followRound(following, writer, range);
    rangeBlocks = Math.min(following.rangeBlocks, range + Math.ceil(range / 4));
    if (!isMore) notReady = undefined;
    return isMore;
  };
  const worker = startWorker('follow the chain', pollIntervalMs, log, async () => {
    try {
      return await round();
    } catch (error) {
      if (stopping.aborted) return false;
      notReady = error as Error;
      if (error instanceof NodeInconsistent || error instanceof CursorMoved) {
        log.warn({ err: error, code: error.code }, 'nothing was taken in; the next look may fit together');
        return false;
      }
      if (!(error instanceof IndexerStopped)) throw error;
      log.fatal({ err: error, code: error.code }, 'the indexer stopped');
      writer?.release();
      reject(error);
      return false;
    }
  });
  return {
    ended,
    ready: async () => {
      if (notReady) throw notReady;
    },
    worker: {
      async stop() {
        await worker.stop();
        writer?.release();
        resolve();
      },
    },
  };
}
