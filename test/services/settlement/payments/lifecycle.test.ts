import { expect } from 'chai';
import { withTransaction } from '../../../../services/platform/database.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import {
  paymentStates,
  statesBefore,
  transitions,
} from '../../../../services/settlement/domains/payments/states.ts';
import { freshWallet, instruction, type Stage, startStage } from '../../../support/stage.ts';

describe('payments: lifecycle', () => {
  let stage: Stage;
  let usd: string;
  before(async () => {
    stage = await startStage();
    usd = await stage.openAccount('USD');
    await stage.follow();
  });
  after(() => stage?.stop());

  it('allows the transitions of the table and no other, each by one statement for any number of payments', async () => {
    for (const from of paymentStates) {
      for (const to of paymentStates) {
        const [id] = await stage.accept(instruction());
        const reason = { code: 'CUST', detail: 'for the test' } as const;
        await stage.database.query(
          `update settlement.payments set state = $2, reason_code = case when $2 in ('rejected', 'cancelled', 'returned') then 'CUST' end where id = $1`,
          [id, from],
        );
        const needsReason = ['rejected', 'cancelled', 'returned'].includes(to);
        const moved = await withTransaction(stage.database, (tx) =>
          stage.lifecycle.transition(tx, to, [{ id: id as string, ...(needsReason && { reason }) }]),
        );
        expect(moved.length === 1, `${from} -> ${to}`).to.equal(transitions[from].includes(to));
        await stage.database.query(
          `update settlement.payments set state = 'held', reason_code = null where id = $1`,
          [id],
        );
      }
    }
    expect(statesBefore('broadcast')).to.deep.equal(['batched', 'signed', 'included']);
  });

  it('carries payments from acceptance to the final posting, once, with a row of the timeline for each step', async () => {
    const lane = createLane(stage.laneParts);
    const wallets = [freshWallet(), freshWallet(), freshWallet()];
    const before = await stage.funds(usd);
    const ids = await stage.accept(
      ...wallets.map((to, index) => instruction({ to, value: `${index + 1}.25` })),
    );
    expect(await stage.states(ids)).to.deep.equal(['reserved', 'reserved', 'reserved']);

    await stage.batch();
    expect(await stage.states(ids)).to.deep.equal(['batched', 'batched', 'batched']);
    expect(await lane.round()).to.equal(1);
    expect(await stage.states(ids)).to.deep.equal(['broadcast', 'broadcast', 'broadcast']);
    await stage.mine();
    await stage.follow();
    expect(await stage.states(ids)).to.deep.equal(['included', 'included', 'included']);
    await stage.finalise();
    expect(await stage.states(ids)).to.deep.equal(['posted', 'posted', 'posted']);
    await lane.release();

    expect(await Promise.all(wallets.map((wallet) => stage.balanceOf(wallet)))).to.deep.equal([
      1250000n,
      2250000n,
      3250000n,
    ]);
    const after = await stage.funds(usd);
    expect(after?.posted).to.equal((before?.posted ?? 0n) - 6750000n);
    expect(after?.held).to.equal(before?.held);
    const { rows } = await stage.database.query(
      'select state from settlement.timeline where payment_id = $1 order by id, step',
      [ids[0]],
    );
    expect(rows.map(({ state }) => state)).to.deep.equal([
      'received',
      'screened',
      'reserved',
      'batched',
      'signed',
      'broadcast',
      'included',
      'final',
      'posted',
    ]);
    const { rows: messages } = await stage.database.query(
      'select type from settlement.webhook_messages where payment_id = $1 order by id',
      [ids[0]],
    );
    expect(messages.map(({ type }) => type)).to.deep.equal([
      'payment.accepted',
      'payment.processing',
      'payment.settled',
    ]);
  });
});
