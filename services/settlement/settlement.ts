/** The settlement service as a whole: API, engine and webhooks of one process. Any number may share a database. */
import path from 'node:path';
import { bindChain, createChainClient, readChainIdentity, readDeployment } from '../platform/chain.ts';
import { watchClock } from '../platform/clock.ts';
import { ConfigError } from '../platform/config.ts';
import { migrate, openDatabase, reachDatabase } from '../platform/database.ts';
import { healthOf } from '../platform/health.ts';
import { listen } from '../platform/http/server.ts';
import { createLogger, type Logger } from '../platform/log.ts';
import { createMetrics } from '../platform/metrics.ts';
import type { RunningService } from '../platform/process.ts';
import { watchSchema } from '../platform/schemaVersion.ts';
import { startWorker } from '../platform/worker.ts';
import { createSettlementApp } from './app.ts';
import type { SettlementConfig } from './config.ts';
import type { SettlementContext, Stoppable } from './context.ts';
import { forgetStaleNonces } from './domains/partners/keys.ts';
import { startWebhookWorker } from './domains/webhooks/worker.ts';
import { startEngine } from './engine.ts';

const MIGRATIONS = path.join(import.meta.dirname, 'migrations');
/** Of the API and of the workers apart: however many requests wait, the workers go on. */
const API_CONNECTIONS = 20;
const WORKER_CONNECTIONS = 12;
const NONCE_SWEEP_MS = 60_000;
const SCHEMA_LOOK_MS = 500;

export interface RunningSettlement extends RunningService {
  /** Of the API, on 127.0.0.1. */
  readonly port: number;
  /** Rejects with a ConfigError once a newer release has migrated the database. */
  readonly ended: Promise<void>;
}

/**
 * Starts the service. Resolves when it answers requests. It may be killed at any moment: what it was doing is either
 * committed and taken up by the next start, or did not happen.
 * @throws ConfigError when database, chain and deployment do not belong together, or one of them is not there
 */
export async function startSettlement(
  config: SettlementConfig,
  log: Logger = createLogger('settlement', config.LOG_LEVEL),
): Promise<RunningSettlement> {
  const parts = new AsyncDisposableStack();
  try {
    const chain = createChainClient(config.RPC_URL);
    const deployment = await readDeployment(chain, config.DEPLOYMENT_FILE);
    const identity = await readChainIdentity(chain, deployment);
    const database = openDatabase(config.DATABASE_URL, 'settlement', WORKER_CONNECTIONS);
    parts.defer(() => database.end());
    const apiDatabase = openDatabase(config.DATABASE_URL, 'settlement API', API_CONNECTIONS, true);
    parts.defer(() => apiDatabase.end());
    await reachDatabase(database);
    await bindChain(database, 'settlement', identity); // before anything of it is touched
    await migrate(database, 'settlement', MIGRATIONS);
    const checkSchema = await watchSchema(database, 'settlement', MIGRATIONS);
    const { promise: ended, reject } = Promise.withResolvers<void>();
    ended.catch(() => undefined); // whoever does not ask still learns by the log

    const metrics = createMetrics('settlement');
    const health = healthOf({ metrics, log });
    const context: SettlementContext = { database, chain, deployment, config, log, metrics };
    const working: Stoppable[] = [
      startEngine(context, identity),
      startWebhookWorker(context),
      watchClock({
        ...{ database, metrics, log, health },
        latestBlockS: async () => (await chain.getBlock()).timestamp,
      }),
      startWorker('nonces', NONCE_SWEEP_MS, health, () => forgetStaleNonces(database)),
      startWorker('schema', SCHEMA_LOOK_MS, health, async () => {
        await checkSchema().catch((error: Error) => {
          if (!(error instanceof ConfigError)) throw error;
          log.fatal(error.message);
          reject(error);
        });
        return false;
      }),
    ];
    parts.defer(async () => {
      await Promise.all(working.map((part) => part.stop()));
    });
    const ready = async () => {
      await Promise.all([
        apiDatabase.query('select 1'),
        chain.getBlockNumber({ cacheTime: 0 }),
        health.ready(),
      ]);
    };
    const server = await listen(
      createSettlementApp({ ...context, database: apiDatabase }, ready),
      config.SETTLEMENT_PORT,
    );
    working.push(server);
    log.info({ chainId: identity.chainId, port: server.port }, 'settlement started');
    return { port: server.port, ended, stop: () => parts.disposeAsync() };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}
