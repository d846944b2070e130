/** Calls that come at once, worked on together: for a database, many are as one. */

/** Calls that a group has at most. */
const GROUP = 100;

/**
 * Turns work on many inputs into a function for one. A call that comes alone is worked on at once. Those that come
 * meanwhile are the next group, which waits a moment for whoever was answered just now: several that come again and
 * again so come together. When the work fails, each call of its group is told so.
 * @param work Its outputs are in the order of the inputs.
 * @param companyMs How long after a group the next one waits for them at most.
 */
export function gathered<Input, Output>(
  work: (inputs: readonly Input[]) => Promise<readonly Output[]>,
  companyMs: number,
): (input: Input) => Promise<Output> {
  const waiting: { input: Input; resolve(output: Output): void; reject(error: unknown): void }[] = [];
  let isBusy = false;
  let expected = 1;
  let waitUntil = 0;
  let complete: () => void = () => undefined;

  async function company(): Promise<void> {
    const left = waitUntil - performance.now();
    if (waiting.length >= expected || left <= 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    complete = resolve;
    const timer = setTimeout(resolve, left);
    await promise;
    clearTimeout(timer);
  }

  async function workOff(): Promise<void> {
    isBusy = true;
    while (waiting.length > 0) {
      await company();
      const group = waiting.splice(0, GROUP);
      try {
        const outputs = await work(group.map(({ input }) => input));
        group.forEach(({ resolve }, index) => {
          resolve(outputs[index] as Output);
        });
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
      expected = group.length + waiting.length;
      waitUntil = performance.now() + companyMs;
    }
    isBusy = false;
  }

  return (input) => {
    const { promise, resolve, reject } = Promise.withResolvers<Output>();
    waiting.push({ input, resolve, reject });
    if (!isBusy) void workOff();
    else if (waiting.length >= expected) complete();
    return promise;
  };
}
