-- What the chain says, block by block. Every row hangs on its block: undoing a block undoes its effects.
-- Hashes and addresses are lower-case hex with 0x.

create domain indexer.evm_address as text check (value ~ '^0x[0-9a-f]{40}$');
create domain indexer.hash32 as text check (value ~ '^0x[0-9a-f]{64}$');

-- How far a chain is followed; committed together with the effects of the blocks it names.
create table indexer.cursors (
  chain_id bigint primary key,
  start_block bigint not null,
  head_number bigint not null,
  head_hash indexer.hash32 not null,
  -- highest block that no reorganisation can undo (finality depth, or the node's finalized tag)
  final_number bigint not null,
  updated_at timestamptz not null default now()
);

create table indexer.blocks (
  chain_id bigint not null,
  number bigint not null,
  hash indexer.hash32 not null,
  parent_hash indexer.hash32 not null,
  timestamp_s bigint not null,
  primary key (chain_id, number)
);
create unique index blocks_by_hash on indexer.blocks (chain_id, hash);

-- Every decoded event of our contracts.
create table indexer.events (
  chain_id bigint not null,
  block_number bigint not null,
  log_index int not null,
  transaction_hash indexer.hash32 not null,
  transaction_index int not null,
  contract indexer.evm_address not null,
  name text not null,
  arguments jsonb not null,
  primary key (chain_id, block_number, log_index),
  foreign key (chain_id, block_number) references indexer.blocks on delete cascade
);
create index events_by_transaction on indexer.events (chain_id, transaction_hash);

create table indexer.transfers (
  chain_id bigint not null,
  block_number bigint not null,
  log_index int not null,
  transaction_hash indexer.hash32 not null,
  token indexer.evm_address not null,
  sender indexer.evm_address not null,
  recipient indexer.evm_address not null,
  amount numeric(78, 0) not null,
  primary key (chain_id, block_number, log_index),
  foreign key (chain_id, block_number) references indexer.blocks on delete cascade
);
create index transfers_by_sender on indexer.transfers (chain_id, sender, block_number);
create index transfers_by_recipient on indexer.transfers (chain_id, recipient, block_number);

-- Balance of every holder at the cursor's head. Who holds nothing has no row.
create table indexer.balances (
  chain_id bigint not null,
  token indexer.evm_address not null,
  account indexer.evm_address not null,
  amount numeric(78, 0) not null check (amount > 0),
  primary key (chain_id, token, account)
);
