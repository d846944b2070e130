import type { Transaction } from '../../../platform/database.ts';

/** PostgreSQL channel that wakes the delivery worker when a transaction with webhooks commits. */
export const WEBHOOK_CHANNEL = 'settlement_webhooks';

export const paymentWebhooks = [
  'payment.accepted',
  'payment.processing',
  'payment.settled',
  'payment.failed',
  'payment.returned',
  'payment.cancelled',
] as const;

export const authorizedPaymentWebhooks = [
  'authorized_payment.processing',
  'authorized_payment.settled',
  'authorized_payment.failed',
] as const;

export const policyWebhooks = [
  'policy.issued',
  'policy.transferred',
  'policy.reduced',
  'policy.cancelled',
  'policy.payable',
  'policy.paid',
  'policy.refunded',
  'policy.credit_withdrawn',
  'policy.expired',
  'policy.failed',
] as const;

export const escrowWebhooks = [
  'escrow.authorized',
  'escrow.captured',
  'escrow.voided',
  'escrow.reclaimed',
  'escrow.refunded',
  'escrow.release_offered',
  'escrow.released',
  'escrow.disputed',
  'escrow.evidence_submitted',
  'escrow.ruled',
  'escrow.credited',
  'escrow.credit_withdrawn',
  'escrow.cancelled',
  'escrow.expired',
  'escrow.action_failed',
  'escrow.rule_held',
  'escrow.rule_failed',
  'escrow.authorization_expiring',
  'escrow.capture_expiring',
  'escrow.ruling_expiring',
  'escrow.refund_expiring',
  'escrow.release_expiring',
] as const;

export const webhookTypes = [
  ...paymentWebhooks,
  ...authorizedPaymentWebhooks,
  ...policyWebhooks,
  ...escrowWebhooks,
] as const;

export type WebhookType = (typeof webhookTypes)[number];
export type AuthorizedPaymentWebhook = (typeof authorizedPaymentWebhooks)[number];
export type PolicyWebhook = (typeof policyWebhooks)[number];
export type EscrowWebhook = (typeof escrowWebhooks)[number];

export interface WebhookMessage {
  partnerId: string;
  type: WebhookType;
  /** The payment, authorised or not, the policy or the escrow that it tells of; keeps the messages of one in order where that is possible. */
  paymentId?: string;
  /** The resource as the API shows it after the change; becomes `data` of the body. */
  data: unknown;
}

/**
 * Writes webhooks for every endpoint of their partners, in the caller's transaction: they are sent if and only if
 * the change that they tell of commits. Any number of messages costs one statement. The order of `messages` is kept.
 * The time in the body, by which receivers tell which is the later one, is the database's: one clock for all processes.
 */
export async function enqueueWebhook(tx: Transaction, messages: readonly WebhookMessage[]): Promise<void> {
  if (messages.length === 0) return;
  await tx.query(
    `with message as (
       insert into settlement.webhook_messages (partner_id, type, payment_id, body)
       select partner_id, type, payment_id,
              '{"type":' || to_json(type)::text || ',"timestamp":"'
                || to_char(statement_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '","data":' || data || '}'
         from unnest($1::text[], $2::text[], $3::text[], $4::text[])
              with ordinality as given (partner_id, type, payment_id, data, position)
        order by position
       returning id, partner_id
     ), delivery as (
       insert into settlement.webhook_deliveries (partner_id, message_id, endpoint_id)
       select message.partner_id, message.id, endpoint.id
         from message
         join settlement.webhook_endpoints endpoint
           on endpoint.partner_id = message.partner_id and endpoint.deleted_at is null
       returning id
     )
     select pg_notify($5, '') where exists (select from delivery)`,
    [
      messages.map((message) => message.partnerId),
      messages.map((message) => message.type),
      messages.map((message) => message.paymentId ?? null),
      messages.map(({ data }) => JSON.stringify(data)),
      WEBHOOK_CHANNEL,
    ],
  );
}
