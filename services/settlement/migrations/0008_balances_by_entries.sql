-- A balance is the sum of its entries: no hand changes it.
create trigger kept_by_the_entries before update of balance on settlement.ledger_accounts
  for each row execute function settlement.refuse_by_hand();
create or replace function settlement.refuse_by_hand() returns trigger language plpgsql as $$
begin
  if pg_trigger_depth() < 2 then
    raise exception 'The ledger keeps its seals and balances itself: % on % is refused.', tg_op, tg_table_name;
  end if;
  return new;
end $$;
