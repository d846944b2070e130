/** One run of trade: cover is bought and escrows are made, then the chain's time goes to what was insured, faults at their moments. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../../services/platform/database.ts';
import type { Damage, Scene } from '../inject.ts';
import type { Remains } from '../invariants.ts';
import { allEnded, strikeAll, untilPeace } from '../run.ts';
import type { World } from '../world.ts';
import { readBalances, type TradeBalances } from './balances.ts';
import { type BoughtPolicy, createCoverBuyers } from './cover.ts';
import { createEscrowMakers, deadlinesAt, type MadeEscrow, payeeOf } from './escrows.ts';
import { createTradeWatch } from './moments.ts';
import { bringAbout } from './patience.ts';
import { dayBefore, type Risk, risksAt } from './risks.ts';
import type { TradeSchedule } from './schedule.ts';

/** What a run of trade leaves behind. */
export interface TradeRemains extends Remains {
  policies: readonly BoughtPolicy[];
  risks: readonly Risk[];
  escrows: readonly MadeEscrow[];
  /** Before the run. */
  before: TradeBalances;
  /** Blocks from the beginning until time was moved on: an order waits for six hundred, a second each, and is then given up. */
  soldInBlocks: bigint | undefined;
  /** What somebody wanted and did not get, in plain words. */
  failures: readonly string[];
}

/** Plays a schedule in a world of trade, up to the peace after it. */
export async function playTrade(
  world: World,
  schedule: TradeSchedule,
  damage: Damage,
): Promise<TradeRemains> {
  const { chain, partners } = world;
  await chain.setBlockInterval(schedule.blockIntervalMs);
  for (const { entries, receiver } of partners) {
    entries.length = 0;
    receiver.forget();
  }
  const [startBlock, supply, before] = [await chain.head(), await chain.supply(), await readBalances(world)];
  const day = dayBefore(schedule.weekday, await chain.now());
  if (day > (await chain.now())) await chain.jumpTo(day);
  const now = await chain.now();
  const risks = risksAt(schedule.risks, now);
  const stages = stagesOf(risks);
  const deadlines = deadlinesAt(now, stages.at(-1)?.time ?? now);
  const buyers = createCoverBuyers(world, risks);
  const makers = createEscrowMakers(world, risks[0] as Risk, deadlines);
  const watch = createTradeWatch(world, startBlock);
  const failures: string[] = [];
  let soldInBlocks: bigint | undefined;
  const scene: Scene = {
    world,
    damage,
    wallets: [
      ...schedule.orders.flatMap(({ policies }) => policies.map(({ holder }) => holder)),
      ...schedule.escrows.map((escrow) => payeeOf(escrow).address),
    ],
    repeatAll: async () => {
      await Promise.all([buyers.repeatAll(), makers.repeatAll()]);
    },
    liar: schedule.liar,
    isRestored: false,
  };

  const attempt = async (afterMs: number, work: () => Promise<void>) => {
    await delay(afterMs);
    await work().catch((error: Error) => failures.push(error.message));
  };
  const goOn = async () => {
    await Promise.all([
      ...schedule.orders.map((order) =>
        attempt(order.afterMs, async () => {
          await buyers.order(order);
          watch.tell('answered');
        }),
      ),
      ...schedule.escrows.map((escrow) => attempt(escrow.afterMs, () => makers.make(escrow))),
    ]);
    await bringAbout('every policy to be issued', () => isNone(world.database, ['accepted', 'processing']));
    for (const { time, isDue } of stages) {
      soldInBlocks ??= (await chain.head()) - startBlock;
      await chain.jumpTo(time);
      watch.tell('over');
      const due = buyers.bought.filter(({ risk }) => isDue(risk)).map(({ id }) => id);
      await bringAbout(`what is due at ${time} to be settled`, () =>
        isNone(world.database, ['issued', 'payable'], due),
      );
    }
    const byRule = makers.made.filter(({ planned }) => planned.end === 'observed' || planned.end === 'timed');
    await bringAbout('what the rules of escrows say to be done', () =>
      haveEnded(
        world.database,
        byRule.map(({ id }) => id),
      ),
    );
    if (schedule.escrows.some(({ end }) => end === 'reclaimed')) await chain.jumpTo(deadlines.capture + 1);
  };
  try {
    const going = goOn()
      .catch((error: Error) => failures.push(error.message))
      .finally(() => watch.stop());
    await allEnded([going, strikeAll(scene, schedule.faults, watch)]);
  } finally {
    watch.stop();
  }
  await world.ready();
  const isPeaceful = await untilPeace(world);
  return {
    ...{ world, startBlock, supply, isRestored: scene.isRestored, isPeaceful },
    ...{ policies: buyers.bought, risks, escrows: makers.made, before, soldInBlocks, failures },
  };
}

interface Stage {
  time: number;
  isDue: (risk: Risk) => boolean;
}

/** What flies is settled before time goes on to when silence would settle it, too. */
function stagesOf(risks: readonly Risk[]): Stage[] {
  const isFirst = ({ product, observation }: Risk) => product === 'flight-delay' && observation !== undefined;
  const stage = (isDue: Stage['isDue']): Stage[] => {
    const due = risks.filter(isDue);
    return due.length === 0 ? [] : [{ isDue, time: Math.max(...due.map(({ dueAt }) => dueAt)) + 1 }];
  };
  return [...stage(isFirst), ...stage((risk) => !isFirst(risk))];
}

/** Whether no policy (of these) has one of the statuses; false while the database is down. */
async function isNone(
  database: Database,
  statuses: readonly string[],
  ids?: readonly string[],
): Promise<boolean> {
  const { rowCount } = await database
    .query(
      'select from settlement.policies where status = any($1) and ($2::text[] is null or id = any($2))',
      [statuses, ids],
    )
    .catch(() => ({ rowCount: undefined }));
  return rowCount === 0;
}

/** Whether these escrows hold nothing any more; false while the database is down. */
async function haveEnded(database: Database, ids: readonly string[]): Promise<boolean> {
  const { rowCount } = await database
    .query(
      `select from settlement.escrows
        where id = any($1) and status in ('created', 'authorizing', 'authorized', 'disputed')`,
      [ids],
    )
    .catch(() => ({ rowCount: undefined }));
  return rowCount === 0;
}
