import { doubtCodes } from '../platform/chainWitness.ts';
import type { Database } from '../platform/database.ts';
import { databaseTrouble } from '../platform/databaseTrouble.ts';
import { Counter, Gauge, Histogram, type Registry } from '../platform/metrics.ts';
import { type AuthorizedStatus, authorizedStatuses } from './domains/authorizedPayments/schema.ts';
import { type PolicyStatus, policyStatuses } from './domains/insurance/schema.ts';
import { type LaneState, laneStates } from './domains/lanes/laneState.ts';
import { readUnanchored } from './domains/ledger/anchors.ts';
import { type PaymentState, paymentStates, transitions, webhookOf } from './domains/payments/states.ts';
import { breakKinds, readOpenBreaks, severities } from './domains/reconciliation/breaks.ts';

export type EngineMetrics = ReturnType<typeof create>;

/** What `payments_in_state` counts: a payment that is `held` has not ended, a person must look. */
const unendedStates = paymentStates.filter((state) => state === 'held' || transitions[state].length > 0);

/** A payment is written down as `screened` or `rejected` at once: nothing arrives at the states before. */
const arrivalStates: PaymentState[] = paymentStates.filter(
  (state) => state !== 'received' && state !== 'screened',
);

const known = new WeakMap<Registry, EngineMetrics>();

/** The engine's metrics in this registry; the same ones whenever it is asked. */
export function engineMetrics(registry: Registry, database: Database): EngineMetrics {
  const metrics = known.get(registry) ?? create(registry, database);
  known.set(registry, metrics);
  return metrics;
}

/** A database in trouble leaves its figures as they were: the others, such as `part_failing`, are wanted then. */
function askDatabase(ask: (gauge: Gauge) => Promise<void>) {
  return async function collect(this: Gauge) {
    try {
      await ask(this);
    } catch (error) {
      if (!databaseTrouble(error)) throw error;
    }
  };
}

