-- Unix seconds; set once a dispute is final.
alter table settlement.escrows add column ruling_deadline bigint;
create index escrows_disputed on settlement.escrows (chain_id, ruling_deadline) where status = 'disputed';
create index escrows_refundable on settlement.escrows (chain_id, refund_expiry)
  where status in ('authorized', 'disputed', 'captured', 'released', 'ruled');

-- Deadlines that the partner was told of before they came, each once.
create table settlement.escrow_reminders (
  escrow_id text not null references settlement.escrows,
  deadline text not null check (deadline in ('authorization', 'capture', 'ruling', 'refund')),
  primary key (escrow_id, deadline)
);

-- What we do for an escrow by ourselves, once something is so: agreed upon with its terms, never changed.
create table settlement.escrow_rules (
  escrow_id text not null references settlement.escrows,
  position int not null,
  -- as it was asked for
  asked jsonb not null,
  -- the same with times in Unix seconds, amounts in token units, words in bytes, all as strings
  condition jsonb not null,
  -- verbs of ours, one after the other
  steps jsonb not null,
  -- the EndToEndId by which a bank's statement may name the escrow
  bank_reference text not null,
  -- the final block at which it held for the first time; from then on it is done, whatever comes
  held_block bigint,
  is_done boolean not null default false,
  primary key (escrow_id, position),
  check (held_block is not null or not is_done)
);
create index escrow_rules_open on settlement.escrow_rules (escrow_id) where not is_done;
create function settlement.refuse_rule_change() returns trigger language plpgsql as $$
begin
  raise exception 'rules of an escrow never change';
end $$;
create trigger escrow_rules_unchanged before update of escrow_id, position, asked, condition, steps, bank_reference or delete on settlement.escrow_rules
  for each row execute function settlement.refuse_rule_change();
