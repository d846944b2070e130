-- What keeps such a batch from going lies in the batch itself: those behind it need not wait for it.
alter table settlement.settlement_batches add column is_set_aside boolean not null default false;

-- What the payments of the batch sum up to.
alter table settlement.settlement_batches add column units numeric(78, 0);
update settlement.settlement_batches b
   set units = (select coalesce(sum(p.units), 0) from settlement.payments p where p.settlement_batch_id = b.id);
alter table settlement.settlement_batches alter column units set not null;

-- What the chain takes in a block, as its lanes saw it last.
create table settlement.batch_pace (
  chain_id bigint primary key,
  block_gas_limit bigint not null,
  -- payments in a batch, by what the chain included; 256 is as many as the router takes
  target int not null default 256 check (target between 1 and 256),
  -- head when that was changed last
  judged_at_block bigint not null default 0
);

-- InstrPrty HIGH. A batch is urgent with any of its payments.
alter table settlement.payments add column is_urgent boolean not null default false;
alter table settlement.settlement_batches add column is_urgent boolean not null default false;