function create(registry: Registry, database: Database) {
  const registers = [registry];
  const batchSize = new Histogram({
    name: 'settlement_batch_payments',
    help: 'Payments in a batch to the router',
    buckets: [1, 5, 20, 50, 100, 200, 256],
    registers,
  });
  const batchTarget = new Gauge({
    name: 'settlement_batch_target',
    help: 'Payments that a batch takes now at most, by token',
    labelNames: ['token'],
    registers,
  });
  const laneDepth = new Gauge({
    name: 'lane_attempts_unfinished',
    help: 'Nonces of the lane that are under way',
    labelNames: ['signer'],
    registers,
  });
  const laneState = new Gauge({
    name: 'lane_state',
    help: '1 for the state that the lane of the signer is in, in this process',
    labelNames: ['signer', 'state'],
    registers,
  });
  const foreignNonces = new Counter({
    name: 'lane_foreign_nonces_total',
    help: 'Nonces of the signer that the chain has used and this database did not give out',
    labelNames: ['signer'],
    registers,
  });
  const nodesDisagree = new Gauge({
    name: 'nodes_disagree',
    help: '1 while money waits because of what the nodes say, by reason',
    labelNames: ['reason'],
    registers,
  });
  const secondsToFinal = new Histogram({
    name: 'payments_seconds_to_final',
    help: 'From the acceptance of a payment to its posting',
    buckets: [1, 2, 5, 10, 20, 60, 300, 1_800],
    registers,
  });
  const postedBlock = new Gauge({
    name: 'ledger_posted_block',
    help: 'Last final block in the ledger',
    registers,
  });
  new Gauge({
    name: 'payments_in_state',
    help: 'Payments that have not ended, by state',
    labelNames: ['state'],
    registers,
    collect: askDatabase(async (gauge) => {
      const { rows } = await database.query<{ state: string; count: bigint }>(
        'select state, count from settlement.open_payments',
      );
      for (const state of unendedStates) gauge.set({ state }, 0);
      for (const { state, count } of rows) gauge.set({ state }, Number(count));
    }),
  });
  new Gauge({
    name: 'authorized_payments_in_status',
    help: 'Payments signed by wallets that have not ended, by status',
    labelNames: ['status'],
    registers,
    collect: askDatabase(async (gauge) => {
      const { rows } = await database.query<{ status: string; count: bigint }>(
        `select status, count(*) as count from settlement.authorized_payments
          where status in ('accepted', 'processing') group by status`,
      );
      gauge.reset();
      for (const { status, count } of rows) gauge.set({ status }, Number(count));
    }),
  });
  new Gauge({
    name: 'escrows_in_status',
    help: 'Escrows that have not ended, by status',
    labelNames: ['status'],
    registers,
    collect: askDatabase(async (gauge) => {
      const { rows } = await database.query<{ status: string; count: bigint }>(
        `select status, count(*) as count from settlement.escrows
          where status in ('created', 'authorizing', 'authorized', 'disputed') group by status`,
      );
      gauge.reset();
      for (const { status, count } of rows) gauge.set({ status }, Number(count));
    }),
  });
  const escrowMoves = new Counter({
    name: 'escrow_moves_total',
    help: 'Entries in the timelines of escrows, by what they tell of',
    labelNames: ['state'],
    registers,
  });
  new Gauge({
    name: 'calls_in_state',
    help: 'Contract calls of the lanes that have not ended, by kind and state',
    labelNames: ['kind', 'state'],
    registers,
    collect: askDatabase(async (gauge) => {
      const { rows } = await database.query<{ kind: string; state: string; count: bigint }>(
        `select kind, state, count(*) as count from settlement.calls
          where state not in ('final', 'failed', 'expired') group by kind, state`,
      );
      gauge.reset();
      for (const { kind, state, count } of rows) gauge.set({ kind, state }, Number(count));
    }),
  });
  new Gauge({
    name: 'breaks_open',
    help: 'Differences between ledger, chain and bank that are open, by kind and severity',
    labelNames: ['kind', 'severity'],
    registers,
    collect: askDatabase(async (gauge) => {
      const open = await readOpenBreaks(database);
      for (const kind of breakKinds) for (const severity of severities) gauge.set({ kind, severity }, 0);
      for (const { kind, severity, count } of open) gauge.set({ kind, severity }, Number(count));
    }),
  });
  new Gauge({
    name: 'breaks_oldest_seconds',
    help: 'Age of the oldest open break, by kind',
    labelNames: ['kind'],
    registers,
    collect: askDatabase(async (gauge) => {
      const open = await readOpenBreaks(database);
      for (const kind of breakKinds) {
        const ages = open.filter((row) => row.kind === kind).map((row) => row.oldest_seconds);
        gauge.set({ kind }, Math.max(0, ...ages));
      }
    }),
  });

  new Gauge({
    name: 'ledger_unanchored_postings',
    help: 'Postings since the head of the ledger was last final on chain',
    registers,
    collect: askDatabase(async (gauge) => gauge.set((await readUnanchored(database)).postings)),
  });
  new Gauge({
    name: 'ledger_unanchored_seconds',
    help: 'Age of the oldest posting that no final anchor covers',
    registers,
    collect: askDatabase(async (gauge) => gauge.set((await readUnanchored(database)).seconds)),
  });

  /** `payments_settled_total`, named as the webhook is; states that partners are not told of by their own name. */
  const arrivals = new Map(
    arrivalStates.map((state) => {
      const name = webhookOf[state]?.replace('payment.', '') ?? state;
      const help = `Payments that came to be ${name}`;
      return [state, new Counter({ name: `payments_${name}_total`, help, registers })];
    }),
  );

  const authorizedArrivals = new Map(
    authorizedStatuses.map((status) => {
      const help = `Payments signed by wallets that came to be ${status}`;
      return [status, new Counter({ name: `authorized_payments_${status}_total`, help, registers })];
    }),
  );

  const policyArrivals = new Map(
    policyStatuses.map((status) => {
      const help = `Policies that came to be ${status}`;
      return [status, new Counter({ name: `policies_${status}_total`, help, registers })];
    }),
  );

  return {
    onPolicyArrival: (status: PolicyStatus, count: number) => policyArrivals.get(status)?.inc(count),
    onArrival: (state: PaymentState, count: number) => arrivals.get(state)?.inc(count),
    onAuthorizedArrival: (status: AuthorizedStatus, count: number) =>
      authorizedArrivals.get(status)?.inc(count),
    onEscrowMove: (state: string, count: number) => escrowMoves.inc({ state }, count),
    onBatch: (size: number) => batchSize.observe(size),
    onLaneDepth: (signer: string, depth: number) => laneDepth.set({ signer }, depth),
    onLaneState: (signer: string, state: LaneState) => {
      for (const each of laneStates) laneState.set({ signer, state: each }, each === state ? 1 : 0);
    },
    onForeignNonces: (signer: string, count: number) => foreignNonces.inc({ signer }, count),
    onDoubts: (doubts: ReadonlySet<string>) => {
      for (const reason of doubtCodes) nodesDisagree.set({ reason }, doubts.has(reason) ? 1 : 0);
    },
    onBatchTarget: (token: string, payments: number) => batchTarget.set({ token }, payments),
    onPosted: ({
      blockNumber,
      secondsToFinal: seconds,
    }: {
      blockNumber: bigint;
      secondsToFinal: number[];
    }) => {
      postedBlock.set(Number(blockNumber));
      for (const each of seconds) secondsToFinal.observe(each);
    },
  };
}
