-- Cover and pool: their events are stored as those of every contract, undone with their block and read beside where they are new. Here
-- is by what they are looked for.
create index other_events_by_policy
  on indexer.other_events (chain_id, contract, ((arguments ->> 'policyId')::numeric), name)
  where name in ('PolicyIssued', 'OrderFilled', 'PolicyTransferred', 'PolicyCancelled', 'PolicyPaid', 'PremiumRefunded');
create index other_events_by_risk
  on indexer.other_events (chain_id, contract, ((arguments ->> 'riskNumber')::numeric), name)
  where name in ('RiskOpened', 'RiskSettled', 'PolicyIssued');
create index other_events_by_subject
  on indexer.other_events (chain_id, contract, (arguments ->> 'subject')) where name = 'RiskOpened';
create index other_events_by_order
  on indexer.other_events (chain_id, contract, (arguments ->> 'buyer'), ((arguments ->> 'sequence')::numeric))
  where name = 'OrderFilled';

-- A risk: what may happen when, and what was found.
create view indexer.risks as
  select o.chain_id, o.contract as cover, (o.arguments ->> 'riskNumber')::numeric as risk_number,
         (o.arguments ->> 'productId')::int as product_number, o.arguments ->> 'subject' as subject,
         (o.arguments ->> 'windowStart')::bigint as window_start, (o.arguments ->> 'windowEnd')::bigint as window_end,
         o.block_number as opened_block, o.transaction_hash as opened_transaction,
         case s.arguments ->> 'state' when '1' then 'observed' when '2' then 'silent' else 'open' end as state,
         (s.arguments ->> 'observation')::numeric as observation, (s.arguments ->> 'payoutBps')::int as payout_bps,
         (s.arguments ->> 'owed')::numeric as owed, s.block_number as settled_block, s.transaction_hash as settled_transaction
    from indexer.other_events o
    left join lateral (
      select e.arguments, e.block_number, e.transaction_hash
        from indexer.other_events e
       where e.chain_id = o.chain_id and e.contract = o.contract and e.name = 'RiskSettled'
         and (e.arguments ->> 'riskNumber')::numeric = (o.arguments ->> 'riskNumber')::numeric
       limit 1) s on true
   where o.name = 'RiskOpened';

-- A policy as it stands now. Without an outcome it is open, unless nothing of it is insured any more: then it was cancelled.
create view indexer.policies as
  select i.chain_id, i.contract as cover, (i.arguments ->> 'policyId')::numeric as policy_number,
         (i.arguments ->> 'riskNumber')::numeric as risk_number, i.arguments ->> 'buyer' as buyer,
         coalesce(t.arguments ->> 'to', i.arguments ->> 'holder') as holder, i.arguments ->> 'holder' as first_holder,
         (f.arguments ->> 'sequence')::numeric as sequence, (i.arguments ->> 'transferable')::boolean as is_transferable,
         (i.arguments ->> 'insured')::numeric as sold, (i.arguments ->> 'insured')::numeric - c.insured as insured,
         (i.arguments ->> 'premium')::numeric as premium, (i.arguments ->> 'capitalCharge')::numeric as capital_charge,
         c.refund, i.block_number, i.log_index, i.transaction_hash,
         case p.name when 'PolicyPaid' then 'paid' when 'PremiumRefunded' then 'refunded' end as outcome,
         (p.arguments ->> 'amount')::numeric as amount, p.block_number as paid_block, p.transaction_hash as paid_transaction
    from indexer.other_events i
    left join indexer.other_events f
      on f.chain_id = i.chain_id and f.contract = i.contract and f.name = 'OrderFilled'
     and (f.arguments ->> 'policyId')::numeric = (i.arguments ->> 'policyId')::numeric
    left join lateral (
      select e.arguments
        from indexer.other_events e
       where e.chain_id = i.chain_id and e.contract = i.contract and e.name = 'PolicyTransferred'
         and (e.arguments ->> 'policyId')::numeric = (i.arguments ->> 'policyId')::numeric
       order by e.block_number desc, e.log_index desc limit 1) t on true
   cross join lateral (
      select coalesce(sum((e.arguments ->> 'insured')::numeric), 0) as insured,
             coalesce(sum((e.arguments ->> 'refund')::numeric), 0) as refund
        from indexer.other_events e
       where e.chain_id = i.chain_id and e.contract = i.contract and e.name = 'PolicyCancelled'
         and (e.arguments ->> 'policyId')::numeric = (i.arguments ->> 'policyId')::numeric) c
    left join lateral (
      select e.name, e.arguments, e.block_number, e.transaction_hash
        from indexer.other_events e
       where e.chain_id = i.chain_id and e.contract = i.contract and e.name in ('PolicyPaid', 'PremiumRefunded')
         and (e.arguments ->> 'policyId')::numeric = (i.arguments ->> 'policyId')::numeric
       limit 1) p on true
   where i.name = 'PolicyIssued';

-- Money that moves between a wallet and the pool for a policy. A payout that could not be received has no transfer.
create view indexer.cover_money as
  select chain_id, block_number, log_index, transaction_hash,
         case name when 'CapitalLocked' then 'premium' when 'PolicyPaid' then 'payout' else 'premium_refund' end as kind,
         arguments ->> case name when 'CapitalLocked' then 'payer' when 'CapitalReleased' then 'payee'
                                 when 'PolicyPaid' then 'holder' else 'buyer' end as wallet,
         case name when 'CapitalLocked'
                   then -((arguments ->> 'unearnedPremium')::numeric + (arguments ->> 'capitalCharge')::numeric)
                   when 'CapitalReleased' then (arguments ->> 'refund')::numeric
                   else (arguments ->> 'amount')::numeric end as change
    from indexer.other_events
   where name in ('CapitalLocked', 'CapitalReleased', 'PolicyPaid', 'PremiumRefunded');

-- What underwriters put in and took out.
create view indexer.pool_movements as
  select chain_id, contract as pool, block_number, log_index, transaction_hash,
         case name when 'Deposit' then 'deposit' else 'withdrawal' end as kind,
         arguments ->> 'owner' as owner, (arguments ->> 'assets')::numeric as assets, (arguments ->> 'shares')::numeric as shares
    from indexer.other_events
   where name in ('Deposit', 'Withdraw');

-- What the cover sells: as much of it as is needed to know when a risk can be settled.
create view indexer.cover_products as
  select chain_id, contract as cover, (arguments ->> 'productId')::int as product_number, arguments ->> 'feed' as feed,
         (arguments -> 'terms' ->> 'graceSeconds')::bigint as grace_seconds
    from indexer.other_events
   where name = 'ProductCreated';
