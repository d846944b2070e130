/** Escrows out of an account when things go wrong: a restored backup, lanes that stop, limits that several share, coins that refuse. */
import { expect } from 'chai';
import { type Address, type Hex, maxUint256 } from 'viem';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { withTransaction } from '../../../../services/platform/database.ts';
import type { ActionRequest } from '../../../../services/settlement/domains/escrow/actionSchema.ts';
import type { Intent } from '../../../../services/settlement/domains/escrow/actions.ts';
import { followEscrows } from '../../../../services/settlement/domains/escrow/follower.ts';
import { findEscrow } from '../../../../services/settlement/domains/escrow/store.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { type EscrowStage, startEscrowStage } from '../../../support/escrowStage.ts';
import { localSigner } from '../../../support/lanes.ts';
import { FINALITY_DEPTH } from '../../../support/stage.ts';

const ACCOUNT = { action: 'authorize', way: 'account' } as const satisfies ActionRequest;
const OURS = { operator: 'corridor' };
const AMOUNT = 100_000_000n;
const MOST = 1_000_000_000_000n;
const DAY_SECONDS = 86_400;
/** An account of the chain that is nobody's yet. */
const OTHER_SIGNER = 12;

describe('escrows: out of an account, when things go wrong', function () {
  this.timeout(600_000);
  let stage: EscrowStage;
  let account: string;
  /** A second signer of ours, whom the treasury has given no limit. */
  let other: Address;
  before(async () => {
    stage = await startEscrowStage();
    account = await stage.openAccount('USD', stage.treasury, stage.partner.id);
    other = stage.chain.accounts[OTHER_SIGNER] as Address;
  });
  after(() => stage.stop());
  afterEach(async () => {
    await stage.database.query('update settlement.lanes set lease_until = null where signer = $1', [
      other.toLowerCase(),
    ]);
  });

  const created = (over: object = {}) => stage.create({ ...OURS, payer: stage.treasury, ...over });
  const ask = async (id: string) => {
    await stage.atWork();
    return stage.asked(id, ACCOUNT);
  };
  const codesOf = ({ body }: { body: { code: string; errors?: { code: string }[] } }) => [
    body.code,
    ...(body.errors ?? []).map(({ code }) => code),
  ];
  const refusalOf = async (id: string) => {
    await stage.atWork();
    return codesOf(await stage.act(id, ACCOUNT));
  };
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
  const setLimit = (limit: bigint, signer: Address = stage.operator) =>
    send(localAccounts.treasury, stage.contract, 'authorizeOperator', [
      signer,
      stage.coin.address,
      limit,
      DAY_SECONDS,
    ]);
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
  /** Says of another signer's lane what its process would. */
  const noteOther = (state: string) =>
    stage.database.query(
      `insert into settlement.lanes (chain_id, signer, next_nonce, epoch, state, owner, lease_until)
       values ($1, $2, 0, 1, $3, 'test', now() + interval '1 hour')
       on conflict (chain_id, signer) do update set state = $3, lease_until = now() + interval '1 hour'`,
      [stage.chainId, other.toLowerCase(), state],
    );
  const noteOurs = (state: string) =>
    stage.database.query('update settlement.lanes set state = $2 where signer = $1', [
      stage.operator.toLowerCase(),
      state,
    ]);
  /** Our lane has taken its next nonce for an action, and signed nothing yet. */
  const prepareFor = (actionId: string) =>
    stage.database.query(
      `insert into settlement.attempts (chain_id, signer, nonce, epoch, call_id, state, max_fee_per_gas,
                                        max_priority_fee_per_gas, gas, signed_at_block)
       select l.chain_id, l.signer, l.next_nonce, l.epoch, a.call_id, 'prepared', 10000000000, 1000000000, 500000, 1
         from settlement.lanes l, settlement.escrow_actions a where a.id = $1 and l.signer = $2`,
      [actionId, stage.operator.toLowerCase()],
    );
  /** As a backup from before it, once it is restored. */
  const forget = async (id: string) => {
    await stage.database.query(
      `with hold as (
         delete from settlement.holds
          where payment_id in (select id from settlement.escrow_actions where escrow_id = $1) and state = 'pending'
         returning ledger_account_id, amount)
       update settlement.ledger_accounts a set held = a.held - h.amount from hold h where a.id = h.ledger_account_id`,
      [id],
    );
    for (const table of ['escrow_actions', 'escrow_events', 'escrow_rules', 'escrow_reminders'])
      await stage.database.query(`delete from settlement.${table} where escrow_id = $1`, [id]);
    await stage.database.query('delete from settlement.escrows where id = $1', [id]);
    await stage.database.query('delete from settlement.idempotency_keys where partner_id = $1', [
      stage.partner.id,
    ]);
  };
  const setBalance = (wei: Hex) => stage.chain.request('hardhat_setBalance', [stage.operator, wei]);

  for (const [which, begin] of [
    ['same', () => stage.atWork()],
    ['other', () => Promise.all([noteOther('ready'), noteOurs('checking')])],
  ] as const)
    it(`puts nothing in twice when both requests are repeated after a backup was restored and the ${which} signer works`, async () => {
      const key = (name: string) => `${name}-by-the-${which}`;
      const request = JSON.stringify(await stage.request({ ...OURS, payer: stage.treasury }));
      await stage.atWork();
      const post = (path: string, body: string, idempotencyKey: string) =>
        stage.partner.call('POST', path, { body, idempotencyKey });
      const first = await post('/v1/escrows', request, key('a-cargo'));
      expect(first.status).to.equal(201);
      const { id } = first.body;
      const actions = `/v1/escrows/${id}/actions`;
      expect((await post(actions, JSON.stringify(ACCOUNT), key('its-money'))).status).to.equal(201);
      await stage.carry();
      expect((await stage.get(id)).status).to.equal('authorized');
      const balance = await stage.balanceOf(stage.treasury);
      await forget(id);
      await begin();
      const again = await post('/v1/escrows', request, key('a-cargo'));
      expect([again.status, ...codesOf(again)]).to.deep.equal([409, 'escrow_taken']);
      const asked = await post(actions, JSON.stringify(ACCOUNT), key('its-money'));
      expect([asked.status, ...codesOf(asked)]).to.deep.equal([404, 'escrow_not_found']);
      await stage.carry();
      expect(await stage.balanceOf(stage.treasury)).to.equal(balance);

      await stage.atWork();
      const another = await post('/v1/escrows', request, key('another-cargo'));
      expect(another.status, 'under another key it is another').to.equal(201);
    });

  it('takes the same terms once, whichever signer of ours works when they are repeated', async () => {
    const salt = `0x${'5a'.repeat(32)}`;
    const request = JSON.stringify(await stage.request({ ...OURS, payer: stage.treasury, salt }));
    const post = (idempotencyKey: string) =>
      stage.partner.call('POST', '/v1/escrows', { body: request, idempotencyKey });
    await stage.atWork();
    expect((await post('by-the-first')).status).to.equal(201);
    await Promise.all([noteOther('ready'), noteOurs('checking')]);
    const again = await post('by-the-other');
    expect([again.status, ...codesOf(again)]).to.deep.equal([409, 'escrow_taken']);
    await stage.atWork();
  });

  it('puts nothing in twice when the first transaction was still on its way at the restored backup’s repetition', async () => {
    const request = JSON.stringify(await stage.request({ ...OURS, payer: stage.treasury }));
    const post = (path: string, body: string, idempotencyKey: string) =>
      stage.partner.call('POST', path, { body, idempotencyKey });
    await stage.atWork();
    const first = await post('/v1/escrows', request, 'on-its-way');
    await ask(first.body.id);
    await stage.laneFree();
    const lane = createLane(stage.laneParts);
    await lane.round(); // sent, and in no block
    await lane.release();
    await forget(first.body.id);
    await Promise.all([noteOther('ready'), noteOurs('checking')]);
    const second = await post('/v1/escrows', request, 'on-its-way');
    expect(second.status, JSON.stringify(second.body)).to.equal(201);
    const balance = await stage.balanceOf(stage.treasury);
    await stage.mine();
    expect(await stage.balanceOf(stage.treasury)).to.equal(balance - AMOUNT);
    await setLimit(MOST, other);
    const asked = await stage.act(second.body.id, ACCOUNT);
    expect([asked.status, ...codesOf(asked)]).to.deep.equal([409, 'escrow_taken']);
    await setLimit(0n, other);
    await stage.atWork();
    await stage.finalise();
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

  it('goes by the signer whose limit is enough, whoever else works', async () => {
    await noteOther('not_operator');
    const escrows = [await created(), await created(), await created(), await created()];
    for (const { id } of escrows) {
      await ask(id);
      expect((await actionsOf(id))[0]).to.deep.include({ signer: stage.operator.toLowerCase() });
    }
    await stage.carry();
    for (const { id } of escrows) expect((await stage.get(id)).status).to.equal('authorized');
  });

  it('is refused when no signer that works has a limit that is enough, and put off when none works', async () => {
    const escrow = await created();
    await noteOther('ready');
    await setLimit(AMOUNT - 1n);
    expect(await refusalOf(escrow.id)).to.deep.equal(['escrow_action_refused', 'operator_limit_exceeded']);
    await setLimit(MOST);
    await stage.atWork();
    for (const state of ['unfunded', 'checking', 'signer_unavailable']) {
      await noteOurs(state);
      await noteOther(state);
      const { status, headers, body } = await stage.act(escrow.id, ACCOUNT);
      expect([status, body.code]).to.deep.equal([503, 'operator_unavailable']);
      expect(headers.get('retry-after')).to.equal('5');
    }
    expect(await actionsOf(escrow.id)).to.deep.equal([]);
  });

  for (const hasPrepared of [false, true])
    it(`is asked for again when its signer’s lane has stopped${hasPrepared ? ' right after it took a nonce for it' : ''}`, async () => {
      const before = await funds();
      const escrow = await created();
      const { id: first } = await ask(escrow.id);
      expect((await refusalOf(escrow.id))[0], 'as long as it works').to.equal('escrow_busy');
      await setLimit(MOST, other);
      await noteOther('not_operator');
      if (hasPrepared) await prepareFor(first);
      if (hasPrepared)
        await stage.database.query(
          'update settlement.lanes set next_nonce = next_nonce + 1 where signer = $1',
          [stage.operator.toLowerCase()],
        );
      await noteOurs('signer_unavailable');
      await stage.asked(escrow.id, ACCOUNT);
      expect((await actionsOf(escrow.id)).map(({ state, signer }) => [state, signer])).to.deep.equal([
        ['failed', stage.operator.toLowerCase()],
        ['open', other.toLowerCase()],
      ]);
      expect(await holdOf(first)).to.equal('voided');
      await stage.laneFree();
      await turn({ ...stage.laneParts, signer: localSigner(OTHER_SIGNER) });
      await turn();
      await stage.finalise();
      await setLimit(0n, other);
      expect((await stage.get(escrow.id)).status).to.equal('authorized');
      expect(await funds()).to.deep.equal({ posted: before.posted - AMOUNT, held: before.held });
    });

  it('counts what is under way towards the limit, also when two are asked for at the same moment', async () => {
    const one = await created();
    const two = await created();
    await setLimit((AMOUNT * 10n) / 6n);
    await ask(one.id);
    expect(await refusalOf(two.id)).to.deep.equal(['escrow_action_refused', 'operator_limit_exceeded']);
    await setLimit(2n * AMOUNT);
    await stage.carry();
    await ask(two.id);
    await stage.carry();

    const rivals = [await created(), await created()];
    await setLimit(MOST);
    await setLimit((AMOUNT * 10n) / 6n);
    await stage.atWork();
    const answers = await Promise.all(rivals.map(({ id }) => stage.act(id, ACCOUNT)));
    expect(answers.map(({ status }) => status)).to.have.members([201, 422]);
    const loser = answers.find(({ status }) => status === 422);
    expect(loser && codesOf(loser)).to.deep.equal(['escrow_action_refused', 'operator_limit_exceeded']);
    await stage.carry();
    await setLimit(MOST);
  });

  it('does not count what was refused and waits', async () => {
    const one = await created();
    const two = await created();
    const approve = (amount: bigint) =>
      send(localAccounts.treasury, stage.coin, 'approve', [stage.contract.address, amount]);
    await setLimit((AMOUNT * 10n) / 6n);
    const { id: refused } = await ask(one.id);
    await approve(0n);
    await stage.laneFree();
    await turn();
    await stage.database.query(
      `update settlement.calls set attempt_after = now() + interval '1 hour' where state = 'waiting' and failures = 1`,
    );
    await approve(maxUint256);
    await prepareFor(refused);
    expect((await refusalOf(two.id))[1], 'a lane is at it again').to.equal('operator_limit_exceeded');
    await stage.database.query(`delete from settlement.attempts where state = 'prepared'`);
    await ask(two.id);
    await stage.carry();
    expect((await stage.get(two.id)).status).to.equal('authorized');
    await turn();
    expect((await actionsOf(one.id))[0], 'it finds too little').to.deep.include({ call: 'waiting' });
    await setLimit(MOST);
    await stage.dueNow();
    await stage.carry();
    expect((await stage.get(one.id)).status).to.equal('authorized');
  });

  it('counts once what has used the limit up already, in a block that is not final', async () => {
    const one = await created();
    const two = await created();
    await setLimit(2n * AMOUNT);
    const { id } = await ask(one.id);
    await stage.laneFree();
    await turn();
    expect(await holdOf(id)).to.equal('pending');
    await ask(two.id);
    await stage.carry();
    await setLimit(MOST);
    for (const escrow of [one, two]) expect((await stage.get(escrow.id)).status).to.equal('authorized');
  });

  it('counts once what has used the limit up in a block that the index does not have yet', async () => {
    const escrows = [await created(), await created(), await created()] as const;
    const [one, two, three] = escrows;
    await setLimit(2n * AMOUNT);
    await ask(one.id);
    await stage.laneFree();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await lane.release();
    const behind = await stage.database.connect();
    try {
      await behind.query('begin; lock table indexer.cursors in share mode');
      await stage.chain.request('evm_mine');
      await ask(two.id);
      await stage.chain.wallet(localAccounts.treasury).writeContract({
        ...stage.contract,
        ...{ functionName: 'authorizeOperator', gas: 1_000_000n },
        args: [stage.operator, stage.coin.address, MOST, DAY_SECONDS],
      });
      await stage.chain.request('evm_mine');
      await ask(three.id);
    } finally {
      await behind.query('rollback');
      behind.release();
    }
    await stage.indexed();
    await stage.carry();
    for (const { id } of escrows) expect((await stage.get(id)).status).to.equal('authorized');
  });

  it('goes by a limit that was lowered in a block that the index does not have yet', async () => {
    const escrow = await created();
    const behind = await stage.database.connect();
    try {
      await behind.query('begin; lock table indexer.cursors in share mode');
      await stage.chain.wallet(localAccounts.treasury).writeContract({
        ...stage.contract,
        ...{ functionName: 'authorizeOperator', gas: 1_000_000n },
        args: [stage.operator, stage.coin.address, 0n, DAY_SECONDS],
      });
      await stage.chain.request('evm_mine');
      expect((await refusalOf(escrow.id))[1]).to.equal('operator_limit_exceeded');
    } finally {
      await behind.query('rollback');
      behind.release();
    }
    await stage.indexed();
    await setLimit(MOST);
  });

  it('names the contract’s own reason, not too little money, when the coin refuses', async () => {
    const escrow = await created();
    const admin = (functionName: string, args: unknown[]) =>
      send(localAccounts.admin, stage.coin, functionName, args);
    await admin('freeze', [stage.contract.address]);
    expect(await refusalOf(escrow.id)).to.deep.equal(['escrow_action_refused', 'transfer_failed']);
    await admin('unfreeze', [stage.contract.address]);
    await admin('pause', []);
    expect(await refusalOf(escrow.id)).to.deep.equal(['escrow_action_refused', 'transfer_failed']);
    await admin('unpause', []);
    await ask(escrow.id);
    await stage.carry();
    expect((await stage.get(escrow.id)).status).to.equal('authorized');
  });

  it('does not give way once its own transaction has put the money in, though its lane thought it gone', async () => {
    const escrow = await created();
    await ask(escrow.id);
    await stage.laneFree();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await stage.mine();
    await lane.release();
    await stage.database.query(
      `update settlement.calls set state = 'waiting', failures = 1, attempt_after = now() + interval '1 hour'
        where id = (select call_id from settlement.escrow_actions where escrow_id = $1)`,
      [escrow.id],
    );
    await stage.mine(FINALITY_DEPTH + 1);
    await stage.followLedger();
    const { database, chainId, lifecycle, contract } = stage;
    await followEscrows({ database, chainId, escrow: contract.address, lifecycle });
    expect((await stage.get(escrow.id)).status).to.equal('authorized');
    await stage.atWork();
    expect((await stage.act(escrow.id, { action: 'capture' })).body.code).to.equal('escrow_busy');
    await stage.finalise();
    expect((await actionsOf(escrow.id))[0]).to.deep.include({ state: 'done', call: 'waiting' });
    await stage.asked(escrow.id, { action: 'capture' });
    await stage.dueNow();
    await stage.carry();
    expect((await actionsOf(escrow.id)).map(({ state, call }) => [state, call])).to.deep.equal([
      ['done', 'final'],
      ['done', 'final'],
    ]);
    expect(await stage.webhooksOf(escrow.id)).to.deep.equal(['escrow.authorized', 'escrow.captured']);
  });

  it('is done when its own transaction has put the money in, though the lane has stopped since', async () => {
    const before = await funds();
    const escrow = await created();
    await ask(escrow.id);
    await stage.laneFree();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await lane.release();
    await stage.mine();
    await stage.finalise();
    expect(await actionsOf(escrow.id)).to.deep.equal([
      { verb: 'authorize', state: 'done', call: 'broadcast', signer: stage.operator.toLowerCase() },
    ]);
    expect(await funds()).to.deep.equal({ posted: before.posted - AMOUNT, held: before.held });
    await stage.atWork();
    await stage.asked(escrow.id, { action: 'capture' });
    await stage.carry();
    expect((await actionsOf(escrow.id)).map(({ state, call }) => [state, call])).to.deep.equal([
      ['done', 'final'],
      ['done', 'final'],
    ]);
    const { events } = await stage.get(escrow.id);
    const told = events.filter(({ state }: { state: string }) => state === 'authorize_final');
    expect(told, 'told once').to.have.length(1);
    expect(await stage.webhooksOf(escrow.id)).to.deep.equal(['escrow.authorized', 'escrow.captured']);
  });

  it('waits the longer the more transactions reverted, whichever call they were of', async () => {
    const escrow = await created();
    const allowing = (amount: bigint) => [stage.contract.address, amount] as const;
    /** Seconds from its beginning, or from its last failure, to the next time that the newest call is tried. */
    const pauseOf = async () => {
      const { rows } = await stage.database.query(
        `select state, failures, reverts_before, extract(epoch from attempt_after - updated_at)::int as pause
           from settlement.calls where id = (select call_id from settlement.escrow_actions
                                              where escrow_id = $1 order by id desc limit 1)`,
        [escrow.id],
      );
      return rows[0];
    };
    for (const [reverts, pause, after] of [
      [0, 0, 4],
      [1, 4, 16],
      [2, 16, 64],
    ]) {
      await ask(escrow.id);
      expect(await pauseOf()).to.deep.equal({
        state: 'waiting',
        failures: 0,
        reverts_before: reverts,
        pause,
      });
      // In the same block, and before it.
      await stage.chain.wallet(localAccounts.treasury).writeContract({
        ...stage.coin,
        ...{ functionName: 'approve', args: allowing(0n), gas: 100_000n },
      });
      await stage.laneFree();
      await turn();
      expect(await pauseOf()).to.deep.equal({
        ...{ state: 'waiting', failures: 1, reverts_before: reverts, pause: after },
      });
      await send(localAccounts.treasury, stage.coin, 'approve', [...allowing(maxUint256)]);
      await stage.finalise();
    }
    await ask(escrow.id);
    await ask(escrow.id); // what waits that long is in nobody's way
    expect(await pauseOf()).to.deep.include({ reverts_before: 3, pause: 64 });
    await stage.dueNow();
    await stage.carry();
    expect((await stage.get(escrow.id)).status).to.equal('authorized');
    await stage.atWork();
    await stage.asked(escrow.id, { action: 'capture' });
    expect(await pauseOf(), 'its reverts are nobody else’s').to.deep.include({ reverts_before: 0, pause: 0 });
    await stage.carry();
  });

  for (const [state, hold] of [
    ['failed', 'voided'],
    ['done', 'posted'],
  ] as const)
    it(`ends what is reserved for an action that a process without reservations took for ${state}`, async () => {
      const before = await funds();
      const escrow = await created();
      const { id } = await ask(escrow.id);
      await stage.laneFree();
      if (state === 'done') await turn();
      else
        await stage.database.query(
          `update settlement.calls set state = 'failed'
            where id = (select call_id from settlement.escrow_actions where id = $1)`,
          [id],
        );
      await stage.database.query(
        'update settlement.escrow_actions set state = $2, ended_at = now() where id = $1',
        [id, state],
      );
      expect(await holdOf(id)).to.equal('pending');
      await stage.finalise();
      expect(await holdOf(id)).to.equal(hold);
      const paid = state === 'done' ? AMOUNT : 0n;
      expect(await funds()).to.deep.equal({ posted: before.posted - paid, held: before.held });
    });

  it('begins nothing upon what an escrow was when it was looked at', async () => {
    const escrow = await created();
    await stage.atWork();
    const row = await findEscrow(stage.database, stage.partner.id, escrow.id);
    const { actions, database } = stage;
    const assessed = await actions.assess(database, row as NonNullable<typeof row>, ACCOUNT);
    await putInByWallet(escrow);
    await stage.finalise();
    const begun = await withTransaction(database, (tx) =>
      actions.begin(tx, assessed, assessed.intent as Intent, { askedBy: 'partner', step: 'late' }),
    );
    expect(begun).to.equal(undefined);
    expect(await actionsOf(escrow.id)).to.deep.equal([]);
  });

  it('keeps the books in step with the chain through all of this', async () => {
    await stage.finalise();
    await stage.reconcile();
    const { rows } = await stage.database.query('select kind from settlement.breaks where closed_at is null');
    expect(rows).to.deep.equal([]);
    expect((await funds()).held).to.equal(0n);
  });
});
