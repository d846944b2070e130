-- A nonce is taken by an attempt that nobody has signed yet: signing may ask another machine, so it is no part of the
-- transaction that takes the nonce. `prepared` attempts have no bytes; nothing of them was ever sent.
-- An attempt without a batch sends nothing to nobody: it only uses up its nonce, so that the lane has no gap.
alter table settlement.attempts
  alter column settlement_batch_id drop not null,
  alter column transaction_hash drop not null,
  alter column raw_transaction drop not null,
  drop constraint attempts_state_check,
  add constraint attempts_state_check
    check (state in ('prepared', 'signed', 'broadcast', 'included', 'reverted', 'replaced')),
  add constraint attempts_have_bytes check (
    (transaction_hash is null) = (raw_transaction is null)
    and (raw_transaction is not null or state in ('prepared', 'replaced')));
drop index settlement.attempts_unfinished;
create index attempts_unfinished on settlement.attempts (chain_id, signer, nonce)
  where state in ('prepared', 'signed', 'broadcast');
create unique index attempts_prepared on settlement.attempts (chain_id, signer, nonce) where state = 'prepared';

-- What the holder found when it looked last. Only a lane that is `ready` and whose lease runs is given batches.
alter table settlement.lanes add column state text not null default 'checking';

-- Which accounts a signer may settle for, as the router said when the lane asked it last.
create table settlement.lane_accounts (
  chain_id bigint not null,
  signer settlement.evm_address not null,
  account_id text not null references settlement.accounts,
  is_operator boolean not null,
  checked_at timestamptz not null default now(),
  primary key (chain_id, signer, account_id),
  foreign key (chain_id, signer) references settlement.lanes
);
