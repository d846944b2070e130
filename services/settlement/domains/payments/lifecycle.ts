/** Every change of a payment's state, by one module: the state, the timeline and the webhook in one transaction. */
import type { ReasonCode } from '../../../core/reasons.ts';
import type { Queryable, Transaction } from '../../../platform/database.ts';
import type { enqueueWebhook } from '../webhooks/outbox.ts';
import { type PaymentState, statesBefore, webhookOf } from './states.ts';
import { type PaymentRow, readPayments } from './store.ts';
import { toPayment } from './view.ts';

/** Shown in the timeline: hashes, block numbers, reasons. */
export type Detail = Record<string, string | number>;

/** One payment that moves on, and what its timeline shows of it. */
export interface Change {
  id: string;
  detail?: Detail;
  reason?: { code: ReasonCode; detail: string };
}

/** A payment that goes into a batch. */
export interface Placed {
  id: string;
  settlementBatchId: string;
  sequence: bigint;
}

/** One batch that moves on with all its payments. `included` needs the block and the transaction in the detail. */
export interface BatchChange {
  id: string;
  detail?: Detail;
}

export type Lifecycle = ReturnType<typeof createLifecycle>;

/** What the lifecycle needs of other domains, and whom it tells. */
export interface LifecycleParts {
  enqueueWebhook: typeof enqueueWebhook;
  /** For metrics: how many came to a state for the first time. Told before the commit, which may still fail. */
  onArrival?: ((state: PaymentState, count: number) => void) | undefined;
}

/**
 * The moves of payments, each within a transaction of the caller. A payment in a batch has the batch's state, until one
 * of the batch goes a way of its own: then the batch is split, and each of its payments has a state of its own for good.
 */
