-- Each run compares the events of new blocks and of a stretch of older ones, and asks the chain for few balances.
alter table settlement.reconciliations
  -- every event up to here was compared with the chain's; the next stretch of older ones begins after `swept_to_block`,
  -- or where the chain begins
  add column events_to_block bigint,
  add column swept_to_block bigint;

-- What a wallet held when the chain was asked last. Who stands as then has not moved, and need not be asked again yet.
create table settlement.reconciled_balances (
  account_id text primary key references settlement.accounts,
  units numeric(78, 0) not null,
  block_number bigint not null
);
create index reconciled_balances_in_turn on settlement.reconciled_balances (block_number, account_id);

alter table settlement.breaks
  drop constraint breaks_kind_check,
  -- a bank's entry belongs to a currency's reserve and to no account
  alter column account_id drop not null,
  alter column block_number drop not null,
  add column currency settlement.currency,
  -- which event or entry it is about; '' for a balance as a whole
  add column subject text not null default '',
  -- null until it was told of; then it rises with age
  add column severity text check (severity in ('notice', 'warning', 'critical')),
  add column last_seen_at timestamptz not null default now();
update settlement.breaks b
   set currency = a.currency, last_seen_at = coalesce(b.closed_at, now())
  from settlement.accounts a where a.id = b.account_id;
alter table settlement.breaks
  alter column currency set not null,
  add constraint breaks_of_an_account_or_the_bank check ((account_id is null) = (kind like 'bank\_%'));
drop index settlement.breaks_open;
create unique index breaks_open on settlement.breaks (kind, account_id, currency, subject) nulls not distinct
  where closed_at is null;
create index breaks_by_account on settlement.breaks (account_id, id);
