-- Authorisations (EIP-3009) that a stablecoin says were used or cancelled: events that are stored already, by what they are
-- looked for.
create index other_events_by_authorization
  on indexer.other_events (chain_id, contract, (arguments ->> 'authorizer'), (arguments ->> 'nonce'))
  where name in ('AuthorizationUsed', 'AuthorizationCanceled');

-- A used one with the payment of the router that it made: the payer's next PaymentSettled in the same transaction, before any
-- other authorisation is used; so a payment belongs to one authorisation at most. None when it was used for something else.
create view indexer.authorizations as
  select a.chain_id, a.block_number, a.log_index, a.transaction_hash, a.contract as token,
         a.arguments ->> 'authorizer' as authorizer, a.arguments ->> 'nonce' as nonce,
         case a.name when 'AuthorizationUsed' then 'used' else 'cancelled' end as outcome,
         p.log_index as payment_log_index, p.arguments ->> 'recipient' as recipient,
         p.arguments ->> 'paymentReference' as payment_reference, (p.arguments ->> 'amount')::numeric as amount
    from indexer.other_events a
    left join lateral (
      select e.log_index, e.arguments
        from indexer.other_events e
       where e.chain_id = a.chain_id and e.transaction_hash = a.transaction_hash and e.block_number = a.block_number
         and e.name = 'PaymentSettled' and e.log_index > a.log_index
         and e.arguments ->> 'payer' = a.arguments ->> 'authorizer' and e.arguments ->> 'token' = a.contract
         and not exists (select from indexer.other_events b
                          where b.chain_id = a.chain_id and b.transaction_hash = a.transaction_hash
                            and b.block_number = a.block_number and b.name = 'AuthorizationUsed'
                            and b.log_index > a.log_index and b.log_index < e.log_index)
       order by e.log_index limit 1
    ) p on a.name = 'AuthorizationUsed'
   where a.name in ('AuthorizationUsed', 'AuthorizationCanceled');
