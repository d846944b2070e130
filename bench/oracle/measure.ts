import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '../percentile.ts';
import { type CoverWorld, type Flight, type SoldCover, startCover } from './cover.ts';
import { reportFeeds } from './feeds.ts';
import { type Payout, payOut } from './payouts.ts';

export interface Figures {
  payouts: number;
  roundBlocks: number;
  finalityBlocks: number;
  medianBlocks: number;
  p99Blocks: number;
  medianBlocksIncluded: number;
  thousandPaidBlocks: number;
  thousandFinalBlocks: number;
  payoutsPerSecond: number;
  feeds: number;
  feedsPerSecond: number;
  gasPerFeed: number;
}

/** Of progress. */
type Note = (line: string) => void;

/** As `npm start` has it; the local chain's clock moves a second a block. */
const BLOCK_INTERVAL_MS = 1_000;
const ROUND_BLOCKS = 5;
const FINALITY_BLOCKS = 3;
const THOUSAND = 1_000;
/** An order that is not in a block for ten minutes is given up. */
const SOLD_AT_ONCE = 200;
/** As many as one report takes. */
const FEEDS = 64;
const RUN_MS = 30_000;

const HOUR = 3_600;
/** Sold a day before at the latest, and each flown before the next one is over. */
const FIRST_DEPARTURE_SECONDS = 48 * HOUR;
const BETWEEN_SECONDS = 6 * HOUR;
/** Cover is sold for 60 days ahead. */
export const MOST_PAYOUTS = 200;

/**
 * Two runs: how soon after a source's knowledge policies are paid, so many on a risk of their own and then all of one risk; and how
 * many feeds can change all the time.
 */
export async function measure(payouts: number, note: Note): Promise<Figures> {
  const { single, thousand } = await payAll(payouts, note);
  note(`${FEEDS} feeds, all due in every block, ${RUN_MS / 1_000} s`);
  const feeds = { feedCount: FEEDS, blockIntervalMs: BLOCK_INTERVAL_MS, runMs: RUN_MS };
  const { perSecond, gasPerFeed } = await reportFeeds(feeds);
  const final = single.map(({ blocksFinal }) => blocksFinal);
  const included = single.map(({ blocksIncluded }) => blocksIncluded);
  return {
    payouts,
    roundBlocks: ROUND_BLOCKS,
    finalityBlocks: FINALITY_BLOCKS,
    medianBlocks: percentile(final, 50),
    p99Blocks: percentile(final, 99),
    medianBlocksIncluded: percentile(included, 50),
    thousandPaidBlocks: thousand.blocksIncluded,
    thousandFinalBlocks: thousand.blocksFinal,
    payoutsPerSecond: Math.round(THOUSAND / thousand.seconds),
    feeds: FEEDS,
    feedsPerSecond: perSecond,
    gasPerFeed,
  };
}

async function payAll(payouts: number, note: Note): Promise<{ single: Payout[]; thousand: Payout }> {
  note('Starting PostgreSQL, chain, indexer, settlement and four reporters');
  await using world = await startCover({
    blockIntervalMs: BLOCK_INTERVAL_MS,
    roundSeconds: ROUND_BLOCKS,
    finalityDepth: FINALITY_BLOCKS,
  });
  const first = Number((await world.chain.client.getBlock()).timestamp) + FIRST_DEPARTURE_SECONDS;
  const flights = Array.from({ length: payouts }, (_, at) => flightOf(first, at));
  const crowded = flightOf(first, payouts);
  const covers = await sellSingly(world, flights, note);
  const crowd = await sellThousand(world, crowded, note);

  const pay = async (flight: Flight, sold: readonly SoldCover[]) => {
    await world.arrive(flight);
    // The source comes to know at any moment of a round, as the world has it.
    await delay((1 + Math.random()) * ROUND_BLOCKS * BLOCK_INTERVAL_MS);
    return payOut(world, flight, sold);
  };
  const single: Payout[] = [];
  for (const [at, flight] of flights.entries()) {
    single.push(await pay(flight, covers.slice(at, at + 1)));
    const blocks = single.map(({ blocksFinal }) => blocksFinal);
    if (single.length % 10 === 0 || single.length === payouts)
      note(`  ${single.length} of ${payouts} paid, final after ${percentile(blocks, 50)} blocks at median`);
  }
  const thousand = await pay(crowded, crowd);
  note(`  ${THOUSAND} on one flight paid, final after ${thousand.blocksFinal} blocks`);
  return { single, thousand };
}

const flightOf = (first: number, at: number): Flight => ({
  subject: `LHR:BE${at + 1}`,
  departure: first + at * BETWEEN_SECONDS,
});

async function sellSingly(world: CoverWorld, flights: readonly Flight[], note: Note): Promise<SoldCover[]> {
  const covers: SoldCover[] = [];
  for (const flight of flights) covers.push(await world.sell(flight, 1));
  for (const cover of covers) await world.untilIssued(cover);
  note(`  ${covers.length} policies sold, on a flight each`);
  return covers;
}

async function sellThousand(world: CoverWorld, flight: Flight, note: Note): Promise<SoldCover[]> {
  const covers: SoldCover[] = [];
  while (covers.length * SOLD_AT_ONCE < THOUSAND) {
    const cover = await world.sell(flight, SOLD_AT_ONCE);
    await world.untilIssued(cover);
    covers.push(cover);
    note(`  ${covers.length * SOLD_AT_ONCE} of ${THOUSAND} policies sold on one flight`);
  }
  return covers;
}
