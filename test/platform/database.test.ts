import { expect } from 'chai';
import { migrate, openDatabase, withTransaction } from '../../services/platform/database.ts';
import { createTestDatabase } from '../support/postgres.ts';

describe('platform: database', () => {
  let database: ReturnType<typeof openDatabase>;
  before(async () => {
    database = openDatabase(await createTestDatabase(), 'test');
    await migrate(database, 'indexer', 'services/indexer/migrations');
    await migrate(database, 'settlement', 'services/settlement/migrations');
  });
  after(() => database?.end());

  it('applies every migration once, also when it is asked twice at the same time', async () => {
    const again = () => migrate(database, 'settlement', 'services/settlement/migrations');
    await Promise.all([again(), again()]);
    const { rows } = await database.query(
      'select count(*) as count, count(distinct name) as names from settlement.migrations',
    );
    expect(rows[0].count).to.equal(rows[0].names);
  });

  it('brings whole numbers back as bigint', async () => {
    const { rows } = await database.query(
      'select 2::numeric(78,0) ^ 200 as large, 9007199254740993::bigint as exact',
    );
    expect(rows[0]).to.deep.equal({ large: 2n ** 200n, exact: 9007199254740993n });
  });

  it('leaves nothing of a transaction that fails', async () => {
    const failing = withTransaction(database, async (tx) => {
      await tx.query(`insert into settlement.partners (name) values ('half-done')`);
      throw new Error('stop here');
    });
    await failing.then(
      () => expect.fail('must reject'),
      (error: Error) => expect(error.message).to.equal('stop here'),
    );
    const { rows } = await database.query(`select from settlement.partners where name = 'half-done'`);
    expect(rows).to.have.length(0);
  });

  it('outlives a connection that breaks while a transaction waits for something else', async () => {
    const broken = withTransaction(database, async (tx) => {
      const { rows } = await tx.query('select pg_backend_pid() as pid');
      // Not `once` of node:events, which would listen to 'error' too.
      const ended = new Promise((resolve) => tx.once('end', resolve));
      await database.query('select pg_terminate_backend($1)', [rows[0].pid]);
      await ended;
      await tx.query('select 1');
    });
    await broken.then(
      () => expect.fail('must reject'),
      (error: Error) => expect(error).to.be.instanceOf(Error),
    );
    const { rows } = await database.query('select 1 as one');
    expect(rows).to.deep.equal([{ one: 1 }]);
  });

  describe('the ledger', () => {
    const hash = `0x${'ab'.repeat(32)}`;
    const wallet = `0x${'cd'.repeat(20)}`;
    const post = (entries: [kind: string, amount: number][], block: number) =>
      withTransaction(database, async (tx) => {
        const { rows } = await tx.query(
          `insert into settlement.ledger_postings (kind, chain_id, block_number, block_hash, log_index, transaction_hash, account_id)
           select 'deposit', 1, $1, $2, 0, $2, id from settlement.accounts returning id, account_id`,
          [block, hash],
        );
        await tx.query(
          `insert into settlement.ledger_entries
           select $1, l.id, e.amount from settlement.ledger_accounts l
             join unnest($2::text[], $3::numeric[]) as e (kind, amount) on e.kind = l.kind where l.account_id = $4`,
          [
            rows[0].id,
            entries.map(([kind]) => kind),
            entries.map(([, amount]) => amount),
            rows[0].account_id,
          ],
        );
      });
    const refused = async (work: Promise<unknown>, words: RegExp) => {
      const error = await work.then(
        () => expect.fail('must reject'),
        (reason: Error) => reason,
      );
      expect(error.message).to.match(words);
    };

    before(async () => {
      await database.query(`
        with p as (insert into settlement.partners (name) values ('Ledger test') returning id),
        a as (insert into settlement.accounts (partner_id, currency, chain_id, token, payer)
              select id, 'USD', 1, '${wallet}', '${wallet}' from p returning id)
        insert into settlement.ledger_accounts (kind, account_id, currency) select kind, a.id, 'USD' from a, unnest(array['funds','chain','dust']) as kind`);
    });

    it('keeps balances by its entries', async () => {
      await post(
        [
          ['funds', 70],
          ['chain', -70],
        ],
        1,
      );
      const { rows } = await database.query(
        `select kind, balance from settlement.ledger_accounts order by kind`,
      );
      expect(rows).to.deep.equal([
        { kind: 'chain', balance: -70n },
        { kind: 'dust', balance: 0n },
        { kind: 'funds', balance: 70n },
      ]);
    });

    it('refuses a posting that does not balance, one without entries, and one that overdraws', async () => {
      await refused(
        post(
          [
            ['funds', 70],
            ['chain', -69],
          ],
          2,
        ),
        /does not balance/,
      );
      await refused(post([], 3), /posting_is_sealed/);
      await refused(
        post(
          [
            ['funds', -71],
            ['chain', 71],
          ],
          4,
        ),
        /check constraint/,
      );
    });

    it('refuses the same event twice', () =>
      refused(
        post(
          [
            ['funds', 1],
            ['chain', -1],
          ],
          1,
        ),
        /duplicate key/,
      ));

    it('refuses update, delete and truncate', async () => {
      for (const table of ['ledger_entries', 'ledger_postings']) {
        const change = table === 'ledger_entries' ? 'amount = 1' : `kind = 'payment'`;
        await refused(database.query(`update settlement.${table} set ${change}`), /append-only/);
        await refused(database.query(`delete from settlement.${table}`), /append-only/);
        await refused(database.query(`truncate settlement.${table} cascade`), /append-only/);
      }
    });
  });
});
