-- Double entry, append-only. Within a posting the entries of each currency sum to zero.

create table settlement.ledger_accounts (
  id text primary key default settlement.new_id('lac'),
  -- funds: what we owe the partner; chain: what the payer's wallet holds; dust: parts of a minor unit
  kind text not null check (kind in ('funds', 'chain', 'dust')),
  account_id text not null references settlement.accounts,
  currency settlement.currency not null,
  -- sum of entries; a credit is positive. Kept by the trigger below.
  balance numeric(78, 0) not null default 0,
  -- reserved for payments under way; only 'funds' accounts have holds
  held numeric(78, 0) not null default 0 check (held >= 0),
  unique (account_id, kind),
  check (kind <> 'funds' or balance >= 0),
  check (kind = 'funds' or held = 0)
);

create table settlement.ledger_postings (
  id text primary key default settlement.new_id('pst'),
  kind text not null check (kind in ('payment', 'deposit', 'withdrawal')),
  -- the on-chain event that the posting answers to; each event is posted once
  chain_id bigint not null,
  block_number bigint not null,
  block_hash settlement.hash32 not null,
  log_index int not null,
  transaction_hash settlement.hash32 not null,
  account_id text not null references settlement.accounts,
  payment_id text,
  booked_at timestamptz not null default now(),
  unique (chain_id, block_number, log_index, account_id)
);
create index ledger_postings_by_account on settlement.ledger_postings (account_id, booked_at);

create table settlement.ledger_entries (
  posting_id text not null references settlement.ledger_postings,
  ledger_account_id text not null references settlement.ledger_accounts,
  amount numeric(78, 0) not null check (amount <> 0),
  primary key (posting_id, ledger_account_id)
);
create index ledger_entries_by_account on settlement.ledger_entries (ledger_account_id);

create function settlement.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'The ledger is append-only: % on % is refused. Post a correcting entry instead.', tg_op, tg_table_name;
end $$;
create trigger append_only before update or delete on settlement.ledger_postings for each row execute function settlement.refuse_change();
create trigger append_only before update or delete on settlement.ledger_entries for each row execute function settlement.refuse_change();
create trigger never_emptied before truncate on settlement.ledger_postings execute function settlement.refuse_change();
create trigger never_emptied before truncate on settlement.ledger_entries execute function settlement.refuse_change();

create function settlement.keep_balances() returns trigger language plpgsql as $$
begin
  update settlement.ledger_accounts a set balance = a.balance + n.amount
    from (select ledger_account_id, sum(amount) as amount from added group by 1) n
   where a.id = n.ledger_account_id;
  return null;
end $$;
create trigger keep_balances after insert on settlement.ledger_entries
  referencing new table as added for each statement execute function settlement.keep_balances();

-- Checked at commit, when all entries of a posting are there.
create function settlement.check_balanced() returns trigger language plpgsql as $$
begin
  if exists (
    select from settlement.ledger_entries e join settlement.ledger_accounts a on a.id = e.ledger_account_id
     where e.posting_id = new.id group by a.currency having sum(e.amount) <> 0
  ) or not exists (select from settlement.ledger_entries where posting_id = new.id) then
    raise exception 'Posting % does not balance.', new.id;
  end if;
  return null;
end $$;
create constraint trigger balanced after insert on settlement.ledger_postings
  deferrable initially deferred for each row execute function settlement.check_balanced();
create function settlement.check_entry_balanced() returns trigger language plpgsql as $$
begin
  if exists (
    select from settlement.ledger_entries e join settlement.ledger_accounts a on a.id = e.ledger_account_id
     where e.posting_id = new.posting_id group by a.currency having sum(e.amount) <> 0
  ) then
    raise exception 'Posting % does not balance.', new.posting_id;
  end if;
  return null;
end $$;
create constraint trigger balanced after insert on settlement.ledger_entries
  deferrable initially deferred for each row execute function settlement.check_entry_balanced();
