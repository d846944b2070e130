import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { PAIN_001 } from '../../../../services/core/iso20022/pain001.ts';
import { validateMessage } from '../../../../services/core/iso20022/validate.ts';
import { readXml } from '../../../../services/core/iso20022/xml.ts';
import { migrate } from '../../../../services/platform/database.ts';
import { type SettlementApi, startSettlementApi, type TestPartner } from '../../../support/settlementApi.ts';
import { freshWallet } from '../../../support/stage.ts';

/** The debtor of the example file: account 3 of the local chain. */
const TREASURY = '0x90f79bf6eb2c4f870365e785982e1f101e93b906';

describe('payments: API', () => {
  let api: SettlementApi;
  let partner: TestPartner;
  let account: string;
  before(async () => {
    api = await startSettlementApi();
    await migrate(api.database, 'indexer', 'services/indexer/migrations');
    partner = await api.partner();
    account = await fundedAccount(partner.id, 'USD');
    await fundedAccount(partner.id, 'EUR');
  });
  after(() => api?.stop());

  /** An account with 10,000.00 in it, as if it had been deposited. */
  async function fundedAccount(partnerId: string, currency: 'USD' | 'EUR') {
    const token = api.context.deployment.stablecoins[currency].address.toLowerCase();
    const { rows } = await api.database.query<{ id: string }>(
      `with account as (
         insert into settlement.accounts (partner_id, currency, chain_id, token, payer) values ($1, $2, 31337, $3, $4) returning id
       ), ledger as (
         insert into settlement.ledger_accounts (kind, account_id, currency)
         select kind, id, $2 from account, unnest(array['funds', 'chain', 'dust']) as kind
         returning id, kind
       ), posting as (
         insert into settlement.ledger_postings (kind, chain_id, block_number, block_hash, log_index, transaction_hash, account_id)
         select 'deposit', 31337, 1, $5, 0, $5, id from account returning id
       ), entries as (
         insert into settlement.ledger_entries
         select p.id, l.id, case l.kind when 'funds' then 10000000000 else -10000000000 end
           from posting p, ledger l where l.kind <> 'dust'
       )
       select id from account`,
      [partnerId, currency, token, TREASURY, `0x${'ab'.repeat(32)}`],
    );
    return (rows[0] as { id: string }).id;
  }

  const payment = (over: object = {}) => ({
    endToEndId: `API-${crypto.randomUUID().slice(0, 20)}`,
    amount: { currency: 'USD', value: '12.50' },
    creditor: { name: 'Supplier', account: { scheme: 'EVM', identification: freshWallet() } },
    ...over,
  });

  describe('POST /v1/payments', () => {
    it('takes a payment, reserves its money and shows it with its timeline', async () => {
      const balance = async () => (await partner.call('GET', `/v1/accounts/${account}`)).body.balance;
      const before = await balance();
      const request = payment({ debtorAccount: account, remittanceInformation: 'Invoice 7' });
      const { status, body } = await partner.call('POST', '/v1/payments', request);
      expect([status, body.status, body.state]).to.deep.equal([201, 'accepted', 'reserved']);
      expect(body.amount).to.deep.equal(request.amount);
      expect(body.events.map(({ state }: { state: string }) => state)).to.deep.equal([
        'received',
        'screened',
        'reserved',
      ]);
      const shown = await partner.call('GET', `/v1/payments/${body.id}`);
      expect(shown.body).to.deep.equal(body);
      const after = await balance();
      expect(after.posted).to.deep.equal({ currency: 'USD', value: '10000.00' });
      expect(Number(after.held.value) - Number(before.held.value)).to.equal(12.5);
      expect(Number(after.held.value) + Number(after.available.value)).to.equal(10_000);
    });

    it('takes a payment with InstrPrty HIGH as urgent, and no other word for it', async () => {
      const isUrgent = async (over: object) => {
        const { body } = await partner.call('POST', '/v1/payments', payment(over));
        const { rows } = await api.database.query('select is_urgent from settlement.payments where id = $1', [
          body.id,
        ]);
        return rows[0].is_urgent;
      };
      expect(await isUrgent({ instructionPriority: 'HIGH' })).to.equal(true);
      expect(await isUrgent({ instructionPriority: 'NORM' })).to.equal(false);
      expect(await isUrgent({})).to.equal(false);
      const refused = await partner.call('POST', '/v1/payments', payment({ instructionPriority: 'SOON' }));
      expect(refused.body.code).to.equal('request_invalid');
    });

    it('answers 201 with the ISO reason for a payment that breaks a business rule', async () => {
      const { status, body } = await partner.call(
        'POST',
        '/v1/payments',
        payment({ amount: { currency: 'GBP', value: '1.00' } }),
      );
      expect([status, body.status, body.reason.code]).to.deep.equal([201, 'failed', 'AM03']);
    });

    for (const identification of ['0x1', `0x${'a'.repeat(39)}`, 'abc', ` ${freshWallet()}`])
      it(`rejects a payment to the wallet '${identification}' with AC01, and stores it`, async () => {
        const creditor = { name: 'Supplier', account: { scheme: 'EVM', identification } };
        const { status, body } = await partner.call('POST', '/v1/payments', payment({ creditor }));
        expect([status, body.status, body.reason?.code]).to.deep.equal([201, 'failed', 'AC01']);
        expect(body.creditor).to.deep.equal(creditor);
      });

    it("rejects a payment to one of Corridor's own contracts with AC03: nobody could take the money out", async () => {
      const { accessManager, paymentRouter, stablecoins } = api.context.deployment;
      const contracts = [
        accessManager,
        paymentRouter,
        ...Object.values(stablecoins).map((coin) => coin.address),
      ];
      for (const address of contracts) {
        const creditor = {
          name: 'Nobody',
          account: { scheme: 'EVM', identification: address.toLowerCase() },
        };
        const { status, body } = await partner.call('POST', '/v1/payments', payment({ creditor }));
        expect([status, body.status, body.reason?.code], address).to.deep.equal([201, 'failed', 'AC03']);
      }
    });

    it('refuses an EndToEndId of nothing but spaces', async () => {
      const { status, body } = await partner.call('POST', '/v1/payments', payment({ endToEndId: '  ' }));
      expect([status, body.code, body.errors[0].pointer]).to.deep.equal([
        400,
        'request_invalid',
        '/endToEndId',
      ]);
    });

    it('refuses an amount with too many digits, and says where; nothing is rounded', async () => {
      const { status, body } = await partner.call(
        'POST',
        '/v1/payments',
        payment({ amount: { currency: 'USD', value: '1.005' } }),
      );
      expect([status, body.code]).to.deep.equal([400, 'request_invalid']);
      expect(body.errors[0]).to.include({ pointer: '/amount/value', code: 'amount_too_many_digits' });
    });

    it('refuses text that no bank file could carry, and members that it does not know', async () => {
      const { status, body } = await partner.call(
        'POST',
        '/v1/payments',
        payment({ remittanceInformation: 'nul \u0000', priority: 'HIGH', endToEndId: '' }),
      );
      expect([status, body.code]).to.deep.equal([400, 'request_invalid']);
      expect(body.errors.map(({ pointer }: { pointer: string }) => pointer).sort()).to.deep.equal([
        '/endToEndId',
        '/priority',
        '/remittanceInformation',
      ]);
    });

    it('takes a request that is repeated, also many times at once, one time', async () => {
      const options = { body: JSON.stringify(payment()), idempotencyKey: 'the-same' };
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => partner.call('POST', '/v1/payments', options)),
      );
      const taken = answers.filter(({ status }) => status === 201);
      expect(new Set(taken.map(({ body }) => body.id)).size).to.equal(1);
      expect(answers.every(({ status }) => status === 201 || status === 409)).to.equal(true);
      const again = await partner.call('POST', '/v1/payments', options);
      expect([again.status, again.body.id, again.headers.get('idempotency-hit')]).to.deep.equal([
        201,
        taken[0]?.body.id,
        'true',
      ]);
    });
  });

  it('cancels a payment that is not batched yet', async () => {
    const { body } = await partner.call('POST', '/v1/payments', payment());
    const cancelled = await partner.call('POST', `/v1/payments/${body.id}/cancel`, {});
    expect([cancelled.status, cancelled.body.state, cancelled.body.reason.code]).to.deep.equal([
      200,
      'cancelled',
      'CUST',
    ]);
    const again = await partner.call('POST', `/v1/payments/${body.id}/cancel`, {});
    expect([again.status, again.body.code]).to.deep.equal([409, 'payment_not_cancellable']);
  });

  it('lists payments newest first, by pages, by status and by batch', async () => {
    const { body: batch } = await partner.call('POST', '/v1/payment-batches', {
      payments: [payment(), payment({ amount: { currency: 'USD', value: '0.00' } }), payment()],
    });
    const path = `/v1/payments?paymentBatchId=${batch.id}`;
    const first = await partner.call('GET', `${path}&limit=2`);
    const second = await partner.call('GET', `${path}&limit=2&cursor=${first.body.nextCursor}`);
    const ids = [...first.body.items, ...second.body.items].map(({ id }) => id);
    expect(ids).to.deep.equal(ids.toSorted((a, b) => (a < b ? 1 : -1)));
    expect([ids.length, second.body.nextCursor]).to.deep.equal([3, null]);
    const failed = await partner.call('GET', `${path}&status=failed`);
    expect(failed.body.items.map(({ reason }: { reason: { code: string } }) => reason.code)).to.deep.equal([
      'AM01',
    ]);
  });

  it('writes the statement of a day from the opening of the account to today, and of no other', async () => {
    const today = new Date().toISOString().slice(0, 10);
    const { status, body } = await partner.call('GET', `/v1/accounts/${account}/statement?date=${today}`);
    expect(status).to.equal(200);
    expect(validateMessage('camt.053.001.08', readXml(body))).to.deep.equal([]);
    for (const date of ['2020-01-01', '2999-12-31']) {
      const refused = await partner.call('GET', `/v1/accounts/${account}/statement?date=${date}`);
      expect([refused.status, refused.body.code]).to.deep.equal([422, 'statement_date_invalid']);
    }
    const malformed = await partner.call('GET', `/v1/accounts/${account}/statement?date=2026-02-30`);
    expect([malformed.status, malformed.body.code]).to.deep.equal([400, 'request_invalid']);
  });

  it('answers 404 for an id that is none, whatever its characters', async () => {
    for (const id of ['pay_1', '%00', "'; drop table x --", 'x'.repeat(2_000)])
      for (const path of [`/v1/payments/${id}`, `/v1/payment-batches/${id}`, `/v1/accounts/${id}`])
        expect((await partner.call('GET', encodeURI(path).replace('%2500', '%00'))).status, path).to.equal(
          404,
        );
    expect((await partner.call('GET', '/v1/payments?paymentBatchId=%00')).status).to.equal(400);
  });

  it('shows the latest reconciliation, none at first', async () => {
    const { status, body } = await partner.call('GET', '/v1/reconciliation');
    expect([status, body]).to.deep.equal([200, { latest: null, breaks: [] }]);
  });

  it("shows nothing of another partner's", async () => {
    const { body } = await partner.call('POST', '/v1/payments', payment());
    const { body: batch } = await partner.call('POST', '/v1/payment-batches', { payments: [payment()] });
    const stranger = await api.partner();
    for (const path of [
      `/v1/payments/${body.id}`,
      `/v1/payment-batches/${batch.id}`,
      `/v1/payment-batches/${batch.id}/pain.002`,
      `/v1/accounts/${account}`,
      `/v1/accounts/${account}/statement?date=2026-01-01`,
    ])
      expect((await stranger.call('GET', path)).status, path).to.equal(404);
    expect((await stranger.call('POST', `/v1/payments/${body.id}/cancel`, {})).status).to.equal(404);
    expect((await stranger.call('GET', '/v1/payments')).body.items).to.deep.equal([]);
    expect((await stranger.call('GET', '/v1/accounts')).body.items).to.deep.equal([]);
    const { body: stolen } = await stranger.call('POST', '/v1/payments', payment({ debtorAccount: account }));
    expect([stolen.status, stolen.reason.code]).to.deep.equal(['failed', 'AC02']);
  });

  describe('POST /v1/payment-batches', () => {
    const pain001 = () => readFileSync('examples/supplier-payments.xml', 'utf8');
    const send = (body: string, contentType: string) =>
      partner.call('POST', '/v1/payment-batches', { body, contentType });

    it('takes a pain.001 as a whole; the payments that break a rule are rejected, and pain.002 says so', async () => {
      const { status, body } = await send(pain001(), 'application/xml');
      expect([status, body.format, body.groupStatus]).to.deep.equal([201, 'pain.001', 'PART']);
      expect(body.accepted + body.rejected).to.equal(body.count);
      const { body: report, headers } = await partner.call('GET', `/v1/payment-batches/${body.id}/pain.002`);
      expect(headers.get('content-type')).to.match(/^application\/xml/);
      expect(validateMessage('pain.002.001.10', readXml(report))).to.deep.equal([]);
      expect(report.match(/<OrgnlEndToEndId>/g)).to.have.length(body.count);
      expect(report)
        .to.contain('<GrpSts>PART</GrpSts>')
        .and.contain(`<OrgnlMsgNmId>${PAIN_001}</OrgnlMsgNmId>`);
    });

    it('refuses a file of the same message id, and names the earlier batch', async () => {
      const { status, body } = await send(pain001(), 'application/xml');
      expect([status, body.code]).to.deep.equal([409, 'message_id_reused']);
      expect(body.detail).to.match(/bat_[0-9a-f]{32}/);
    });

    it('refuses a malformed file whole, with every fault and its place', async () => {
      const broken = pain001()
        .replace(/<MsgId>[^<]*/, '<MsgId>ANOTHER')
        .replace(/<NbOfTxs>\d+/, '<NbOfTxs>7')
        .replace(/<CtrlSum>[\d.]+/, '<CtrlSum>1.00');
      const before = await count();
      const { status, body } = await send(broken, 'application/xml');
      expect([status, body.code]).to.deep.equal([422, 'payment_file_invalid']);
      expect(body.errors.length).to.be.greaterThan(1);
      expect(body.errors[0].xpath).to.match(/^\/Document/);
      expect(await count()).to.deep.equal(before);
    });

    it('takes CSV, and refuses a bad one with row and column', async () => {
      const header = 'endToEndId,amount,currency,creditorName,creditorAccountScheme,creditorAccount';
      const good = await send(`${header}\nCSV-1,10.00,USD,Ann,EVM,${freshWallet()}\n`, 'text/csv');
      expect([good.status, good.body.format, good.body.groupStatus]).to.deep.equal([201, 'csv', 'ACTC']);
      const bad = await send(`${header}\nCSV-2,10.001,USD,Ann,EVM,${freshWallet()}\n`, 'text/csv');
      expect([bad.status, bad.body.errors[0].row, bad.body.errors[0].column]).to.deep.equal([
        422,
        2,
        'amount',
      ]);
    });

    it('takes the other payments of a list or file when the wallet of one is none', async () => {
      const creditor = { name: 'Supplier', account: { scheme: 'EVM', identification: '0x12' } };
      const payments = [payment(), payment(), payment({ creditor })];
      const list = await partner.call('POST', '/v1/payment-batches', { payments });
      expect([list.status, list.body.accepted, list.body.rejected]).to.deep.equal([201, 2, 1]);
      const header = 'endToEndId,amount,currency,creditorName,creditorAccountScheme,creditorAccount';
      const rows = [`CSV-3,10.00,USD,Ann,EVM,${freshWallet()}`, 'CSV-4,10.00,USD,Ann,EVM,0x12'];
      const file = await send([header, ...rows, ''].join('\n'), 'text/csv');
      expect([file.status, file.body.accepted, file.body.rejected]).to.deep.equal([201, 1, 1]);
    });

    it('shows the date of no payment that asked for a day that does not exist, in JSON and CSV', async () => {
      const asked = payment({ requestedExecutionDate: '2027-02-31' });
      const { status, body } = await partner.call('POST', '/v1/payments', asked);
      expect([status, body.status, body.reason.code]).to.deep.equal([201, 'failed', 'DT01']);
      expect(body).to.not.have.property('requestedExecutionDate');
      const header =
        'endToEndId,amount,currency,creditorName,creditorAccountScheme,creditorAccount,requestedExecutionDate';
      const csv = await send(`${header}\nCSV-D,10.00,USD,Ann,EVM,${freshWallet()},2027-02-31\n`, 'text/csv');
      expect([csv.status, csv.body.groupStatus]).to.deep.equal([201, 'RJCT']);
      const { body: report } = await partner.call('GET', `/v1/payment-batches/${csv.body.id}/pain.002`);
      expect(validateMessage('pain.002.001.10', readXml(report))).to.deep.equal([]);
      expect(report).to.contain('DT01').and.not.contain('<ReqdExctnDt>');
    });

    it('refuses a list with every bad amount and its pointer, whatever else is wrong', async () => {
      const payments = [
        payment(),
        payment({ amount: { currency: 'USD', value: '1.001', unit: 'cent' } }),
        payment({ amount: { currency: 'XXX', value: 'one' }, endToEndId: 7, priority: 'HIGH' }),
        payment({ amount: { value: '1,00' }, requestedExecutionDate: 'soon' }),
      ];
      const { status, body } = await partner.call('POST', '/v1/payment-batches', { payments });
      expect(status).to.equal(400);
      expect(
        body.errors.map(({ code, pointer }: { code: string; pointer: string }) => [code, pointer]),
      ).to.have.deep.members([
        ['amount_too_many_digits', '/payments/1/amount/value'],
        ['member_unknown', '/payments/1/amount/unit'],
        ['value_type', '/payments/2/endToEndId'],
        ['currency_unknown', '/payments/2/amount/currency'],
        ['amount_malformed', '/payments/2/amount/value'],
        ['member_unknown', '/payments/2/priority'],
        ['member_missing', '/payments/3/amount/currency'],
        ['amount_malformed', '/payments/3/amount/value'],
        ['value_form', '/payments/3/requestedExecutionDate'],
      ]);
    });

    async function count() {
      return (
        await api.database.query(
          'select (select count(*) from settlement.payments) as payments, (select count(*) from settlement.payment_batches) as batches',
        )
      ).rows[0];
    }
  });
});
