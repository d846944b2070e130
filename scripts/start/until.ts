import { setTimeout as delay } from 'node:timers/promises';

const LIMIT_MS = 120_000;

/** Looks again and again until something is found. @throws when nothing is within two minutes. */
export async function until<Found>(what: string, look: () => Promise<Found | undefined>): Promise<Found> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`Waited ${LIMIT_MS / 1000} s for ${what} in vain.`);
    await delay(200);
  }
}
