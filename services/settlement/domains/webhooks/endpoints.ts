/** Where a partner wants its webhooks. */
import { randomBytes } from 'node:crypto';
import { isIdentifier } from '../../../core/identifier.ts';
import { oneRow, type Queryable, type Transaction } from '../../../platform/database.ts';
import { webhookProblem } from './errors.ts';
import type { WebhookEndpoint, WebhookEndpointWithSecret } from './schema.ts';

/** After a rotation messages carry both signatures this long, so that the receiver can change over at leisure. */
const OLD_SECRET_HOURS = 24;
const MAX_ENDPOINTS = 20;
const COLUMNS = `id, url, created_at as "createdAt"`;

/** Messages from now on go to this address too. @throws Problem `webhook_endpoint_limit` */
export async function createEndpoint(
  tx: Transaction,
  partnerId: string,
  url: string,
): Promise<WebhookEndpointWithSecret> {
  // One at a time for a partner, or several would count before any of them inserts.
  await tx.query('select from settlement.partners where id = $1 for no key update', [partnerId]);
  const existing = await listEndpoints(tx, partnerId);
  if (existing.length >= MAX_ENDPOINTS) {
    throw webhookProblem(
      'webhook_endpoint_limit',
      `There are ${existing.length} of at most ${MAX_ENDPOINTS}.`,
    );
  }
  const secret = newSecret();
  const row = oneRow(
    await tx.query<Row>(
      `insert into settlement.webhook_endpoints (partner_id, url, secret) values ($1, $2, $3) returning ${COLUMNS}`,
      [partnerId, url, secret],
    ),
  );
  return { ...shown(row), secret };
}

/** Newest first; a partner has few. */
export async function listEndpoints(queryable: Queryable, partnerId: string): Promise<WebhookEndpoint[]> {
  const { rows } = await queryable.query<Row>(
    `select ${COLUMNS} from settlement.webhook_endpoints
      where partner_id = $1 and deleted_at is null order by id desc`,
    [partnerId],
  );
  return rows.map(shown);
}

/** @throws Problem `webhook_endpoint_not_found` */
export async function rotateSecret(
  tx: Transaction,
  partnerId: string,
  id: string,
): Promise<WebhookEndpointWithSecret> {
  if (!isIdentifier(id)) throw notFound(id);
  const secret = newSecret();
  const { rows } = await tx.query<Row>(
    `update settlement.webhook_endpoints
        set previous_secret = secret, previous_secret_until = now() + $4 * interval '1 hour', secret = $3
      where partner_id = $1 and id = $2 and deleted_at is null returning ${COLUMNS}`,
    [partnerId, id, secret, OLD_SECRET_HOURS],
  );
  if (!rows[0]) throw notFound(id);
  return { ...shown(rows[0]), secret };
}

/** What it has not received yet is not sent any more. @throws Problem `webhook_endpoint_not_found` */
export async function deleteEndpoint(tx: Transaction, partnerId: string, id: string): Promise<void> {
  if (!isIdentifier(id)) throw notFound(id);
  const { rowCount } = await tx.query(
    `update settlement.webhook_endpoints set deleted_at = now()
      where partner_id = $1 and id = $2 and deleted_at is null`,
    [partnerId, id],
  );
  if (rowCount === 0) throw notFound(id);
  // Leases stay: they count against the partner's limit while the attempts are still under way.
  await tx.query(
    `update settlement.webhook_deliveries
        set state = 'exhausted', last_error = 'The endpoint was deleted.'
      where endpoint_id = $1 and state = 'pending'`,
    [id],
  );
}

function notFound(id: string) {
  return webhookProblem('webhook_endpoint_not_found', `There is no webhook endpoint ${id}.`);
}

function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

interface Row {
  id: string;
  url: string;
  createdAt: Date;
}

function shown(row: Row): WebhookEndpoint {
  return { ...row, createdAt: row.createdAt.toISOString() };
}
