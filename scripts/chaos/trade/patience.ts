/** What somebody in a run wants, and tries until it is so: faults are in the way, and undo what was done. */
import { setTimeout as delay } from 'node:timers/promises';
import { ApiProblem } from '../../start/partner-client.ts';

const LIMIT_MS = 120_000;
const LOOK_MS = 200;

/**
 * Acts again and again until it is so. What the API refuses for now is tried again.
 * @throws when it is not so after two minutes, with what the API said last
 */
export async function bringAbout(
  what: string,
  isSo: () => Promise<boolean> | boolean,
  act: () => Promise<unknown> = async () => undefined,
): Promise<void> {
  const endsAt = performance.now() + LIMIT_MS;
  let refusal = '';
  while (!(await isSo())) {
    if (performance.now() > endsAt) throw new Error(`Two minutes in vain: ${what}. ${refusal}`);
    try {
      await act();
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      refusal = error.message;
    }
    await delay(LOOK_MS);
  }
}
