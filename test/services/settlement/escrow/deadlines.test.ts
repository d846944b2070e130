/** Deadlines of escrows, by the chain's time: told before they come, and kept after them, once, by any number of keepers. */
import { expect } from 'chai';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import {
  type EscrowStage,
  REMINDER_SECONDS,
  startEscrowStage,
  timeOf,
} from '../../../support/escrowStage.ts';
import { Died, mortal } from '../../../support/mortal.ts';

const OURS = { operator: 'corridor' };
const DISPUTABLE = { arbiter: 'corridor', rulingPeriodSeconds: 4_000, defaultPayeeBps: 2_500 };
/** Of the terms that the stage asks for. */
const CAPTURE_SECONDS = 7_200;
const MOST_COMMITS = 12;

describe('escrows: deadlines', function () {
  this.timeout(300_000);
  let stage: EscrowStage;
  before(async () => {
    stage = await startEscrowStage();
  });
  after(() => stage?.stop());

  const keepers = (count: number) => Promise.all(Array.from({ length: count }, () => stage.keep()));
  const actionsOf = async (id: string) =>
    (
      await stage.database.query(
        `select verb, step, asked_by, state from settlement.escrow_actions where escrow_id = $1 and asked_by = 'deadline' order by id`,
        [id],
      )
    ).rows;

  it('sends back what nobody captured in time, after telling that the time comes', async () => {
    const escrow = await stage.authorized(OURS);
    await keepers(2);
    expect(await stage.webhooksOf(escrow.id), 'it is far').to.deep.equal(['escrow.authorized']);
    await stage.pass(CAPTURE_SECONDS - REMINDER_SECONDS + 60);
    await keepers(3);
    expect(await stage.webhooksOf(escrow.id)).to.deep.equal(['escrow.authorized', 'escrow.capture_expiring']);
    expect(await actionsOf(escrow.id)).to.deep.equal([]);
    const before = await stage.balanceOf(stage.payer.address);
    await stage.pass(REMINDER_SECONDS);
    await keepers(3);
    await stage.carry();
    await keepers(3);
    expect(await actionsOf(escrow.id)).to.deep.equal([
      { verb: 'reclaim', step: 'capture', asked_by: 'deadline', state: 'done' },
    ]);
    expect((await stage.get(escrow.id)).status).to.equal('reclaimed');
    expect(await stage.balanceOf(stage.payer.address)).to.equal(before + 100_000_000n);
    expect((await stage.webhooksOf(escrow.id)).at(-1)).to.equal('escrow.reclaimed');
  });

  it('does nothing before a final block is past the deadline', async () => {
    const escrow = await stage.authorized(OURS);
    await stage.chain.request('evm_increaseTime', [CAPTURE_SECONDS + 60]);
    await stage.mine();
    await stage.follow();
    await stage.keep();
    expect(await actionsOf(escrow.id)).to.deep.equal([]);
    await stage.pass(1);
    await stage.keep();
    expect(await actionsOf(escrow.id)).to.have.length(1);
    await stage.carry();
  });

  it('ends a dispute of which the arbiter said nothing, as the terms say', async () => {
    const escrow = await stage.authorized({ ...OURS, ...DISPUTABLE });
    const { transactions } = await stage.asked(escrow.id, { action: 'dispute', by: 'payer' });
    await stage.send(transactions);
    await stage.finalise();
    await stage.pass(DISPUTABLE.rulingPeriodSeconds - REMINDER_SECONDS + 60);
    await keepers(2);
    expect((await stage.webhooksOf(escrow.id)).at(-1)).to.equal('escrow.ruling_expiring');
    await stage.pass(REMINDER_SECONDS);
    await keepers(2);
    await stage.carry();
    expect((await stage.get(escrow.id)).status).to.equal('ruled');
    expect(await stage.balanceOf(escrow.terms.payee)).to.equal(25_000_000n);
  });

  it('tells when the payer’s time and the time of refunds come', async () => {
    const escrow = await stage.create();
    const captured = await stage.authorized(OURS);
    await stage.asked(captured.id, { action: 'capture' });
    await stage.carry();
    await stage.pass(3_600 - REMINDER_SECONDS + 60);
    await stage.keep();
    expect(await stage.webhooksOf(escrow.id)).to.deep.equal(['escrow.authorization_expiring']);
    await stage.pass(7_200);
    await stage.keep();
    expect((await stage.webhooksOf(captured.id)).at(-1)).to.equal('escrow.refund_expiring');
    expect(await stage.webhooksOf(escrow.id)).to.deep.equal([
      'escrow.authorization_expiring',
      'escrow.expired',
    ]);
  });

  it('tells when the time of a signed split comes, again for one that takes its place, and shows none that is over', async () => {
    const payee = privateKeyToAccount(generatePrivateKey());
    const escrow = await stage.authorized({ payee: payee.address });
    const offer = async (payeeAmount: string, payerAmount: string, seconds: number) => {
      const { timestamp } = await stage.chain.client.getBlock();
      const deadline = timeOf(timestamp + BigInt(seconds));
      const split = { action: 'release', payeeAmount, payerAmount, deadline };
      const { typedData } = await stage.asked(escrow.id, split);
      await stage.asked(escrow.id, { ...split, payeeSignature: await payee.signTypedData(typedData) });
    };
    const told = async () => (await stage.webhooksOf(escrow.id)).map((type) => type.replace('escrow.', ''));
    await offer('75.00', '25.00', REMINDER_SECONDS + 600);
    await keepers(2);
    expect(await told()).to.deep.equal(['authorized', 'release_offered']);
    await stage.pass(700);
    await keepers(3);
    expect(await told()).to.deep.equal(['authorized', 'release_offered', 'release_expiring']);
    await offer('70.00', '30.00', REMINDER_SECONDS - 60);
    await keepers(2);
    expect((await told()).slice(3)).to.deep.equal(['release_offered', 'release_expiring']);
    expect((await stage.get(escrow.id)).releases).to.have.length(1);
    await stage.pass(700);
    await keepers(2);
    expect((await stage.get(escrow.id)).releases).to.deep.equal([]);
    expect(await told()).to.have.length(5);
  });

  it('leaves it to whoever calls the contract first', async () => {
    const escrow = await stage.authorized();
    await stage.pass(CAPTURE_SECONDS + 60);
    await stage.keep();
    const { rows } = await stage.database.query(
      'select data from settlement.calls c join settlement.escrow_actions a on a.call_id = c.id where a.escrow_id = $1 and a.asked_by = $2',
      [escrow.id, 'deadline'],
    );
    await stage.send([{ from: stage.operator, to: stage.contract.address, data: rows[0].data }]);
    await stage.carry();
    await stage.dueNow();
    await stage.carry();
    await stage.keep();
    expect((await stage.get(escrow.id)).status).to.equal('reclaimed');
    expect((await actionsOf(escrow.id)).map(({ state }) => state)).to.deep.equal(['failed']);
    expect(await stage.webhooksOf(escrow.id)).to.deep.equal(['escrow.authorized', 'escrow.reclaimed']);
  });

  for (const moment of ['before', 'after'] as const)
    it(`tells and calls once when a keeper dies ${moment} any of its commits`, async () => {
      let commit = 0;
      for (let hasDied = true; hasDied; ) {
        commit++;
        expect(commit).to.be.below(MOST_COMMITS);
        const escrow = await stage.authorized({ ...OURS, amount: { currency: 'USD', value: '2.00' } });
        await stage.pass(CAPTURE_SECONDS + 60);
        const process = mortal(stage.database, commit, moment);
        await stage.keep(process.database).catch((error: unknown) => {
          if (!(error instanceof Died)) throw error;
        });
        hasDied = process.hasDied();
        await keepers(2);
        await stage.carry();
        expect((await stage.get(escrow.id)).status, `commit ${commit}`).to.equal('reclaimed');
        expect(await actionsOf(escrow.id)).to.have.length(1);
        expect(await stage.webhooksOf(escrow.id)).to.deep.equal(['escrow.authorized', 'escrow.reclaimed']);
      }
      expect(commit, 'commits that a keeper makes').to.be.greaterThan(2);
    });
});
