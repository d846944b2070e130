/** What a partner handed in at once, and what has become of it. */
import { isIdentifier } from '../../../core/identifier.ts';
import { groupStatusOf } from '../../../core/iso20022/pain002.ts';
import type { Queryable, Transaction } from '../../../platform/database.ts';
import { problemsOf } from '../../http/problems.ts';
import type { BatchFile } from './batchFile.ts';
import { paymentProblems } from './errors.ts';
import type { PaymentBatch } from './schema.ts';
import type { PaymentService } from './service.ts';
import { type PaymentState, transactionStatus } from './states.ts';

const problem = problemsOf(paymentProblems);

export interface PaymentBatchRow {
  id: string;
  format: PaymentBatch['format'];
  message_id: string;
  source_created_at: string | null;
  payment_count: number;
  created_at: Date;
}

/**
 * Takes a whole file or list in, in the caller's transaction.
 * @throws Problem `message_id_reused` when the partner handed in one of this message id before.
 */
export async function takeBatch(
  tx: Transaction,
  payments: PaymentService,
  partnerId: string,
  { format, messageId, createdAt, instructions }: BatchFile,
): Promise<PaymentBatch> {
  const { rows } = await tx.query<{ id: string }>(
    `insert into settlement.payment_batches (partner_id, format, message_id, source_created_at, payment_count)
     values ($1, $2, coalesce($3, replace(uuidv7()::text, '-', '')), $4, $5)
     on conflict (partner_id, message_id) do nothing returning id`,
    [partnerId, format, messageId, createdAt, instructions.length],
  );
  const id = rows[0]?.id;
  if (!id) throw await reused(tx, partnerId, messageId);
  await payments.accept(tx, partnerId, instructions, id);
  return readBatch(tx, partnerId, id);
}

async function reused(tx: Transaction, partnerId: string, messageId: string | undefined) {
  const { rows } = await tx.query<{ id: string }>(
    'select id from settlement.payment_batches where partner_id = $1 and message_id = $2',
    [partnerId, messageId],
  );
  return problem('message_id_reused', `${messageId} was taken before, as batch ${rows[0]?.id}.`);
}

/** @throws Problem `payment_batch_not_found` */
export async function findBatch(
  database: Queryable,
  partnerId: string,
  id: string,
): Promise<PaymentBatchRow> {
  const absent = problem('payment_batch_not_found', `There is no payment batch ${id}.`);
  if (!isIdentifier(id)) throw absent;
  const { rows } = await database.query<PaymentBatchRow>(
    `select id, format, message_id, source_created_at, payment_count, created_at
       from settlement.payment_batches where partner_id = $1 and id = $2`,
    [partnerId, id],
  );
  if (!rows[0]) throw absent;
  return rows[0];
}

/** A batch as the API shows it. @throws Problem `payment_batch_not_found` */
export async function readBatch(database: Queryable, partnerId: string, id: string): Promise<PaymentBatch> {
  const batch = await findBatch(database, partnerId, id);
  const { rows } = await database.query<{ state: PaymentState; count: bigint }>(
    'select state, count(*) as count from settlement.current_payments where payment_batch_id = $1 group by state',
    [id],
  );
  const rejected = Number(rows.find(({ state }) => state === 'rejected')?.count ?? 0n);
  return {
    id,
    format: batch.format,
    messageId: batch.message_id,
    groupStatus: groupStatusOf(rows.map(({ state }) => transactionStatus(state))),
    count: batch.payment_count,
    accepted: batch.payment_count - rejected,
    rejected,
    createdAt: batch.created_at.toISOString(),
  };
}
