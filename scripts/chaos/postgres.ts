/** The world's PostgreSQL: a real server that is killed, started again, backed up while it works, and restored. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chown, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from '../free-port.ts';
import { type PostgresServer, startPostgres } from '../postgres.ts';

const run = promisify(execFile);
const START_TRIES = 40;
const START_PAUSE_MS = 250;

export type WorldPostgres = Awaited<ReturnType<typeof startWorldPostgres>>;

/** @param dataDir As of {@link startPostgres}; the backup lies beside the cluster. */
export async function startWorldPostgres(dataDir: string) {
  const port = await freePort();
  // Without fsync: processes are killed here, not the machine, so what was written to the system's cache stays.
  const options = { dataDir, port, keep: true, fsync: false };
  let server: PostgresServer = await startPostgres(options);
  const { url } = server;
  const cluster = await withClient(url, async (client) => {
    // A small log is copied sooner.
    await client.query(`alter system set min_wal_size = '32MB'`);
    await client.query(`alter system set max_wal_size = '64MB'`);
    await client.query('select pg_reload_conf()');
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    return rows[0]?.data_directory as string;
  });
  const backup = `${cluster}.backup`;

  /** SIGKILL of the postmaster and of every process that it has. */
  async function kill(): Promise<void> {
    const { process: postmaster } = server;
    if (postmaster.exitCode !== null || postmaster.signalCode !== null) return;
    const backends = await childrenOf(postmaster.pid as number);
    const exited = once(postmaster, 'exit');
    postmaster.kill('SIGKILL');
    await exited;
    for (const pid of backends) killIfAlive(pid);
  }

  /** Starts it on what its folder holds; a backend that was just being started when it was killed has to end first. */
  async function start(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        server = await startPostgres(options);
        return;
      } catch (error) {
        const isInUse = /shared memory|lock file|in use/.test((error as Error).message);
        if (!isInUse || tries === START_TRIES) throw error;
        await delay(START_PAUSE_MS);
      }
    }
  }

  return {
    url,
    port,
    kill,
    start,
    /** A base backup of the running server by its low-level API: PostgreSQL's manual, "Making a Base Backup". */
    async backUp(): Promise<void> {
      await rm(backup, { recursive: true, force: true });
      await withClient(url, async (client) => {
        await client.query(`select pg_backup_start('chaos', true)`);
        await copy(cluster, backup);
        const { rows } = await client.query<{ labelfile: string }>(
          'select labelfile from pg_backup_stop(false)',
        );
        // The log up to the end of the backup belongs to it.
        await rm(path.join(backup, 'pg_wal'), { recursive: true });
        await copy(path.join(cluster, 'pg_wal'), path.join(backup, 'pg_wal'));
        await rm(path.join(backup, 'postmaster.pid'), { force: true });
        const label = path.join(backup, 'backup_label');
        await writeFile(label, rows[0]?.labelfile ?? '', { mode: 0o600 });
        const { uid, gid } = await stat(backup);
        await chown(label, uid, gid);
      });
    },
    /** Kills the server and starts it from the backup: what was committed since is gone. */
    async restore(): Promise<void> {
      await kill();
      await rm(cluster, { recursive: true, force: true, maxRetries: 10 });
      await copy(backup, cluster);
      await start();
    },
    async stop(): Promise<void> {
      await kill();
      for (const left of [cluster, backup]) await rm(left, { recursive: true, force: true, maxRetries: 10 });
      await rm(`${cluster}.password`, { force: true });
    },
  };
}

/** A connection of its own: what stands in a pool may be dead. */
async function withClient<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client(url);
  client.on('error', () => undefined); // when the server is killed under it, the query tells
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A file may vanish while a running cluster is copied, which `cp` tells with exit code 1: recovery does without it. */
async function copy(from: string, to: string): Promise<void> {
  await run('cp', ['-a', from, to]).catch((error: { code?: number; stderr?: string }) => {
    if (error.code !== 1 || !/No such file/.test(error.stderr ?? '')) throw error;
  });
}

async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=']);
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child, parent]) => (parent === pid && child ? [child] : []));
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
