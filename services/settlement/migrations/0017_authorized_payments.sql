-- Payments that wallets signed (EIP-3009) and partners handed in; Corridor pays the network fee.
create table settlement.authorized_payments (
  id text primary key default settlement.new_id('aup'),
  partner_id text not null references settlement.partners,
  call_id text not null unique references settlement.calls,
  chain_id bigint not null,
  currency settlement.currency not null,
  token settlement.evm_address not null,
  payer settlement.evm_address not null,
  recipient settlement.evm_address not null,
  amount_value text not null,
  units numeric(78, 0) not null check (units > 0),
  payment_reference settlement.hash32 not null,
  -- Unix seconds, as signed: valid in a block whose time is after the one and before the other
  valid_after bigint not null,
  valid_before bigint not null,
  salt settlement.hash32 not null,
  -- of recipient, reference and salt: the coin takes it once
  nonce settlement.hash32 not null,
  signature text not null,
  status text not null default 'accepted' check (status in ('accepted', 'processing', 'settled', 'failed')),
  reason_code text,
  reason_detail text,
  -- of the transaction that settled it, whoever sent that
  transaction_hash settlement.hash32,
  block_number bigint,
  block_hash settlement.hash32,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- two partners, or two requests, never hand in the same
  unique (chain_id, token, payer, nonce),
  check ((status = 'failed') = (reason_code is not null)),
  check ((status = 'settled') = (block_hash is not null))
);
create index authorized_payments_by_partner on settlement.authorized_payments (partner_id, id);
create index authorized_payments_open on settlement.authorized_payments (chain_id, token, payer)
  where status in ('accepted', 'processing');
create index authorized_payments_open_by_partner on settlement.authorized_payments (partner_id)
  where status in ('accepted', 'processing');

-- What became of it and of its call, in order.
create table settlement.authorized_payment_events (
  id bigint generated always as identity primary key,
  authorized_payment_id text not null references settlement.authorized_payments,
  state text not null,
  detail jsonb not null default '{}',
  at timestamptz not null default now()
);
create index authorized_payment_events_by_payment
  on settlement.authorized_payment_events (authorized_payment_id, id);
