/** Every change of an authorised payment: status, timeline and webhook in one transaction. */
import type { Transaction } from '../../../platform/database.ts';
import type { CallListener } from '../lanes/calls.ts';
import type { AuthorizedPaymentWebhook, enqueueWebhook } from '../webhooks/outbox.ts';
import type { AuthorizedStatus, FailureCode } from './schema.ts';
import { readAuthorizedPayments } from './store.ts';
import { toAuthorizedPayment } from './view.ts';

/** What is shown in the timeline: hashes, block numbers, reasons. */
type Detail = Record<string, string | number>;

export interface Settled {
  id: string;
  transactionHash: string;
  blockNumber: bigint;
  blockHash: string;
}

export interface Failed {
  id: string;
  code: FailureCode;
  detail: string;
}

export type AuthorizedPaymentLifecycle = ReturnType<typeof createAuthorizedPaymentLifecycle>;

export interface AuthorizedPaymentLifecycleParts {
  enqueueWebhook: typeof enqueueWebhook;
  /** For metrics: how many came to a status. Told before the commit, which may still fail. */
  onArrival?: ((status: AuthorizedStatus, count: number) => void) | undefined;
}

const webhookOf: Partial<Record<AuthorizedStatus, AuthorizedPaymentWebhook>> = {
  processing: 'authorized_payment.processing',
  settled: 'authorized_payment.settled',
  failed: 'authorized_payment.failed',
};

/** Its moves, each within a transaction of the caller. One that has ended stays as it is. */
export function createAuthorizedPaymentLifecycle({
  enqueueWebhook,
  onArrival,
}: AuthorizedPaymentLifecycleParts) {
  /** Begins the timeline of a payment that was just written. */
  async function begin(tx: Transaction, id: string): Promise<void> {
    await note(tx, 'accepted', [{ id, detail: {} }]);
    await announce(tx, 'accepted', [id]);
  }

  /** The way of the call is in the timeline; when a node has it for the first time, the payment is `processing`. */
  const onCall: CallListener = async (tx, state, moves) => {
    // Locked before anything is written: whoever ends them meanwhile comes after, in the timeline as well.
    const { rows } = await tx.query<{ id: string; callId: string }>(
      `select id, call_id as "callId" from settlement.authorized_payments
        where call_id = any($1) order by id for no key update`,
      [moves.map(({ id }) => id)],
    );
    const details = new Map(moves.map(({ id, detail }) => [id, detail]));
    await note(
      tx,
      `call_${state}`,
      rows.map(({ id, callId }) => ({ id, detail: details.get(callId) ?? {} })),
    );
    if (state !== 'broadcast') return;
    const moved = await tx.query<{ id: string }>(
      `update settlement.authorized_payments set status = 'processing', updated_at = now()
        where id = any($1) and status = 'accepted' returning id`,
      [rows.map(({ id }) => id)],
    );
    const ids = moved.rows.map(({ id }) => id);
    await announce(tx, 'processing', ids);
  };

  /** The chain made them, whoever sent the transaction. */
  async function settle(tx: Transaction, payments: readonly Settled[]): Promise<void> {
    const { rows } = await tx.query<{ id: string }>(
      `update settlement.authorized_payments p
          set status = 'settled', updated_at = now(), transaction_hash = s.transaction_hash,
              block_number = s.block_number, block_hash = s.block_hash
         from unnest($1::text[], $2::text[], $3::bigint[], $4::text[])
              as s (id, transaction_hash, block_number, block_hash)
        where p.id = s.id and p.status in ('accepted', 'processing') returning p.id`,
      [
        payments.map(({ id }) => id),
        payments.map(({ transactionHash }) => transactionHash),
        payments.map(({ blockNumber }) => blockNumber),
        payments.map(({ blockHash }) => blockHash),
      ],
    );
    const ids = new Set(rows.map(({ id }) => id));
    await note(
      tx,
      'settled',
      payments
        .filter(({ id }) => ids.has(id))
        .map(({ id, transactionHash, blockNumber, blockHash }) => ({
          id,
          detail: { transactionHash, blockNumber: Number(blockNumber), blockHash },
        })),
    );
    await announce(tx, 'settled', [...ids]);
  }

  /** The chain will never make them. */
  async function fail(tx: Transaction, payments: readonly Failed[]): Promise<void> {
    const { rows } = await tx.query<{ id: string }>(
      `update settlement.authorized_payments p
          set status = 'failed', updated_at = now(), reason_code = f.code, reason_detail = f.detail
         from unnest($1::text[], $2::text[], $3::text[]) as f (id, code, detail)
        where p.id = f.id and p.status in ('accepted', 'processing') returning p.id`,
      [payments.map(({ id }) => id), payments.map(({ code }) => code), payments.map(({ detail }) => detail)],
    );
    const ids = new Set(rows.map(({ id }) => id));
    await note(
      tx,
      'failed',
      payments
        .filter(({ id }) => ids.has(id))
        .map(({ id, code, detail }) => ({ id, detail: { reason: code, detail } })),
    );
    await announce(tx, 'failed', [...ids]);
  }

  async function note(
    tx: Transaction,
    state: string,
    payments: readonly { id: string; detail: Detail }[],
  ): Promise<void> {
    if (payments.length === 0) return;
    await tx.query(
      `insert into settlement.authorized_payment_events (authorized_payment_id, state, detail)
       select id, $2, detail from unnest($1::text[], $3::jsonb[]) as noted (id, detail)`,
      [payments.map(({ id }) => id), state, payments.map(({ detail }) => JSON.stringify(detail))],
    );
  }

  async function announce(tx: Transaction, status: AuthorizedStatus, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    onArrival?.(status, ids.length);
    const type = webhookOf[status];
    if (!type) return;
    const rows = await readAuthorizedPayments(tx, ids);
    await enqueueWebhook(
      tx,
      rows.map((row) => ({
        partnerId: row.partner_id,
        type,
        paymentId: row.id,
        data: toAuthorizedPayment(row),
      })),
    );
  }

  return { begin, onCall, settle, fail };
}
