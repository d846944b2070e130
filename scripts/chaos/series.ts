/** A series of runs, one seed after the other, in a world that lives as long as it is whole. */
import type { FaultName } from './faults.ts';
import type { Damage } from './inject.ts';
import { findViolations, type Violation, type ViolationKind } from './invariants.ts';
import { AnsweredTwice } from './partner.ts';
import { play } from './run.ts';
import { FINALITY_DEPTH, type Schedule, scheduleOf, type WorldKind } from './schedule.ts';
import { findTradeViolations } from './trade/invariants.ts';
import { playTrade } from './trade/run.ts';
import { type TradeSchedule, tradeScheduleOf } from './trade/schedule.ts';
import { startWorld, type World } from './world.ts';

/** So many runs share a world at most: a chain in memory grows. */
const RUNS_A_WORLD = 25;

export interface Totals extends Damage, Record<ViolationKind, number> {
  runs: number;
  payments: number;
  policies: number;
  escrows: number;
}

/** One run, told of when it is over. */
export interface RunReport {
  schedule: Schedule | TradeSchedule;
  violations: Violation[];
  /** Processes that did not only die but crashed. */
  crashes: string[];
  seconds: number;
}

export interface SeriesOptions {
  runs: number;
  /** Of the first run; each further one has the next number. */
  seed: number;
  only?: FaultName | undefined;
  kind?: WorldKind;
  onRun: (report: RunReport, totals: Totals) => void;
}

export interface Series {
  result: Promise<Totals>;
  /** Ends everything that was started; `result` then stays open. */
  stop(): Promise<void>;
}

/** A run that was drawn, and how to make it. */
interface Drawn {
  schedule: Schedule | TradeSchedule;
  play(world: World): Promise<Violation[]>;
}

type Draw = (seed: number, only: FaultName | undefined, totals: Totals) => Drawn;

const drawOf: Record<WorldKind, Draw> = {
  payments: (seed, only, totals) => {
    const schedule = scheduleOf(seed, only);
    totals.payments += schedule.orders.reduce((sum, { payments }) => sum + payments.length, 0);
    return { schedule, play: async (world) => findViolations(await play(world, schedule, totals)) };
  },
  trade: (seed, only, totals) => {
    const schedule = tradeScheduleOf(seed, only);
    totals.policies += schedule.orders.reduce((sum, { policies }) => sum + policies.length, 0);
    totals.escrows += schedule.escrows.length;
    return { schedule, play: async (world) => findTradeViolations(await playTrade(world, schedule, totals)) };
  },
};

/** Runs the series. A run that breaks an invariant, or itself, is the last of its world. */
export function startSeries({ runs, seed, only, kind = 'payments', onRun }: SeriesOptions): Series {
  const totals: Totals = {
    runs: 0,
    kills: 0,
    reporterKills: 0,
    reorgs: 0,
    databaseCrashes: 0,
    payments: 0,
    policies: 0,
    escrows: 0,
    lost: 0,
    duplicated: 0,
    unbalanced: 0,
    stuck: 0,
  };
  /** A promise, so that a world is left also while it is still being made. */
  let current: Promise<World> | undefined;
  let isStopped = false;

  const leave = async () => {
    const left = current;
    current = undefined;
    await (await left)?.stop();
  };

  const result = (async () => {
    try {
      let age = 0;
      for (let run = 0; run < runs && !isStopped; run++) {
        if (age++ === RUNS_A_WORLD) await leave();
        if (!current) age = 1;
        current ??= startWorld(FINALITY_DEPTH, kind);
        const world = await current;
        const startedAt = performance.now();
        const { schedule, play } = drawOf[kind](seed + run, only, totals);
        const violations = await play(world).catch((error: Error): Violation[] => {
          if (isStopped) throw error;
          const kind = error instanceof AnsweredTwice ? 'duplicated' : 'stuck';
          return [{ kind, what: `the run broke: ${error.stack}` }];
        });
        const crashes = world.crashes.splice(0);
        const seconds = (performance.now() - startedAt) / 1000;
        totals.runs++;
        for (const { kind } of violations) totals[kind]++;
        onRun({ schedule, violations, crashes, seconds }, totals);
        if (violations.length > 0 || crashes.length > 0) await leave();
      }
      return totals;
    } catch (error) {
      // What falls over because its world was stopped says nothing.
      if (isStopped) return new Promise<never>(() => undefined);
      throw error;
    } finally {
      await leave();
    }
  })();
  return {
    result,
    async stop() {
      isStopped = true;
      await leave();
    },
  };
}
