/** Any id leads to what it is about. */
import { expect } from 'chai';
import { readTrace } from '../../scripts/trace/read.ts';
import { subjectsOf } from '../../scripts/trace/subjects.ts';
import { createLane } from '../../services/settlement/domains/lanes/worker.ts';
import { type EscrowStage, startEscrowStage } from '../support/escrowStage.ts';
import { instruction } from '../support/stage.ts';

describe('scripts: what an id is about', () => {
  let stage: EscrowStage;
  before(async () => {
    stage = await startEscrowStage();
  });
  after(() => stage?.stop());

  const ids = async (query: string, ...values: unknown[]) =>
    (await stage.database.query<{ id: string }>(query, values)).rows.map(({ id }) => id);

  it('leads from actions, calls, messages and transactions to their escrow', async () => {
    await stage.partner.call('POST', '/v1/webhook-endpoints', { url: 'https://partner.example/hooks' });
    const { id } = await stage.authorized({ operator: 'corridor' });
    const found = [
      ...(await ids('select id from settlement.escrow_actions where escrow_id = $1', id)),
      ...(await ids('select call_id as id from settlement.escrow_actions where escrow_id = $1', id)),
      ...(await ids('select id from settlement.webhook_messages where payment_id = $1', id)),
      ...(await ids('select d.id from settlement.webhook_deliveries d')),
      ...(await ids('select transaction_hash as id from settlement.attempts where call_id is not null')),
    ];
    expect(new Set(found.map((one) => one.split('_')[0]?.slice(0, 4)))).to.include.all.keys(
      ...['esa', 'call', 'msg', 'dlv'],
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

  it('leads from a batch, its transaction and a posting to the payments', async () => {
    await stage.openAccount('USD');
    const payments = await stage.accept(instruction(), instruction());
    await stage.batch();
    await stage.laneFree();
    await createLane(stage.laneParts).round();
    await stage.finalise();
    const [batch] = await ids('select id from settlement.settlement_batches');
    const [transaction] = await ids(
      'select transaction_hash as id from settlement.attempts where settlement_batch_id = $1',
      batch,
    );
    for (const one of [batch, transaction])
      expect(await subjectsOf(stage.database, one as string), one).to.have.members(payments);
    const [posting] = await ids(
      'select id from settlement.ledger_postings where payment_id = $1',
      payments[0],
    );
    expect(await subjectsOf(stage.database, posting as string)).to.deep.equal([payments[0]]);
    const trace = await readTrace(stage.database, payments[0] as string);
    const booked = trace?.moments.filter(({ detail }) => detail.includes(posting as string));
    expect(booked?.map(({ what }) => what)).to.deep.equal(['posting']);
  });

  it('knows what it cannot lead from', async () => {
    expect(await subjectsOf(stage.database, 'acc_1')).to.equal(undefined);
    expect(await subjectsOf(stage.database, 'msg_none')).to.deep.equal([]);
  });
});
