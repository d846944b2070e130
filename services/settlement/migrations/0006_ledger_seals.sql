-- Every posting is sealed: it gets a number without gaps, and a hash over the seal before it and over all that the posting
-- says. docs/ledger.md has the bytes. Whoever changes a posting would have to change every seal after it.

create table settlement.ledger_head (
  only_row boolean primary key default true check (only_row),
  -- under this name the head is anchored on chain
  ledger_id settlement.hash32 not null
    default '0x' || encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex'),
  -- the last seal; its row lock is what puts postings in order
  number bigint not null default 0,
  hash settlement.hash32 not null default '0x' || repeat('0', 64),
  booked_at timestamptz not null default '-infinity'
);
insert into settlement.ledger_head default values;

create table settlement.ledger_seals (
  number bigint primary key,
  posting_id text not null unique references settlement.ledger_postings,
  hash settlement.hash32 not null
);

-- The bytes of a seal are lines of words: no id may look like two.
alter table settlement.ledger_postings add constraint ids_are_words check (concat(id, payment_id) !~ '\s');
alter table settlement.accounts add constraint ids_are_words check (concat(id, partner_id) !~ '\s');

create function settlement.next_seal(seal bytea, head bytea, record text) returns bytea language sql immutable parallel safe
  return sha256(coalesce(seal, head) || convert_to(record, 'UTF8'));
-- Over records in order: the seal of the last one, where `head` is the seal before the first.
create aggregate settlement.seal(head bytea, record text) (sfunc = settlement.next_seal, stype = bytea);

-- Waits until nobody else is posting, until the end of the transaction. Returns the time to book by: never before an earlier posting's.
create function settlement.open_books() returns timestamptz language plpgsql as $$
begin
  perform from settlement.ledger_head for update;
  return (select greatest(booked_at, clock_timestamp()) from settlement.ledger_head);
end $$;

create function settlement.seal_postings(posting_ids text[]) returns void language plpgsql as $$
declare
  head settlement.ledger_head;
  latest timestamptz;
  early text;
begin
  select * into head from settlement.ledger_head for update;
  latest := greatest(head.booked_at, clock_timestamp());
  select id into early from settlement.ledger_postings
   where id = any(posting_ids) and not booked_at between head.booked_at and latest limit 1;
  if found then
    raise exception 'Posting % is not booked between the last posting (%) and now (%).', early, head.booked_at, latest;
  end if;
  with line as (
    select e.posting_id, string_agg(concat_ws(' ', 'entry', l.account_id, l.kind, l.currency, e.amount) || E'\n', ''
             order by concat_ws(' ', 'entry', l.account_id, l.kind, l.currency, e.amount) collate "C") as entries
      from settlement.ledger_entries e join settlement.ledger_accounts l on l.id = e.ledger_account_id
     where e.posting_id = any(posting_ids)
     group by e.posting_id
  ), numbered as (
    select p.*, a.partner_id, line.entries,
           head.number + row_number() over (order by p.booked_at, p.block_number, p.log_index, p.id) as number
      from settlement.ledger_postings p
      join settlement.accounts a on a.id = p.account_id
      join line on line.posting_id = p.id
     where p.id = any(posting_ids)
  ), sealed as (
    insert into settlement.ledger_seals (number, posting_id, hash)
    select number, id, '0x' || encode(settlement.seal(decode(substr(head.hash, 3), 'hex'), concat(
             E'corridor ledger 1\nnumber ', number, E'\nposting ', id, E'\nkind ', kind, E'\nchain ', chain_id,
             E'\nblock ', block_number, ' ', block_hash, E'\nlog ', log_index, E'\ntransaction ', transaction_hash,
             E'\naccount ', account_id, ' ', partner_id, E'\npayment ', coalesce(payment_id, '-'),
             E'\nbooked ', to_char(booked_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), E'\n', entries
           )) over (order by number rows unbounded preceding), 'hex')
      from numbered
    returning number, posting_id, hash
  )
  update settlement.ledger_head h
     set number = s.number, hash = s.hash, booked_at = p.booked_at
    from sealed s join settlement.ledger_postings p on p.id = s.posting_id
   where s.number = head.number + cardinality(posting_ids);
end $$;

select settlement.seal_postings(array_agg(id)) from settlement.ledger_postings having count(*) > 0;

-- All entries of a posting come in one statement, which balances and seals it: one that was sealed takes no more entries.
create function settlement.seal_added() returns trigger language plpgsql as $$
declare
  unbalanced text;
begin
  select e.posting_id into unbalanced
    from added e join settlement.ledger_accounts l on l.id = e.ledger_account_id
   group by e.posting_id, l.currency having sum(e.amount) <> 0 limit 1;
  if found then
    raise exception 'Posting % does not balance.', unbalanced;
  end if;
  perform settlement.seal_postings(array_agg(distinct posting_id)) from added having count(*) > 0;
  return null;
end $$;
create trigger seal_added after insert on settlement.ledger_entries
  referencing new table as added for each statement execute function settlement.seal_added();
drop trigger balanced on settlement.ledger_postings;
drop trigger balanced on settlement.ledger_entries;
drop function settlement.check_balanced, settlement.check_entry_balanced;
-- By the end of its transaction: a posting without entries is none.
alter table settlement.ledger_postings add constraint posting_is_sealed
  foreign key (id) references settlement.ledger_seals (posting_id) deferrable initially deferred;

-- Seals and head come from the trigger above and from nobody's hand.
create function settlement.refuse_by_hand() returns trigger language plpgsql as $$
begin
  if pg_trigger_depth() < 2 then
    raise exception 'The ledger seals its postings itself: % on % is refused.', tg_op, tg_table_name;
  end if;
  return new;
end $$;
create trigger sealed_by_the_ledger before insert on settlement.ledger_seals for each statement execute function settlement.refuse_by_hand();
create trigger append_only before update or delete on settlement.ledger_seals for each row execute function settlement.refuse_change();
create trigger never_emptied before truncate on settlement.ledger_seals execute function settlement.refuse_change();
create trigger sealed_by_the_ledger before update of number, hash, booked_at on settlement.ledger_head
  for each row execute function settlement.refuse_by_hand();
create trigger never_emptied before insert or delete or truncate on settlement.ledger_head execute function settlement.refuse_change();

-- The books as they were at a time.
create index ledger_postings_by_time on settlement.ledger_postings (booked_at);
