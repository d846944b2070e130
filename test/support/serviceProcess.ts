import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from './until.ts';

/** What nobody would wait for. */
const START_LIMIT_MS = 120_000;

/** A service as a process of its own, as `npm start` runs it. */
export class ServiceProcess {
  readonly #name: string;
  readonly #environment: Record<string, string>;
  #child: ChildProcess | undefined;
  #output = '';

  constructor(name: string, environment: Record<string, string>) {
    this.#name = name;
    this.#environment = environment;
  }

  async start(): Promise<void> {
    const port = this.#environment[`${this.#name.toUpperCase()}_PORT`];
    const child = spawn(process.execPath, [`services/${this.#name}/main.ts`], {
      env: { PATH: process.env.PATH, ...this.#environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const note = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-4_000);
    };
    child.stdout.on('data', note);
    child.stderr.on('data', note);
    await until(
      `${this.#name} to be ready`,
      async () => {
        if (child.exitCode !== null) throw new Error(`${this.#name} ended: ${this.#output}`);
        const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch((error: Error) => error);
        return answer instanceof Response && answer.ok;
      },
      START_LIMIT_MS,
    );
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}
