-- Transactions of the calls whose place this one took that reverted: it waits as they would have.
alter table settlement.calls add column reverts_before int not null default 0 check (reverts_before >= 0);
