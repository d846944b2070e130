/** The runs of the benchmark, one after the other on one world. */
import { median } from '../percentile.ts';
import { handInBatches, handInSingly, perSecond, untilAllPosted } from './load.ts';
import { settleOneByOne } from './singleTransactions.ts';
import { startWorld } from './world.ts';

/** What `--json` prints. */
export interface Figures {
  payments: number;
  acceptedPerSecond: number;
  acceptedSinglePerSecond: number;
  acceptSingleP99Ms: number;
  finalPerSecond: number;
  singleTransactionPerSecond: number;
  ratio: number;
  hotAccountFinalPerSecond: number;
  peakRssMiB: number;
}

/** Every figure is the median of so many runs, all of them in turn: the machine is not as fast at all times. */
const RUNS = 3;
/** So many of the payments come in requests of their own. */
const SINGLE_SHARE = 10;
/** Services run for weeks: their code is compiled, and their recipients hold the coin. */
const WARM_UP = 2_000;
const WARM_UP_SINGLY = 800;

export async function measure(payments: number, report: (line: string) => void): Promise<Figures> {
  report('Starting PostgreSQL, chain, indexer and settlement');
  const world = await startWorld();
  try {
    const drain = (open: number) => report(`  ${open} payments are under way`);
    await handInBatches(world, WARM_UP, world.partners.length);
    await handInSingly(world, WARM_UP_SINGLY);
    await untilAllPosted(world, drain);

    const runs: Run[] = [];
    while (runs.length < RUNS) {
      const which = `run ${runs.length + 1} of ${RUNS}`;
      report(`${payments} payments in batches, ${world.partners.length} accounts (${which})`);
      const spread = await settle(payments, world.partners.length);
      report(`${payments} payments in batches, one account (${which})`);
      const hot = await settle(payments, 1);
      const singles = Math.max(WARM_UP_SINGLY, Math.round(payments / SINGLE_SHARE));
      report(`${singles} payments, a request each (${which})`);
      const single = await handInSingly(world, singles);
      report(`  taken, ${single.perSecond} a second, 99 of 100 in ${Math.round(single.p99Ms)} ms`);
      await untilAllPosted(world, drain);
      report(`${payments} payments, a transaction each (${which})`);
      const peer = await settleOneByOne(world, payments);
      report(`  final, ${peer} a second`);
      runs.push({ spread, hot, single, peer });
    }
    const final = median(runs.map(({ spread }) => spread.final));
    const singleTransactionPerSecond = median(runs.map(({ peer }) => peer));
    return {
      payments,
      acceptedPerSecond: median(runs.map(({ spread }) => spread.accepted)),
      acceptedSinglePerSecond: median(runs.map(({ single }) => single.perSecond)),
      acceptSingleP99Ms: Math.round(median(runs.map(({ single }) => single.p99Ms))),
      finalPerSecond: final,
      singleTransactionPerSecond,
      ratio: Number((final / singleTransactionPerSecond).toFixed(2)),
      hotAccountFinalPerSecond: median(runs.map(({ hot }) => hot.final)),
      peakRssMiB: await world.peakRssMiB(),
    };

    async function settle(count: number, partners: number): Promise<Settled> {
      const taken = await handInBatches(world, count, partners);
      report(`  taken, ${taken.perSecond} a second`);
      await untilAllPosted(world, drain);
      const final = perSecond(count, taken.startedAt);
      report(`  final and posted, ${final} a second`);
      return { accepted: taken.perSecond, final };
    }
  } finally {
    await world.stop();
  }
}

interface Settled {
  accepted: number;
  final: number;
}

interface Run {
  spread: Settled;
  hot: Settled;
  single: { perSecond: number; p99Ms: number };
  peer: number;
}
