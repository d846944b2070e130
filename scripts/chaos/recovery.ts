/** How soon payments go on after a process was killed: measured in a world with the blocks and the finality of `npm start`. */
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../test/support/until.ts';
import type { Partner } from './partner.ts';
import type { Order } from './schedule.ts';
import { type Process, startWorld, type World } from './world.ts';

const BLOCK_INTERVAL_MS = 1_000;
const FINALITY_DEPTH = 3;
const ROUNDS = 5;
const LIMIT_MS = 120_000;
/** Blocks that an indexer has to catch up with. */
const BLOCKS_BEHIND = 10;

export interface Recovery {
  /** What was killed; `nothing` is what a payment takes anyway. */
  killed: string;
  medianMs: number;
  maxMs: number;
}

export interface Recoveries {
  /** From the kill to the moment at which a payment that is handed in right then is final and posted. */
  nextPayment: Recovery[];
  /** From the start of the only indexer to the moment at which the index is at the chain's head. */
  indexerCaughtUp: Omit<Recovery, 'killed'>;
}

export const startRecoveryWorld = () => startWorld(FINALITY_DEPTH);

/**
 * Measures in a world of its own, which it leaves in the end.
 * @param starting From {@link startRecoveryWorld}.
 * @param onMeasured Told of each figure as it is there.
 */
export async function measureRecovery(
  starting: Promise<World>,
  onMeasured: (what: string, ms: number) => void,
): Promise<Recoveries> {
  const world = await starting;
  try {
    await world.chain.setBlockInterval(BLOCK_INTERVAL_MS);
    const nextPayment: Recovery[] = [];
    for (const [index, [killed, kill]] of victims(world).entries()) {
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        await world.ready();
        times.push(await timeOfPayment(world, `recovery-${index}-${round}`, kill));
        onMeasured(killed, times.at(-1) as number);
      }
      nextPayment.push({ killed, ...summaryOf(times) });
    }
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await world.ready();
      times.push(await timeOfCatchingUp(world));
      onMeasured('indexer caught up', times.at(-1) as number);
    }
    return { nextPayment, indexerCaughtUp: summaryOf(times) };
  } finally {
    await world.stop();
  }
}

/** What is killed, by name. The lane's holder is whoever sent last, the writer of the index whoever was started first. */
function victims({ settlements, indexers, postgres }: World): [string, () => Promise<unknown>][] {
  const holderFirst = () => settlements.toSorted((a, b) => b.sentAt - a.sentAt) as [Process, Process];
  const all = [...settlements, ...indexers];
  return [
    ['nothing', async () => undefined],
    ["the lane's holder", () => holderFirst()[0].service.kill()],
    ['the other settlement process', () => holderFirst()[1].service.kill()],
    ['indexer 1', () => (indexers[0] as Process).service.kill()],
    ['indexer 2', () => (indexers[1] as Process).service.kill()],
    ['every service process', () => Promise.all(all.map(({ service }) => service.kill()))],
    [
      'PostgreSQL',
      async () => {
        await postgres.kill();
        await postgres.start();
      },
    ],
  ];
}

async function timeOfPayment({ partners, database }: World, key: string, kill: () => Promise<unknown>) {
  const startedAt = performance.now();
  await kill();
  await (partners[1] as Partner).place(single(key));
  await until(
    `the payment after ${key} to be posted`,
    async () => {
      const { rows } = await database
        .query(`select from settlement.current_payments where end_to_end_id = $1 and state = 'posted'`, [key])
        .catch(() => ({ rows: [] }));
      return rows.length === 1;
    },
    LIMIT_MS,
  );
  return performance.now() - startedAt;
}

function single(key: string): Order {
  return {
    key,
    partner: 1,
    format: 'single',
    payments: [
      {
        endToEndId: key,
        currency: 'USD',
        cents: 100,
        recipient: 'shared',
        wallet: `0x${'0'.repeat(40)}`,
        isTooMuch: false,
      },
    ],
    afterMs: 0,
    via: 0,
    isCancelled: false,
  };
}

async function timeOfCatchingUp({ indexers, chain, database }: World): Promise<number> {
  await Promise.all(indexers.map(({ service }) => service.stop()));
  await delay(BLOCKS_BEHIND * BLOCK_INTERVAL_MS);
  const { service } = indexers[0] as Process;
  const startedAt = performance.now();
  service.start();
  await until(
    'the index to be at the head',
    async () => {
      const head = await chain.head();
      const { rowCount } = await database.query('select from indexer.cursors where head_number >= $1', [
        head,
      ]);
      return rowCount === 1;
    },
    LIMIT_MS,
  );
  const took = performance.now() - startedAt;
  for (const { service: other } of indexers) other.start();
  return took;
}

function summaryOf(times: readonly number[]): Omit<Recovery, 'killed'> {
  const sorted = times.toSorted((a, b) => a - b).map(Math.round);
  return { medianMs: sorted[sorted.length >> 1] as number, maxMs: sorted.at(-1) as number };
}
