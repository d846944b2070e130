-- A payment that asked for a day that does not exist is rejected (DT01) and has none: no date is invented for it.
alter table settlement.payments alter column requested_execution_date drop not null;
alter table settlement.payments add constraint requested_execution_date_is_a_day
  check (requested_execution_date is not null or state = 'rejected');
