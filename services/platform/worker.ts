import type { Logger } from './log.ts';

export interface Worker {
  /** Asks for a round now instead of at the next tick. */
  wake(): void;
  /** Waits for the running round and ends. */
  stop(): Promise<void>;
}

/**
 * Repeats `round` until stopped: at once again while it returns true (there is more to do), otherwise after
 * `intervalMs` or a wake. A round that throws is logged and tried again after a growing pause (at most 10 s):
 * what it did is in the database or undone, so the next round starts from there.
 */
export function startWorker(
  name: string,
  intervalMs: number,
  log: Logger,
  round: () => Promise<boolean>,
): Worker {
  const stopped = new AbortController();
  let failures = 0;
  let wakeUp: () => void = () => undefined;
  let woken = false;
  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      if (woken || stopped.signal.aborted) return resolve();
      const timer = setTimeout(resolve, ms);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const finished = (async () => {
    while (!stopped.signal.aborted) {
      woken = false;
      let more = false;
      try {
        more = await round();
        failures = 0;
      } catch (error) {
        failures++;
        log.error({ err: error, worker: name, failures }, 'worker round failed; it will be tried again');
      }
      if (!more) await pause(failures > 0 ? Math.min(10_000, 200 * 2 ** Math.min(failures, 6)) : intervalMs);
    }
  })();
  const wake = () => {
    woken = true;
    wakeUp();
  };
  return {
    wake,
    async stop() {
      stopped.abort();
      wake();
      await finished;
    },
  };
}
