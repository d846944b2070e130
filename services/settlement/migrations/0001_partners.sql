-- Who may call, and what was answered. Amounts everywhere are whole token units (10^-6 of the currency).

create domain settlement.evm_address as text check (value ~ '^0x[0-9a-f]{40}$');
create domain settlement.hash32 as text check (value ~ '^0x[0-9a-f]{64}$');
create domain settlement.currency as text check (value ~ '^[A-Z]{3}$');

create function settlement.new_id(prefix text) returns text language sql volatile
  return prefix || '_' || replace(uuidv7()::text, '-', '');

create table settlement.partners (
  id text primary key default settlement.new_id('ptn'),
  name text not null,
  created_at timestamptz not null default now()
);

-- Public keys that a partner signs requests with (RFC 9421 keyid).
create table settlement.partner_keys (
  key_id text primary key,
  partner_id text not null references settlement.partners,
  algorithm text not null check (algorithm in ('ed25519', 'ecdsa-p256-sha256', 'rsa-pss-sha512')),
  public_key_pem text not null,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);

-- A signature's nonce is accepted once; kept until the signature would be stale anyway.
create table settlement.signature_nonces (
  key_id text not null references settlement.partner_keys,
  nonce text not null,
  expires_at timestamptz not null,
  primary key (key_id, nonce)
);
create index signature_nonces_by_expiry on settlement.signature_nonces (expires_at);

-- Written in the same transaction as what the request caused; kept as long as that.
create table settlement.idempotency_keys (
  partner_id text not null references settlement.partners,
  key text not null,
  method_and_path text not null,
  body_sha256 text not null,
  status int not null,
  response_body text not null,
  created_at timestamptz not null default now(),
  primary key (partner_id, key)
);

-- A wallet of the partner that the router may debit, and its position in our ledger.
create table settlement.accounts (
  id text primary key default settlement.new_id('acc'),
  partner_id text not null references settlement.partners,
  currency settlement.currency not null,
  chain_id bigint not null,
  token settlement.evm_address not null,
  payer settlement.evm_address not null,
  created_at timestamptz not null default now(),
  unique (chain_id, token, payer),
  unique (partner_id, currency, payer)
);

-- A payer's sequences are counted over all its tokens, as the contract counts them.
create table settlement.payers (
  chain_id bigint not null,
  payer settlement.evm_address not null,
  next_sequence numeric(78, 0) not null default 0,
  primary key (chain_id, payer)
);

create table settlement.beneficiaries (
  id text primary key default settlement.new_id('ben'),
  partner_id text not null references settlement.partners,
  name text not null,
  iban text not null,
  wallet settlement.evm_address not null,
  created_at timestamptz not null default now(),
  deleted_at timestamptz
);
create unique index beneficiaries_by_iban on settlement.beneficiaries (partner_id, iban) where deleted_at is null;
