import { Counter, Gauge, Histogram, type Registry } from '../platform/metrics.ts';
import type { BlockReference } from './chainNode.ts';
import type { ContractEvent } from './contractEvents.ts';
import type { Cursor } from './cursor.ts';

export interface IndexerMetrics {
  /** Where the database and the node are. */
  observe(cursor: Cursor, seenAtNode: bigint): void;
  /** What one commit did. */
  observeStep(from: Cursor, base: BlockReference, events: ContractEvent[], unprovenBatches: number): void;
  rpcError(method: string): void;
  leads(isWriter: boolean): void;
  subscribed(isSubscribed: boolean): void;
  /** How many contracts and projections are still read beside. */
  incomplete(subjects: number): void;
}

export function createIndexerMetrics(registry: Registry): IndexerMetrics {
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const head = gauge('indexer_head_block', 'Last block in the database');
  const final = gauge('indexer_final_block', 'Last block that no reorganisation can undo');
  const nodeHead = gauge('indexer_node_head_block', "The node's head when it was last asked");
  const lag = gauge('indexer_lag_blocks', 'Blocks that the node has and the database has not');
  const writer = gauge('indexer_is_writer', '1 when this process holds the lease, 0 on standby');
  const subscribed = gauge(
    'indexer_subscribed',
    '1 while the node tells of new heads, 0 while they are only polled',
  );
  const beside = gauge(
    'indexer_subjects_incomplete',
    'Contracts and projections that this release added and readers do not see yet',
  );
  const reorgs = new Counter({ name: 'indexer_reorgs_total', help: 'Reorganisations followed', registers });
  const depth = new Histogram({
    name: 'indexer_reorg_depth',
    help: 'Blocks undone by a reorganisation',
    buckets: [1, 2, 4, 8, 16, 32, 64],
    registers,
  });
  const events = new Counter({
    name: 'indexer_events_total',
    help: 'Events written, by name',
    labelNames: ['name'],
    registers,
  });
  const unproven = new Counter({
    name: 'indexer_unproven_batches_total',
    help: 'Settled batches whose payments could not be proven by their commitment; anything but 0 needs a person',
    registers,
  });
  const rpcErrors = new Counter({
    name: 'indexer_rpc_errors_total',
    help: 'Requests that the node refused or did not answer, by method',
    labelNames: ['method'],
    registers,
  });
  return {
    observe(cursor, seen) {
      nodeHead.set(Number(seen));
      head.set(Number(cursor.head.number));
      final.set(Number(cursor.finalNumber));
      lag.set(Math.max(0, Number(seen - cursor.head.number)));
    },
    observeStep(from, base, written, unprovenBatches) {
      for (const { name } of written) events.inc({ name });
      unproven.inc(unprovenBatches);
      if (base.number >= from.head.number) return;
      reorgs.inc();
      depth.observe(Number(from.head.number - base.number));
    },
    rpcError: (method) => rpcErrors.inc({ method }),
    leads: (isWriter) => writer.set(isWriter ? 1 : 0),
    incomplete: (count) => beside.set(count),
    subscribed: (isSubscribed) => subscribed.set(isSubscribed ? 1 : 0),
  };
}
