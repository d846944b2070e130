import { expect } from 'chai';
import { withTransaction } from '../../../../services/platform/database.ts';
import { readTrialBalance, totalsOf } from '../../../../services/settlement/domains/ledger/trialBalance.ts';
import { type SettlementApi, startSettlementApi, type TestPartner } from '../../../support/settlementApi.ts';
import { until } from '../../../support/until.ts';
import { type Books, openBooks } from './books.ts';

const CENT = 10_000n;

describe('ledger: trial balance', () => {
  let api: SettlementApi;
  let books: Books;
  let partner: TestPartner;
  let [usd, eur, foreign] = ['', '', ''];
  before(async () => {
    api = await startSettlementApi();
    books = await openBooks(api.context.config.DATABASE_URL);
    partner = await api.partner();
    usd = await books.openAccount('USD', partner.id);
    eur = await books.openAccount('EUR', partner.id);
    foreign = books.accountId;
  });
  after(async () => {
    await books?.close();
    await api?.stop();
  });

  /** The database's clock, which every posting so far is booked before. */
  const now = async (): Promise<string> =>
    (await api.database.query(`select to_json(clock_timestamp())#>>'{}' as now`)).rows[0].now;
  const get = (query: Record<string, string>) =>
    partner.call('GET', `/v1/trial-balance?${new URLSearchParams(query)}`);
  const money = (currency: string, value: string) => ({ currency, value });

  it('shows each account as it stood at a time, debits and credits apart, with equal totals', async () => {
    await books.post({ block: 1, log: 0, units: 500n * CENT, accountId: usd });
    const first = await now();
    await books.post(
      { block: 2, log: 0, units: -200n * CENT, accountId: usd },
      { block: 2, log: 1, units: 7n * CENT, accountId: eur },
      { block: 2, log: 2, units: 1n * CENT, accountId: foreign },
    );
    const second = await now();

    const before = await get({ at: first });
    expect(before.body.rows).to.deep.equal([
      { accountId: usd, kind: 'funds', debit: money('USD', '0.00'), credit: money('USD', '5.00') },
      { accountId: usd, kind: 'chain', debit: money('USD', '5.00'), credit: money('USD', '0.00') },
    ]);
    expect(before.body.totals).to.deep.equal([
      { currency: 'USD', debit: money('USD', '5.00'), credit: money('USD', '5.00') },
    ]);
    expect(before.body.lastPosting.number).to.equal(1);

    const after = await get({ at: second });
    expect(
      after.body.rows.map(({ accountId, kind, credit }: Record<string, unknown>) => [
        accountId,
        kind,
        credit,
      ]),
    ).to.deep.equal([
      [eur, 'funds', money('EUR', '0.07')],
      [eur, 'chain', money('EUR', '0.00')],
      [usd, 'funds', money('USD', '3.00')],
      [usd, 'chain', money('USD', '0.00')],
    ]);
    const { rows } = await api.database.query('select number, hash from settlement.ledger_head');
    expect(after.body.lastPosting).to.deep.equal({ number: Number(rows[0].number), seal: rows[0].hash });
    const onlyEur = await get({ at: second, currency: 'EUR' });
    expect(onlyEur.body.totals.map(({ currency }: { currency: string }) => currency)).to.deep.equal(['EUR']);
  });

  it('is empty before the first posting', async () => {
    const { body } = await get({ at: '1970-01-01T00:00:00+00:00' });
    expect(body).to.deep.equal({
      at: '1970-01-01T00:00:00.000000Z',
      lastPosting: null,
      rows: [],
      totals: [],
    });
  });

  it('is of the whole ledger where no partner is named', async () => {
    const found = await readTrialBalance(api.database, await now());
    expect(new Set(found?.rows.map(({ accountId }) => accountId))).to.deep.equal(
      new Set([usd, eur, foreign]),
    );
    for (const { debit, credit } of totalsOf(found?.rows ?? [])) expect(debit).to.equal(credit);
  });

  it('refuses a time that is not past, and what is no time', async () => {
    const ahead = new Date(Date.now() + 60_000).toISOString();
    const future = await get({ at: ahead });
    expect([future.status, future.body.code]).to.deep.equal([422, 'trial_balance_not_past']);
    for (const at of [
      'yesterday',
      '2026-11-21',
      '2026-02-30T00:00:00Z',
      '2026-11-21T17:00:00',
      '1969-12-31T23:59:59Z',
      '0000-01-01T00:00:00Z',
      '2026-11-21T17:00:00+23:00',
      '2026-11-21T17:00:00.1234567Z',
      '',
    ]) {
      const { status, body } = await get({ at });
      expect([status, body.code, body.errors[0].parameter], at).to.deep.equal([400, 'request_invalid', 'at']);
    }
    for (const query of [{}, { at: ahead, currency: 'XXX' }, { at: ahead, limit: '1' }]) {
      const { status, body } = await get(query as Record<string, string>);
      expect([status, body.code]).to.deep.equal([400, 'request_invalid']);
    }
  });

  it('takes any offset and precision of a time', async () => {
    const { body } = await get({ at: '2026-01-01T01:00:00.123456+01:00' });
    expect(body.at).to.equal('2026-01-01T00:00:00.123456Z');
  });

  it('never changes: it waits for who is posting, and whoever posts later books later', async () => {
    const posting = Promise.withResolvers<void>();
    const commit = Promise.withResolvers<void>();
    const underWay = withTransaction(api.database, async (tx) => {
      await books.postIn(tx, { block: 9, log: 0, units: CENT, accountId: usd });
      posting.resolve();
      await commit.promise;
    });
    await posting.promise;
    const at = await now();
    const asked = readTrialBalance(api.database, at);
    await until('the question to wait', async () => {
      const { rows } = await api.database.query(
        `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%ledger_head for share%' and datname = current_database()`,
      );
      return rows.length > 0;
    });
    commit.resolve();
    await underWay;
    const first = await asked;
    await books.post({ block: 10, log: 0, units: CENT, accountId: usd });
    expect(await readTrialBalance(api.database, at)).to.deep.equal(first);
    const { rows } = await api.database.query('select number from settlement.ledger_head');
    expect(first?.lastPosting?.number).to.equal(rows[0].number - 1n);
  });
});
