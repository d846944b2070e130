/** What partners do: payments handed in over signed HTTP, in batches or one by one, and waited for until they are posted. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { LightClient } from './lightClient.ts';
import type { World } from './world.ts';

const BATCH = 100;
const CONNECTIONS = 32;
/** Each has eight requests under way, which is what one may have. */
const SINGLE_PARTNERS = 4;
/** Batches under way at once: a partner's file transfer, not a flood. */
const BATCHES_AT_ONCE = 8;
const DRAIN_LIMIT_MS = 600_000;
/** Payments go to so many wallets, which after the first time hold the coin already. */
const RECIPIENTS = 1_000;

const recipients = Array.from({ length: RECIPIENTS }, () => `0x${randomBytes(20).toString('hex')}`);

export interface Taken {
  perSecond: number;
  startedAt: number;
}

function payment(number: number) {
  return {
    endToEndId: `B-${randomBytes(12).toString('hex')}`,
    amount: { currency: 'USD', value: '10.00' },
    creditor: {
      name: 'Creditor',
      account: { scheme: 'EVM', identification: recipients[number % RECIPIENTS] as string },
    },
  };
}

/** Runs `jobs` with at most `width` under way. */
async function inParallel(
  width: number,
  jobs: number,
  job: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < jobs) await job(next++);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** Hands in `count` payments in batches of 100, by the first `partners` partners in turn. */
export async function handInBatches(world: World, count: number, partners: number): Promise<Taken> {
  const bodies = Array.from({ length: Math.ceil(count / BATCH) }, (_, batch) => ({
    payments: Array.from({ length: Math.min(BATCH, count - batch * BATCH) }, (_, index) =>
      payment(batch * BATCH + index),
    ),
  }));
  const startedAt = performance.now();
  await inParallel(BATCHES_AT_ONCE, bodies.length, async (index) => {
    const partner = world.partners[index % partners] as LightClient;
    const { accepted } = await partner.post<{ accepted: number }>('/v1/payment-batches', bodies[index]);
    if (accepted !== bodies[index]?.payments.length)
      throw new Error(`a batch was taken in part: ${accepted}`);
  });
  return { perSecond: perSecond(count, startedAt), startedAt };
}

/** Hands in `count` payments, a request each, on 32 connections. */
export async function handInSingly(world: World, count: number): Promise<Taken & { p99Ms: number }> {
  const durations: number[] = [];
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, connection) => {
      const partner = world.partners[connection % SINGLE_PARTNERS] as LightClient;
      for (let number = connection; number < count; number += CONNECTIONS) {
        const sentAt = performance.now();
        const { status } = await partner.post<{ status: string }>('/v1/payments', payment(number));
        if (status !== 'accepted') throw new Error(`a payment is ${status}`);
        durations.push(performance.now() - sentAt);
      }
    }),
  );
  const p99Ms = durations.sort((a, b) => a - b)[Math.floor(durations.length * 0.99)] as number;
  return { perSecond: perSecond(count, startedAt), startedAt, p99Ms };
}

/** Resolves when every payment there is has been posted; with how many there are. */
export async function untilAllPosted(
  { database }: World,
  onProgress: (posted: number) => void,
): Promise<void> {
  const deadline = Date.now() + DRAIN_LIMIT_MS;
  for (let looks = 0; ; looks++) {
    const { rows } = await database.query<{ open: bigint; held: bigint }>(
      `select coalesce(sum(count), 0) as open, coalesce(sum(count) filter (where state = 'held'), 0) as held
         from settlement.open_payments`,
    );
    const { open, held } = rows[0] as { open: bigint; held: bigint };
    if (held > 0n) throw new Error(`${held} payments are held`);
    if (open === 0n) return;
    if (Date.now() > deadline) throw new Error(`${open} payments are open after ${DRAIN_LIMIT_MS / 1_000} s`);
    if (looks % 4 === 0) onProgress(Number(open));
    // To count many costs the database what a payment does.
    await delay(open > 2_000n ? 1_000 : 250);
  }
}

export function perSecond(count: number, startedAt: number): number {
  return Math.round(count / ((performance.now() - startedAt) / 1_000));
}
