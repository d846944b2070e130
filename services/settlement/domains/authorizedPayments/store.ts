/** Authorised payments as PostgreSQL keeps them. */
import { isIdentifier } from '../../../core/identifier.ts';
import { oneRow, type Queryable, type Transaction } from '../../../platform/database.ts';
import type { Assessed } from './assessment.ts';
import type { AuthorizedPayment, AuthorizedStatus, FailureCode } from './schema.ts';

export interface AuthorizedPaymentRow {
  id: string;
  partner_id: string;
  currency: string;
  payer: string;
  recipient: string;
  amount_value: string;
  payment_reference: string;
  valid_after: bigint;
  valid_before: bigint;
  salt: string;
  nonce: string;
  status: AuthorizedStatus;
  reason_code: FailureCode | null;
  reason_detail: string | null;
  transaction_hash: string | null;
  block_number: bigint | null;
  block_hash: string | null;
  created_at: Date;
  updated_at: Date;
}

/** Where it has not ended, transaction and block are those of its call. */
const select = `
  select p.id, p.partner_id, p.currency, p.payer, p.recipient, p.amount_value, p.payment_reference, p.valid_after,
         p.valid_before, p.salt, p.nonce, p.status, p.reason_code, p.reason_detail, p.created_at, p.updated_at,
         coalesce(p.transaction_hash, c.transaction_hash) as transaction_hash,
         coalesce(p.block_number, c.block_number) as block_number, coalesce(p.block_hash, c.block_hash) as block_hash
    from settlement.authorized_payments p join settlement.calls c on c.id = p.call_id`;

/** The payments of these ids, in the order of ids. */
export async function readAuthorizedPayments(
  database: Queryable,
  ids: readonly string[],
): Promise<AuthorizedPaymentRow[]> {
  const { rows } = await database.query<AuthorizedPaymentRow>(
    `${select} where p.id = any($1) order by p.id`,
    [ids],
  );
  return rows;
}

/** One of a partner; undefined when there is none, or it is another partner's. */
export async function findAuthorizedPayment(
  database: Queryable,
  partnerId: string,
  id: string,
): Promise<AuthorizedPaymentRow | undefined> {
  if (!isIdentifier(id)) return undefined;
  const { rows } = await database.query<AuthorizedPaymentRow>(
    `${select} where p.partner_id = $1 and p.id = $2`,
    [partnerId, id],
  );
  return rows[0];
}

/** Up to `limit` + 1 of a partner, newest first. */
export async function listAuthorizedPayments(
  database: Queryable,
  partnerId: string,
  { limit, cursor, status }: { limit: number; cursor?: string | undefined; status?: string | undefined },
): Promise<AuthorizedPaymentRow[]> {
  const { rows } = await database.query<AuthorizedPaymentRow>(
    `${select}
      where p.partner_id = $1 and ($2::text is null or p.id < $2) and ($3::text is null or p.status = $3)
      order by p.id desc limit $4`,
    [partnerId, cursor, status, limit + 1],
  );
  return rows;
}

export type AuthorizedPaymentEvent = NonNullable<AuthorizedPayment['events']>[number];

/** The timeline of a payment, oldest first. */
export async function readTimeline(database: Queryable, id: string): Promise<AuthorizedPaymentEvent[]> {
  const { rows } = await database.query<{
    at: Date;
    state: string;
    detail: AuthorizedPaymentEvent['detail'];
  }>(
    'select at, state, detail from settlement.authorized_payment_events where authorized_payment_id = $1 order by id',
    [id],
  );
  return rows.map(({ at, ...event }) => ({ at: at.toISOString(), ...event }));
}

/** Writes a payment that was taken. @returns its id */
export async function insertAuthorizedPayment(
  tx: Transaction,
  partnerId: string,
  callId: string,
  chainId: number,
  assessed: Assessed,
): Promise<string> {
  const { id } = oneRow(
    await tx.query<{ id: string }>(
      `insert into settlement.authorized_payments
         (partner_id, call_id, chain_id, currency, token, payer, recipient, amount_value, units, payment_reference,
          valid_after, valid_before, salt, nonce, signature)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) returning id`,
      [
        partnerId,
        callId,
        chainId,
        assessed.currency,
        assessed.token.toLowerCase(),
        assessed.payer.toLowerCase(),
        assessed.recipient.toLowerCase(),
        assessed.amountValue,
        assessed.amount,
        assessed.paymentReference,
        assessed.validAfter,
        assessed.validBefore,
        assessed.salt,
        assessed.nonce,
        assessed.signature,
      ],
    ),
  );
  return id;
}
