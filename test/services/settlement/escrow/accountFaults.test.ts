/** Escrows out of an account when things go wrong: a restored backup, lanes that stop, limits that several share, coins that refuse. */
import { expect } from 'chai';
import type { ActionRequest } from '../../../../services/settlement/domains/escrow/actionSchema.ts';
import { type EscrowStage, startEscrowStage } from '../../../support/escrowStage.ts';

const ACCOUNT = { action: 'authorize', way: 'account' } as const satisfies ActionRequest;
const OURS = { operator: 'corridor' };

describe('escrows: out of an account, when things go wrong', function () {
  this.timeout(600_000);
  let stage: EscrowStage;
  before(async () => {
    stage = await startEscrowStage();
    await stage.openAccount('USD', stage.treasury, stage.partner.id);
  });
  after(() => stage.stop());
  const codesOf = ({ body }: { body: { code: string; errors?: { code: string }[] } }) => [
    body.code,
    ...(body.errors ?? []).map(({ code }) => code),
  ];

  it('puts nothing in twice when both requests are repeated after a backup was restored', async () => {
    const request = JSON.stringify(await stage.request({ ...OURS, payer: stage.treasury }));
    await stage.atWork();
    const post = (path: string, body: string, idempotencyKey: string) =>
      stage.partner.call('POST', path, { body, idempotencyKey });
    const first = await post('/v1/escrows', request, 'a-cargo-of-mine');
    expect(first.status).to.equal(201);
    const { id } = first.body;
    const actions = `/v1/escrows/${id}/actions`;
    expect((await post(actions, JSON.stringify(ACCOUNT), 'its-money')).status).to.equal(201);
    await stage.carry();
    expect((await stage.get(id)).status).to.equal('authorized');
    const balance = await stage.balanceOf(stage.treasury);
    for (const table of ['escrow_actions', 'escrow_events', 'escrow_rules', 'escrow_reminders'])
      await stage.database.query(`delete from settlement.${table} where escrow_id = $1`, [id]);
    await stage.database.query('delete from settlement.escrows where id = $1', [id]);
    await stage.database.query('delete from settlement.idempotency_keys where partner_id = $1', [
      stage.partner.id,
    ]);
    await stage.atWork();
    const again = await post('/v1/escrows', request, 'a-cargo-of-mine');
    expect([again.status, ...codesOf(again)]).to.deep.equal([409, 'escrow_taken']);
    const asked = await post(actions, JSON.stringify(ACCOUNT), 'its-money');
    expect([asked.status, ...codesOf(asked)]).to.deep.equal([404, 'escrow_not_found']);
    await stage.carry();
    expect(await stage.balanceOf(stage.treasury)).to.equal(balance);

    await stage.atWork();
    const another = await post('/v1/escrows', request, 'another-cargo');
    expect(another.status, 'under another key it is another').to.equal(201);
  });
});
