/** A service as a process of its own that is started again whenever it ends, as a supervisor of processes does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { root, toolEnvironment } from '../command.ts';

const RESTART_MS = 300;
const OUTPUT_KEPT = 6_000;

export class Service {
  readonly name: string;
  readonly port: number;
  readonly #script: string;
  readonly #environment: Record<string, string>;
  readonly #onCrash: (report: string) => void;
  #child: ChildProcess | undefined;
  #output = '';
  #isWanted = false;
  #clockShiftMs = 0;

  /**
   * @param name Such as `settlement 1`: the first word is the service's folder.
   * @param onCrash Told when an error that nobody caught has ended it. Refusing to start is no crash.
   */
  constructor(
    name: string,
    port: number,
    environment: Record<string, string>,
    onCrash: (report: string) => void,
  ) {
    const [folder = ''] = name.split(' ');
    this.name = name;
    this.port = port;
    this.#onCrash = onCrash;
    this.#script = `services/${folder}/main.ts`;
    this.#environment = { ...environment, [`${folder.toUpperCase()}_PORT`]: String(port) };
  }

  /** Starts it, and again whenever it ends, until `stop`. */
  start(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#spawn();
  }

  /** SIGKILL, also when it is held. It is started again. @returns false when there was no process to kill. */
  async kill(): Promise<boolean> {
    const child = this.#child;
    if (!child || hasEnded(child)) return false;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    return true;
  }

  /** SIGSTOP: the process stands still, with all it holds. */
  hold(): void {
    this.#child?.kill('SIGSTOP');
  }

  goOn(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Lets its clock jump, and that of every process that is started instead of it. */
  shiftClock(shiftMs: number): void {
    this.#clockShiftMs = shiftMs;
    this.#tellClock();
  }

  #tellClock(): void {
    // To a process that is just being killed nothing can be said, and need not.
    this.#child?.send({ clockShiftMs: this.#clockShiftMs }, () => undefined);
  }

  async stop(): Promise<void> {
    this.#isWanted = false;
    await this.kill();
  }

  async isReady(): Promise<boolean> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.port}/readyz`, {
        signal: AbortSignal.timeout(2_000),
      });
      await answer.body?.cancel();
      return answer.ok;
    } catch (error) {
      return !(error instanceof Error); // not listening, or too slow
    }
  }

  #spawn(): void {
    const follow = path.join(root, 'scripts/start/follow-parent.ts');
    const clock = path.join(root, 'scripts/chaos/shiftedClock.ts');
    const child = spawn(process.execPath, ['--import', follow, '--import', clock, this.#script], {
      cwd: root,
      env: { PATH: toolEnvironment().PATH, ...this.#environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    this.#output = '';
    if (this.#clockShiftMs !== 0) this.#tellClock();
    const note = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-OUTPUT_KEPT);
    };
    child.stdout?.on('data', note);
    child.stderr?.on('data', note);
    child.once('error', (error) => note(Buffer.from(`${error.message}\n`)));
    child.once('exit', async () => {
      const uncaught = /^.*\n\s+at [\s\S]*^Node\.js v/m.exec(this.#output);
      if (uncaught) this.#onCrash(`${this.name} crashed: ${uncaught[0].split('\n')[0]}`);
      await delay(RESTART_MS);
      if (this.#isWanted && this.#child === child) this.#spawn();
    });
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
