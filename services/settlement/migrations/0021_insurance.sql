-- Cover that partners buy for their customers. Amounts are token units, times Unix seconds by the chain's clock.

-- A price as the contract said it at a block.
create table settlement.insurance_quotes (
  id text primary key default settlement.new_id('quo'),
  partner_id text not null references settlement.partners,
  chain_id bigint not null,
  product text not null,
  subject text not null,
  window_start bigint not null,
  window_end bigint not null,
  insured_units numeric(78, 0) not null check (insured_units > 0),
  premium_units numeric(78, 0) not null,
  expected_loss_units numeric(78, 0) not null,
  load_units numeric(78, 0) not null,
  capital_charge_units numeric(78, 0) not null,
  -- what an order by this quote pays at most
  max_premium_units numeric(78, 0) not null check (max_premium_units >= premium_units),
  block_number bigint not null,
  block_hash settlement.hash32 not null,
  valid_until bigint not null,
  created_at timestamptz not null default now()
);
create index insurance_quotes_by_partner on settlement.insurance_quotes (partner_id, id);

-- Each order of a buyer has a number that the contract fills once.
create table settlement.cover_buyers (
  chain_id bigint not null,
  buyer settlement.evm_address not null,
  next_sequence numeric(78, 0) not null,
  primary key (chain_id, buyer)
);

create table settlement.policies (
  id text primary key default settlement.new_id('pol'),
  partner_id text not null references settlement.partners,
  account_id text not null references settlement.accounts,
  -- those that were ordered together
  batch_id text,
  chain_id bigint not null,
  product text not null,
  product_number int not null,
  subject text not null,
  subject_word settlement.hash32 not null,
  window_start bigint not null,
  window_end bigint not null check (window_end > window_start),
  -- the product's, kept with what was sold: until then it can be cancelled, so many digits has an observation
  sale_closes_at bigint not null,
  decimals int not null,
  ordered_units numeric(78, 0) not null check (ordered_units > 0),
  max_premium_units numeric(78, 0) not null check (max_premium_units > 0),
  -- whose money pays, and whose unearned premium comes back
  buyer settlement.evm_address not null,
  sequence numeric(78, 0) not null,
  -- last second in which the contract fills the order
  deadline bigint not null,
  -- who is paid
  holder settlement.evm_address not null,
  is_transferable boolean not null,
  -- the partner's own
  reference text,
  call_id text unique references settlement.calls,
  status text not null default 'accepted' check (status in
    ('accepted', 'processing', 'issued', 'payable', 'paid', 'refunded', 'expired', 'cancelled', 'failed')),
  reason_code text,
  reason_detail text,
  -- as final blocks have it
  policy_number numeric(78, 0),
  risk_number numeric(78, 0),
  premium_units numeric(78, 0),
  capital_charge_units numeric(78, 0),
  issued_transaction settlement.hash32,
  issued_block bigint,
  -- what is still covered, and what cancellations gave back
  insured_units numeric(78, 0),
  refund_units numeric(78, 0) not null default 0,
  observation numeric(78, 0),
  payout_bps int,
  settled_transaction settlement.hash32,
  settled_at bigint,
  paid_units numeric(78, 0),
  paid_transaction settlement.hash32,
  paid_at bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (chain_id, buyer, sequence),
  unique (chain_id, policy_number),
  check ((status = 'failed') = (reason_code is not null)),
  check ((status in ('accepted', 'processing', 'failed')) = (policy_number is null)),
  check ((status in ('paid', 'refunded')) = (paid_units is not null))
);
create index policies_by_partner on settlement.policies (partner_id, id);
create index policies_by_batch on settlement.policies (batch_id) where batch_id is not null;
create index policies_open on settlement.policies (chain_id, id) where status in ('accepted', 'processing');
create index policies_by_risk on settlement.policies (chain_id, risk_number) where status = 'issued';

-- What became of it and of its call, in order.
create table settlement.policy_events (
  id bigint generated always as identity primary key,
  policy_id text not null references settlement.policies,
  state text not null,
  detail jsonb not null default '{}',
  at timestamptz not null default now()
);
create index policy_events_by_policy on settlement.policy_events (policy_id, id);

-- How far the final events of the cover are in the policies.
create table settlement.cover_followed (
  chain_id bigint primary key,
  block_number bigint not null
);

-- Premiums are reserved as payments are.
alter table settlement.holds drop constraint holds_payment_id_fkey;
