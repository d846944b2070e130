import process from 'node:process';
import { ConfigError } from './config.ts';

/**
 * Runs a service: `start` returns how to stop it. SIGTERM and SIGINT stop it once, exit code 0. A start that
 * fails for its configuration prints the sentence; any other error prints its stack. Exit code 1 for both.
 */
export async function runService(start: () => Promise<() => Promise<void>>): Promise<void> {
  let stopping = false;
  try {
    const stop = await start();
    const end = () => {
      if (stopping) return;
      stopping = true;
      stop().then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      );
    };
    process.on('SIGTERM', end);
    process.on('SIGINT', end);
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): never {
  process.stderr.write(
    `${error instanceof ConfigError ? error.message : ((error as Error).stack ?? String(error))}\n`,
  );
  process.exit(1);
}
