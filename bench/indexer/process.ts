/** What is measured runs as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

const LIMIT_MS = 300_000;

export interface Measured {
  /** When it said that it starts, as performance.now(). */
  readonly startedAt: number;
  /** Resolves when it has ended. */
  readonly ended: Promise<unknown>;
  /** The most memory that it ever had, MiB; undefined where the system does not tell. */
  peakRssMiB(): Promise<number | undefined>;
  kill(): Promise<void>;
}

/** Starts a script, after node's options for it, and waits until it prints something with `started` in it. @throws when it ends before. */
export async function startMeasured(
  script: string[],
  environment: Record<string, string>,
): Promise<Measured> {
  const child = spawn(process.execPath, script, {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await Promise.race([
    untilStarted(child),
    ended.then(([code]) => failed(script, `ended with code ${code}`)),
  ]);
  return {
    startedAt: performance.now(),
    ended,
    async peakRssMiB() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
      const kib = /VmHWM:\s*(\d+) kB/.exec(status)?.[1];
      return kib === undefined ? undefined : Math.round(Number(kib) / 1024);
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function untilStarted(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const late = setTimeout(() => reject(new Error(`It did not start within ${LIMIT_MS} ms.`)), LIMIT_MS);
  child.stdout?.on('data', (chunk: Buffer) => {
    if (chunk.includes('started')) resolve();
  });
  await promise.finally(() => clearTimeout(late));
}

function failed(script: string[], why: string): never {
  throw new Error(`${script.at(-1)} ${why}.`);
}
