-- A contract call that a domain wants made once, carried by the lanes as batches are. Its contract refuses the second time.
create table settlement.calls (
  id text primary key default settlement.new_id('call'),
  chain_id bigint not null,
  -- what it is for; the domain of this kind is told of every move
  kind text not null,
  to_address settlement.evm_address not null,
  data text not null check (data ~ '^0x([0-9a-f]{2})*$'),
  -- Unix seconds, both included, by the chain's block time: it takes effect in no block before or after
  not_before bigint,
  not_after bigint,
  -- more gas than this is not paid for
  most_gas bigint,
  -- custom errors after which the contract will never take it; believed at a final block only
  hopeless_errors text[] not null default '{}',
  state text not null default 'waiting'
    check (state in ('waiting', 'signed', 'broadcast', 'included', 'final', 'failed', 'expired')),
  -- refused by simulation or reverted: so often, for this reason, not tried again before
  failures int not null default 0,
  last_error text,
  attempt_after timestamptz not null default now(),
  transaction_hash settlement.hash32,
  block_number bigint,
  block_hash settlement.hash32,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((state in ('included', 'final')) = (block_hash is not null)),
  check ((block_number is null) = (block_hash is null))
);
create index calls_open on settlement.calls (chain_id, created_at) where state not in ('final', 'failed', 'expired');

-- An attempt carries a batch, or a call, or nothing.
alter table settlement.attempts
  add column call_id text references settlement.calls,
  add constraint attempts_carry_one check (num_nonnulls(settlement_batch_id, call_id) <= 1);
create index attempts_by_call on settlement.attempts (call_id) where call_id is not null;
