-- What came of a policy and its owner could not receive: it waits in the pool until it is withdrawn, and then has no row any more.
create table settlement.policy_credits (
  chain_id bigint not null,
  -- of the event, in a final block
  block_number bigint not null,
  log_index int not null,
  policy_id text not null references settlement.policies,
  account settlement.evm_address not null,
  units numeric(78, 0) not null check (units > 0),
  -- the payout, or the premium after silence; otherwise of a cancellation
  is_claim boolean not null,
  primary key (chain_id, block_number, log_index)
);
create index policy_credits_by_policy on settlement.policy_credits (policy_id);
create index policy_credits_by_account on settlement.policy_credits (chain_id, account);
