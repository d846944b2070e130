/**
 * Whose turn it is at the signer. A remote one that is asked for all rows of a round at once has none of them in time, nor the
 * transaction that comes meanwhile: so rows go a few at a time, and transactions do not wait behind them.
 */

/** What goes first: all others wait for a proposal, and what others ask for has most of its signatures already. */
const ORDER = ['proposal', 'answer', 'alone'] as const;
/** One is signed while the other is on its way. */
const AT_ONCE = 2;

export type Urgency = (typeof ORDER)[number];

interface Job {
  urgency: Urgency;
  key: string;
  run: () => Promise<void>;
}

export interface SigningQueue {
  /** Does a job when its turn has come; resolves when it is done. @param key names the job to `hurry` */
  inTurn(urgency: Urgency, key: string, run: () => Promise<void>): Promise<void>;
  /** Has a job that waits as `alone` go as an answer: others ask for it by now. */
  hurry(key: string): void;
}

export function createSigningQueue(): SigningQueue {
  const waiting: Job[] = [];
  let running = 0;
  const next = (): void => {
    if (running >= AT_ONCE) return;
    const urgency = ORDER.find((one) => waiting.some((job) => job.urgency === one));
    if (!urgency) return;
    const [job] = waiting.splice(
      waiting.findIndex((one) => one.urgency === urgency),
      1,
    );
    running += 1;
    void job?.run().finally(() => {
      running -= 1;
      next();
    });
  };
  return {
    inTurn: (urgency, key, run) =>
      new Promise((resolve, reject) => {
        waiting.push({ urgency, key, run: () => run().then(resolve, reject) });
        next();
      }),
    hurry(key) {
      const job = waiting.find((one) => one.key === key && one.urgency === 'alone');
      if (!job) return;
      waiting.splice(waiting.indexOf(job), 1);
      waiting.push({ ...job, urgency: 'answer' });
    },
  };
}
