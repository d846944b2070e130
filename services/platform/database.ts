/** PostgreSQL: pool, transactions, numbered migrations. Whole numbers come back as bigint, never as floats. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { ConfigError } from './config.ts';
import { migrationFiles, refuseNewer } from './schemaVersion.ts';

export type Database = pg.Pool;
/** A connection inside a transaction; also accepted wherever only queries are made. */
export type Transaction = pg.PoolClient;
export type Queryable = pg.Pool | pg.PoolClient;

const INT8 = 20;
const NUMERIC = 1700;
const RETRY_LIMIT = 5;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';

const parsers = new pg.TypeOverrides();
parsers.setTypeParser(INT8, (text: string) => BigInt(text));
parsers.setTypeParser(NUMERIC, (text: string) => BigInt(text));

/**
 * Each connection parses a statement once, and plans it a few times only. For short transactions whose every statement goes
 * by an index: a plan is kept while tables grow, so that no plan may read a table from end to end where an index will do.
 */
const prepared = { Client: preparing(pg.Client), options: '-c enable_seqscan=off' };

/**
 * Opens a pool. `name` shows in pg_stat_activity. Every numeric column of the project is a whole number.
 * @param isPrepared Whether its connections keep their statements prepared.
 */
export function openDatabase(
  url: string,
  name: string,
  maximumConnections = 10,
  isPrepared = false,
): Database {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: name,
    max: maximumConnections,
    connectionTimeoutMillis: 10_000,
    types: parsers,
    ...(isPrepared && prepared),
  });
  // A connection that breaks is replaced by the pool, and whoever uses it learns of it by the next query; without a
  // listener it would end the process, also while it is in use and no query runs.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** A client that names every statement with values by its text; the texts are the program's own, so there are few. */
function preparing(Client: typeof pg.Client): typeof pg.Client {
  const names = new Map<string, string>();
  const nameOf = (text: string) => {
    const name = names.get(text) ?? createHash('sha256').update(text).digest('base64url');
    names.set(text, name);
    return name;
  };
  return class extends Client {
    override query(...given: unknown[]): never {
      const [text, values, ...rest] = given;
      const isPlain = typeof text === 'string' && Array.isArray(values);
      const config = isPlain ? [{ name: nameOf(text), text, values }, undefined, ...rest] : given;
      return super.query(...(config as [string])) as never;
    }
  };
}

/**
 * Resolves when the database answers.
 * @throws {ConfigError} naming DATABASE_URL, with what the server or the network said.
 */
export async function reachDatabase(database: Database): Promise<void> {
  await database.query('select 1').catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.message || cause.code; // several addresses that refused have no message of their own
    throw new ConfigError(
      `The database of DATABASE_URL cannot be used: ${reason}. Start it, or correct DATABASE_URL.`,
      { cause },
    );
  });
}

/**
 * Runs `work` in one transaction, again when PostgreSQL asks for it (serialization failure, deadlock; at most
 * five times). Commits when `work` resolves, rolls back when it rejects. No network call belongs inside.
 */
export async function withTransaction<T>(
  database: Database,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const client = await database.connect();
    let broken: Error | undefined;
    try {
      await client.query('begin');
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch((rollbackError: Error) => {
        broken = rollbackError;
      });
      if (attempt < RETRY_LIMIT && isTransient(error)) continue;
      throw error;
    } finally {
      client.release(broken);
    }
  }
}

function isTransient(error: unknown): boolean {
  const code = (error as { code?: string }).code;
  return code === SERIALIZATION_FAILURE || code === DEADLOCK;
}

/** True when `error` is PostgreSQL's unique violation, of the named constraint if one is given. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  const { code, constraint: violated } = error as { code?: string; constraint?: string };
  return code === '23505' && (constraint === undefined || constraint === violated);
}

/** The one row of a result. Throws when there is none or more than one: the caller's query promised it. */
export function oneRow<Row extends pg.QueryResultRow>(result: pg.QueryResult<Row>): Row {
  const [row] = result.rows;
  if (!row || result.rows.length > 1) throw new Error(`expected one row, got ${result.rows.length}`);
  return row;
}

const ROWS_OF_CHUNK = 500;

/**
 * Writes rows by COPY, several times as fast as INSERT.
 * @param table The table with its columns in brackets.
 * @param line A row in COPY's text format without its end: columns separated by tabs; backslash, tab and line end escaped.
 */
export async function copyRows<Row>(
  tx: Transaction,
  table: string,
  rows: readonly Row[],
  line: (row: Row) => string,
): Promise<void> {
  if (rows.length === 0) return;
  function* chunks() {
    for (let at = 0; at < rows.length; at += ROWS_OF_CHUNK)
      yield `${rows
        .slice(at, at + ROWS_OF_CHUNK)
        .map(line)
        .join('\n')}\n`;
  }
  await pipeline(chunks, tx.query(copyFrom(`copy ${table} from stdin`)));
}

/**
 * Applies the numbered SQL files of `folder` that the schema has not seen, each in its own transaction, one
 * process at a time. Throws when a file that was applied has changed since.
 * @throws {ConfigError} when a newer release has been here; nothing is changed then
 */
export async function migrate(database: Database, schema: string, folder: string): Promise<void> {
  const files = await migrationFiles(folder);
  const client = await database.connect();
  try {
    await client.query('select pg_advisory_lock(hashtext($1))', [`migrate ${schema}`]);
    await client.query(`create schema if not exists ${schema}`);
    await client.query(
      `create table if not exists ${schema}.migrations (name text primary key, sha256 text not null, applied_at timestamptz not null default now())`,
    );
    const applied = await client.query<{ name: string; sha256: string }>(
      `select name, sha256 from ${schema}.migrations`,
    );
    const seen = new Map(applied.rows.map((row) => [row.name, row.sha256]));
    refuseNewer(schema, [...seen.keys()], files);
    for (const name of files) {
      const sql = await readFile(path.join(folder, name), 'utf8');
      const sha256 = createHash('sha256').update(sql).digest('hex');
      if (seen.get(name) === sha256) continue;
      if (seen.has(name))
        throw new Error(
          `Migration ${schema}/${name} was changed after it was applied. Write a new one instead.`,
        );
      await client.query('begin');
      await client.query(sql);
      await client.query(`insert into ${schema}.migrations (name, sha256) values ($1, $2)`, [name, sha256]);
      await client.query('commit');
    }
    await client.query('select pg_advisory_unlock(hashtext($1))', [`migrate ${schema}`]);
    client.release();
  } catch (error) {
    client.release(true); // ends the session, and with it the open transaction and the lock
    throw error;
  }
}
