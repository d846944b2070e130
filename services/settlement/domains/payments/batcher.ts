/** Gathers reserved payments of an account into one transaction to the router, and gives each its sequence. */
import { type Database, oneRow, type Transaction, withTransaction } from '../../../platform/database.ts';
import type { Lifecycle, Placed } from './lifecycle.ts';
import { type Given, giveSequences, type Payer } from './sequences.ts';

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
    `select a.id as account_id
       from settlement.accounts a
      cross join lateral (
        select count(*) as count, min(updated_at) as oldest
          from (select p.updated_at from settlement.payments p
                 where p.account_id = a.id and p.state = 'reserved'
                   and p.requested_execution_date <= (now() at time zone 'utc')::date
                 limit $2) as part
      ) due
      where a.chain_id = $1
        and (due.count >= $2 or due.oldest <= now() - $3 * interval '1 millisecond')`,
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

/**
 * Batches of an account, in the order of arrival: one, and one for each payment that the chain turns out to have already.
 * Sequences, batches and states are one commit.
 * @returns how many payments were taken.
 */
function batchAccount({ database, lifecycle, batchSize }: BatcherParts, accountId: string): Promise<number> {
  return withTransaction(database, async (tx) => {
    // The payer's row is the lock: its sequences are given out one batch after the other.
    const payer = oneRow(
      await tx.query<Payer>(
        `select p.chain_id as "chainId", p.payer, p.next_sequence as "nextSequence" from settlement.payers p
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
    const ids = due.map(({ id }) => id);
    const { found, fresh } = await giveSequences(tx, payer, ids);
    const batches = [...found.map((one) => [one]), ...(fresh.length > 0 ? [fresh] : [])];
    const moved = await lifecycle.placeInBatches(tx, await insertBatches(tx, accountId, batches));
    if (moved !== due.length)
      throw new Error(`${accountId}: took ${moved} of ${due.length} payments that were locked`);
    return due.length;
  });
}

/** @param batches each with its payments in the order of their sequences */
async function insertBatches(
  tx: Transaction,
  accountId: string,
  batches: readonly (readonly Given[])[],
): Promise<Placed[]> {
  const { rows } = await tx.query<{ id: string; first_sequence: bigint }>(
    `insert into settlement.settlement_batches (account_id, chain_id, payer, token, first_sequence, payment_count)
     select a.id, a.chain_id, a.payer, a.token, b.first_sequence, b.payment_count
       from settlement.accounts a, unnest($2::numeric[], $3::int[]) as b (first_sequence, payment_count) where a.id = $1
     returning id, first_sequence`,
    [accountId, batches.map((batch) => batch[0]?.sequence), batches.map((batch) => batch.length)],
  );
  const idOf = new Map(rows.map(({ id, first_sequence }) => [first_sequence, id]));
  return batches.flatMap((batch) => {
    const settlementBatchId = idOf.get((batch[0] as Given).sequence) as string;
    return batch.map(({ id, sequence }) => ({ id, settlementBatchId, sequence }));
  });
}
