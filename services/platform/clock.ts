/** This host's clock held against the database's and the chain's. It decides nothing; who reads its times should know. */
import { type Database, oneRow } from './database.ts';
import type { Health } from './health.ts';
import type { Logger } from './log.ts';
import { Gauge, type Registry } from './metrics.ts';
import { startWorker, type Worker } from './worker.ts';

const LOOK_EVERY_MS = 10_000;
/** Clocks that NTP sets differ by milliseconds; partners' signatures are good for minutes. */
const TOLERATED_SECONDS = 60;
/** A chain that stands still, or mines seldom, is behind every clock. */
const TOLERATED_BEHIND_SECONDS = 900;

type Other = 'database' | 'chain';

export interface ClockParts {
  database: Database;
  /** Time of the chain's latest block, in seconds since 1970. */
  latestBlockS: () => Promise<bigint>;
  metrics: Registry;
  log: Logger;
  health: Health;
}

/**
 * Measures at the start and then every ten seconds. What is off is told of once in the log, and never stops anything: a chain of
 * one's own may have any time.
 */
export function watchClock({ database, latestBlockS, metrics, log, health }: ClockParts): Worker {
  const skew = new Gauge({
    name: 'clock_skew_seconds',
    help: "How far this host's clock is ahead of another; of the chain's latest block by up to a block's interval when all is well",
    labelNames: ['against'],
    registers: [metrics],
  });
  const told = new Set<Other>();
  const compare = (against: Other, seconds: number, remedy: string) => {
    skew.set({ against }, seconds);
    const tolerated = against === 'chain' ? TOLERATED_BEHIND_SECONDS : TOLERATED_SECONDS;
    const isOff = seconds > tolerated || seconds < -TOLERATED_SECONDS;
    if (isOff && !told.has(against))
      log.warn(
        { code: 'clock_skew', against, seconds },
        `This host's clock says ${new Date().toISOString()}, which is ${Math.abs(Math.round(seconds))} s ${seconds > 0 ? 'ahead of' : 'behind'} the ${against}'s; expected at most ${seconds > 0 ? tolerated : TOLERATED_SECONDS} s. No payment hangs on it. ${remedy}`,
      );
    if (isOff) told.add(against);
    else if (told.delete(against)) log.info({ against, seconds }, 'the clocks agree again');
  };
  return startWorker('clock', LOOK_EVERY_MS, health, async () => {
    const askedAt = Date.now();
    const { now } = oneRow(
      await database.query<{ now: number }>('select extract(epoch from clock_timestamp())::float8 as now'),
    );
    const host = (askedAt + Date.now()) / 2_000;
    compare(
      'database',
      host - now,
      "Set both by NTP: partners' signatures are judged by the database's clock, and logs have this host's times.",
    );
    const block = Number(await latestBlockS());
    compare(
      'chain',
      Date.now() / 1_000 - block,
      'Set the clock by NTP, or see whether the chain stands still.',
    );
    return false;
  });
}
