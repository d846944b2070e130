/** One run: orders and faults as the schedule says, then peace. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Address } from 'viem';
import { seededRandom } from '../iso20022/random.ts';
import { type Damage, inject, prepare, type Scene } from './inject.ts';
import type { Remains } from './invariants.ts';
import { createWatch, type Watch } from './moments.ts';
import type { Partner } from './partner.ts';
import type { Schedule, ScheduledFault } from './schedule.ts';
import type { World } from './world.ts';

/** So long after the last fault everything must have come to its end. */
const PEACE_LIMIT_MS = 120_000;
const LOOK_MS = 50;

/** Plays a schedule in a world, up to the peace after it. */
export async function play(world: World, schedule: Schedule, damage: Damage): Promise<Remains> {
  const { chain, partners } = world;
  await chain.setBlockInterval(schedule.blockIntervalMs);
  await prepare(world, schedule.faults);
  const [startBlock, supply] = [await chain.head(), await chain.supply()];
  for (const { entries, receiver } of partners) {
    entries.length = 0;
    receiver.forget();
  }
  const scene: Scene = {
    world,
    damage,
    wallets: schedule.orders.flatMap(({ payments }) => payments.map(({ wallet }) => wallet)),
    repeatAll: async () => {
      await Promise.all(partners.map((partner) => partner.repeatAll()));
    },
    liar: 0,
    isRestored: false,
  };
  const watch = createWatch(world, schedule);
  try {
    const orders = schedule.orders.map(async (order) => {
      await delay(order.afterMs);
      await (partners[order.partner] as Partner).place(order);
    });
    await allEnded([...orders, strikeAll(scene, schedule.faults, watch)]);
    if (scene.isRestored) {
      await Promise.all(partners.map((partner) => partner.placeAllAgain(seededRandom(schedule.seed))));
      await world.bank.handInAgain();
    }
  } finally {
    watch.stop();
  }
  await world.ready();
  const isPeaceful = await untilPeace(world);
  return { world, startBlock, supply, isRestored: scene.isRestored, isPeaceful };
}

/** Brings every fault about, each at its moment. */
export async function strikeAll(
  scene: Scene,
  faults: readonly ScheduledFault[],
  watch: Watch,
): Promise<void> {
  const strike = async (fault: ScheduledFault) => {
    await watch.come(fault.moment);
    await delay(fault.delayMs);
    await inject(scene, fault);
  };
  // Two of one kind come one after the other: a token cannot be paused twice.
  const chains = [...Map.groupBy(faults, ({ name }) => name).values()].map(async (same) => {
    for (const fault of same) await strike(fault);
  });
  await allEnded(chains);
}

/** As `Promise.all`, but none of them is under way any more when one has failed: its world is taken down then. */
export async function allEnded(all: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(all);
  await Promise.all(all);
}

/**
 * Waits until every payment, policy, escrow and webhook has ended and every lane is empty.
 * @returns false when they do not in time
 */
export async function untilPeace({ database, chain }: World): Promise<boolean> {
  const endsAt = performance.now() + PEACE_LIMIT_MS;
  const isEmpty = async ({ signer, next_nonce }: { signer: Address; next_nonce: bigint }) => {
    const { nonce, isQuiet } = await chain.nonceOf(signer);
    return isQuiet && Number(next_nonce) <= nonce;
  };
  while (performance.now() < endsAt) {
    const { rows } = await database.query<{ open: bigint }>(
      `select coalesce((select sum(count) from settlement.open_payments where state <> 'held'), 0)
            + (select count(*) from settlement.authorized_payments where status in ('accepted', 'processing'))
            + (select count(*) from settlement.policies where status in ('accepted', 'processing', 'issued', 'payable'))
            + (select count(*) from settlement.escrows where status in ('created', 'authorizing', 'authorized', 'disputed'))
            + (select count(*) from settlement.calls where state in ('waiting', 'signed', 'broadcast', 'included'))
            + (select count(*) from settlement.webhook_deliveries where state = 'pending') as open`,
    );
    if (rows[0]?.open === 0n) {
      const lanes = await database.query<{ signer: Address; next_nonce: bigint }>(
        'select signer, next_nonce from settlement.lanes',
      );
      if ((await Promise.all(lanes.rows.map(isEmpty))).every(Boolean)) return true;
    }
    await delay(LOOK_MS);
  }
  return false;
}
