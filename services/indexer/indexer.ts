/** The indexer as a whole: one process that follows one chain into one database, or stands by to do so. */
import path from 'node:path';
import { bindChain, createChainClient, readChainIdentity, readDeployment } from '../platform/chain.ts';
import { watchClock } from '../platform/clock.ts';
import { ConfigError } from '../platform/config.ts';
import { migrate, openDatabase, reachDatabase } from '../platform/database.ts';
import { type Health, healthOf } from '../platform/health.ts';
import { addErrorAnswers, createApp, listen } from '../platform/http/server.ts';
import { createJsonRpc } from '../platform/jsonRpc.ts';
import { createLogger, type Logger } from '../platform/log.ts';
import { createMetrics } from '../platform/metrics.ts';
import type { RunningService } from '../platform/process.ts';
import { watchSchema } from '../platform/schemaVersion.ts';
import { startWorker } from '../platform/worker.ts';
import {
  besideOf,
  contractsFor,
  contractsWithout,
  joinBeside,
  missingSubjects,
  subjectsOf,
} from './addition.ts';
import { createLogReader } from './blockLogs.ts';
import { type BlockReader, createBlockReader } from './blockReader.ts';
import { type ChainNode, createChainNode } from './chainNode.ts';
import { finalityOf, type IndexerConfig, pollIntervalMsOf } from './config.ts';
import { type WatchedContracts, watchedContracts } from './contractEvents.ts';
import { CursorMoved, IndexerStopped, NodeInconsistent } from './errors.ts';
import { type Following, followRound } from './follow.ts';
import { createIndexerMetrics } from './metrics.ts';
import { followNewHeads } from './newHeads.ts';
import { takeWriterLease, type Writer } from './writer.ts';

const MIGRATIONS = path.join(import.meta.dirname, 'migrations');

export interface RunningIndexer extends RunningService {
  /** Of `/healthz`, `/readyz` and `/metrics`, on 127.0.0.1. */
  readonly port: number;
  /** Resolves after `stop`; rejects with an {@link IndexerStopped}. */
  readonly ended: Promise<void>;
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
    const client = createChainClient(config.RPC_URL);
    const deployment = await readDeployment(client, config.DEPLOYMENT_FILE);
    const identity = await readChainIdentity(client, deployment);
    const database = openDatabase(config.DATABASE_URL, 'indexer', 4);
    parts.defer(() => database.end());
    await reachDatabase(database);
    await bindChain(database, 'indexer', identity); // before anything of it is touched
    await migrate(database, 'indexer', MIGRATIONS);
    const checkSchema = await watchSchema(database, 'indexer', MIGRATIONS);

