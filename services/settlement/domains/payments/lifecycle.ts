/** Every change of a payment's state, by one function: the state, the timeline and the webhook in one transaction. */
import type { ReasonCode } from '../../../core/reasons.ts';
import type { Transaction } from '../../../platform/database.ts';
import type { enqueueWebhook } from '../webhooks/outbox.ts';
import { type PaymentState, statesBefore, webhookOf } from './states.ts';
import { readPayments } from './store.ts';
import { toPayment } from './view.ts';

/** One payment that moves on, and what its timeline shows of it. */
export interface Change {
  id: string;
  /** Shown in the timeline: hashes, block numbers, reasons. Strings and numbers only. */
  detail?: Record<string, string | number>;
  reason?: { code: ReasonCode; detail: string };
  /** When a payment is batched: where it goes. */
  settlementBatchId?: string;
  sequence?: bigint;
}

export type Lifecycle = ReturnType<typeof createLifecycle>;

/** What the lifecycle needs of other domains, and whom it tells. */
export interface LifecycleParts {
  enqueueWebhook: typeof enqueueWebhook;
  /** For metrics: how many came to a state for the first time. Told before the commit, which may still fail. */
  onArrival?: ((state: PaymentState, count: number) => void) | undefined;
}

/** The moves of payments, each within a transaction of the caller. */
export function createLifecycle({ enqueueWebhook, onArrival }: LifecycleParts) {
  /**
   * Moves payments to the state `to`, those that are in a state from which states.ts allows it; the others stay as
   * they are. Any number of payments costs a handful of statements.
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
       select * from json_to_recordset($1) as c (id text, detail jsonb, reason_code text, reason_detail text,
                                                 settlement_batch_id text, sequence numeric)
     ), moved as (
       update settlement.payments p
          set state = $2, updated_at = now(),
              reason_code = coalesce(c.reason_code, p.reason_code),
              reason_detail = coalesce(c.reason_detail, p.reason_detail),
              settlement_batch_id = coalesce(c.settlement_batch_id, p.settlement_batch_id),
              sequence = coalesce(c.sequence, p.sequence)
         from change c
        where p.id = c.id and p.state = any($3)
       returning p.id, coalesce(c.detail, '{}') as detail
     ), noted as (
       insert into settlement.payment_events (payment_id, state, detail) select id, $2, detail from moved
     )
     select moved.id, not exists (select from settlement.payment_events e
                               where e.payment_id = moved.id and e.state = $2) as first
       from moved`,
      [
        JSON.stringify(
          changes.map(({ id, detail, reason, settlementBatchId, sequence }) => ({
            id,
            detail: reason ? { ...detail, reason: reason.code, detail: reason.detail } : detail,
            reason_code: reason?.code,
            reason_detail: reason?.detail,
            settlement_batch_id: settlementBatchId,
            sequence: sequence?.toString(),
          })),
        ),
        to,
        statesBefore(to),
      ],
    );
    // A payment that comes to a state again, after a reorganisation, is told of once.
    await announce(
      tx,
      to,
      rows.filter((row) => row.first).map((row) => row.id),
    );
    return rows.map((row) => row.id);
  }

  /** Tells of payments that have come to a state for the first time: by webhook where partners care. */
  async function announce(tx: Transaction, state: PaymentState, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    onArrival?.(state, ids.length);
    const type = webhookOf[state];
    if (!type) return;
    const payments = await readPayments(tx, ids);
    await enqueueWebhook(
      tx,
      payments.map((row) => ({ partnerId: row.partner_id, type, paymentId: row.id, data: toPayment(row) })),
    );
  }

  /** Adds to the timelines of payments without moving them, such as the reason why a batch was not sent. */
  async function note(
    tx: Transaction,
    settlementBatchId: string,
    detail: Record<string, string | number>,
  ): Promise<void> {
    await tx.query(
      `insert into settlement.payment_events (payment_id, state, detail)
     select id, state, $2 from settlement.payments where settlement_batch_id = $1`,
      [settlementBatchId, JSON.stringify(detail)],
    );
  }

  return { transition, announce, note };
}
