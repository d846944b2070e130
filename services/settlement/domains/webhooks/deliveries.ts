/** The delivery log as the partner sees it, and sending again. */
import type { z } from 'zod';
import { isIdentifier } from '../../../core/identifier.ts';
import type { Queryable, Transaction } from '../../../platform/database.ts';
import { webhookProblem } from './errors.ts';
import { WEBHOOK_CHANNEL } from './outbox.ts';
import type { deliveryQuery, WebhookDelivery, WebhookDeliveryWithLog } from './schema.ts';

const SELECT = `
  select d.id, d.message_id as "messageId", d.endpoint_id as "endpointId", m.type, m.payment_id as "paymentId",
         d.state, d.attempts, case when d.state = 'pending' then d.next_attempt_at end as "nextAttemptAt",
         d.last_status as "lastStatus", d.last_error as "lastError", m.created_at as "createdAt",
         d.delivered_at as "deliveredAt", m.body
    from settlement.webhook_deliveries d join settlement.webhook_messages m on m.id = d.message_id`;

/** Newest first, up to `limit`, those before `cursor`. */
export async function listDeliveries(
  queryable: Queryable,
  partnerId: string,
  { cursor, limit, state, endpointId, paymentId }: z.output<typeof deliveryQuery>,
): Promise<WebhookDelivery[]> {
  const { rows } = await queryable.query<Row>(
    `${SELECT}
      where d.partner_id = $1 and ($2::text is null or d.id < $2) and ($3::text is null or d.state = $3)
        and ($4::text is null or d.endpoint_id = $4) and ($5::text is null or m.payment_id = $5)
      order by d.id desc limit $6`,
    [partnerId, cursor, state, endpointId, paymentId, limit],
  );
  return rows.map(shown);
}

/** One delivery with its body and every attempt, oldest first. @throws Problem `webhook_delivery_not_found` */
export async function findDelivery(
  queryable: Queryable,
  partnerId: string,
  id: string,
): Promise<WebhookDeliveryWithLog> {
  const absent = webhookProblem('webhook_delivery_not_found', `There is no webhook delivery ${id}.`);
  if (!isIdentifier(id)) throw absent;
  const { rows } = await queryable.query<Row>(`${SELECT} where d.partner_id = $1 and d.id = $2`, [
    partnerId,
    id,
  ]);
  const [row] = rows;
  if (!row) throw absent;
  const attempts = await queryable.query<AttemptRow>(
    `select at, status, error, duration_ms as "durationMs" from settlement.webhook_attempts
      where delivery_id = $1 order by id`,
    [id],
  );
  return {
    ...shown(row),
    body: row.body,
    log: attempts.rows.map((attempt) => ({ ...attempt, at: attempt.at.toISOString() })),
  };
}

/**
 * Sends a message again, at once and then by the whole retry schedule, whether it was delivered or not. The
 * `webhook-id` stays, so a receiver that had it will know. @throws Problem `webhook_delivery_not_found`, `webhook_endpoint_not_found`
 */
export async function resendDelivery(
  tx: Transaction,
  partnerId: string,
  id: string,
): Promise<WebhookDeliveryWithLog> {
  const { endpointId } = await findDelivery(tx, partnerId, id);
  const { rowCount } = await tx.query(
    `update settlement.webhook_deliveries d
        set state = 'pending', attempts = 0, next_attempt_at = now(), delivered_at = null
       from settlement.webhook_endpoints e
      where d.id = $1 and e.id = d.endpoint_id and e.deleted_at is null`,
    [id],
  );
  if (rowCount === 0) {
    throw webhookProblem('webhook_endpoint_not_found', `The webhook endpoint ${endpointId} was deleted.`);
  }
  await tx.query(`select pg_notify($1, '')`, [WEBHOOK_CHANNEL]);
  return findDelivery(tx, partnerId, id);
}

type Row = Omit<WebhookDelivery, 'nextAttemptAt' | 'createdAt' | 'deliveredAt'> & {
  nextAttemptAt: Date | null;
  createdAt: Date;
  deliveredAt: Date | null;
  body: string;
};

interface AttemptRow {
  at: Date;
  status: number | null;
  error: string | null;
  durationMs: number;
}

function shown({ body: _, ...row }: Row): WebhookDelivery {
  return {
    ...row,
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    deliveredAt: row.deliveredAt?.toISOString() ?? null,
  };
}
