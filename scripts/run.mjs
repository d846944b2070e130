// What stands between a fresh clone and any of the project's commands: Node 24 and the packages, both from npm.
//   node scripts/run.mjs <script.ts> [arguments]
// Plain JavaScript for Node 18 and newer, because it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const NODE = '24.21.0'; // Hardhat 3 and running TypeScript as it is need Node 24
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const toolchain = path.join(root, '.toolchain');
const toolchainNode = path.join(toolchain, 'node_modules', '.bin', 'node');
const stamp = path.join(root, 'node_modules', '.corridor-installed');
const lock = path.join(toolchain, 'setup.lock');
const isNodeNewEnough = Number(process.versions.node.split('.')[0]) >= 24;

const [script, ...scriptArguments] = process.argv.slice(2);
if (!isInstalled()) await setUp();
execute();

/** Packages count as installed when the stamp, written last, tells of this very lock file. */
function isInstalled() {
  if (!isNodeNewEnough && !existsSync(toolchainNode)) return false;
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint();
}

function fingerprint() {
  const lockFile = readFileSync(path.join(root, 'package-lock.json'));
  return `${createHash('sha256').update(lockFile).digest('hex')} node ${NODE} ${process.platform}-${process.arch}\n`;
}

/**
 * True after `npm install <package>`: the lock file is another one, and the packages follow it already. Installing anew
 * would take them from under whatever runs here. Only for what this script installed before, under the right Node.
 */
function keepsToLockFile() {
  const installed = path.join(root, 'node_modules', '.package-lock.json'); // npm's own record, written last
  if (!existsSync(stamp) || !existsSync(installed) || !(isNodeNewEnough || hasToolchain())) return false;
  const read = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const present = read(installed);
  // Of the optional packages those for this platform count: npm under an old Node leaves out Hardhat's silently.
  const isForHere = ({ os, cpu, libc }) =>
    os?.includes(process.platform) && cpu?.includes(process.arch) && !libc?.includes('musl');
  return Object.entries(read(path.join(root, 'package-lock.json'))).every(([place, wanted]) => {
    if (place === '') return true;
    if (present[place]) return present[place].version === wanted.version;
    return wanted.optional && !isForHere(wanted);
  });
}

async function setUp() {
  mkdirSync(toolchain, { recursive: true });
  await takeLock();
  try {
    if (isInstalled()) return;
    if (keepsToLockFile()) {
      writeFileSync(stamp, fingerprint());
      return;
    }
    if (!isNodeNewEnough && !hasToolchain())
      await npm(`Node ${NODE} (this one is ${process.versions.node})`, [
        'install',
        '--no-save',
        '--prefix',
        toolchain,
        `node@${NODE}`,
      ]);
    // What a half-finished `npm ci` left has no stamp and goes first.
    rmSync(path.join(root, 'node_modules'), { recursive: true, force: true, maxRetries: 5 });
    await npm('packages (about a minute the first time)', ['ci', '--prefix', root]);
    putNodeOnPath();
    setGitHooks();
    writeFileSync(stamp, fingerprint());
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Two commands may be started at once: the second waits until the first has installed. */
async function takeLock() {
  for (let waits = 0; ; waits++) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    await delay(200); // long enough for another one who removes the same dead lock to show
    const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : undefined;
    if (holder === process.pid) return;
    if (holder !== undefined && !isAlive(holder)) rmSync(lock, { force: true });
    else if (waits === 0) say(`Waiting for another command (process ${holder}) to finish installing`);
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    const status = `/proc/${pid}/stat`; // in a container nobody may bury the dead: state Z
    return !(existsSync(status) && / Z /.test(readFileSync(status, 'utf8')));
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** A node that was only half downloaded does not answer. */
function hasToolchain() {
  return spawnSync(toolchainNode, ['--version'], { encoding: 'utf8' }).stdout?.trim() === `v${NODE}`;
}

function npm(what, args) {
  const startedAt = Date.now();
  const seconds = () => `${Math.round((Date.now() - startedAt) / 1000)} s`;
  say(`Installing ${what}`);
  const timer = setInterval(() => say(`  still installing, ${seconds()}`), 10_000);
  const child = spawn('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: environment(),
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  // While npm works, the lock is npm's: should this process be killed, nobody begins beside it.
  if (child.pid) writeFileSync(lock, String(child.pid));
  let interrupted = false;
  const interrupt = (signal) => {
    interrupted = true;
    child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  }).then((failure) => {
    clearInterval(timer);
    for (const signal of SIGNALS) process.off(signal, interrupt);
    writeFileSync(lock, String(process.pid));
    if (failure === undefined) return say(`  done in ${seconds()}`);
    rmSync(lock, { force: true });
    if (interrupted) {
      say('Interrupted. The next command installs again.');
      process.exit(130);
    }
    say(`Installing ${what} failed: npm ${args.join(' ')} (${failure}).`);
    say(
      'npm says why above. Check that the registry is reachable (npm ping) and that the disk has 2 GB free,',
    );
    say('then run the same command again: it goes on from here.');
    process.exit(1);
  });
}

/** So that `npx hardhat test` runs on Node 24 too: npx looks into node_modules/.bin first. */
function putNodeOnPath() {
  const link = path.join(root, 'node_modules', '.bin', 'node');
  if (!existsSync(toolchainNode) || process.platform === 'win32') return;
  rmSync(link, { force: true });
  symlinkSync(path.relative(path.dirname(link), toolchainNode), link);
}

function setGitHooks() {
  if (process.env.CI || !existsSync(path.join(root, '.git'))) return;
  spawnSync('git', ['config', 'core.hooksPath', '.githooks'], { cwd: root });
}

function environment() {
  const bins = [path.join(toolchain, 'node_modules', '.bin'), path.join(root, 'node_modules', '.bin')];
  return { ...process.env, PATH: [...bins, process.env.PATH].join(path.delimiter) };
}

/** Runs the script and becomes it, as far as that goes: same terminal, same signals, same exit code. */
function execute() {
  const child = spawn(isNodeNewEnough ? process.execPath : toolchainNode, [script, ...scriptArguments], {
    cwd: root,
    env: environment(),
    // The channel tells the script when this process was killed without a chance to pass a signal on.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  // Ctrl-C reaches the script from the terminal as well: scripts take a repeated signal as one.
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => {
    say(
      `${toolchainNode} does not start: ${error.message}. Remove .toolchain and run the same command again.`,
    );
    process.exit(1);
  });
  child.once('exit', (code, signal) => process.exit(signal ? 130 : code));
}

function say(line) {
  process.stderr.write(`${line}\n`);
}
