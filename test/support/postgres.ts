/** One PostgreSQL server a test run, a database of its own for each suite that asks. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { type PostgresServer, startPostgres } from '../../scripts/postgres.ts';

let running: Promise<{ server: PostgresServer; folder: string }> | undefined;

async function start() {
  const folder = await mkdtemp(path.join(tmpdir(), 'corridor-postgres-'));
  return { server: await startPostgres({ dataDir: path.join(folder, 'data'), fsync: false }), folder };
}

/** Creates an empty database on the run's server, starting the server first if need be. Returns its URL. */
export async function createTestDatabase(): Promise<string> {
  running ??= start();
  const { server } = await running;
  const name = `test_${randomBytes(6).toString('hex')}`;
  const client = new pg.Client(server.url);
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return server.url.replace(/\/postgres$/, `/${name}`);
}

/** Stops the server of this run; the global teardown calls it. */
export async function stopTestPostgres(): Promise<void> {
  if (!running) return;
  const { server, folder } = await running;
  running = undefined;
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
