/** What every HTTP process has: health, readiness, metrics, security headers, problem documents, a clean stop. */
import { once } from 'node:events';
import { createServer, type Server, type ServerOptions } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { type DatabaseTrouble, databaseTrouble } from '../databaseTrouble.ts';
import type { Logger } from '../log.ts';
import { Counter, type Registry } from '../metrics.ts';
import { Problem } from './problem.ts';

const STOP_LIMIT_MS = 3_000;
const RETRY_AFTER_SECONDS = 5;
/** So often the log says that requests are refused, for one reason. */
const TELL_AGAIN_MS = 60_000;

export interface HttpParts {
  log: Logger;
  metrics: Registry;
  /** Resolves when the process can do its work; rejects with the reason when it cannot. */
  ready: () => Promise<void>;
}

/** An Express app with `/healthz`, `/readyz` and `/metrics`; call {@link addErrorAnswers} after the routes. */
export function createApp({ log, metrics, ready }: HttpParts): Express {
  const app = express();
  let notReady: string | undefined;
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(helmet());
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/readyz', async (_request, response) => {
    try {
      await ready();
      notReady = undefined;
      response.json({ status: 'ready' });
    } catch (error) {
      const { message: reason } = error as Error;
      if (reason !== notReady) log.warn({ err: error }, 'not ready');
      notReady = reason;
      response.status(503).json({ status: 'not ready', reason });
    }
  });
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.metrics());
  });
  return app;
}

/**
 * Unknown paths and thrown errors as problem documents. An unknown error is logged and tells nothing outside; of a database that
 * is in trouble the log has one line a minute, however many requests come.
 */
export function addErrorAnswers(app: Express, { log, metrics }: Pick<HttpParts, 'log' | 'metrics'>): void {
  const refused = new Counter({
    name: 'requests_refused_total',
    help: 'Requests answered 503, by what the database could not do',
    labelNames: ['reason'],
    registers: [metrics],
  });
  const told = new Map<string, number>();
  const tellOf = (trouble: DatabaseTrouble) => {
    refused.inc({ reason: trouble.code });
    if (performance.now() - (told.get(trouble.code) ?? Number.NEGATIVE_INFINITY) < TELL_AGAIN_MS) return;
    told.set(trouble.code, performance.now());
    log.error({ reason: trouble.code }, `Requests are refused. ${trouble.sentence}`);
  };
  const notFound: RequestHandler = (request) => {
    throw new Problem(404, 'not_found', `There is nothing at ${request.method} ${request.path}.`);
  };
  const answer: ErrorRequestHandler = (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const trouble = databaseTrouble(error);
    const problem = trouble ? unavailable(trouble) : asProblem(error);
    if (trouble) tellOf(trouble);
    else if (problem.status >= 500)
      log.error({ err: error, method: request.method, path: request.path }, 'request failed');
    response
      .status(problem.status)
      .set(problem.headers)
      .type('application/problem+json')
      .send(JSON.stringify(problem.toDocument()));
  };
  app.use(notFound, answer);
}

const couldNot = {
  database_full: 'has no room to write',
  database_read_only: 'takes no writes',
  database_overloaded: 'is overloaded',
  database_away: 'does not answer',
} as const satisfies Record<DatabaseTrouble['code'], string>;

function unavailable({ code }: DatabaseTrouble): Problem {
  return new Problem(
    503,
    'service_unavailable',
    `The database ${couldNot[code]}. Repeat the request with the same Idempotency-Key after the pause of Retry-After.`,
    [],
    { 'retry-after': String(RETRY_AFTER_SECONDS) },
  );
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { status, type } = error as { status?: number; type?: string };
  if (type === 'entity.too.large')
    return new Problem(413, 'body_too_large', 'The request body is larger than this path accepts.');
  if (status !== undefined && status >= 400 && status < 500)
    return new Problem(status, 'malformed_request', (error as Error).message);
  return new Problem(
    500,
    'internal_error',
    'An unexpected error happened. It is logged. Repeat the request with the same Idempotency-Key.',
  );
}

export interface RunningServer {
  readonly port: number;
  readonly server: Server;
  stop(): Promise<void>;
}

/** What a server that strangers reach takes: how long a request may be on its way, and how many connections at once. */
export interface Limits {
  requestTimeoutMs: number;
  connections: number;
}

/** Listens on the loopback interface unless `host` says otherwise. Rejects when the port is taken. */
export async function listen(
  app: Express,
  port: number,
  host = '127.0.0.1',
  limits?: Limits,
): Promise<RunningServer> {
  const server = limits ? createServer(timeoutsOf(limits), app) : createServer(app);
  if (limits) server.maxConnections = limits.connections;
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    server,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), STOP_LIMIT_MS);
      await closed;
      clearTimeout(timer);
    },
  };
}

function timeoutsOf({ requestTimeoutMs }: Limits): ServerOptions {
  return {
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: 1_000,
  };
}
