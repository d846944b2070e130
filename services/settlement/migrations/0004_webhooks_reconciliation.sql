create table settlement.webhook_endpoints (
  id text primary key default settlement.new_id('whe'),
  partner_id text not null references settlement.partners,
  url text not null,
  -- "whsec_" and base64; messages carry a signature of the previous one too for a while after a rotation
  secret text not null,
  previous_secret text,
  previous_secret_until timestamptz,
  created_at timestamptz not null default now(),
  deleted_at timestamptz
);
create index webhook_endpoints_by_partner on settlement.webhook_endpoints (partner_id) where deleted_at is null;

-- Written in the transaction of the state change it tells of.
create table settlement.webhook_messages (
  id text primary key default settlement.new_id('msg'),
  partner_id text not null references settlement.partners,
  type text not null,
  payment_id text references settlement.payments,
  body text not null,
  created_at timestamptz not null default now()
);
create index webhook_messages_by_payment on settlement.webhook_messages (payment_id);

create table settlement.webhook_deliveries (
  id text primary key default settlement.new_id('dlv'),
  partner_id text not null references settlement.partners,
  message_id text not null references settlement.webhook_messages,
  endpoint_id text not null references settlement.webhook_endpoints,
  state text not null default 'pending' check (state in ('pending', 'delivered', 'exhausted')),
  attempts int not null default 0,
  next_attempt_at timestamptz not null default now(),
  -- lease of the worker that is sending; the token fences a late one
  lease_until timestamptz,
  lease_token uuid,
  last_status int,
  last_error text,
  delivered_at timestamptz,
  unique (message_id, endpoint_id)
);
create index webhook_deliveries_by_partner on settlement.webhook_deliveries (partner_id, id);
create index webhook_deliveries_due on settlement.webhook_deliveries (endpoint_id, next_attempt_at, id) where state = 'pending';
create index webhook_deliveries_leased on settlement.webhook_deliveries (endpoint_id, lease_until) where lease_until is not null;

-- The log: one row a try.
create table settlement.webhook_attempts (
  id bigint generated always as identity primary key,
  delivery_id text not null references settlement.webhook_deliveries,
  at timestamptz not null default now(),
  status int,
  error text,
  duration_ms int not null
);
create index webhook_attempts_by_delivery on settlement.webhook_attempts (delivery_id, id);

-- Ledger against chain, at a final block.
create table settlement.reconciliations (
  id bigint generated always as identity primary key,
  chain_id bigint not null,
  block_number bigint not null,
  block_hash settlement.hash32 not null,
  accounts_checked int not null,
  breaks int not null,
  at timestamptz not null default now()
);

create table settlement.breaks (
  id text primary key default settlement.new_id('brk'),
  -- missing_inside: a transfer that was not posted; missing_outside: a posting without its transfer; amount: neither,
  -- and still another balance; index: the indexer's balance is not the chain's; holds: reserved is not the sum of holds
  kind text not null check (kind in ('missing_inside', 'missing_outside', 'amount', 'index', 'holds')),
  account_id text not null references settlement.accounts,
  observed_units numeric(78, 0) not null,
  expected_units numeric(78, 0) not null,
  block_number bigint not null,
  opened_at timestamptz not null default now(),
  closed_at timestamptz
);
create index reconciliations_by_block on settlement.reconciliations (chain_id, block_number);
create unique index breaks_open on settlement.breaks (account_id, kind) where closed_at is null;
