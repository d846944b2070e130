/** A ledger without a chain: accounts, and postings as the follower would make them. */
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import {
  type Database,
  migrate,
  oneRow,
  openDatabase,
  type Transaction,
  withTransaction,
} from '../../../../services/platform/database.ts';
import { createTestDatabase } from '../../../support/postgres.ts';

export interface TestPosting {
  block: number;
  log: number;
  /** What comes in, or, below zero, goes out. */
  units: bigint;
  accountId?: string;
  paymentId?: string;
  /** By default the time to book by. */
  bookedAt?: string;
}

export type Books = Awaited<ReturnType<typeof openBooks>>;

/** An empty ledger with one partner's account. `url`: a database that has its schema already. */
export async function openBooks(url?: string) {
  const database = openDatabase(url ?? (await createTestDatabase()), 'test', 10);
  if (!url) await migrate(database, 'settlement', 'services/settlement/migrations');
  const accountId = await openAccount(database);

  async function post(postings: readonly TestPosting[], connection: Transaction): Promise<void> {
    const isTimed = postings.every(({ bookedAt }) => bookedAt);
    const now = isTimed
      ? null
      : oneRow(await connection.query('select settlement.open_books()::text as now')).now;
    await connection.query(
      `with given as (
         select *, settlement.new_id('pst') as id
           from unnest($1::bigint[], $2::int[], $3::numeric[], $4::text[], $5::text[], $6::timestamptz[])
             as g (block_number, log_index, units, account_id, payment_id, booked_at)
       ), posting as (
         insert into settlement.ledger_postings
           (id, kind, chain_id, block_number, block_hash, log_index, transaction_hash, account_id, payment_id, booked_at)
         select id, case when units > 0 then 'deposit' else 'withdrawal' end, 31337, block_number, $7, log_index, $7,
                account_id, payment_id, coalesce(booked_at, $8)
           from given
       )
       insert into settlement.ledger_entries (posting_id, ledger_account_id, amount)
       select g.id, l.id, case l.kind when 'funds' then g.units else -g.units end
         from given g join settlement.ledger_accounts l on l.account_id = g.account_id and l.kind <> 'dust'`,
      [
        postings.map(({ block }) => block),
        postings.map(({ log }) => log),
        postings.map(({ units }) => units),
        postings.map((posting) => posting.accountId ?? accountId),
        postings.map(({ paymentId }) => paymentId ?? null),
        postings.map(({ bookedAt }) => bookedAt ?? null),
        `0x${'ab'.repeat(32)}`,
        now,
      ],
    );
  }

  return {
    database,
    accountId,
    /** Posts all in one statement. */
    post: (...postings: TestPosting[]) => withTransaction(database, (tx) => post(postings, tx)),
    postIn: (connection: Transaction, ...postings: TestPosting[]) => post(postings, connection),
    /** An account, by default of a partner of its own. */
    openAccount: (currency?: string, partnerId?: string) => openAccount(database, currency, partnerId),
    close: () => database.end(),
  };
}

async function openAccount(database: Database, currency = 'USD', partnerId?: string): Promise<string> {
  const { rows } = await database.query<{ account_id: string }>(
    `with partner as (
       insert into settlement.partners (name) select 'Books' where $3::text is null returning id
     ), account as (
       insert into settlement.accounts (partner_id, currency, chain_id, token, payer)
       select coalesce($3, (select id from partner)), $1, 31337, $2, $2 returning id
     )
     insert into settlement.ledger_accounts (kind, account_id, currency)
     select kind, account.id, $1 from account, unnest(array['funds', 'chain', 'dust']) as kind returning account_id`,
    [currency, `0x${randomBytes(20).toString('hex')}`, partnerId ?? null],
  );
  return rows[0]?.account_id ?? '';
}

/** Expects the database to refuse, in words like these. */
export async function expectRefused(work: Promise<unknown>, words: RegExp): Promise<void> {
  const error = await work.then(
    () => expect.fail('must be refused'),
    (reason: Error) => reason,
  );
  expect(error.message).to.match(words);
}
