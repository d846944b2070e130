import process from 'node:process';
import { sentenceOf } from './health.ts';

export interface RunningService {
  /** Rejects when going on would be wrong; the error's message is a sentence for the person at the terminal. */
  readonly ended?: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Runs a service. SIGTERM and SIGINT stop it once, exit code 0. A start that fails for its configuration, its database or
 * its node, and a service that ended by itself, print the sentence; any other error prints its stack. Exit code 1 for all.
 */
export async function runService(start: () => Promise<RunningService>): Promise<void> {
  let stopping = false;
  try {
    const service = await start();
    const end = (endedBy?: Error) => {
      if (stopping) return;
      stopping = true;
      if (endedBy) process.stderr.write(`${endedBy.message}\n`);
      service.stop().then(() => process.exit(endedBy ? 1 : 0), fail);
    };
    process.on('SIGTERM', () => end());
    process.on('SIGINT', () => end());
    service.ended?.catch(end);
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): never {
  process.stderr.write(`${sentenceOf(error) ?? (error as Error).stack ?? String(error)}\n`);
  process.exit(1);
}
