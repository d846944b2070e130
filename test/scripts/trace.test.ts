/** Any id leads to what it is about. */
import { expect } from 'chai';
import { readBreakTrace } from '../../scripts/trace/break.ts';
import { readTrace } from '../../scripts/trace/read.ts';
import { subjectsOf } from '../../scripts/trace/subjects.ts';
import { bankReference } from '../../services/core/iso20022/reference.ts';
import { createLane } from '../../services/settlement/domains/lanes/worker.ts';
import { type EscrowStage, startEscrowStage } from '../support/escrowStage.ts';
import { freshWallet, instruction } from '../support/stage.ts';

const UETR = '4f2c1a3e-8d5b-4c6f-9a7e-1b2c3d4e5f60';

describe('scripts: what an id is about', () => {
  let stage: EscrowStage;
  before(async () => {
    stage = await startEscrowStage();
  });
  after(() => stage?.stop());

  const ids = async (query: string, ...values: unknown[]) =>
    (await stage.database.query<{ id: string }>(query, values)).rows.map(({ id }) => id);

  it('leads from actions, calls, webhooks, transactions, partner and bank reference to their escrow', async () => {
    await stage.partner.call('POST', '/v1/webhook-endpoints', { url: 'https://partner.example/hooks' });
    const { id } = await stage.authorized({ operator: 'corridor' });
    const found = [
      ...(await ids('select id from settlement.escrow_actions where escrow_id = $1', id)),
      ...(await ids('select call_id as id from settlement.escrow_actions where escrow_id = $1', id)),
      ...(await ids('select id from settlement.webhook_messages where payment_id = $1', id)),
      ...(await ids('select d.id from settlement.webhook_deliveries d')),
      ...(await ids('select id from settlement.webhook_endpoints')),
      ...[stage.partner.id, bankReference(id), bankReference(id).toUpperCase()],
      ...(await ids('select transaction_hash as id from settlement.attempts where call_id is not null')),
    ];
    expect(new Set(found.map((one) => one.split('_')[0]?.slice(0, 4)))).to.include.all.keys(
      ...['esa', 'call', 'msg', 'dlv', 'whe', 'ptn'],
    );
    expect(found.at(-1)).to.match(/^0x/);
    for (const one of found) expect(await subjectsOf(stage.database, one), one).to.deep.equal([id]);
  });

  it('leads from what others sent, from the contract’s own id and from a break to the escrow', async () => {
    const { id, escrowId, authorization } = await stage.create();
    await stage.send([authorization.signature.approve, authorization.transaction]);
    await stage.finalise();
    const found = [
      escrowId,
      escrowId.toUpperCase().replace('X', 'x'),
      ...(await ids(
        'select transaction_hash as id from indexer.escrow_events where escrow_id = $1',
        escrowId,
      )),
      ...(await ids(
        `insert into settlement.breaks (kind, currency, subject, observed_units, expected_units, closed_at)
         values ('escrow', 'USD', $1 || '/capturable', 1, 0, now()) returning id`,
        escrowId,
      )),
    ];
    expect(found.length).to.equal(4);
    for (const one of found) expect(await subjectsOf(stage.database, one), one).to.deep.equal([id]);
  });

  it('leads from an account to the escrows of its wallet, whoever agreed upon them', async () => {
    const account = await stage.openAccount('USD', stage.payer.address);
    const escrows = await ids('select id from settlement.escrows order by id');
    expect(escrows.length).to.equal(2);
    expect(await subjectsOf(stage.database, account)).to.deep.equal(escrows);
  });

  it('leads from a batch, its transaction, account, beneficiary, references and postings to the payments', async () => {
    const account = await stage.openAccount('USD');
    const [beneficiary] = await ids(
      `insert into settlement.beneficiaries (partner_id, name, iban, wallet) values ($1, 'ACME', $2, $3) returning id`,
      ...[stage.partnerId, 'DE89370400440532013000', freshWallet()],
    );
    const creditor = {
      name: 'ACME',
      account: { scheme: 'IBAN' as const, identification: 'DE89 3704 0044 0532 0130 00' },
    };
    const debtorAccount = { scheme: 'OTHER' as const, identification: account };
    const payments = await stage.accept(
      instruction({ debtorAccount, creditor, endToEndId: 'INVOICE 7' }),
      instruction({ debtorAccount }),
    );
    await stage.batch();
    await stage.laneFree();
    await createLane(stage.laneParts).round();
    await stage.finalise();
    const [batch] = await ids('select id from settlement.settlement_batches');
    const [transaction] = await ids(
      'select transaction_hash as id from settlement.attempts where settlement_batch_id = $1',
      batch,
    );
    const [ledgerAccount] = await ids(
      `select id from settlement.ledger_accounts where account_id = $1 and kind = 'chain'`,
      account,
    );
    for (const one of [batch, transaction, account, bankReference(account), ledgerAccount, stage.partnerId])
      expect(await subjectsOf(stage.database, one as string), one).to.deep.equal(payments);
    for (const one of [beneficiary, 'INVOICE 7', bankReference(payments[0] as string)])
      expect(await subjectsOf(stage.database, one as string), one).to.deep.equal([payments[0]]);
    const [posting] = await ids(
      'select id from settlement.ledger_postings where payment_id = $1',
      payments[0],
    );
    for (const one of [posting as string, bankReference(posting as string)])
      expect(await subjectsOf(stage.database, one), one).to.deep.equal([payments[0]]);
    const trace = await readTrace(stage.database, payments[0] as string);
    const booked = trace?.moments.filter(({ detail }) => detail.includes(posting as string));
    expect(booked?.map(({ what }) => what)).to.deep.equal(['posting']);
  });

  it('leads from what a partner calls a payment, refused or not, and its file', async () => {
    const rejections = [{ reason: 'AM01' as const, detail: 'The amount is 0.00' }];
    const refused = await stage.accept(
      instruction({
        endToEndId: 'INVOICE 8',
        instructionId: 'ORDER 8',
        uetr: UETR,
        paymentInformationId: 'PART 8',
        rejections,
      }),
    );
    const [file] = await ids(
      `insert into settlement.payment_batches (partner_id, format, message_id, payment_count)
       values ($1, 'pain.001', 'FILE 8', 1) returning id`,
      stage.partnerId,
    );
    await stage.database.query('update settlement.payments set payment_batch_id = $1 where id = $2', [
      file,
      refused[0],
    ]);
    for (const one of [file as string, 'INVOICE 8', 'ORDER 8', UETR, UETR.toUpperCase(), 'PART 8', 'FILE 8'])
      expect(await subjectsOf(stage.database, one), one).to.deep.equal(refused);
  });

  it('leads from one name to all that have it: refused, accepted, and files', async () => {
    const debtorAccount = { scheme: 'OTHER' as const, identification: await stage.openAccount('USD') };
    const rejections = [{ reason: 'AM01' as const, detail: 'The amount is 0.00' }];
    const payments = [
      ...(await stage.accept(instruction({ endToEndId: 'bat_9', rejections }))),
      ...(await stage.accept(instruction({ endToEndId: 'bat_9', debtorAccount }))),
      ...(await stage.accept(instruction({ endToEndId: 'OTHER 9', debtorAccount }))),
    ];
    await stage.database.query(
      `with file as (insert into settlement.payment_batches (partner_id, format, message_id, payment_count)
                     values ($1, 'pain.001', 'bat_9', 1) returning id)
       update settlement.payments set payment_batch_id = (select id from file) where id = $2`,
      [stage.partnerId, payments[2]],
    );
    expect(await subjectsOf(stage.database, 'bat_9')).to.deep.equal(payments);
  });

  it('takes an id of either case, with spaces around it', async () => {
    const [escrow] = await ids('select id from settlement.escrows');
    expect(await subjectsOf(stage.database, ` ${escrow?.toUpperCase()} `)).to.deep.equal([escrow]);
  });

  it('leads from what the bank calls a statement and its entry to the escrow that was paid out', async () => {
    const [escrow] = await ids('select id from settlement.escrows');
    await stage.database.query(
      `insert into settlement.escrow_rules (escrow_id, position, asked, condition, steps, bank_reference)
       values ($1, 1, '{}', '{"type": "bank_payout"}', '[]', 'PAYOUT 10')`,
      [escrow],
    );
    await stage.database.query(
      `with statement as (
         insert into settlement.bank_statements
           (currency, account, statement_id, opening_units, closing_units, first_date, last_date, content_sha256)
         values ('USD', 'RESERVE', 'STATEMENT 10', 1, 0, '2026-11-02', '2026-11-02', '') returning id)
       insert into settlement.bank_entries
         (bank_statement_id, currency, position, direction, units, booking_date, value_date, reference, end_to_end_id, is_return)
       select id, 'USD', 1, 'debit', 1, '2026-11-02', '2026-11-02', 'ENTRY 10', 'PAYOUT 10', false from statement`,
    );
    for (const one of ['PAYOUT 10', 'STATEMENT 10', 'STATEMENT 10/1', 'ENTRY 10'])
      expect(await subjectsOf(stage.database, one), one).to.deep.equal([escrow]);
  });

  it('knows what it cannot lead from', async () => {
    const none = '0'.repeat(32);
    for (const one of ['xyz_1', `xyz_${none}`, 'msg_1', 'NOTPROVIDED', "'", '%'])
      expect(await subjectsOf(stage.database, one), one).to.equal(undefined);
    expect(await subjectsOf(stage.database, `msg_${none}`)).to.deep.equal([]);
  });

  it('tells a break that is about no payment, policy or escrow by itself', async () => {
    const found = await ids(
      `insert into settlement.breaks (kind, currency, subject, observed_units, expected_units)
       values ('bank_reserve', 'USD', '', 1000000, 2000000),
              ('custody', 'USD', '0x00000000000000000000000000000000000000aa/held', 1000000, 2000000)
       returning id`,
    );
    const subjects = ['the balance as a whole', '0x00000000000000000000000000000000000000aa/held'];
    for (const [at, id] of found.entries()) {
      expect(await subjectsOf(stage.database, id)).to.deep.equal([]);
      expect((await readBreakTrace(stage.database, id))?.summary).to.deep.include.members([
        ['subject', subjects[at]],
        ['observed', '1.00 USD'],
        ['expected', '2.00 USD'],
        ['closed', 'not yet'],
      ]);
    }
    expect(await readBreakTrace(stage.database, 'brk_none')).to.equal(undefined);
  });
});
