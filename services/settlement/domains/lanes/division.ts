/** Divides a waiting batch in two, so that what is wrong with one of its payments keeps none of the others. */
import type { Transaction } from '../../../platform/database.ts';

/**
 * The first payments stay in the batch, the others get a new one right behind it. Sequences and states stay what they are,
 * and both parts keep the batch's place in the order and its timeline. Whatever was signed for the batch before can still
 * take effect once only: the router knows the sequences, and the confirmation finds each payment by its own.
 * @param at how many payments stay, at least 1
 * @returns the id of the new batch; undefined when there is nothing to divide, or something of the batch is under way.
 */
export async function divideBatch(
  tx: Transaction,
  settlementBatchId: string,
  at: number,
): Promise<string | undefined> {
  const { rows } = await tx.query<{ id: string }>(
    `with whole as (
       select * from settlement.settlement_batches b
        where b.id = $1 and b.state = 'batched' and b.payment_count > $2
          and not exists (select from settlement.attempts a
                           where a.settlement_batch_id = b.id and a.state in ('prepared', 'signed', 'broadcast'))
          for update
     ), sum as (
       select sum(p.units) as units
         from whole join settlement.payments p
           on p.settlement_batch_id = whole.id and p.sequence >= whole.first_sequence + $2
     ), rest as (
       insert into settlement.settlement_batches
         (account_id, chain_id, payer, token, first_sequence, payment_count, units, is_split, is_urgent, created_at)
       select account_id, chain_id, payer, token, first_sequence + $2, payment_count - $2, sum.units, is_split, is_urgent, created_at
         from whole cross join sum
       returning id, first_sequence, units
     ), moved as (
       update settlement.payments p set settlement_batch_id = rest.id
         from rest where p.settlement_batch_id = $1 and p.sequence >= rest.first_sequence
     ), told as (
       insert into settlement.payment_events (settlement_batch_id, through, state, detail, at)
       select rest.id, e.through, e.state,
              case when e.detail ? 'settlementBatchId' then e.detail || jsonb_build_object('settlementBatchId', rest.id)
                   else e.detail end, e.at
         from rest join settlement.payment_events e on e.settlement_batch_id = $1
        order by e.id
     )
     update settlement.settlement_batches b
        set payment_count = $2, units = b.units - rest.units, failures = 0, last_error = null, attempt_after = now(), is_set_aside = false,
            updated_at = now()
       from rest where b.id = $1
     returning rest.id`,
    [settlementBatchId, at],
  );
  return rows[0]?.id;
}

/** Divides a batch in halves, of which the first has one more when they are uneven. */
export const firstHalf = (count: number): number => Math.ceil(count / 2);
