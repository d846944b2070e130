/** Escrows that are put in out of a partner's account: reserved at once, taken once, booked with the block, freed if nothing comes of it. */
import { expect } from 'chai';
import { type Address, type Hex, maxUint256 } from 'viem';
import { mnemonicToAccount } from 'viem/accounts';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { readEscrowTrace } from '../../../../scripts/trace/escrow.ts';
import { subjectsOf } from '../../../../scripts/trace/subjects.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { type EscrowStage, startEscrowStage } from '../../../support/escrowStage.ts';
import { Died, mortal } from '../../../support/mortal.ts';
import { FINALITY_DEPTH } from '../../../support/stage.ts';

/** More than a process makes between the first look at an action and its end; the test says when it has seen them all. */
const MOST_COMMITS = 40;
const OURS = { operator: 'corridor' };
const ACCOUNT = { action: 'authorize', way: 'account' };
const AMOUNT = 100_000_000n;
const LIMIT = { most: 1_000_000_000_000n, windowSeconds: 86_400 };
const treasuryWallet = mnemonicToAccount('test test test test test test test test test test test junk', {
  addressIndex: localAccounts.treasury,
});

describe('escrows: out of an account', function () {
  this.timeout(600_000);
  let stage: EscrowStage;
  /** The treasury's, which has approved the escrow and let our signer spend. */
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
  const refusalOf = async (id: string, by = stage.partner) => {
    await stage.atWork();
    const { status, body } = await stage.act(id, ACCOUNT, by);
    expect([status, body.code], JSON.stringify(body)).to.deep.equal([422, 'escrow_action_refused']);
    return body.errors.map(({ code }: { code: string }) => code);
  };
  const funds = async () => {
    const { posted, held } = (await stage.funds(account)) ?? { posted: 0n, held: 0n };
    return { posted, held };
  };
  const holdOf = async (actionId: string) =>
    (
      await stage.database.query('select state, amount from settlement.holds where payment_id = $1', [
        actionId,
      ])
    ).rows[0];
  const actionsOf = async (id: string) =>
    (
      await stage.database.query<{ verb: string; state: string; reason: string | null }>(
        'select verb, state, reason from settlement.escrow_actions where escrow_id = $1 order by id',
        [id],
      )
    ).rows;
  const statesOf = async (id: string) =>
    (await stage.get(id)).events.map(({ state }: { state: string }) => state);
  /** Sends a transaction of an account that the chain knows. */
  const send = async (
    index: number,
    contract: { address: Address },
    functionName: string,
    args: unknown[],
  ) => {
    await stage.chain
      .wallet(index)
      .writeContract({ ...contract, functionName, args, gas: 1_000_000n } as never);
    await stage.mine();
  };
  const setLimit = (limit: bigint) =>
    send(localAccounts.treasury, stage.contract, 'authorizeOperator', [
      stage.operator,
      stage.coin.address,
      limit,
      LIMIT.windowSeconds,
    ]);
  const approve = (amount: bigint) =>
    send(localAccounts.treasury, stage.coin, 'approve', [stage.contract.address, amount]);
  /** The lane tries what is due, and a block comes. */
  const turn = async () => {
    await stage.dueNow();
    await stage.laneFree();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await stage.mine();
    await lane.round();
    await lane.release();
  };
  const callOf = async (id: string) =>
    (
      await stage.database.query<{ data: Hex; state: string; failures: number }>(
        `select c.data, c.state, c.failures from settlement.calls c
           join settlement.escrow_actions a on a.call_id = c.id where a.escrow_id = $1 order by a.id desc limit 1`,
        [id],
      )
    ).rows[0];

  it('reserves the amount with the answer, books it with the block, and tells of each step', async () => {
    const before = await funds();
    const escrow = await created();
    const answer = await ask(escrow.id);
    expect(answer).to.deep.include({ escrow: escrow.id, action: 'authorize', state: 'open' });
    expect(await funds()).to.deep.equal({ posted: before.posted, held: before.held + AMOUNT });
    expect((await stage.get(escrow.id)).status).to.equal('authorizing');
    await turn();
    await stage.follow();
    expect(await funds(), 'a block that may be undone books nothing').to.deep.equal({
      posted: before.posted,
      held: before.held + AMOUNT,
    });
    await stage.mine(FINALITY_DEPTH);
    await stage.followLedger();
    expect(await funds(), 'at once, whatever the follower of escrows does').to.deep.equal({
      posted: before.posted - AMOUNT,
      held: before.held,
    });
    await stage.reconcile();
    await stage.follow();
    expect(await holdOf(answer.id)).to.deep.equal({ state: 'posted', amount: AMOUNT });
    const authorized = await stage.get(escrow.id);
    expect(authorized.status).to.equal('authorized');
    expect(authorized.balances.capturable).to.equal('100.00');
    expect(authorized.events[1]).to.deep.include({ state: 'authorize_asked' });
    expect(authorized.events[1].detail).to.deep.include({ account });
    expect(await stage.webhooksOf(escrow.id)).to.deep.equal(['escrow.authorized']);
    const trace = await readEscrowTrace(stage.database, escrow.id);
    expect(trace?.summary).to.deep.include(['status', 'authorized']);
    expect(trace?.moments.filter(({ what }) => what === 'ledger').map(({ detail }) => detail)).to.deep.equal([
      '100.00 USD held for it',
      'the hold of 100.00 USD is posted',
    ]);
    const postings = trace?.moments.filter(({ what }) => what === 'posting') ?? [];
    expect(postings.length).to.equal(1);
    expect(postings[0]?.detail).to.match(
      /^withdrawal pst_\w+ for block .*: chain 100.00 USD, funds -100.00 USD$/,
    );
    expect(await subjectsOf(stage.database, postings[0]?.detail.split(' ')[1] ?? '')).to.deep.equal([
      escrow.id,
    ]);
    const { rows } = await stage.database.query('select kind from settlement.breaks where closed_at is null');
    expect(rows).to.deep.equal([]);

    await stage.asked(escrow.id, { action: 'capture' });
    await stage.carry();
    expect((await stage.get(escrow.id)).status).to.equal('captured');
    expect(await stage.balanceOf(escrow.terms.payee)).to.equal(AMOUNT);
  });

  it('gives the stored answer to a request that is repeated, and reserves once', async () => {
    const before = await funds();
    const escrow = await created();
    await stage.atWork();
    const options = { body: JSON.stringify(ACCOUNT), idempotencyKey: `key-${escrow.id}` };
    const path = `/v1/escrows/${escrow.id}/actions`;
    const [first, second] = [
      await stage.partner.call('POST', path, options),
      await stage.partner.call('POST', path, options),
    ];
    expect([first.status, second.body]).to.deep.equal([201, first.body]);
    await stage.carry();
    expect((await stage.partner.call('POST', path, options)).body).to.deep.equal(first.body);
    await stage.carry();
    expect(await funds()).to.deep.equal({ posted: before.posted - AMOUNT, held: before.held });
    expect(await actionsOf(escrow.id)).to.have.length(1);
  });

  it('refuses more than is available as payments do, also when two ask for the same money', async () => {
    const { posted, held } = await funds();
    const all = posted - held;
    const value = (units: bigint) =>
      `${units / 1_000_000n}.${String((units % 1_000_000n) / 10_000n).padStart(2, '0')}`;
    const of = (units: bigint) => created({ amount: { currency: 'USD', value: value(units) } });
    await setLimit(2n * all);
    const tooMuch = await of(all + 10_000n);
    expect(await refusalOf(tooMuch.id)).to.deep.equal(['AM04']);
    expect(await actionsOf(tooMuch.id)).to.deep.equal([]);
    expect((await stage.get(tooMuch.id)).status).to.equal('created');

    const rivals = [await of(all), await of(all)];
    await stage.atWork();
    const answers = await Promise.all(rivals.map(({ id }) => stage.act(id, ACCOUNT)));
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).to.deep.equal([201, 422]);
    expect(answers.find(({ status }) => status === 422)?.body.errors[0].code).to.equal('AM04');
    expect(await funds()).to.deep.equal({ posted, held: held + all });
    const winner = rivals[answers.findIndex(({ status }) => status === 201)] as { id: string };
    await stage.carry();
    expect(await funds()).to.deep.equal({ posted: posted - all, held });
    await stage.asked(winner.id, { action: 'void' });
    await stage.carry();
    expect(await funds()).to.deep.equal({ posted, held });
    await setLimit(LIMIT.most);
  });

  it('does one of two actions that are asked for at the same moment, and reserves for one', async () => {
    const before = await funds();
    const escrow = await created();
    await stage.atWork();
    const answers = await Promise.all([1, 2].map(() => stage.act(escrow.id, ACCOUNT)));
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).to.deep.equal([201, 409]);
    expect(await funds()).to.deep.equal({ posted: before.posted, held: before.held + AMOUNT });
    await stage.carry();
    expect(await funds()).to.deep.equal({ posted: before.posted - AMOUNT, held: before.held });
  });

  it('names everything that the wallet has to do first', async () => {
    const escrow = await created();
    await setLimit(AMOUNT - 1n);
    await approve(AMOUNT - 1n);
    await send(localAccounts.admin, stage.coin, 'freeze', [stage.treasury]);
    expect(await refusalOf(escrow.id)).to.deep.equal([
      'payer_frozen',
      'escrow_not_approved',
      'operator_limit_exceeded',
    ]);
    await send(localAccounts.admin, stage.coin, 'unfreeze', [stage.treasury]);
    await approve(maxUint256);
    expect(await refusalOf(escrow.id)).to.deep.equal(['operator_limit_exceeded']);
    await setLimit(LIMIT.most);
    await ask(escrow.id);
    await stage.carry();
    expect((await stage.get(escrow.id)).status).to.equal('authorized');
  });

  it('takes nothing out of an account of another partner, nor of a payer without one', async () => {
    const others = await stage.api.partner();
    await stage.atWork();
    const theirs = await stage.create({ ...OURS, payer: stage.treasury }, others);
    expect(await refusalOf(theirs.id, others)).to.deep.equal(['account_unknown']);
    const ofWallet = await stage.create(OURS);
    expect(await refusalOf(ofWallet.id)).to.deep.equal(['account_unknown']);
    const escrow = await created();
    const { status, body } = await stage.act(escrow.id, ACCOUNT, others);
    expect([status, body.code]).to.deep.equal([404, 'escrow_not_found']);
    const malformed = await stage.act(escrow.id, { ...ACCOUNT, signature: '0x00' });
    expect([malformed.status, malformed.body.code]).to.deep.equal([400, 'request_invalid']);
  });

  it('waits while the contract refuses it, and goes when the wallet lets it', async () => {
    const before = await funds();
    for (const [refuse, allow, reason] of [
      [() => setLimit(0n), () => setLimit(LIMIT.most), 'OperatorLimitExceeded'],
      [() => approve(0n), () => approve(maxUint256), 'TransferFailed'],
      [
        () => send(localAccounts.admin, stage.coin, 'freeze', [stage.treasury]),
        () => send(localAccounts.admin, stage.coin, 'unfreeze', [stage.treasury]),
        'TransferFailed',
      ],
    ] as const) {
      const escrow = await created();
      await ask(escrow.id);
      await refuse();
      await turn();
      expect(await callOf(escrow.id)).to.deep.include({ state: 'waiting', failures: 1 });
      const { events } = await stage.get(escrow.id);
      expect(events.at(-1)).to.deep.include({ state: 'authorize_waiting' });
      expect(events.at(-1).detail.reason).to.match(new RegExp(`^${reason}`));
      await allow();
      await turn();
      await stage.finalise();
      expect((await stage.get(escrow.id)).status).to.equal('authorized');
    }
    expect(await funds()).to.deep.equal({ posted: before.posted - 3n * AMOUNT, held: before.held });
  });

  it('gives way to what is asked for next once the contract refused it, and frees the money', async () => {
    const before = await funds();
    const escrow = await created();
    const first = await ask(escrow.id);
    const signature = await treasuryWallet.signTypedData(escrow.authorization.eip3009.typedData);
    const bySignature = { action: 'authorize', way: 'eip3009', signature };
    expect((await stage.act(escrow.id, bySignature)).body.code, 'it may still go').to.equal('escrow_busy');
    await setLimit(0n);
    await turn();
    expect((await stage.asked(escrow.id, { action: 'cancel' })).state).to.equal('for_wallet');
    expect(await holdOf(first.id), 'for what we do not do').to.deep.include({ state: 'pending' });
    await stage.asked(escrow.id, bySignature);
    expect(await holdOf(first.id)).to.deep.include({ state: 'voided' });
    expect(await funds()).to.deep.equal(before);
    expect((await actionsOf(escrow.id)).map(({ state }) => state)).to.deep.equal(['failed', 'open']);
    await stage.carry();
    await setLimit(LIMIT.most);
    expect(await stage.get(escrow.id)).to.deep.include({ status: 'authorized' });
    expect(await funds()).to.deep.equal({ posted: before.posted - AMOUNT, held: before.held });
    expect(await stage.webhooksOf(escrow.id)).to.deep.equal(['escrow.action_failed', 'escrow.authorized']);
  });

  it('gives no way as long as what was sent for it could come back by a reorganisation', async () => {
    const escrow = await created();
    await ask(escrow.id);
    const signature = await treasuryWallet.signTypedData(escrow.authorization.eip3009.typedData);
    const bySignature = { action: 'authorize', way: 'eip3009', signature };
    // In the same block, and before it.
    await stage.chain.wallet(localAccounts.treasury).writeContract({
      ...stage.coin,
      ...{ functionName: 'approve', args: [stage.contract.address, 0n], gas: 100_000n },
    });
    await turn();
    expect(await callOf(escrow.id)).to.deep.include({ state: 'waiting', failures: 1 });
    expect((await stage.act(escrow.id, bySignature)).body.code).to.equal('escrow_busy');
    await stage.finalise();
    await stage.asked(escrow.id, bySignature);
    await approve(maxUint256);
    await stage.dueNow();
    await stage.carry();
    expect((await stage.get(escrow.id)).status).to.equal('authorized');
  });

  it('is booked once when the wallet was faster, and keeps nothing waiting afterwards', async () => {
    const before = await funds();
    const escrow = await created();
    const { id: actionId } = await ask(escrow.id);
    await setLimit(0n);
    await turn(); // refused, so it waits
    const { transaction } = escrow.authorization;
    await stage.chain
      .wallet(localAccounts.treasury)
      .sendTransaction({ to: transaction.to, data: transaction.data, gas: 500_000n } as never);
    await stage.mine();
    await stage.follow();
    expect(await funds()).to.deep.equal({ posted: before.posted, held: before.held + AMOUNT });
    await stage.mine(FINALITY_DEPTH);
    await stage.followLedger();
    expect(await funds()).to.deep.equal({ posted: before.posted - AMOUNT, held: before.held });
    await stage.follow();
    await setLimit(LIMIT.most);
    expect(await holdOf(actionId)).to.deep.include({ state: 'posted' });
    expect((await actionsOf(escrow.id))[0]?.state, 'closed although it was not due').to.equal('failed');
    await stage.asked(escrow.id, { action: 'void' });
    await stage.carry();
    expect((await stage.get(escrow.id)).status).to.equal('voided');
    expect(await funds()).to.deep.equal(before);
  });

  it('ends when the payer has cancelled the terms', async () => {
    const before = await funds();
    const escrow = await created();
    const { id: actionId } = await ask(escrow.id);
    const { transactions } = await stage.asked(escrow.id, { action: 'cancel' });
    await stage.send(transactions);
    await turn();
    await stage.finalise();
    expect((await stage.get(escrow.id)).status).to.equal('cancelled');
    expect(await holdOf(actionId)).to.deep.include({ state: 'voided' });
    expect(await funds()).to.deep.equal(before);
    expect(await stage.webhooksOf(escrow.id)).to.have.members(['escrow.cancelled', 'escrow.action_failed']);
  });

  for (const moment of ['before', 'after'] as const)
    it(`puts the money in once when the process dies ${moment} any of its commits`, async () => {
      let commit = 0;
      for (let hasDied = true; hasDied; ) {
        commit++;
        expect(commit).to.be.below(MOST_COMMITS);
        const before = await funds();
        const escrow = await created({ amount: { currency: 'USD', value: '3.00' } });
        await ask(escrow.id);
        const process = mortal(stage.database, commit, moment);
        await stage.carry(process.database).catch((error: unknown) => {
          if (!(error instanceof Died)) throw error;
        });
        hasDied = process.hasDied();
        await stage.carry();
        await stage.carry();
        expect(await funds(), `commit ${commit}`).to.deep.equal({
          posted: before.posted - 3_000_000n,
          held: before.held,
        });
        expect((await stage.stateOf(escrow.escrowId)).capturable).to.equal(3_000_000n);
        expect((await stage.get(escrow.id)).status).to.equal('authorized');
        expect(await stage.webhooksOf(escrow.id)).to.deep.equal(['escrow.authorized']);
      }
      expect(commit, 'commits that a process makes').to.be.greaterThan(6);
    });

  for (let depth = 1; depth <= FINALITY_DEPTH; depth++)
    it(`puts the money in once when ${depth} block(s) with it are undone`, async () => {
      const before = await funds();
      const escrow = await created();
      await ask(escrow.id);
      await stage.laneFree();
      const lane = createLane(stage.laneParts);
      const snapshot = await stage.chain.request('evm_snapshot');
      await lane.round();
      await stage.mine(depth);
      await lane.round();
      await stage.follow();
      await stage.chain.request('evm_revert', [snapshot]);
      await stage.mine(depth + 1);
      await stage.follow();
      expect(await funds()).to.deep.equal({ posted: before.posted, held: before.held + AMOUNT });
      expect((await stage.get(escrow.id)).status).to.equal('authorizing');
      await lane.round();
      await stage.mine();
      await lane.round();
      await stage.finalise();
      await lane.release();
      expect((await stage.get(escrow.id)).status).to.equal('authorized');
      expect(await funds()).to.deep.equal({ posted: before.posted - AMOUNT, held: before.held });
      expect(await stage.webhooksOf(escrow.id)).to.deep.equal(['escrow.authorized']);
    });

  it('frees the money at the deadline, and says why nothing came of it', async () => {
    const before = await funds();
    const escrow = await created();
    const { id: actionId } = await ask(escrow.id);
    await approve(0n);
    await turn();
    await stage.pass(3_700);
    await approve(maxUint256);
    expect((await stage.get(escrow.id)).status).to.equal('expired');
    expect(await statesOf(escrow.id)).to.include('authorize_expired');
    expect(await holdOf(actionId)).to.deep.include({ state: 'voided' });
    expect((await actionsOf(escrow.id))[0]).to.deep.include({ state: 'failed' });
    expect((await actionsOf(escrow.id))[0]?.reason).to.match(/^TransferFailed/);
    expect(await funds()).to.deep.equal(before);
    expect(await stage.webhooksOf(escrow.id)).to.have.members(['escrow.expired', 'escrow.action_failed']);
  });

  it('keeps the books in step with the chain through all of this', async () => {
    await stage.finalise();
    await stage.reconcile();
    const { rows } = await stage.database.query('select kind from settlement.breaks where closed_at is null');
    expect(rows).to.deep.equal([]);
    expect((await funds()).held).to.equal(0n);
  });
});
