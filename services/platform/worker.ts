import type { Health } from './health.ts';

export interface Worker {
  /** Asks for a round now instead of at the next tick. */
  wake(): void;
  /** Waits for the running round and ends. */
  stop(): Promise<void>;
}

/**
 * Repeats `round` until stopped: at once again while it returns true (there is more to do), otherwise after
 * `intervalMs` or a wake. A round that throws is told of and tried again after a growing pause (at most 10 s):
 * what it did is in the database or undone, so the next round starts from there.
 * @param name The part of the process that it is, for log and metrics.
 * @param isPassing Errors after which the pause is `intervalMs`, as what caused them mostly passes by itself.
 */
export function startWorker(
  name: string,
  intervalMs: number,
  health: Health,
  round: () => Promise<boolean>,
  isPassing: (error: unknown) => boolean = () => false,
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
        health.worked(name);
      } catch (error) {
        failures = isPassing(error) ? 0 : failures + 1;
        health.failed(name, error);
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
