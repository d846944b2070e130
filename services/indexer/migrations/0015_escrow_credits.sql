-- What of an escrow could not be paid at once is looked for by the escrow; an account's withdrawals without its credits in between.
create index other_events_by_credited on indexer.other_events (chain_id, (arguments ->> 'id'), block_number, log_index)
  where name = 'CreditAdded';
create index other_events_by_withdrawal
  on indexer.other_events (chain_id, (arguments ->> 'account'), (arguments ->> 'token'), block_number, log_index)
  where name = 'CreditWithdrawn';

-- By which transaction the owner of a credit has it.
create or replace view indexer.credits as
  select c.chain_id, c.contract, c.arguments ->> 'id' as id, c.arguments ->> 'account' as account, c.arguments ->> 'token' as token,
         (c.arguments ->> 'amount')::numeric as amount, c.block_number, c.log_index,
         w.block_number as withdrawn_block, w.log_index as withdrawn_log_index, c.transaction_hash,
         w.transaction_hash as withdrawn_transaction_hash
    from indexer.other_events c
    left join lateral (
      select e.block_number, e.log_index, e.transaction_hash
        from indexer.other_events e
       where e.chain_id = c.chain_id and e.name = 'CreditWithdrawn' and e.contract = c.contract
         and e.arguments ->> 'account' = c.arguments ->> 'account' and e.arguments ->> 'token' = c.arguments ->> 'token'
         and (e.block_number, e.log_index) > (c.block_number, c.log_index)
       order by e.block_number, e.log_index limit 1) w on true
   where c.name = 'CreditAdded';

-- Credits of escrows, with the event whose money could not be paid: the escrow's last one before, as its contract lets nobody in between.
create view indexer.escrow_credits as
  select c.*, v.name
    from indexer.credits c
   cross join lateral (
      select e.name
        from indexer.escrow_events e
       where e.chain_id = c.chain_id and e.contract = c.contract and e.escrow_id = c.id and e.block_number = c.block_number
         and e.log_index < c.log_index
       order by e.log_index desc limit 1) v;

-- Each withdrawal with every credit that it took: those since the one before it. `offset 0` has that one looked for first, so that the
-- withdrawals of a few blocks cost no look at all other credits of their owners.
create view indexer.credit_withdrawals as
  select w.chain_id, w.contract, w.block_number, w.log_index, w.transaction_hash, w.arguments ->> 'account' as account,
         w.arguments ->> 'token' as token, c.id, c.amount
    from indexer.other_events w
    left join lateral (
      select e.block_number, e.log_index
        from indexer.other_events e
       where e.chain_id = w.chain_id and e.name = 'CreditWithdrawn' and e.contract = w.contract
         and e.arguments ->> 'account' = w.arguments ->> 'account' and e.arguments ->> 'token' = w.arguments ->> 'token'
         and (e.block_number, e.log_index) < (w.block_number, w.log_index)
       order by e.block_number desc, e.log_index desc limit 1) p on true
   cross join lateral (
      select a.arguments ->> 'id' as id, (a.arguments ->> 'amount')::numeric as amount
        from indexer.other_events a
       where a.chain_id = w.chain_id and a.name = 'CreditAdded' and a.contract = w.contract
         and a.arguments ->> 'account' = w.arguments ->> 'account' and a.arguments ->> 'token' = w.arguments ->> 'token'
         and (a.block_number, a.log_index) < (w.block_number, w.log_index)
         and (a.block_number, a.log_index) > (coalesce(p.block_number, -1), coalesce(p.log_index, -1))
      offset 0) c
   where w.name = 'CreditWithdrawn';
