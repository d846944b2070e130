/**
 * Whose turn it is at the signer. A remote one that is asked for all rows of a round at once has none of them in time, nor the
 * transaction that comes meanwhile: so rows go a few at a time, and transactions do not wait behind them.
 */

/** What goes first: all others wait for a proposal, and what others ask for has most of its signatures already. */
const ORDER = ['proposal', 'answer', 'alone'] as const;
/** One is signed while the other is on its way. */
const AT_ONCE = 2;

export type Urgency = (typeof ORDER)[number];

/** @returns what does a job when its turn has come, and resolves when it is done */
export function createSigningQueue() {
  const waiting: Record<Urgency, (() => Promise<void>)[]> = { proposal: [], answer: [], alone: [] };
  let running = 0;
  const next = (): void => {
    const urgency = ORDER.find((one) => waiting[one].length > 0);
    const job = urgency && running < AT_ONCE ? waiting[urgency].shift() : undefined;
    if (!job) return;
    running += 1;
    void job().finally(() => {
      running -= 1;
      next();
    });
  };
  return (urgency: Urgency, job: () => Promise<void>): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting[urgency].push(() => job().then(resolve, reject));
      next();
    });
}
