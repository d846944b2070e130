/** `npm start` as a person runs it, with a folder and ports of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { freePort } from '../../../scripts/free-port.ts';
import { until } from '../../support/until.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const PORTS = ['CHAIN', 'DATABASE', 'SETTLEMENT', 'INDEXER', 'SANDBOX', 'ORACLE', 'WEB'] as const;
/** What nobody would wait for; how long a start takes is no matter. */
const LIMIT_MS = 600_000;

export interface Start {
  /** Everything that it printed until now. */
  printed(): string;
  port(of: (typeof PORTS)[number]): number;
  /** Waits until it has printed something. @throws when it ends before. */
  prints(text: string): Promise<void>;
  /** Presses Ctrl-C; resolves with the exit code. */
  interrupt(): Promise<number | null>;
}

export async function runStart(folder: string, environment: Record<string, string> = {}): Promise<Start> {
  const ports = new Map<string, number>();
  for (const name of PORTS) ports.set(name, await freePort());
  const child = spawn(process.execPath, ['scripts/start.ts'], {
    cwd: root,
    env: {
      ...process.env,
      ...Object.fromEntries([...ports].map(([name, port]) => [`${name}_PORT`, String(port)])),
      DATA_DIR: folder,
      NO_COLOR: '1',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  return {
    printed: () => printed,
    port: (name) => ports.get(name) as number,
    async prints(text) {
      await until(
        `npm start to print "${text}"`,
        () => {
          if (!printed.includes(text) && hasEnded(child)) throw new Error(`npm start ended:\n${printed}`);
          return printed.includes(text);
        },
        LIMIT_MS,
      );
    },
    async interrupt() {
      if (!hasEnded(child)) {
        const ended = once(child, 'close');
        child.kill('SIGINT');
        await ended;
      }
      return child.exitCode;
    },
  };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
