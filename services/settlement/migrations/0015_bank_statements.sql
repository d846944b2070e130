-- The bank's account of what backs a stablecoin, and which mint or burn each of its entries belongs to.
create table settlement.bank_statements (
  id text primary key default settlement.new_id('bst'),
  currency settlement.currency not null,
  -- as the bank names them
  account text not null,
  statement_id text not null,
  sequence_number bigint,
  opening_units numeric(78, 0) not null,
  closing_units numeric(78, 0) not null,
  first_date date not null,
  last_date date not null check (last_date >= first_date),
  -- of what was read of it: the same statement may be handed in again
  content_sha256 text not null,
  received_at timestamptz not null default now(),
  unique (currency, statement_id)
);

create table settlement.bank_entries (
  id bigint generated always as identity primary key,
  bank_statement_id text not null references settlement.bank_statements,
  currency settlement.currency not null,
  -- in the statement, from 1
  position int not null,
  -- credit: money into the reserve, for which coins are minted; debit: money out of it, for which coins were burned
  direction text not null check (direction in ('credit', 'debit')),
  units numeric(78, 0) not null check (units > 0),
  booking_date date not null,
  value_date date not null,
  reference text,
  end_to_end_id text,
  transaction_hash settlement.hash32,
  is_return boolean not null,
  -- the mint or burn that it belongs to, or the entry that took it back (and that entry, this one)
  event_block bigint,
  event_log_index int,
  event_units numeric(78, 0),
  offset_by bigint references settlement.bank_entries,
  unique (bank_statement_id, position),
  unique (event_block, event_log_index),
  check (num_nulls(event_block, event_log_index, event_units) in (0, 3)),
  check (event_block is null or offset_by is null)
);
-- What still stands alone, and what differs.
create index bank_entries_open on settlement.bank_entries (currency, id)
  where offset_by is null and event_units is distinct from units;
create index bank_entries_by_end_to_end_id on settlement.bank_entries (end_to_end_id) where end_to_end_id is not null;
create index bank_entries_by_reference on settlement.bank_entries (reference) where reference is not null;
create index bank_entries_by_transaction on settlement.bank_entries (transaction_hash) where transaction_hash is not null;
