-- What a partner handed in at once: a file or a list.
create table settlement.payment_batches (
  id text primary key default settlement.new_id('bat'),
  partner_id text not null references settlement.partners,
  format text not null check (format in ('json', 'csv', 'pain.001')),
  -- the partner's own MsgId; unique a partner, so that the same file sent twice is seen
  message_id text not null,
  source_created_at text,
  payment_count int not null,
  created_at timestamptz not null default now(),
  unique (partner_id, message_id)
);

-- One transaction to the router: payments of one payer and token, in sequence.
create table settlement.settlement_batches (
  id text primary key default settlement.new_id('stl'),
  account_id text not null references settlement.accounts,
  chain_id bigint not null,
  payer settlement.evm_address not null,
  token settlement.evm_address not null,
  first_sequence numeric(78, 0) not null,
  payment_count int not null check (payment_count between 1 and 256),
  state text not null default 'batched' check (state in ('batched', 'signed', 'broadcast', 'included', 'final', 'held')),
  -- refused by simulation or reverted: so often, for this reason, not tried again before
  failures int not null default 0,
  last_error text,
  attempt_after timestamptz not null default now(),
  block_number bigint,
  block_hash settlement.hash32,
  transaction_hash settlement.hash32,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (chain_id, payer, first_sequence)
);
create index settlement_batches_open on settlement.settlement_batches (chain_id, created_at) where state not in ('final', 'held');

create table settlement.payments (
  id text primary key default settlement.new_id('pay'),
  partner_id text not null references settlement.partners,
  payment_batch_id text references settlement.payment_batches,
  -- position in the file or list, from 1
  position int not null default 1,
  end_to_end_id text not null,
  instruction_id text,
  uetr text,
  payment_information_id text,
  account_id text references settlement.accounts,
  debtor_account text not null,
  debtor_name text,
  currency settlement.currency not null,
  -- as the partner wrote it; units is the same in whole token units, where the currency has a corridor
  amount_value text not null,
  units numeric(78, 0),
  creditor_name text not null,
  creditor_scheme text not null check (creditor_scheme in ('IBAN', 'EVM')),
  creditor_identification text not null,
  recipient settlement.evm_address,
  remittance_information text,
  requested_execution_date date not null,
  state text not null check (state in ('received', 'screened', 'reserved', 'batched', 'signed', 'broadcast',
    'included', 'final', 'posted', 'rejected', 'cancelled', 'returned', 'held')),
  reason_code text,
  reason_detail text,
  settlement_batch_id text references settlement.settlement_batches,
  sequence numeric(78, 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((state in ('rejected', 'cancelled', 'returned')) = (reason_code is not null) or state = 'held')
);
create index payments_by_partner on settlement.payments (partner_id, id);
create index payments_by_batch on settlement.payments (payment_batch_id, position);
create index payments_by_settlement_batch on settlement.payments (settlement_batch_id, sequence);
create unique index payments_by_sequence on settlement.payments (account_id, sequence) where sequence is not null;
create index payments_open on settlement.payments (state) where state not in ('posted', 'rejected', 'cancelled', 'returned');
create index payments_to_batch on settlement.payments (account_id, requested_execution_date, id) where state = 'reserved';
-- A payment that was refused did not happen: its EndToEndId may be used again.
create unique index payments_by_end_to_end_id on settlement.payments (partner_id, end_to_end_id)
  where state <> 'rejected' and state <> 'cancelled' and end_to_end_id <> 'NOTPROVIDED';

-- Two-phase: reserved, then posted or voided, each once.
create table settlement.holds (
  payment_id text primary key references settlement.payments,
  ledger_account_id text not null references settlement.ledger_accounts,
  amount numeric(78, 0) not null check (amount > 0),
  state text not null default 'pending' check (state in ('pending', 'posted', 'voided')),
  created_at timestamptz not null default now(),
  ended_at timestamptz
);

-- The timeline of a payment; a row a transition.
create table settlement.payment_events (
  id bigint generated always as identity primary key,
  payment_id text not null references settlement.payments,
  state text not null,
  detail jsonb not null default '{}',
  at timestamptz not null default now()
);
create index payment_events_by_payment on settlement.payment_events (payment_id, id);

-- A signer's queue of nonces. Whoever holds the lease has the epoch; a stale epoch can write nothing.
create table settlement.lanes (
  chain_id bigint not null,
  signer settlement.evm_address not null,
  next_nonce bigint not null,
  epoch bigint not null default 0,
  owner text,
  lease_until timestamptz,
  primary key (chain_id, signer)
);

-- Signed bytes, stored before they are sent. A nonce may have several (same calldata, higher fee).
create table settlement.attempts (
  id bigint generated always as identity primary key,
  chain_id bigint not null,
  signer settlement.evm_address not null,
  nonce bigint not null,
  epoch bigint not null,
  settlement_batch_id text not null references settlement.settlement_batches,
  transaction_hash settlement.hash32 not null unique,
  raw_transaction text not null,
  max_fee_per_gas numeric(78, 0) not null,
  max_priority_fee_per_gas numeric(78, 0) not null,
  gas bigint not null,
  -- replaced: its nonce went to another transaction, a sibling with a higher fee or one from outside
  state text not null default 'signed' check (state in ('signed', 'broadcast', 'included', 'reverted', 'replaced')),
  -- head of the chain when it was signed: so old is it in blocks
  signed_at_block bigint not null,
  created_at timestamptz not null default now(),
  last_broadcast_at timestamptz,
  foreign key (chain_id, signer) references settlement.lanes
);
create index attempts_by_nonce on settlement.attempts (chain_id, signer, nonce);
create index attempts_unfinished on settlement.attempts (chain_id, signer, nonce) where state in ('signed', 'broadcast');
create index attempts_by_batch on settlement.attempts (settlement_batch_id);

-- How far the ledger has followed the chain: every final block up to here is posted.
create table settlement.posted_blocks (
  chain_id bigint primary key,
  block_number bigint not null
);
