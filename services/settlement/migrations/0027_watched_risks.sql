-- Risks that final blocks have and that are not over yet: keepers look at these, however many there ever were.
create table settlement.watched_risks (
  chain_id bigint not null,
  risk_number numeric(78, 0) not null,
  -- Unix seconds
  window_end bigint not null,
  primary key (chain_id, risk_number)
);
create index watched_risks_by_window on settlement.watched_risks (chain_id, window_end);
-- Up to which final block they were taken in.
create table settlement.risk_cursors (
  chain_id bigint primary key,
  block_number bigint not null
);
drop table settlement.closed_risks;
