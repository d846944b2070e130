/** Starts the services as processes of their own, notices when one ends, and ends them all. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { root, toolEnvironment } from '../command.ts';
import { shownPath } from './terminal.ts';

const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 6_000;
/** A service that crashed after it was ready is started again so many times. */
const RESTART_LIMIT = 5;

export interface Service {
  name: string;
  /** The script and its arguments, from the project's folder. */
  script: string[];
  env?: Record<string, string>;
  /** Answers 200 when the service can do its work. */
  readyUrl: string;
  /** Whether it may be started again after a crash: a chain in memory may not. */
  restartable: boolean;
}

/** Told when a service has ended without being asked to: what happened, in a few lines. */
export type OnCrash = (report: string, willRestart: boolean) => void;

export class Supervisor {
  readonly #logFolder: string;
  readonly #onCrash: OnCrash;
  readonly #stops: (() => Promise<void>)[] = [];
  #stopping = false;

  constructor(logFolder: string, onCrash: OnCrash) {
    this.#logFolder = logFolder;
    this.#onCrash = onCrash;
    mkdirSync(logFolder, { recursive: true });
  }

  /** Takes something else into the order of stopping: what was started last is stopped first. */
  adopt(stop: () => Promise<void>): void {
    this.#stops.push(stop);
  }

  /** Starts a service and waits until it is ready. @throws with the last lines of its log when it does not get there. */
  async start(service: Service): Promise<void> {
    let child = this.#spawn(service);
    let restarts = 0;
    this.adopt(() => stopProcess(child));
    await this.#untilReady(service, child);
    const watch = (running: ChildProcess) =>
      running.once('exit', (code, signal) => {
        if (this.#stopping) return;
        const willRestart = service.restartable && restarts++ < RESTART_LIMIT;
        const report = `${service.name} ended (${signal ?? `exit code ${code}`}). ${this.#lastLines(service)}`;
        this.#onCrash(report, willRestart);
        if (!willRestart) return;
        child = this.#spawn(service);
        watch(child);
      });
    watch(child);
  }

  /** Stops everything, the last started first. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const stop of this.#stops.splice(0).reverse()) await stop();
  }

  logFile({ name }: Pick<Service, 'name'>): string {
    return path.join(this.#logFolder, `${name}.log`);
  }

  #spawn(service: Service): ChildProcess {
    const log = openSync(this.logFile(service), 'a', 0o600);
    const follow = path.join(import.meta.dirname, 'follow-parent.ts');
    const child = spawn(process.execPath, ['--import', follow, ...service.script], {
      cwd: root,
      env: toolEnvironment(service.env),
      stdio: ['ignore', log, log, 'ipc'],
      detached: true, // Ctrl-C reaches the supervisor alone, which then stops them in order
    });
    closeSync(log);
    child.on('error', () => undefined); // followed by no 'exit' only if it never ran: untilReady tells
    return child;
  }

  async #untilReady(service: Service, child: ChildProcess): Promise<void> {
    const deadline = performance.now() + READY_LIMIT_MS;
    for (;;) {
      const isReady = await answers(service.readyUrl);
      // Looked at afterwards: the answer may have come from somebody else on that port.
      if (hasEnded(child)) throw new Error(`${service.name} did not start. ${this.#lastLines(service)}`);
      if (isReady) return;
      if (this.#stopping) throw new Error('stopped');
      if (performance.now() > deadline)
        throw new Error(
          `${service.name} was not ready within ${READY_LIMIT_MS / 1000} s. ${this.#lastLines(service)}`,
        );
      await delay(100);
    }
  }

  #lastLines(service: Service): string {
    const file = this.logFile(service);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8).map(readable);
    return `The end of ${shownPath(file)}:\n${lines.map((line) => `    ${line}`).join('\n')}`;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await exited;
  clearTimeout(timer);
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch (error) {
    // fetch wraps "nobody listens yet" and "too slow"; whatever else it may be, the deadline ends the wait.
    return !(error instanceof Error);
  }
}

/** A line of a service's JSON log as a person reads it; any other line as it is. */
function readable(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    return [msg, err?.message].filter(Boolean).join(': ') || line;
  } catch (error) {
    if (error instanceof SyntaxError) return line;
    throw error;
  }
}
