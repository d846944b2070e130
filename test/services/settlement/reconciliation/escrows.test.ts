/** What settlement, index and contract say of escrows and of the money they hold, at each final block. */
import { expect } from 'chai';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { mintTo } from '../../../support/authorizations.ts';
import { type EscrowStage, startEscrowStage } from '../../../support/escrowStage.ts';
import { FINALITY_DEPTH } from '../../../support/stage.ts';
import { tamper } from '../../../support/tampering.ts';

const OURS = { operator: 'corridor' };
const DISPUTABLE = { arbiter: 'corridor', rulingPeriodSeconds: 600, defaultPayeeBps: 2_500 };

describe('reconciliation: escrows and their money', function () {
  this.timeout(400_000);
  let stage: EscrowStage;
  before(async () => {
    stage = await startEscrowStage();
    await stage.finalise();
  });
  after(() => stage?.stop());

  const openBreaks = async () =>
    (
      await stage.database.query<{ kind: string; subject: string; difference: bigint }>(
        `select kind, subject, observed_units - expected_units as difference from settlement.breaks
          where closed_at is null order by kind, subject`,
      )
    ).rows;
  const next = async () => {
    await stage.mine();
    await stage.follow();
    await stage.reconcile();
    return openBreaks();
  };
  /** Block by block until all is final: nothing differs at any of them. */
  const agree = async () => {
    for (let block = 0; block <= FINALITY_DEPTH + 1; block++) expect(await next()).to.deep.equal([]);
  };
  const acted = async (id: string, action: object) => {
    expect((await stage.asked(id, action)).state).to.equal('open');
    await stage.laneFree();
    const lane = createLane(stage.laneParts);
    await lane.round();
    expect(await next()).to.deep.equal([]);
    await lane.round();
    await agree();
    await lane.release();
  };
  const sent = async (id: string, action: object) => {
    const { transactions } = await stage.asked(id, action);
    await stage.send(transactions);
    await agree();
  };

  it('agree while money is authorized, captured in part, voided, refunded and disputed', async () => {
    const payee = stage.chain.accounts[12] as `0x${string}`;
    const parts = await stage.authorized({
      ...OURS,
      payee,
      ...{ minFeeBps: 100, maxFeeBps: 300, feeRecipient: stage.operator },
    });
    await agree();
    await acted(parts.id, { action: 'capture', amount: '30.00', feeBps: 300 });
    await acted(parts.id, { action: 'void' });
    await mintTo(stage.chain, payee, 100_000_000n);
    await stage.allow(payee);
    await sent(parts.id, { action: 'refund', amount: '12.00' });
    const disputed = await stage.authorized({ ...OURS, ...DISPUTABLE, payee });
    await sent(disputed.id, { action: 'dispute', by: 'payer', evidenceHash: `0x${'11'.repeat(32)}` });
    expect((await stage.get(disputed.id)).status).to.equal('disputed');
    await acted(disputed.id, { action: 'rule', payeeBps: 5_000, rulingHash: `0x${'22'.repeat(32)}` });
    expect((await stage.get(disputed.id)).status).to.equal('ruled');
    expect((await stage.database.query('select from settlement.breaks')).rowCount).to.equal(0);
  });

  it('agree when somebody gives to the contract, and when a frozen account has a credit', async () => {
    await mintTo(stage.chain, stage.contract.address, 5_000_001n);
    await agree();
    const frozen = stage.chain.accounts[localAccounts.frozenSupplier] as `0x${string}`;
    const escrow = await stage.authorized({ ...OURS, payee: frozen });
    await acted(escrow.id, { action: 'capture' });
    const { rows } = await stage.database.query('select amount from indexer.credits');
    expect(rows).to.deep.equal([{ amount: 100_000_000n }]);
  });

  it('agree while blocks are undone, and while events are not final', async () => {
    const escrow = await stage.authorized(OURS);
    await stage.asked(escrow.id, { action: 'capture', amount: '1.00' });
    await stage.laneFree();
    const lane = createLane(stage.laneParts);
    const snapshot = await stage.chain.request('evm_snapshot');
    await lane.round();
    for (let block = 1; block < FINALITY_DEPTH; block++) expect(await next()).to.deep.equal([]);
    await stage.chain.request('evm_revert', [snapshot]);
    await stage.mine(FINALITY_DEPTH); // more than were undone
    for (let block = 0; block <= FINALITY_DEPTH; block++) expect(await next()).to.deep.equal([]);
    await stage.database.query('update settlement.attempts set last_broadcast_at = null'); // so that it is sent again now
    await lane.round();
    expect(await next()).to.deep.equal([]);
    await lane.round();
    await agree();
    await lane.release();
    expect((await stage.get(escrow.id)).balances.captured).to.equal('1.00');
    expect((await stage.database.query('select from settlement.breaks')).rowCount).to.equal(0);
  });

  let escrowId: string;
  it('agree on an escrow of which a part was captured', async () => {
    const escrow = await stage.authorized(OURS);
    await acted(escrow.id, { action: 'capture', amount: '10.00' });
    escrowId = escrow.escrowId;
  });

  const coins = 1_000_000n;
  const ofIt = `arguments ->> 'escrowId' = '$id'`;
  const contract = () => stage.contract.address.toLowerCase();
  const invented = (name: string, more: string) => `
    insert into indexer.other_events (chain_id, block_number, log_index, transaction_hash, transaction_index, contract, name, arguments)
    select chain_id, block_number, 9999, transaction_hash, 0, contract, '${name}', arguments || '${more}' from indexer.other_events
     where ${ofIt} and name = 'EscrowAuthorized'`;
  const notInvented = 'delete from indexer.other_events where log_index = 9999';
  const amount = (by: number) => `
    update indexer.other_events set arguments = jsonb_set(arguments, '{amount}', to_jsonb(((arguments ->> 'amount')::numeric + ${by})::text))
     where ${ofIt}`;
  const faults: [
    what: string,
    harm: string,
    repair: string,
    found: [subject: string, difference: bigint][],
  ][] = [
    [
      'more held than the contract has',
      `${amount(500_000_000)} and name = 'EscrowAuthorized'`,
      `${amount(-500_000_000)} and name = 'EscrowAuthorized'`,
      [
        ['escrow $id/capturable', 500n * coins],
        ['custody $contract/balance', -494_999_999n],
      ],
    ],
    [
      'a capture with another amount',
      `${amount(7)} and name = 'EscrowCaptured'`,
      `${amount(-7)} and name = 'EscrowCaptured'`,
      [
        ['escrow $id/capturable', -7n],
        ['escrow $id/refundable', 7n],
      ],
    ],
    [
      'a capture that is gone',
      `create table settlement.gone as select * from indexer.other_events where ${ofIt} and name = 'EscrowCaptured';
       delete from indexer.other_events where ${ofIt} and name = 'EscrowCaptured'`,
      'insert into indexer.other_events select * from settlement.gone; drop table settlement.gone',
      [
        ['custody $contract/balance', -4_999_999n],
        ['escrow $id/capturable', 10n * coins],
        ['escrow $id/refundable', -10n * coins],
      ],
    ],
    [
      'all of an escrow gone',
      `create table settlement.gone as select * from indexer.other_events where ${ofIt};
       delete from indexer.other_events where ${ofIt}`,
      'insert into indexer.other_events select * from settlement.gone; drop table settlement.gone',
      [
        ['escrow $id/capturable', -90n * coins],
        ['escrow $id/refundable', -10n * coins],
        ['escrow $id/status_shown', -100n * coins],
      ],
    ],
    [
      'a void that never was',
      invented('EscrowVoided', '{"amount": "90000000"}'),
      notInvented,
      [
        ['escrow $id/capturable', -90n * coins],
        ['escrow $id/status_shown', -100n * coins],
      ],
    ],
    [
      'a dispute that never was',
      invented('DisputeOpened', '{"rulingDeadline": "9999999999"}'),
      notInvented,
      [
        ['escrow $id/disputed', 90n * coins],
        ['escrow $id/ruling_deadline_shown', -100n * coins],
        ['escrow $id/status_shown', -100n * coins],
      ],
    ],
    [
      'an escrow that never was',
      invented('EscrowAuthorized', `{"escrowId": "0x${'e5'.repeat(32)}"}`),
      notInvented,
      [
        [`custody $contract/balance`, -94_999_999n],
        [`escrow 0x${'e5'.repeat(32)}/capturable`, 100n * coins],
      ],
    ],
    [
      'another status than the contract gave it',
      `update settlement.escrows set status = 'refunded' where escrow_id = '$id'`,
      `update settlement.escrows set status = 'authorized' where escrow_id = '$id'`,
      [['escrow $id/status_shown', -100n * coins]],
    ],
  ];
  for (const [what, harm, repair, found] of faults)
    it(`finds ${what} at the next block, and closes it when things agree again`, async () => {
      const named = (text: string) => text.replaceAll('$id', escrowId).replaceAll('$contract', contract());
      await tamper(stage.database, named(harm));
      const breaks = (await next()).map(({ kind, subject, difference }) => [
        `${kind} ${subject}`,
        difference,
      ]);
      await tamper(stage.database, named(repair));
      expect(await next()).to.deep.equal([]);
      expect(breaks).to.have.deep.members(found.map(([subject, difference]) => [named(subject), difference]));
    });

  it('keeps what it cannot compare: what settlement shows of a block that it has not taken in yet', async () => {
    const escrow = await stage.authorized(OURS);
    const status = (to: string) =>
      tamper(stage.database, `update settlement.escrows set status = '${to}' where id = '${escrow.id}'`);
    await status('voided');
    expect(await next()).to.have.length(1);
    await status('authorized');
    await stage.mine();
    await stage.followLedger();
    await stage.reconcile();
    expect(await openBreaks(), 'not followed').to.have.length(1);
    expect(await next()).to.deep.equal([]);
  });
});
