-- What keeps such a batch from going lies in the batch itself: those behind it need not wait for it.
alter table settlement.settlement_batches add column is_set_aside boolean not null default false;
