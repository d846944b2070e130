-- Which contracts and projections the tables hold from the start block on. What a release adds is read anew beside the rest, under
-- the chain's negative id, and joined once it has come as far: readers see all of it or nothing.
create table indexer.coverage (
  chain_id bigint not null,
  -- a contract's address, or a projection's name
  subject text not null,
  primary key (chain_id, subject)
);
