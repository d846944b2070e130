/** Every change of a policy: status, timeline, reserved premium and webhook in one transaction. */
import type { Transaction } from '../../../platform/database.ts';
import type { CallListener } from '../lanes/calls.ts';
import type { postHolds, voidHolds } from '../ledger/holds.ts';
import type { enqueueWebhook, PolicyWebhook } from '../webhooks/outbox.ts';
import type { FailureCode, PolicyStatus } from './schema.ts';
import { readPolicies } from './store.ts';
import { toPolicy } from './view.ts';

/** What is shown in the timeline: hashes, numbers, reasons. */
export type Detail = Record<string, string | number>;

export interface PolicyMove {
  id: string;
  detail: Detail;
}

export interface FailedPolicy {
  id: string;
  code: FailureCode;
  detail: string;
}

export type PolicyLifecycle = ReturnType<typeof createPolicyLifecycle>;

export interface PolicyLifecycleParts {
  enqueueWebhook: typeof enqueueWebhook;
  ledger: { postHolds: typeof postHolds; voidHolds: typeof voidHolds };
  /** For metrics: how many came to a status. Told before the commit, which may still fail. */
  onArrival?: ((status: PolicyStatus, count: number) => void) | undefined;
}

const webhookOf: Partial<Record<string, PolicyWebhook>> = {
  issued: 'policy.issued',
  transferred: 'policy.transferred',
  reduced: 'policy.reduced',
  cancelled: 'policy.cancelled',
  payable: 'policy.payable',
  paid: 'policy.paid',
  refunded: 'policy.refunded',
  credit_withdrawn: 'policy.credit_withdrawn',
  expired: 'policy.expired',
  failed: 'policy.failed',
};

/** Its moves, each within a transaction of the caller, who has written the row. */
export function createPolicyLifecycle({ enqueueWebhook, ledger, onArrival }: PolicyLifecycleParts) {
  /** Begins the timelines of policies that were just ordered. */
  async function begin(tx: Transaction, ids: readonly string[]): Promise<void> {
    await arrive(
      tx,
      'accepted',
      ids.map((id) => ({ id, detail: {} })),
    );
  }

  /** The way of the order's call is in the timeline; when a node has it for the first time, the policy is `processing`. */
  const onOrderCall: CallListener = async (tx, state, moves) => {
    const { rows } = await tx.query<{ id: string; callId: string }>(
      'select id, call_id as "callId" from settlement.policies where call_id = any($1)',
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
      `update settlement.policies set status = 'processing', updated_at = now()
        where id = any($1) and status = 'accepted' returning id`,
      [rows.map(({ id }) => id)],
    );
    if (moved.rowCount) onArrival?.('processing', moved.rowCount);
  };

  /** The chain has them for good: their premiums are paid. */
  async function issue(tx: Transaction, policies: readonly PolicyMove[]): Promise<void> {
    await ledger.postHolds(
      tx,
      policies.map(({ id }) => id),
    ); // as a rule the ledger has, with the block
    await arrive(tx, 'issued', policies);
  }

  /** The chain will never have them: what was reserved is free again. */
  async function fail(tx: Transaction, policies: readonly FailedPolicy[]): Promise<void> {
    if (policies.length === 0) return;
    const { rows } = await tx.query<{ id: string }>(
      `update settlement.policies p
          set status = 'failed', updated_at = now(), reason_code = f.code, reason_detail = f.detail
         from unnest($1::text[], $2::text[], $3::text[]) as f (id, code, detail)
        where p.id = f.id and p.status in ('accepted', 'processing') returning p.id`,
      [policies.map(({ id }) => id), policies.map(({ code }) => code), policies.map(({ detail }) => detail)],
    );
    const failed = new Set(rows.map(({ id }) => id));
    await ledger.voidHolds(tx, [...failed]);
    await arrive(
      tx,
      'failed',
      policies
        .filter(({ id }) => failed.has(id))
        .map(({ id, code, detail }) => ({ id, detail: { reason: code, detail } })),
    );
  }

  /** Timeline, metrics and webhook of what a row says already. */
  async function arrive(
    tx: Transaction,
    state: PolicyStatus | 'transferred' | 'reduced' | 'credit_withdrawn',
    policies: readonly PolicyMove[],
  ): Promise<void> {
    if (policies.length === 0) return;
    await note(tx, state, policies);
    if (state !== 'transferred' && state !== 'reduced' && state !== 'credit_withdrawn')
      onArrival?.(state, policies.length);
    const type = webhookOf[state];
    if (!type) return;
    const rows = await readPolicies(
      tx,
      policies.map(({ id }) => id),
    );
    await enqueueWebhook(
      tx,
      rows.map((row) => ({ partnerId: row.partner_id, type, paymentId: row.id, data: toPolicy(row) })),
    );
  }

  async function note(tx: Transaction, state: string, policies: readonly PolicyMove[]): Promise<void> {
    if (policies.length === 0) return;
    await tx.query(
      `insert into settlement.policy_events (policy_id, state, detail)
       select id, $2, detail from unnest($1::text[], $3::jsonb[]) as noted (id, detail)`,
      [policies.map(({ id }) => id), state, policies.map(({ detail }) => JSON.stringify(detail))],
    );
  }

  return { begin, onOrderCall, issue, fail, arrive };
}
