/** Breaks rise with age, are told of once, and can be looked up when they are closed. */
import { expect } from 'chai';
import { createLogger } from '../../../../services/platform/log.ts';
import { createMetrics } from '../../../../services/platform/metrics.ts';
import { ageBreaks } from '../../../../services/settlement/domains/reconciliation/breaks.ts';
import { engineMetrics } from '../../../../services/settlement/engineMetrics.ts';
import { type SettlementApi, startSettlementApi, type TestPartner } from '../../../support/settlementApi.ts';
import { freshWallet } from '../../../support/stage.ts';

describe('reconciliation: ageing', () => {
  let api: SettlementApi;
  let partner: TestPartner;
  const ageing = { warningMinutes: 10, criticalMinutes: 60 };
  const told: object[] = [];
  const log = createLogger('test', 'fatal');
  for (const level of ['warn', 'error'] as const)
    log[level] = ((details: object) => told.push({ level, ...details })) as typeof log.warn;
  before(async () => {
    api = await startSettlementApi();
    partner = await api.partner();
    await openBreak(partner.id, 'amount');
  });
  after(() => api?.stop());

  async function openBreak(partnerId: string, kind: string, minutes = 0, isClosed = false) {
    const { rows } = await api.database.query<{ id: string }>(
      `with account as (
         insert into settlement.accounts (partner_id, currency, chain_id, token, payer) values ($1, 'USD', 31337, $2, $3) returning id
       )
       insert into settlement.breaks (kind, account_id, currency, subject, observed_units, expected_units, block_number, opened_at, closed_at)
       select $4, id, 'USD', '', 1000000, 3500000, 7, now() - make_interval(mins => $5), case when $6 then now() end
         from account returning id`,
      [partnerId, freshWallet(), freshWallet(), kind, minutes, isClosed],
    );
    return (rows[0] as { id: string }).id;
  }
  const age = (minutes: number) =>
    api.database.query(
      `update settlement.breaks set opened_at = now() - make_interval(mins => $1) where kind = 'amount'`,
      [minutes],
    );
  const risen = async () => {
    told.length = 0;
    await Promise.all([1, 2, 3].map(() => ageBreaks(api.database, ageing, log)));
    return told.map((each) => each as { level: string; severity: string });
  };

  for (const [minutes, severity, level] of [
    [0, 'notice', 'warn'],
    [10, 'warning', 'warn'],
    [60, 'critical', 'error'],
  ] as const)
    it(`is ${severity} after ${minutes} minutes, told of once however many processes look`, async () => {
      await age(minutes);
      const [rise, ...others] = await risen();
      expect(rise).to.deep.include({ severity, level, kind: 'amount', observed: '1.00', expected: '3.50' });
      expect([...others, ...(await risen())]).to.deep.equal([]);
      const { body } = await partner.call('GET', '/v1/reconciliation');
      expect(body.breaks[0]).to.deep.include({ severity, kind: 'amount', closedAt: null, event: null });
      expect(body.breaks[0].ageSeconds).to.be.at.least(minutes * 60);
      const metrics = createMetrics('test');
      engineMetrics(metrics, api.database);
      const measured = await metrics.metrics();
      expect(measured).to.match(
        new RegExp(`^breaks_open\\{kind="amount",severity="${severity}",[^}]*\\} 1$`, 'm'),
      );
      expect(
        Number(/^breaks_oldest_seconds\{kind="amount",[^}]*\} (.+)$/m.exec(measured)?.[1]),
      ).to.be.at.least(minutes * 60);
    });

  it("pages through the breaks, newest first, the open or the closed ones, and nobody else's", async () => {
    await openBreak((await api.partner()).id, 'index');
    const closed: string[] = [];
    for (let count = 0; count < 3; count++) closed.unshift(await openBreak(partner.id, 'index', 5, true));
    const first = await partner.call('GET', '/v1/reconciliation/breaks?state=closed&limit=2');
    const second = await partner.call(
      'GET',
      `/v1/reconciliation/breaks?state=closed&limit=2&cursor=${first.body.nextCursor}`,
    );
    const found = [...first.body.items, ...second.body.items];
    expect(found.map(({ id }) => id)).to.deep.equal(closed);
    expect(second.body.nextCursor).to.equal(null);
    expect(found[0].closedAt).to.be.a('string');
    expect(found[0].ageSeconds, 'how long it was open').to.equal(300);
    const open = await partner.call('GET', '/v1/reconciliation/breaks?state=open');
    expect(open.body.items.map(({ kind }: { kind: string }) => kind)).to.deep.equal(['amount']);
    expect((await partner.call('GET', '/v1/reconciliation/breaks')).body.items).to.have.length(4);
    expect((await partner.call('GET', '/v1/reconciliation')).body.breaks).to.have.length(1);
  });
});