export function createLifecycle({ enqueueWebhook, onArrival }: LifecycleParts) {
  /**
   * Moves payments that have states of their own to the state `to`, those that are in a state from which states.ts
   * allows it; the others stay as they are. Any number of payments costs a handful of statements.
   * @returns the ids that moved.
   */
  async function transition(
    tx: Transaction,
    to: PaymentState,
    changes: readonly Change[],
  ): Promise<string[]> {
    if (changes.length === 0) return [];
    const { rows } = await tx.query<{ id: string; first: boolean }>(
      `with change as (
       select * from json_to_recordset($1) as c (id text, detail jsonb, reason_code text, reason_detail text)
     ), moved as (
       update settlement.payments p
          set state = $2, updated_at = now(),
              reason_code = coalesce(c.reason_code, p.reason_code),
              reason_detail = coalesce(c.reason_detail, p.reason_detail)
         from change c
        where p.id = c.id and p.state = any($3)
       returning p.id, p.settlement_batch_id, coalesce(c.detail, '{}') as detail
     ), noted as (
       insert into settlement.payment_events (payment_id, state, detail) select id, $2, detail from moved
     )
     select moved.id, not exists (select from settlement.payment_events e
                               where e.payment_id = moved.id and $2 = any(e.through || e.state))
                  and not exists (select from settlement.payment_events e
                               where e.settlement_batch_id = moved.settlement_batch_id and e.state = $2) as first
       from moved`,
      [
        JSON.stringify(
          changes.map(({ id, detail, reason }) => ({
            id,
            detail: reason ? { ...detail, reason: reason.code, detail: reason.detail } : detail,
            reason_code: reason?.code,
            reason_detail: reason?.detail,
          })),
        ),
        to,
        statesBefore(to),
      ],
    );
    // A payment that comes to a state again, after a reorganisation, is told of once.
    await announceArrived(
      tx,
      to,
      rows.filter((row) => row.first).map((row) => row.id),
    );
    return rows.map((row) => row.id);
  }

  /** Puts reserved payments into new batches. @returns how many were still reserved. */
  async function placeInBatches(tx: Transaction, placed: readonly Placed[]): Promise<number> {
    const { rowCount } = await tx.query(
      `update settlement.payments p
          set state = 'batched', updated_at = now(), settlement_batch_id = c.batch_id, sequence = c.sequence
         from unnest($1::text[], $2::text[], $3::numeric[]) as c (id, batch_id, sequence)
        where p.id = c.id and p.state = 'reserved'`,
      [
        placed.map(({ id }) => id),
        placed.map(({ settlementBatchId }) => settlementBatchId),
        placed.map(({ sequence }) => sequence),
      ],
    );
    await tx.query(
      `insert into settlement.payment_events (settlement_batch_id, state, detail)
       select id, 'batched', jsonb_build_object('settlementBatchId', id) from unnest($1::text[]) as b (id)`,
      [[...new Set(placed.map(({ settlementBatchId }) => settlementBatchId))]],
    );
    onArrival?.('batched', placed.length);
    return rowCount ?? 0;
  }

  /**
   * Moves batches with all their payments to the state `to`, those that are in one of the states `from`. In a batch that
   * is split each payment moves for which states.ts allows it.
   * @returns the ids of the batches that moved.
   */
  async function moveBatches(
    tx: Transaction,
    to: PaymentState,
    from: readonly PaymentState[],
    changes: readonly BatchChange[],
  ): Promise<string[]> {
    if (changes.length === 0) return [];
    const { rows } = await tx.query<{ id: string; is_split: boolean; first: boolean }>(
      `with change as (
         select * from json_to_recordset($1) as c (id text, detail jsonb)
       ), moved as (
         update settlement.settlement_batches b
            set state = $2, updated_at = now(),
                transaction_hash = coalesce(c.detail->>'transactionHash', b.transaction_hash),
                block_number = case $2 when 'included' then (c.detail->>'blockNumber')::bigint
                                       when 'broadcast' then null else b.block_number end,
                block_hash = case $2 when 'included' then c.detail->>'blockHash'
                                     when 'broadcast' then null else b.block_hash end
           from change c
          where b.id = c.id and b.state = any($3)
         returning b.id, b.is_split, coalesce(c.detail, '{}') as detail
       ), noted as (
         insert into settlement.payment_events (settlement_batch_id, state, detail)
         select id, $2, detail from moved where not is_split
       )
       select id, is_split, not exists (select from settlement.payment_events e
                                         where e.settlement_batch_id = moved.id and e.state = $2) as first
         from moved`,
      [JSON.stringify(changes), to, from],
    );
    const details = new Map(changes.map(({ id, detail }) => [id, detail]));
    const split = rows.filter(({ is_split }) => is_split).map(({ id }) => id);
    await transition(
      tx,
      to,
      (await paymentsOf(tx, split)).map(({ id, batchId }) => ({ id, ...withDetail(details.get(batchId)) })),
    );
    const first = rows.filter((row) => row.first && !row.is_split).map(({ id }) => id);
    const arrived = await paymentsOf(tx, first);
    await announceArrived(
      tx,
      to,
      arrived.map(({ id }) => id),
    );
    return rows.map(({ id }) => id);
  }

  /** From now on each payment of these batches has a state of its own: at first its batch's. */
  async function split(tx: Transaction, batchIds: readonly string[]): Promise<void> {
    if (batchIds.length === 0) return;
    await tx.query(
      `with batch as (
         update settlement.settlement_batches set is_split = true where id = any($1) and not is_split
         returning id, state
       )
       update settlement.payments p set state = batch.state
         from batch where p.settlement_batch_id = batch.id and p.state = 'batched'`,
      [batchIds],
    );
  }

  async function announceArrived(
    tx: Transaction,
    state: PaymentState,
    ids: readonly string[],
  ): Promise<void> {
    if (webhookOf[state]) await announce(tx, state, await readPayments(tx, ids));
    else if (ids.length > 0) onArrival?.(state, ids.length);
  }

  /** Tells of payments that have come to a state for the first time: by webhook where partners care. */
  async function announce(
    tx: Transaction,
    state: PaymentState,
    payments: readonly PaymentRow[],
  ): Promise<void> {
    if (payments.length === 0) return;
    onArrival?.(state, payments.length);
    const type = webhookOf[state];
    if (!type) return;
    await enqueueWebhook(
      tx,
      payments.map((row) => ({ partnerId: row.partner_id, type, paymentId: row.id, data: toPayment(row) })),
    );
  }

  /** Adds to the timelines of a batch's payments without moving them, such as the reason why it was not sent. */
  async function note(tx: Transaction, settlementBatchId: string, detail: Detail): Promise<void> {
    await tx.query(
      `insert into settlement.payment_events (payment_id, settlement_batch_id, state, detail)
       select null, id, state, $2::jsonb from settlement.settlement_batches where id = $1 and not is_split
       union all
       select p.id, null, p.state, $2::jsonb
         from settlement.settlement_batches b join settlement.payments p on p.settlement_batch_id = b.id
        where b.id = $1 and b.is_split`,
      [settlementBatchId, JSON.stringify(detail)],
    );
  }

  return { transition, placeInBatches, moveBatches, split, announce, note };
}

async function paymentsOf(
  database: Queryable,
  batchIds: readonly string[],
): Promise<{ id: string; batchId: string }[]> {
  if (batchIds.length === 0) return [];
  const { rows } = await database.query<{ id: string; batchId: string }>(
    'select id, settlement_batch_id as "batchId" from settlement.payments where settlement_batch_id = any($1)',
    [batchIds],
  );
  return rows;
}

const withDetail = (detail: Detail | undefined) => (detail ? { detail } : {});
