-- Payments of a batch have the batch's state, as long as they share one: it is written once a batch, and not once a payment.
alter table settlement.settlement_batches
  drop constraint settlement_batches_state_check,
  add constraint settlement_batches_state_check
    check (state in ('batched', 'signed', 'broadcast', 'included', 'final', 'posted', 'held')),
  -- its payments have come to states of their own, as those of every earlier batch; it stays so
  add column is_split boolean not null default true;
alter table settlement.settlement_batches alter column is_split set default false;
drop index settlement.settlement_batches_open;
create index settlement_batches_open on settlement.settlement_batches (chain_id, created_at)
  where state not in ('posted', 'held') and (not is_split or state <> 'final');

-- `batched` is therefore the last that most payments' own rows say. Ended ones, and those of their batch, are in no index of open ones.
drop index settlement.payments_open;
create index payments_open on settlement.payments (state)
  where state not in ('batched', 'posted', 'rejected', 'cancelled', 'returned');

-- A payment as it is now.
create view settlement.current_payments as
  select p.id, p.partner_id, p.payment_batch_id, p.position, p.end_to_end_id, p.instruction_id, p.uetr,
         p.payment_information_id, p.account_id, p.debtor_account, p.debtor_name, p.currency, p.amount_value, p.units,
         p.creditor_name, p.creditor_scheme, p.creditor_identification, p.recipient, p.remittance_information,
         p.requested_execution_date, p.reason_code, p.reason_detail, p.settlement_batch_id, p.sequence, p.created_at,
         case when p.state = 'batched' and not b.is_split then b.state else p.state end as state,
         case when p.state = 'batched' and not b.is_split then b.updated_at else p.updated_at end as updated_at,
         b.transaction_hash, b.block_number, b.block_hash
    from settlement.payments p
    left join settlement.settlement_batches b on b.id = p.settlement_batch_id;

-- Payments that have not ended, counted by state.
create view settlement.open_payments as
  select state, sum(count)::bigint as count
    from (select state, count(*) as count from settlement.payments
           where state not in ('batched', 'posted', 'rejected', 'cancelled', 'returned') group by state
          union all
          select state, sum(payment_count) from settlement.settlement_batches
           where state <> 'posted' and not is_split group by state
          union all
          select 'batched', own.count
            from settlement.settlement_batches b
           cross join lateral (select count(*) as count from settlement.payments p
                                where p.settlement_batch_id = b.id and p.state = 'batched') as own
           where b.is_split and b.state not in ('posted', 'held', 'final') and own.count > 0) as part
   group by state;

-- A row is a transition of a payment, or of a batch with all its payments.
alter table settlement.payment_events
  alter column payment_id drop not null,
  add column settlement_batch_id text references settlement.settlement_batches,
  -- states that it passed at the same moment
  add column through text[] not null default '{}',
  add check (num_nonnulls(payment_id, settlement_batch_id) = 1);
create index payment_events_by_batch on settlement.payment_events (settlement_batch_id, id)
  where settlement_batch_id is not null;
drop index settlement.payment_events_by_payment;
create index payment_events_by_payment on settlement.payment_events (payment_id, id) where payment_id is not null;

-- These are written in the transaction of a payment that is there: to look for it, and lock it and its partner, each time is
-- a tenth of the work of a payment.
alter table settlement.payment_events drop constraint payment_events_payment_id_fkey;
alter table settlement.webhook_messages
  drop constraint webhook_messages_payment_id_fkey,
  drop constraint webhook_messages_partner_id_fkey;

-- What became of a payment, in the order of id and step.
create view settlement.timeline as
  select e.payment_id, e.id, s.step, e.at, s.state, case when s.state = e.state then e.detail else '{}' end as detail
    from settlement.payment_events e
   cross join lateral unnest(e.through || e.state) with ordinality as s (state, step)
   where e.payment_id is not null
  union all
  select p.id, e.id, 1, e.at, e.state,
         case when e.detail ? 'settlementBatchId' then e.detail || jsonb_build_object('sequence', p.sequence) else e.detail end
    from settlement.payments p
    join settlement.payment_events e on e.settlement_batch_id = p.settlement_batch_id;
