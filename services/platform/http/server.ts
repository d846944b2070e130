/** What every HTTP process has: health, readiness, metrics, security headers, problem documents, a clean stop. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Registry } from 'prom-client';
import { isDatabaseAway } from '../database.ts';
import type { Logger } from '../log.ts';
import { Problem } from './problem.ts';

const STOP_LIMIT_MS = 3_000;
const RETRY_AFTER_SECONDS = 5;

export interface HttpParts {
  log: Logger;
  metrics: Registry;
  /** Resolves when the process can do its work; rejects with the reason when it cannot. */
  ready: () => Promise<void>;
}

/** An Express app with `/healthz`, `/readyz` and `/metrics`; call {@link addErrorAnswers} after the routes. */
export function createApp({ log, metrics, ready }: HttpParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(helmet());
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/readyz', async (_request, response) => {
    try {
      await ready();
      response.json({ status: 'ready' });
    } catch (error) {
      log.warn({ err: error }, 'not ready');
      response.status(503).json({ status: 'not ready', reason: (error as Error).message });
    }
  });
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.metrics());
  });
  return app;
}

/** Unknown paths and thrown errors as problem documents. An unknown error is logged and tells nothing outside. */
export function addErrorAnswers(app: Express, log: Logger): void {
  const notFound: RequestHandler = (request) => {
    throw new Problem(404, 'not_found', `There is nothing at ${request.method} ${request.path}.`);
  };
  const answer: ErrorRequestHandler = (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const problem = asProblem(error);
    if (problem.status >= 500)
      log.error({ err: error, method: request.method, path: request.path }, 'request failed');
    response
      .status(problem.status)
      .set(problem.headers)
      .type('application/problem+json')
      .send(JSON.stringify(problem.toDocument()));
  };
  app.use(notFound, answer);
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { status, type } = error as { status?: number; type?: string };
  if (type === 'entity.too.large')
    return new Problem(413, 'body_too_large', 'The request body is larger than this path accepts.');
  if (status !== undefined && status >= 400 && status < 500)
    return new Problem(status, 'malformed_request', (error as Error).message);
  if (isDatabaseAway(error))
    return new Problem(
      503,
      'service_unavailable',
      'The database does not answer. Repeat the request with the same Idempotency-Key after the pause of Retry-After.',
      [],
      { 'retry-after': String(RETRY_AFTER_SECONDS) },
    );
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

/** Listens on the loopback interface unless `host` says otherwise. Rejects when the port is taken. */
export async function listen(app: Express, port: number, host = '127.0.0.1'): Promise<RunningServer> {
  const server = createServer(app);
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
