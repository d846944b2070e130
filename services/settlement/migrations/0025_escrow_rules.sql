-- The bank's entry by which a rule came true: it counts for one rule of the escrow. Why a rule that holds cannot be done any more:
-- it is given up, so that others of its escrow go on.
alter table settlement.escrow_rules
  add column bank_entry_id bigint references settlement.bank_entries,
  add column failure text check (failure in ('amount_not_held')),
  add constraint escrow_rules_failure check (failure is null or is_done);
create unique index escrow_rules_bank_entries on settlement.escrow_rules (escrow_id, bank_entry_id) where bank_entry_id is not null;
