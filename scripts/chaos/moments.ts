/** The moments of a run: what its payments have come to, as the database and the receivers show it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Moment, Schedule } from './schedule.ts';
import { referenceOf } from './wallet.ts';
import type { World } from './world.ts';

const LOOK_MS = 25;
/** A moment that does not come, because a fault keeps it away, is not waited for any longer. */
const COME_LIMIT_MS = 6_000;

/** The states of a payment in their order; whoever has come to one has passed those before. */
const way = ['reserved', 'batched', 'signed', 'broadcast', 'included', 'final', 'posted'];

export interface Watch {
  /** Resolves when the moment has come, or will not come soon. */
  come(moment: Moment): Promise<void>;
  stop(): void;
}

export function createWatch({ database, partners }: World, { seed, orders }: Schedule): Watch {
  const references = orders.flatMap(({ payments }) => payments.map(referenceOf));
  let furthest = -1;
  let isOver = false;
  void (async () => {
    while (!isOver) {
      // The database may be down: then nothing is seen.
      const { rows } = await database
        .query<{ state: string }>(
          `select distinct state from settlement.current_payments where end_to_end_id like $1
           union
           select case when p.status = 'settled' then 'posted' when c.state = 'waiting' then 'batched' else c.state end
             from settlement.authorized_payments p join settlement.calls c on c.id = p.call_id
            where p.payment_reference = any($2)`,
          [`s${seed}-%`, references],
        )
        .catch(() => ({ rows: [] }));
      for (const { state } of rows) furthest = Math.max(furthest, way.indexOf(state));
      await delay(LOOK_MS);
    }
  })();

  const hasCome = (moment: Moment): boolean => {
    switch (moment) {
      case 'at once':
        return true;
      case 'answered':
        return partners.some(({ entries }) => entries.some(({ id }) => id !== undefined));
      case 'webhook':
        return partners.some(({ receiver }) => receiver.taken.length > 0);
      default:
        return furthest >= way.indexOf(moment);
    }
  };
  return {
    async come(moment) {
      const endsAt = performance.now() + COME_LIMIT_MS;
      while (!hasCome(moment) && performance.now() < endsAt) await delay(LOOK_MS);
    },
    stop() {
      isOver = true;
    },
  };
}
