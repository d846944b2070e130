-- What keepers have asked for, once for all of them: a risk is opened and settled by one call at a time, a policy is paid by one.
create table settlement.risk_openings (
  chain_id bigint not null,
  product_number int not null,
  subject_word settlement.hash32 not null,
  window_start bigint not null,
  window_end bigint not null,
  call_id text not null unique references settlement.calls,
  primary key (chain_id, product_number, subject_word, window_start, window_end)
);
create table settlement.risk_settlements (
  chain_id bigint not null,
  risk_number numeric(78, 0) not null,
  call_id text not null unique references settlement.calls,
  primary key (chain_id, risk_number)
);
create table settlement.policy_payments (
  chain_id bigint not null,
  policy_number numeric(78, 0) not null,
  risk_number numeric(78, 0) not null,
  call_id text not null references settlement.calls,
  primary key (chain_id, policy_number)
);
create index policy_payments_by_call on settlement.policy_payments (call_id);
-- Settled, and nothing is owed any more, by final blocks: nobody looks at them again.
create table settlement.closed_risks (
  chain_id bigint not null,
  risk_number numeric(78, 0) not null,
  primary key (chain_id, risk_number)
);

-- Money between a partner's wallet and the cover's pool is what it is, and no deposit or withdrawal.
alter table settlement.ledger_postings drop constraint ledger_postings_kind_check;
alter table settlement.ledger_postings add constraint ledger_postings_kind_check
  check (kind in ('payment', 'deposit', 'withdrawal', 'premium', 'premium_refund', 'payout'));
