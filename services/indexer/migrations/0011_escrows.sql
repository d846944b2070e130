-- Escrows: events that are stored already, by what they are looked for. An event goes with its block, and with it whatever the views
-- made of it.
create index other_events_by_escrow
  on indexer.other_events (chain_id, (arguments ->> 'escrowId'), block_number, log_index)
  where arguments ? 'escrowId';
create index other_events_by_credit on indexer.other_events (chain_id, (arguments ->> 'account'), block_number, log_index)
  where name in ('CreditAdded', 'CreditWithdrawn');
create index other_events_by_observation
  on indexer.other_events (chain_id, (arguments ->> 'subject'), (arguments ->> 'feed')) where name = 'ObservationRecorded';

-- What happened to an escrow, and what moved: in token units, `to_payee` with the fee in it.
create view indexer.escrow_events as
  select chain_id, block_number, log_index, transaction_hash, contract, arguments ->> 'escrowId' as escrow_id, name, arguments,
         case when name in ('EscrowAuthorized', 'EscrowCharged') then (arguments ->> 'amount')::numeric else 0 end as put_in,
         case when name in ('EscrowCharged', 'EscrowCaptured', 'EscrowCapturedWithPreimage') then (arguments ->> 'amount')::numeric
              when name in ('EscrowReleased', 'DisputeRuled', 'DisputeDefaulted') then (arguments ->> 'payeeAmount')::numeric
              else 0 end as to_payee,
         case when name in ('EscrowVoided', 'EscrowReclaimed') then (arguments ->> 'amount')::numeric
              when name in ('EscrowReleased', 'DisputeRuled', 'DisputeDefaulted') then (arguments ->> 'payerAmount')::numeric
              else 0 end as to_payer,
         case when name = 'EscrowRefunded' then (arguments ->> 'amount')::numeric else 0 end as refunded,
         coalesce((arguments ->> 'fee')::numeric, 0) as fee
    from indexer.other_events
   where arguments ? 'escrowId';

-- Where each escrow stands at the head. Only what ends an escrow ends its dispute, so one that was opened lasts as long as something
-- is capturable.
create view indexer.escrows as
  select s.*,
         case when s.capturable > 0 and s.ruling_deadline is not null then 'disputed'
              when s.capturable > 0 then 'open' else 'closed' end as status
    from (select chain_id, contract, escrow_id,
                 sum(put_in) as authorized, sum(put_in - to_payee - to_payer) as capturable, sum(to_payee) as captured,
                 sum(to_payer) as returned, sum(refunded) as refunded, sum(fee) as fees,
                 max((arguments ->> 'rulingDeadline')::bigint) as ruling_deadline,
                 max(arguments -> 'terms' ->> 'payer') as payer, max(arguments -> 'terms' ->> 'payee') as payee,
                 max(arguments -> 'terms' ->> 'token') as token,
                 min(block_number) as first_block, max(block_number) as last_block
            from indexer.escrow_events
           group by chain_id, contract, escrow_id) s;

-- The milestones of the terms, in their order from 0; one is captured when all up to it were.
create view indexer.escrow_milestones as
  select e.chain_id, e.contract, e.escrow_id, m.position - 1 as position, m.amount::numeric as amount,
         sum(m.amount::numeric) over (partition by e.chain_id, e.contract, e.escrow_id order by m.position)
           <= (select sum(c.to_payee) from indexer.escrow_events c
                where c.chain_id = e.chain_id and c.contract = e.contract and c.escrow_id = e.escrow_id) as is_captured
    from indexer.escrow_events e
   cross join lateral jsonb_array_elements_text(e.arguments -> 'terms' -> 'milestones') with ordinality as m (amount, position)
   where e.name in ('EscrowAuthorized', 'EscrowCharged');

-- How disputes were opened, and how they ended: `outcome` is null as long as they last.
create view indexer.escrow_disputes as
  select d.chain_id, d.contract, d.escrow_id, d.block_number, d.arguments ->> 'openedBy' as opened_by,
         d.arguments ->> 'evidenceHash' as evidence_hash, (d.arguments ->> 'rulingDeadline')::bigint as ruling_deadline,
         (select count(*) from indexer.escrow_events s
           where s.chain_id = d.chain_id and s.contract = d.contract and s.escrow_id = d.escrow_id
             and s.name = 'EvidenceSubmitted') as evidence_count,
         o.name as outcome, o.block_number as ended_block, o.to_payee, o.to_payer
    from indexer.escrow_events d
    left join lateral (
      select s.name, s.block_number, s.to_payee, s.to_payer
        from indexer.escrow_events s
       where s.chain_id = d.chain_id and s.contract = d.contract and s.escrow_id = d.escrow_id
         and (s.block_number, s.log_index) > (d.block_number, d.log_index) and s.to_payee + s.to_payer > 0
       order by s.block_number, s.log_index limit 1
    ) o on true
   where d.name = 'DisputeOpened';

-- What could not be paid at once: `id` is the matter that it belongs to, for an escrow its id. Its owner's next withdrawal has all.
create view indexer.credits as
  select c.chain_id, c.contract, c.arguments ->> 'id' as id, c.arguments ->> 'account' as account, c.arguments ->> 'token' as token,
         (c.arguments ->> 'amount')::numeric as amount, c.block_number, c.log_index,
         (select min(w.block_number) from indexer.other_events w
           where w.chain_id = c.chain_id and w.name = 'CreditWithdrawn' and w.contract = c.contract
             and w.arguments ->> 'account' = c.arguments ->> 'account' and w.arguments ->> 'token' = c.arguments ->> 'token'
             and (w.block_number, w.log_index) > (c.block_number, c.log_index)) as withdrawn_block
    from indexer.other_events c
   where c.name = 'CreditAdded';
