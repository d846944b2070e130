-- The split that a party signed last, kept until the other party has signed the same.
create table settlement.escrow_releases (
  escrow_id text not null references settlement.escrows,
  party text not null check (party in ('payer', 'payee')),
  payee_units numeric(78, 0) not null,
  payer_units numeric(78, 0) not null,
  fee_bps int not null,
  -- Unix seconds: the last in which the signature counts
  deadline bigint not null,
  signature text not null check (signature ~ '^0x([0-9a-f]{2})+$'),
  signed_at timestamptz not null default now(),
  primary key (escrow_id, party)
);
