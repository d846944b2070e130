import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;

/**
 * Waits for a condition, by looking again and again, and returns what it found.
 * @param look Returns something truthy when the condition holds. An error of it ends the wait.
 * @throws when it does not hold within `limitMs`, naming `what` was waited for.
 */
export async function until<Found>(
  what: string,
  look: () => Promise<Found> | Found,
  limitMs = 60_000,
): Promise<NonNullable<Found>> {
  const endsAt = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > endsAt) throw new Error(`Waited ${limitMs} ms in vain: ${what}`);
    await delay(LOOK_EVERY_MS);
  }
}