    const registry = createMetrics('indexer');
    const metrics = createIndexerMetrics(registry);
    const health = healthOf({ metrics: registry, log });
    const stopping = new AbortController();
    parts.defer(() => stopping.abort());
    const node = createChainNode(
      createJsonRpc(config.RPC_URL, stopping.signal),
      config.INDEXER_HEADER_PROOF,
      metrics.rpcError,
    );
    await expectKnownHeaders(node);
    const contracts = watchedContracts(deployment);
    const readerOf = (of: WatchedContracts) =>
      createBlockReader(
        node,
        createLogReader(node, of.addresses, config.INDEXER_LOG_PROOF),
        of,
        config.INDEXER_RANGE_BLOCKS,
      );
    const { worker, ended, ready } = startFollowing(
      {
        node,
        reader: readerOf(contracts),
        database,
        identity,
        contracts,
        // The genesis block holds no transactions, so no contract is older than block 1.
        startBlock: BigInt(Math.max(1, deployment.startBlock)),
        finality: finalityOf(config, identity.chainId),
        rangeBlocks: config.INDEXER_RANGE_BLOCKS,
        subjects: subjectsOf(contracts),
        metrics,
        log,
      },
      readerOf,
      pollIntervalMsOf(config, identity.chainId),
      stopping.signal,
      checkSchema,
      health,
    );
    parts.defer(async () => {
      stopping.abort();
      await worker.stop();
    });
    const clock = watchClock({
      ...{ database, metrics: registry, log, health },
      latestBlockS: async () => (await node.latestHeader()).timestampS,
    });
    parts.defer(() => clock.stop());
    if (config.RPC_WS_URL) {
      const heads = followNewHeads(config.RPC_WS_URL, log, worker.wake, metrics.subscribed);
      parts.defer(() => heads.stop());
    }
    const app = createApp({ log, metrics: registry, ready });
    addErrorAnswers(app, { log, metrics: registry });
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

/** A chain whose headers cannot be proven is told of at the start, not by trying again for ever. */
async function expectKnownHeaders(node: ChainNode): Promise<void> {
  try {
    await node.latestHeader();
  } catch (error) {
    if (!(error instanceof NodeInconsistent) || error.code !== 'header_hash_wrong') throw error;
    throw new ConfigError(error.message, { cause: error });
  }
}

/**
 * Takes the lease when it is free, then follows, round by round; gives the lease up in the end. What the release adds is
 * read beside whenever there is nothing else to do.
 */
function startFollowing(
  following: Following,
  readerOf: ReaderOf,
  pollIntervalMs: number,
  stopping: AbortSignal,
  checkSchema: () => Promise<void>,
  health: Health,
) {
  const { database, identity, metrics, log } = following;
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  ended.catch(() => undefined); // whoever does not ask still learns by /readyz and the log
  let writer: Writer | undefined;
  let live = following;
  let beside: Following | undefined;
  let notReady: Error | undefined = new Error('not caught up with the chain yet');

  const round = async (): Promise<boolean> => {
    if (notReady instanceof IndexerStopped || stopping.aborted) return false;
    await checkSchema();
    if (writer?.isLost()) {
      log.warn('the connection that holds the lease is gone');
      writer.release();
      writer = undefined;
    }
    writer ??= await take();
    metrics.leads(writer !== undefined);
    if (!writer) {
      notReady = undefined; // a standby does its work by waiting
      return false;
    }
    const isMore = await followRound(live, writer);
    if (!isMore) notReady = undefined;
    return isMore || (beside !== undefined && (await roundBeside(beside, writer)));
  };
  /** What goes wrong beside does not hold up what is followed. */
  const roundBeside = async (missing: Following, leader: Writer): Promise<boolean> => {
    try {
      await followRound(missing, leader);
      if (!(await joinBeside(leader, identity.chainId))) return true;
    } catch (error) {
      if (!stopping.aborted) log.warn({ err: error }, 'what was added could not be read; it is tried again');
      return false;
    }
    log.info({ subjects: missing.subjects }, 'what was added is complete');
    startUpon([]);
    return true;
  };
  const startUpon = (missing: readonly string[]) => {
    const { contracts } = following;
    const isComplete = missing.length === 0;
    live = isComplete ? following : readOnly(following, contractsWithout(contracts, missing), readerOf);
    beside = isComplete ? undefined : readBeside(following, missing, readerOf);
    metrics.incomplete(missing.length);
  };
  /** The lease is new: what is missing is asked of the database, where another process may have read on. */
  const take = async () => {
    const taken = await takeWriterLease(database, identity.chainId);
    if (!taken) return undefined;
    const missing = await missingSubjects(taken, identity.chainId, following.subjects).catch(
      (error: unknown) => {
        taken.release(); // nobody else would, and the lease with it
        throw error;
      },
    );
    if (missing.length > 0) log.info({ subjects: missing }, 'what was added is read beside');
    startUpon(missing);
    return taken;
  };
  const followOrStop = async (): Promise<boolean> => {
    try {
      return await round();
    } catch (thrown) {
      if (stopping.aborted) return false;
      const isNewer = thrown instanceof ConfigError;
      const error = isNewer ? new IndexerStopped('schema_newer', thrown.message) : thrown;
      notReady = error as Error;
      if (!(error instanceof IndexerStopped)) throw error;
      log.fatal({ err: error, code: error.code }, 'the indexer stopped');
      writer?.release();
      reject(error);
      return false;
    }
  };
  const isPassing = (error: unknown) => error instanceof NodeInconsistent || error instanceof CursorMoved;
  const worker = startWorker('indexer', pollIntervalMs, health, followOrStop, isPassing);
  return {
    ended,
    ready: async () => {
      if (notReady) throw notReady;
    },
    worker: {
      wake: worker.wake,
      async stop() {
        await worker.stop();
        writer?.release();
        resolve();
      },
    },
  };
}

type ReaderOf = (contracts: WatchedContracts) => BlockReader;

function readOnly(following: Following, contracts: WatchedContracts, readerOf: ReaderOf): Following {
  return { ...following, contracts, reader: readerOf(contracts) };
}

/** How the history of what is missing is followed: by the same code, under another id, one commit a round. */
function readBeside(following: Following, missing: readonly string[], readerOf: ReaderOf): Following {
  const { contracts, identity, rangeBlocks, metrics } = following;
  return {
    ...readOnly(following, contractsFor(contracts, missing), readerOf),
    subjects: missing,
    roundBlocks: rangeBlocks,
    identity: { ...identity, chainId: besideOf(identity.chainId) },
    // The figures are those of the chain.
    metrics: { ...metrics, observe: () => undefined, observeStep: () => undefined },
  };
}
