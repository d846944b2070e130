-- Escrows that partners agreed upon; where one stands is what the chain says at a final block.
create table settlement.escrows (
  id text primary key default settlement.new_id('esc'),
  partner_id text not null references settlement.partners,
  chain_id bigint not null,
  contract settlement.evm_address not null,
  -- EIP-712 hash of the terms: the contract knows it once
  escrow_id settlement.hash32 not null,
  currency settlement.currency not null,
  units numeric(78, 0) not null check (units > 0),
  -- as the contract has them; whole numbers as strings, addresses in lower case
  terms jsonb not null,
  -- the coin's name(), which wallets sign
  coin_name text not null,
  -- our signer that the terms name as operator or arbiter
  signer settlement.evm_address,
  -- Unix seconds, by the chain's time: the last in which the verb is possible
  authorization_expiry bigint not null,
  capture_expiry bigint not null,
  refund_expiry bigint not null,
  status text not null default 'created'
    check (status in ('created', 'authorizing', 'authorized', 'disputed', 'captured', 'voided', 'reclaimed', 'released', 'ruled',
                      'refunded', 'cancelled', 'expired')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- two partners, or two requests, never have the same
  unique (chain_id, contract, escrow_id)
);
create index escrows_by_partner on settlement.escrows (partner_id, id);
create index escrows_waiting on settlement.escrows (chain_id, authorization_expiry) where status in ('created', 'authorizing');
create index escrows_held on settlement.escrows (chain_id, capture_expiry) where status in ('authorized', 'disputed');

-- Up to which final block the escrows' events were taken in.
create table settlement.escrow_cursors (
  chain_id bigint primary key,
  block_number bigint not null
);

-- What was asked for, what became of its call, and what the chain did, in order.
create table settlement.escrow_events (
  id bigint generated always as identity primary key,
  escrow_id text not null references settlement.escrows,
  state text not null,
  detail jsonb not null default '{}',
  at timestamptz not null default now()
);
create index escrow_events_by_escrow on settlement.escrow_events (escrow_id, id);

-- Calls of the contract that we make for an escrow. One at a time: each is decided upon what the one before left.
create table settlement.escrow_actions (
  id text primary key default settlement.new_id('esa'),
  escrow_id text not null references settlement.escrows,
  verb text not null,
  -- what it is done for: two processes that find the same to do, do it once
  step text not null,
  asked_by text not null check (asked_by in ('partner', 'rule', 'deadline')),
  call_id text not null unique references settlement.calls,
  state text not null default 'open' check (state in ('open', 'done', 'failed')),
  reason text,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  check ((state = 'open') = (ended_at is null))
);
create unique index escrow_actions_open on settlement.escrow_actions (escrow_id) where state = 'open';
create unique index escrow_actions_once on settlement.escrow_actions (escrow_id, verb, step) where state <> 'failed';

-- A call that only one signer may make goes by that signer's lane. A call that its contract would take twice has a guard: a view
-- of the contract, and what it answers as long as the call has not taken effect.
alter table settlement.calls
  add column signer settlement.evm_address,
  add column guard_data text check (guard_data ~ '^0x([0-9a-f]{2})*$'),
  add column guard_result text check (guard_result ~ '^0x([0-9a-f]{2})*$'),
  add constraint calls_guard check ((guard_data is null) = (guard_result is null)),
  -- what a signer of its own did under a nonce that is final cannot come back
  add constraint calls_guard_signer check (guard_data is null or signer is not null);
