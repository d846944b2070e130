-- Which withdrawal has a credit: two may be in one block.
create or replace view indexer.credits as
  select c.chain_id, c.contract, c.arguments ->> 'id' as id, c.arguments ->> 'account' as account, c.arguments ->> 'token' as token,
         (c.arguments ->> 'amount')::numeric as amount, c.block_number, c.log_index,
         w.block_number as withdrawn_block, w.log_index as withdrawn_log_index, c.transaction_hash
    from indexer.other_events c
    left join lateral (
      select e.block_number, e.log_index
        from indexer.other_events e
       where e.chain_id = c.chain_id and e.name = 'CreditWithdrawn' and e.contract = c.contract
         and e.arguments ->> 'account' = c.arguments ->> 'account' and e.arguments ->> 'token' = c.arguments ->> 'token'
         and (e.block_number, e.log_index) > (c.block_number, c.log_index)
       order by e.block_number, e.log_index limit 1) w on true
   where c.name = 'CreditAdded';

-- Money that moves between a wallet and the pool for a policy. A payout that could not be received has no transfer before its credit
-- is withdrawn. A withdrawal is one transfer, of whatever credits there are: of two kinds it is what most of the money is.
create or replace view indexer.cover_money as
  select chain_id, block_number, log_index, transaction_hash,
         case name when 'CapitalLocked' then 'premium' when 'PolicyPaid' then 'payout' else 'premium_refund' end as kind,
         arguments ->> case name when 'CapitalLocked' then 'payer' when 'CapitalReleased' then 'payee'
                                 when 'PolicyPaid' then 'holder' else 'buyer' end as wallet,
         case name when 'CapitalLocked'
                   then -((arguments ->> 'unearnedPremium')::numeric + (arguments ->> 'capitalCharge')::numeric)
                   when 'CapitalReleased' then (arguments ->> 'refund')::numeric
                   else (arguments ->> 'amount')::numeric end as change
    from indexer.other_events
   where name in ('CapitalLocked', 'CapitalReleased', 'PolicyPaid', 'PremiumRefunded')
  union all
  select w.chain_id, w.block_number, w.log_index, w.transaction_hash, k.kind, w.arguments ->> 'account',
         (w.arguments ->> 'amount')::numeric
    from indexer.other_events w
   cross join lateral (
      select d.kind
        from indexer.credits c
       cross join lateral (
          select case e.name when 'PolicyPaid' then 'payout' else 'premium_refund' end as kind
            from indexer.other_events e
           where e.chain_id = c.chain_id and e.block_number = c.block_number and e.transaction_hash = c.transaction_hash
             and e.name in ('PolicyPaid', 'PremiumRefunded', 'PolicyCancelled')
             and coalesce(e.arguments ->> 'holder', e.arguments ->> 'buyer') = c.account
             and coalesce(e.arguments ->> 'amount', e.arguments ->> 'refund')::numeric = c.amount
           limit 1) d
       where c.chain_id = w.chain_id and c.contract = w.contract and c.account = w.arguments ->> 'account'
         and c.token = w.arguments ->> 'token' and c.withdrawn_block = w.block_number and c.withdrawn_log_index = w.log_index
       group by d.kind order by sum(c.amount) desc, d.kind limit 1) k
   where w.name = 'CreditWithdrawn';
