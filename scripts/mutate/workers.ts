/** The processes that compile and test. Each does one task at a time; one that hangs or has grown large is replaced. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { root, toolEnvironment } from '../command.ts';
import type { Answer, Task } from './worker.ts';

/** The compiler and the tests' modules leave something behind each time. */
const MEMORY_LIMIT_BYTES = 1_500_000_000;

/** Each test has a limit of its own: this one is for what hangs altogether. */
export const TASK_LIMIT_SECONDS = 600;

export interface Worker {
  /** Undefined when the task did not end in time, or when its process ended by itself twice; standard error tells why. */
  run(task: Task): Promise<Answer | undefined>;
}

const running = new Set<ChildProcess>();
let stopped = false;

export function startWorker(): Worker {
  let child: ChildProcess | undefined;
  const end = () => {
    child?.kill('SIGKILL');
    child = undefined;
  };
  return {
    async run(task) {
      for (let attempt = 1; attempt <= 2; attempt++) {
        try {
          child ??= startProcess();
          const answer = await ask(child, task);
          // What did not end in time still runs on its chain.
          if (!answer || answer.outcome === 'timed out' || answer.memoryBytes > MEMORY_LIMIT_BYTES) end();
          return answer;
        } catch (error) {
          process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
          end();
        }
      }
      return undefined;
    },
  };
}

/** Ends every worker for good. */
export function stopWorkers(): Promise<void> {
  stopped = true;
  const ends = [...running].map(
    (child) => new Promise<void>((resolve) => child.once('exit', () => resolve())),
  );
  for (const child of running) child.kill('SIGKILL');
  return Promise.all(ends).then(() => undefined);
}

function startProcess(): ChildProcess {
  const child = fork(fileURLToPath(import.meta.resolve('./worker.ts')), {
    cwd: root,
    env: toolEnvironment({ HARDHAT_CONFIG: 'scripts/mutate.config.ts' }),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

async function ask(child: ChildProcess, task: Task): Promise<Answer | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer | undefined>();
  let said = '';
  const listen = (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-20_000);
  };
  // Nobody waits for an answer any more once Ctrl-C has ended the processes.
  const lost = () =>
    stopped ? undefined : reject(new Error(`A worker of the mutation tester ended by itself.\n${said}`));
  const timer = setTimeout(() => resolve(undefined), TASK_LIMIT_SECONDS * 1000);
  child.once('message', resolve);
  child.once('exit', lost);
  child.stderr?.on('data', listen);
  try {
    child.send(task);
    return await promise;
  } finally {
    clearTimeout(timer);
    child.off('message', resolve).off('exit', lost);
    child.stderr?.off('data', listen);
  }
}
