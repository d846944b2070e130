/** The runs of the benchmark, one after the other on one world. */
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

/** A tenth of the payments each is enough for the single requests, and an eighth for the peer, three times. */
const SINGLE_SHARE = 10;
const PEER_SHARE = 8;
const PEER_RUNS = 3;
const WARM_UP = 400;

export async function measure(payments: number, report: (line: string) => void): Promise<Figures> {
  report('Starting PostgreSQL, chain, indexer and settlement');
  const world = await startWorld();
  try {
    const drain = (open: number) => report(`  ${open} payments are under way`);
    await handInBatches(world, WARM_UP, world.partners.length);
    await untilAllPosted(world, drain);

    report(`${payments} payments in batches, ${world.partners.length} accounts`);
    const spread = await settle(payments, world.partners.length);
    report(`${payments} payments in batches, one account`);
    const hot = await settle(payments, 1);

    const singles = Math.max(WARM_UP, Math.round(payments / SINGLE_SHARE));
    report(`${singles} payments, a request each`);
    const single = await handInSingly(world, singles);
    await untilAllPosted(world, drain);

    const transactions = Math.round(payments / PEER_SHARE);
    const peer: number[] = [];
    for (let run = 1; run <= PEER_RUNS; run++) {
      report(`${transactions} payments, a transaction each (${run} of ${PEER_RUNS})`);
      peer.push(await settleOneByOne(world, transactions));
    }
    const singleTransactionPerSecond = peer.sort((a, b) => a - b)[PEER_RUNS >> 1] as number;
    return {
      payments,
      acceptedPerSecond: spread.accepted,
      acceptedSinglePerSecond: single.perSecond,
      acceptSingleP99Ms: Math.round(single.p99Ms),
      finalPerSecond: spread.final,
      singleTransactionPerSecond,
      ratio: Number((spread.final / singleTransactionPerSecond).toFixed(2)),
      hotAccountFinalPerSecond: hot.final,
      peakRssMiB: await world.peakRssMiB(),
    };

    async function settle(count: number, partners: number) {
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
