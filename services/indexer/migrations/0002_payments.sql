-- Payments as the chain has them: one row a payment of the router, settled or returned to its payer.
create table indexer.payments (
  chain_id bigint not null,
  block_number bigint not null,
  -- of the Transfer (settled, batch), PaymentSettled (settled, single) or PaymentReturned event
  log_index int not null,
  transaction_hash indexer.hash32 not null,
  payer indexer.evm_address not null,
  token indexer.evm_address not null,
  recipient indexer.evm_address not null,
  amount numeric(78, 0) not null,
  -- a payment of a batch has a sequence, a single one a reference
  sequence numeric(78, 0),
  payment_reference indexer.hash32,
  outcome text not null check (outcome in ('settled', 'returned')),
  primary key (chain_id, block_number, log_index),
  foreign key (chain_id, block_number) references indexer.blocks on delete cascade,
  check ((sequence is null) <> (payment_reference is null))
);
create unique index payments_by_sequence on indexer.payments (chain_id, payer, sequence);
create index payments_by_reference on indexer.payments (chain_id, payment_reference);
create index payments_by_recipient on indexer.payments (chain_id, recipient, block_number);
