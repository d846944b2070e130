/** Gathers reserved payments of an account into one transaction to the router, and gives each its sequence. */
import { type Database, oneRow, withTransaction } from '../../../platform/database.ts';
import type { Lifecycle } from './lifecycle.ts';

export interface BatcherParts {
  database: Database;
  lifecycle: Lifecycle;
  chainId: number;
  /** Payments in a batch, at most 256. */
  batchSize: number;
  /** A payment waits so long for company. */
  maxAgeMs: number;
  /** Told of the size of each batch. */
  onBatch?: (size: number) => void;
}

/**
 * Batches what is due: a full batch at once, a smaller one when its oldest payment has waited long enough.
 * @returns true when there may be more to do at once.
 */
export async function batchDuePayments(parts: BatcherParts): Promise<boolean> {
  const { rows } = await parts.database.query<{ account_id: string }>(
    `select p.account_id
       from settlement.payments p
       join settlement.accounts a on a.id = p.account_id and a.chain_id = $1
      where p.state = 'reserved' and p.requested_execution_date <= (now() at time zone 'utc')::date
      group by p.account_id
     having count(*) >= $2 or min(p.updated_at) <= now() - $3 * interval '1 millisecond'`,
    [parts.chainId, parts.batchSize, parts.maxAgeMs],
  );
  let isMore = false;
  for (const { account_id } of rows) {
    const size = await batchAccount(parts, account_id);
    if (size > 0) parts.onBatch?.(size);
    isMore ||= size === parts.batchSize;
  }
  return isMore;
}

/** One batch of an account, in the order of arrival. Sequence range, batch and states are one commit. */
function batchAccount({ database, lifecycle, batchSize }: BatcherParts, accountId: string): Promise<number> {
  return withTransaction(database, async (tx) => {
    // The payer's row is the lock: its sequences are given out one batch after the other.
    const payer = oneRow(
      await tx.query<{ next_sequence: bigint }>(
        `select p.next_sequence from settlement.payers p
           join settlement.accounts a on a.chain_id = p.chain_id and a.payer = p.payer
          where a.id = $1 for update of p`,
        [accountId],
      ),
    );
    const { rows: due } = await tx.query<{ id: string }>(
      `select id from settlement.payments
        where account_id = $1 and state = 'reserved' and requested_execution_date <= (now() at time zone 'utc')::date
        order by id limit $2 for update skip locked`,
      [accountId, batchSize],
    );
    if (due.length === 0) return 0;
    const firstSequence = payer.next_sequence;
    const { id: settlementBatchId } = oneRow(
      await tx.query<{ id: string }>(
        `with taken as (
           update settlement.payers p set next_sequence = p.next_sequence + $2
             from settlement.accounts a
            where a.id = $1 and p.chain_id = a.chain_id and p.payer = a.payer
         )
         insert into settlement.settlement_batches (account_id, chain_id, payer, token, first_sequence, payment_count)
         select id, chain_id, payer, token, $3, $2 from settlement.accounts where id = $1
         returning id`,
        [accountId, due.length, firstSequence],
      ),
    );
    const moved = await lifecycle.transition(
      tx,
      'batched',
      due.map(({ id }, index) => {
        const sequence = firstSequence + BigInt(index);
        return { id, settlementBatchId, sequence, detail: { settlementBatchId, sequence: Number(sequence) } };
      }),
    );
    if (moved.length !== due.length)
      throw new Error(`${settlementBatchId} took ${moved.length} of ${due.length} payments that were locked`);
    return due.length;
  });
}
