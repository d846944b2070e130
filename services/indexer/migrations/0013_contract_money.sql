-- What changes the money of the pool and of the escrow contract, or one policy or escrow: by contract and block.
create index other_events_by_money on indexer.other_events (chain_id, contract, block_number)
  where name in ('Deposit', 'Withdraw', 'DonationAbsorbed', 'CapitalLocked', 'CapitalReleased', 'RiskClosed', 'CreditAdded',
    'CreditWithdrawn', 'PolicyIssued', 'PolicyTransferred', 'PolicyCancelled', 'PolicyPaid', 'PremiumRefunded', 'EscrowAuthorized',
    'EscrowCharged', 'AuthorizationCancelled', 'EscrowCaptured', 'EscrowCapturedWithPreimage', 'EscrowVoided', 'EscrowReclaimed',
    'EscrowRefunded', 'EscrowReleased', 'DisputeOpened', 'DisputeRuled', 'DisputeDefaulted');

-- What each event changes in the sums of its contract, in token units; what a policy is paid leaves the reserve of the cover's pool.
-- `token` is null where it is the pool's asset. A risk that was observed earned something, for every policy has an unearned premium;
-- what a silent one owes was unearned.
create view indexer.contract_money as
  select e.chain_id, e.block_number, e.contract, e.arguments ->> 'token' as token, m.measure, m.units
    from indexer.other_events e
   cross join lateral (
     select (e.arguments ->> 'assets')::numeric as assets, (e.arguments ->> 'amount')::numeric as amount,
            (e.arguments ->> 'unearnedPremium')::numeric as unearned, (e.arguments ->> 'capitalCharge')::numeric as charge,
            (e.arguments ->> 'refund')::numeric as refund, (e.arguments ->> 'earned')::numeric as earned,
            (e.arguments ->> 'owed')::numeric as owed offset 0) a
   cross join lateral (values
     ('total_assets', case e.name when 'Deposit' then a.assets when 'Withdraw' then -a.assets when 'DonationAbsorbed' then a.amount
                                  when 'CapitalLocked' then a.charge
                                  when 'RiskClosed' then case when a.earned > 0 then a.earned - a.owed end end),
     ('locked_capital', case e.name when 'CapitalLocked' then a.amount
                                    when 'CapitalReleased' then -a.amount when 'RiskClosed' then -a.amount end),
     ('unearned_premiums', case e.name when 'CapitalLocked' then a.unearned when 'CapitalReleased' then -a.refund
                                       when 'RiskClosed' then -case when a.earned > 0 then a.earned else a.owed end end),
     ('payout_reserve', case e.name when 'RiskClosed' then a.owed
                                    when 'PolicyPaid' then -a.amount when 'PremiumRefunded' then -a.amount end),
     ('credits', case e.name when 'CreditAdded' then a.amount when 'CreditWithdrawn' then -a.amount end)) m (measure, units)
   where e.name in ('Deposit', 'Withdraw', 'DonationAbsorbed', 'CapitalLocked', 'CapitalReleased', 'RiskClosed', 'CreditAdded',
                    'CreditWithdrawn', 'PolicyPaid', 'PremiumRefunded')
     and m.units <> 0
  union all
  select s.chain_id, s.block_number, s.contract,
         (select a.arguments -> 'terms' ->> 'token'
            from indexer.other_events a
           where a.chain_id = s.chain_id and a.contract = s.contract and a.arguments ? 'escrowId'
             and a.arguments ->> 'escrowId' = s.escrow_id and a.name in ('EscrowAuthorized', 'EscrowCharged') limit 1),
         'capturable', s.put_in - s.to_payee - s.to_payer
    from indexer.escrow_events s
   where s.name in ('EscrowAuthorized', 'EscrowCharged', 'EscrowCaptured', 'EscrowCapturedWithPreimage', 'EscrowVoided',
                    'EscrowReclaimed', 'EscrowReleased', 'DisputeRuled', 'DisputeDefaulted')
     and s.put_in - s.to_payee - s.to_payer <> 0;
