/** Runs the tools that the project is built and checked with, each in a process group of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');

export interface CommandResult {
  /** Exit code; 1 when a signal or a missing program ended it. */
  code: number;
  /** Standard output and error as they came. */
  output: string;
  seconds: number;
}

const running = new Set<ChildProcess>();
let isStopping = false;

/** The environment for child processes: this Node and the project's own tools first on PATH. */
export function toolEnvironment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const folders = [path.dirname(process.execPath), path.join(root, 'node_modules/.bin'), process.env.PATH];
  return { ...process.env, PATH: folders.join(path.delimiter), ...extra };
}

/**
 * Runs a command to its end, at most `limitSeconds`, and leaves nothing of its process group behind. After {@link stopCommands} none is
 * started, and this never resolves.
 */
export function runCommand(
  command: string,
  args: string[],
  options: { onOutput?: (text: string) => void; limitSeconds?: number; env?: Record<string, string> } = {},
): Promise<CommandResult> {
  const { onOutput, limitSeconds = 600 } = options;
  if (isStopping) return new Promise(() => undefined);
  const startedAt = performance.now();
  const child = spawn(command, args, {
    cwd: root,
    env: toolEnvironment({
      ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
      ...options.env,
    }),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  running.add(child);
  let output = '';
  const take = (text: string) => {
    output += text;
    onOutput?.(text);
  };
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', take);
  const timer = setTimeout(() => {
    take(`\n${command} did not end within ${limitSeconds} s and was stopped.\n`);
    signalGroup(child, 'SIGKILL');
  }, limitSeconds * 1000);
  return new Promise((resolve) => {
    const finish = (code: number) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code, output, seconds: (performance.now() - startedAt) / 1000 });
    };
    child.once('error', (error) => {
      take(`${command} did not start: ${error.message}\n`);
      finish(1);
    });
    // What the command itself left running would keep its output open for ever.
    child.once('exit', () => signalGroup(child, 'SIGKILL'));
    child.once('close', (code) => finish(code ?? 1));
  });
}

/** For the end of this process: asks every running command to stop as Ctrl-C would, and ends what has not after `graceSeconds`. */
export async function stopCommands(graceSeconds = 8): Promise<void> {
  isStopping = true;
  const stopped = [...running].map(
    (child) =>
      new Promise<void>((resolve) => {
        child.once('close', () => resolve());
        signalGroup(child, 'SIGINT');
        setTimeout(() => signalGroup(child, 'SIGKILL'), graceSeconds * 1000).unref();
      }),
  );
  await Promise.all(stopped);
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
