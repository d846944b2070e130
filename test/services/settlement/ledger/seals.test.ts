import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { readPostings } from '../../../../scripts/verify-ledger/postings.ts';
import {
  type Database,
  migrate,
  openDatabase,
  withTransaction,
} from '../../../../services/platform/database.ts';
import { FIRST_HEAD, nextSeal } from '../../../../services/settlement/domains/ledger/seal.ts';
import { createTestDatabase } from '../../../support/postgres.ts';
import { type Books, expectRefused, openBooks } from './books.ts';

const MIGRATIONS = 'services/settlement/migrations';

/** Recomputes every seal outside the database. @returns the numbers. */
async function expectTrueSeals(database: Database): Promise<bigint[]> {
  const postings = await readPostings(database, 0n, 1_000);
  let head = FIRST_HEAD;
  for (const posting of postings) {
    head = nextSeal(head, posting);
    expect(posting.seal, `seal ${posting.number}`).to.equal(head);
  }
  const { rows } = await database.query('select number, hash from settlement.ledger_head');
  expect(rows).to.deep.equal([{ number: BigInt(postings.length), hash: head }]);
  return postings.map(({ number }) => number);
}

describe('ledger: seals', () => {
  let books: Books;
  beforeEach(async () => {
    books = await openBooks();
  });
  afterEach(() => books?.close());

  it('begins with no posting, and a head of zeros', async () => {
    expect(await expectTrueSeals(books.database)).to.deep.equal([]);
  });

  it('seals by a rule that is written down', () => {
    const posting = {
      number: 1n,
      id: 'pst_1',
      kind: 'deposit',
      chainId: 31_337n,
      blockNumber: 7n,
      blockHash: `0x${'ab'.repeat(32)}`,
      logIndex: 2,
      transactionHash: `0x${'cd'.repeat(32)}`,
      accountId: 'acc_1',
      partnerId: 'ptn_1',
      paymentId: null,
      bookedAt: '2026-11-21T17:00:00.000000Z',
      entries: [
        { accountId: 'acc_1', kind: 'funds', currency: 'USD', amount: 10_000n },
        { accountId: 'acc_1', kind: 'chain', currency: 'USD', amount: -10_000n },
      ],
    } as const;
    // The example of docs/ledger.md.
    expect(nextSeal(FIRST_HEAD, posting)).to.equal(
      '0xea6c59f19dfe2210ea18a86178aa1b49e53b057a0709d24170de55a830412734',
    );
  });

  it('seals many postings at once and one after the other alike, in the order of blocks and logs', async () => {
    await books.post({ block: 1, log: 0, units: 70n });
    await books.post(
      { block: 3, log: 1, units: 5n },
      { block: 2, log: 4, units: -20n, paymentId: 'pay_1' },
      { block: 3, log: 0, units: 1n },
    );
    expect(await expectTrueSeals(books.database)).to.deep.equal([1n, 2n, 3n, 4n]);
    const places = (await readPostings(books.database, 0n, 10)).map((p) => [
      Number(p.blockNumber),
      p.logIndex,
    ]);
    expect(places).to.deep.equal([
      [1, 0],
      [2, 4],
      [3, 0],
      [3, 1],
    ]);
  });

  it('leaves no gap when a transaction fails, and none between two at the same time', async () => {
    const failing = withTransaction(books.database, async (tx) => {
      await books.postIn(tx, { block: 1, log: 0, units: 1n });
      throw new Error('stop here');
    });
    await expectRefused(failing, /stop here/);
    await Promise.all([1, 2, 3, 4, 5].map((block) => books.post({ block, log: 0, units: 1n })));
    expect(await expectTrueSeals(books.database)).to.deep.equal([1n, 2n, 3n, 4n, 5n]);
  });

  it('books in order also when the clock goes back, and refuses any other time', async () => {
    await books.post({ block: 1, log: 0, units: 1n });
    await asOwner(`update settlement.ledger_head set booked_at = now() + interval '1 hour'`);
    const { rows } = await books.database.query(
      'select settlement.open_books() = (select booked_at from settlement.ledger_head) as waits',
    );
    expect(rows).to.deep.equal([{ waits: true }]);
    await books.post({ block: 2, log: 0, units: 1n });
    await asOwner(`update settlement.ledger_head set booked_at = now() - interval '1 hour'`);
    for (const bookedAt of ['1999-01-01T00:00:00Z', '2999-01-01T00:00:00Z'])
      await expectRefused(books.post({ block: 3, log: 0, units: 1n, bookedAt }), /not booked between/);
    await expectTrueSeals(books.database);
  });

  it('takes no entry more for a posting that is sealed, and no posting without entries', async () => {
    await books.post({ block: 1, log: 0, units: 10n });
    await expectRefused(
      books.database.query(
        `insert into settlement.ledger_entries
         select p.id, l.id, 0.5 from settlement.ledger_postings p, settlement.ledger_accounts l where l.kind = 'dust'`,
      ),
      /does not balance/,
    );
    const other = await books.openAccount();
    await expectRefused(
      books.database.query(
        `insert into settlement.ledger_entries
         select p.id, l.id, case l.kind when 'funds' then 1 else -1 end
           from settlement.ledger_postings p, settlement.ledger_accounts l where l.account_id = $1 and l.kind <> 'dust'`,
        [other],
      ),
      /ledger_seals_posting_id_key/,
    );
    await expectRefused(
      books.database.query(
        `insert into settlement.ledger_postings (kind, chain_id, block_number, block_hash, log_index, transaction_hash, account_id)
         select 'deposit', 1, 2, block_hash, 0, block_hash, account_id from settlement.ledger_postings`,
      ),
      /posting_is_sealed/,
    );
    await expectTrueSeals(books.database);
  });

  it('gives no number, hash, time or balance by hand, and takes none away', async () => {
    await books.post({ block: 1, log: 0, units: 1n });
    const zero = `0x${'00'.repeat(32)}`;
    for (const [sql, words] of [
      [
        `insert into settlement.ledger_seals select 2, id, '${zero}' from settlement.ledger_postings`,
        /seals/,
      ],
      [`update settlement.ledger_seals set hash = '${zero}'`, /append-only/],
      ['delete from settlement.ledger_seals', /append-only/],
      ['truncate settlement.ledger_seals cascade', /append-only/],
      ['update settlement.ledger_head set number = 7', /seals/],
      [`update settlement.ledger_head set hash = '${zero}'`, /seals/],
      [`update settlement.ledger_head set booked_at = 'infinity'`, /seals/],
      ['update settlement.ledger_accounts set balance = balance + 1', /balances itself/],
      ['delete from settlement.ledger_head', /append-only/],
      ['truncate settlement.ledger_head', /append-only/],
      ['insert into settlement.ledger_head (only_row) values (false)', /append-only/],
    ] as const)
      await expectRefused(books.database.query(sql), words);
    await expectTrueSeals(books.database);
  });

  it('refuses ids that could be read as something else', async () => {
    await expectRefused(
      books.post({ block: 1, log: 0, units: 1n, paymentId: 'pay_1\nbooked 1999-01-01T00:00:00.000000Z' }),
      /ids_are_words/,
    );
  });

  it('seals what was posted before there were seals', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'corridor-migrations-'));
    const url = await createTestDatabase();
    const database = openDatabase(url, 'test', 2);
    try {
      await cp(MIGRATIONS, folder, { recursive: true, filter: (file) => !/000[6-9]_/.test(file) });
      await migrate(database, 'settlement', folder);
      const old = await openBooks(url);
      for (const block of [1, 2, 3])
        await old.post({ block, log: 0, units: 5n, bookedAt: '2026-01-01T00:00:00Z' });
      await old.close();
      await migrate(database, 'settlement', MIGRATIONS);
      expect(await expectTrueSeals(database)).to.deep.equal([1n, 2n, 3n]);
    } finally {
      await database.end();
      await rm(folder, { recursive: true, force: true });
    }
  });

  /** What the database refuses to everybody but its owner who switches its triggers off. */
  function asOwner(sql: string): Promise<unknown> {
    return books.database.query(
      `set session_replication_role = replica; ${sql}; set session_replication_role = default`,
    );
  }
});
