-- Heads of the ledger that go to the chain, one at a time. The contract takes each number once, so that the bytes may be sent, and
-- signed again, any number of times; what counts is its event in a final block.
create table settlement.ledger_anchors (
  ledger_id settlement.hash32 not null,
  number bigint not null references settlement.ledger_seals,
  head settlement.hash32 not null,
  -- its event is in no block before
  since_block bigint not null,
  -- as it was signed last, and stored before it is sent
  nonce bigint not null,
  raw_transaction text not null,
  gas bigint not null,
  max_fee_per_gas numeric(78, 0) not null,
  max_priority_fee_per_gas numeric(78, 0) not null,
  signed_at_block bigint not null,
  created_at timestamptz not null default now(),
  -- where the event is, once it is final
  block_number bigint,
  block_hash settlement.hash32,
  transaction_hash settlement.hash32,
  primary key (ledger_id, number),
  check (num_nulls(block_number, block_hash, transaction_hash) in (0, 3))
);
create unique index ledger_anchors_open on settlement.ledger_anchors ((true)) where block_number is null;
