/** The moments of a run of trade: what the chain has of it, as the index shows that. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Watch } from '../moments.ts';
import type { Moment } from '../schedule.ts';
import type { World } from '../world.ts';

const LOOK_MS = 25;
/** A moment that a fault keeps away is not waited for any longer. */
const COME_LIMIT_MS = 60_000;

const momentOf: Record<string, Moment> = {
  PolicyIssued: 'issued',
  ObservationRecorded: 'observed',
  RiskSettled: 'settled',
  PolicyPaid: 'paid',
};

export interface TradeWatch extends Watch {
  /** Says that a moment has come which only the run knows of. */
  tell(moment: Moment): void;
}

/** @param startBlock Everything of the run is in blocks after this one. */
export function createTradeWatch({ database }: World, startBlock: bigint): TradeWatch {
  const come = new Set<Moment>(['at once']);
  let isOver = false;
  void (async () => {
    while (!isOver) {
      // The database may be down: then nothing is seen.
      const { rows } = await database
        .query<{ name: string }>(
          'select distinct name from indexer.other_events where block_number > $1 and name = any($2)',
          [startBlock, Object.keys(momentOf)],
        )
        .catch(() => ({ rows: [] }));
      for (const { name } of rows) come.add(momentOf[name] as Moment);
      await delay(LOOK_MS);
    }
  })();
  return {
    async come(moment) {
      const endsAt = performance.now() + COME_LIMIT_MS;
      while (!come.has(moment) && !isOver && performance.now() < endsAt) await delay(LOOK_MS);
    },
    tell(moment) {
      come.add(moment);
    },
    stop() {
      isOver = true;
    },
  };
}
