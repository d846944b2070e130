-- Policies, escrows and the contracts' money are compared as accounts are. A break of a policy or an escrow is its partner's, one of a
-- contract nobody's but the operator's.
alter table settlement.breaks
  add column partner_id text references settlement.partners,
  drop constraint breaks_of_an_account_or_the_bank,
  add constraint breaks_of_an_account
    check ((account_id is not null) = (kind in ('missing_inside', 'missing_outside', 'amount', 'index', 'holds')));
create index breaks_by_partner on settlement.breaks (partner_id, id) where partner_id is not null;

-- How far the contracts were compared.
create table settlement.contract_reconciliations (
  chain_id bigint primary key,
  -- the final block at which they were asked
  block_number bigint not null,
  -- what events changed up to here was compared one by one
  changed_to_block bigint not null,
  -- behind which the next policies and escrows in turn, and the next stretch of old sums, begin
  policy_turn numeric(78, 0) not null,
  escrow_turn text not null,
  stretch_turn bigint not null
);

-- What the index's events amounted to, by stretches of blocks, each from the end of the one before: sums go over these, and the events of
-- a stretch are added up again when its turn comes.
create table settlement.contract_stretches (
  chain_id bigint not null,
  to_block bigint not null,
  contract settlement.evm_address not null,
  token settlement.evm_address not null,
  measure text not null,
  units numeric(78, 0) not null,
  primary key (chain_id, to_block, contract, token, measure)
);
