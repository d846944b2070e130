/** Escrows out of an account when things go wrong: a restored backup, lanes that stop, limits that several share, coins that refuse. */
import { expect } from 'chai';
import type { Address, Hex } from 'viem';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import type { ActionRequest } from '../../../../services/settlement/domains/escrow/actionSchema.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { type EscrowStage, startEscrowStage } from '../../../support/escrowStage.ts';

const ACCOUNT = { action: 'authorize', way: 'account' } as const satisfies ActionRequest;
const OURS = { operator: 'corridor' };
const AMOUNT = 100_000_000n;

describe('escrows: out of an account, when things go wrong', function () {
  this.timeout(600_000);
  let stage: EscrowStage;
  let account: string;
  before(async () => {
    stage = await startEscrowStage();
    account = await stage.openAccount('USD', stage.treasury, stage.partner.id);
  });
  after(() => stage.stop());
  const created = (over: object = {}) => stage.create({ ...OURS, payer: stage.treasury, ...over });
  const ask = async (id: string) => {
    await stage.atWork();
    return stage.asked(id, ACCOUNT);
  };
  const codesOf = ({ body }: { body: { code: string; errors?: { code: string }[] } }) => [
    body.code,
    ...(body.errors ?? []).map(({ code }) => code),
  ];
  const funds = async () => {
    const { posted, held } = (await stage.funds(account)) ?? { posted: 0n, held: 0n };
    return { posted, held };
  };
  const holdOf = async (actionId: string) =>
    (
      await stage.database.query<{ state: string }>(
        'select state from settlement.holds where payment_id = $1',
        [actionId],
      )
    ).rows[0]?.state;
  /** The actions of an escrow with their calls, oldest first. */
  const actionsOf = async (id: string) =>
    (
      await stage.database.query<{ verb: string; state: string; call: string; signer: string | null }>(
        `select a.verb, a.state, c.state as call, c.signer
           from settlement.escrow_actions a join settlement.calls c on c.id = a.call_id
          where a.escrow_id = $1 order by a.id`,
        [id],
      )
    ).rows;
  /** The payer's wallet puts the money in by itself; the transaction is in a block. */
  const putInByWallet = async ({
    authorization: { transaction },
  }: {
    authorization: { transaction: { to: Address; data: Hex } };
  }) => {
    const { to, data } = transaction;
    await stage.chain.wallet(localAccounts.treasury).sendTransaction({ to, data, gas: 500_000n } as never);
    await stage.mine();
  };
  /** The lane of a signer tries what is due, and a block comes. */
  const turn = async (parts = stage.laneParts) => {
    await stage.dueNow();
    const lane = createLane(parts);
    await lane.round();
    await stage.mine();
    await lane.round();
    await lane.release();
  };
  const setBalance = (wei: Hex) => stage.chain.request('hardhat_setBalance', [stage.operator, wei]);

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

  for (const [how, end] of [
    ['its time is over', async () => stage.pass(3_700)],
    [
      'the wallet was faster',
      async (escrow: Parameters<typeof putInByWallet>[0]) => {
        await putInByWallet(escrow);
        await stage.finalise();
      },
    ],
  ] as const)
    it(`frees the money when ${how} while its transaction is with a lane that has stopped`, async () => {
      const before = await funds();
      const escrow = await created();
      const { id: actionId } = await ask(escrow.id);
      await stage.laneFree();
      const lane = createLane(stage.laneParts);
      await lane.round();
      const { rows } = await stage.database.query<{ hash: Hex }>(
        `select t.transaction_hash as hash from settlement.attempts t
           join settlement.escrow_actions a on a.call_id = t.call_id where a.escrow_id = $1`,
        [escrow.id],
      );
      await stage.chain.request('hardhat_dropTransaction', [rows[0]?.hash]);
      await setBalance('0x0');
      await lane.release();
      await end(escrow);
      const [action] = await actionsOf(escrow.id);
      expect(action, 'the call is its lane’s').to.deep.include({ state: 'failed', call: 'broadcast' });
      const wasFaster = how === 'the wallet was faster';
      expect(await holdOf(actionId)).to.equal(wasFaster ? 'posted' : 'voided');
      const paid = wasFaster ? AMOUNT : 0n;
      expect(await funds()).to.deep.equal({ posted: before.posted - paid, held: before.held });
      expect(await stage.webhooksOf(escrow.id)).to.include('escrow.action_failed');

      await stage.atWork();
      if (wasFaster) await stage.asked(escrow.id, { action: 'capture' });
      await setBalance('0xde0b6b3a7640000');
      await stage.carry();
      await turn();
      await stage.finalise();
      expect((await stage.get(escrow.id)).status).to.equal(wasFaster ? 'captured' : 'expired');
      expect((await actionsOf(escrow.id)).map(({ call }) => call)).to.deep.equal(
        wasFaster ? ['failed', 'final'] : ['failed'],
      );
      const failures = (await stage.webhooksOf(escrow.id)).filter((type) => type === 'escrow.action_failed');
      expect(failures, 'told once').to.have.length(1);
      expect(await funds()).to.deep.equal({ posted: before.posted - paid, held: before.held });
    });

  it('keeps the books in step with the chain through all of this', async () => {
    await stage.finalise();
    await stage.reconcile();
    const { rows } = await stage.database.query('select kind from settlement.breaks where closed_at is null');
    expect(rows).to.deep.equal([]);
    expect((await funds()).held).to.equal(0n);
  });
});
