/** Escrows from their terms to their end: each verb by whoever may, once under every fault, told to partner and timeline. */
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { type Hex, hexToBytes, type LocalAccount } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { readEscrowTrace } from '../../../../scripts/trace/escrow.ts';
import { subjectsOf } from '../../../../scripts/trace/subjects.ts';
import { statementOf } from '../../../../services/settlement/domains/accounts/statement.ts';
import type { AccountRow } from '../../../../services/settlement/domains/accounts/store.ts';
import { followEscrows } from '../../../../services/settlement/domains/escrow/follower.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { mintTo, randomBytes32 } from '../../../support/authorizations.ts';
import { type EscrowStage, startEscrowStage, timeOf } from '../../../support/escrowStage.ts';
import { Died, mortal } from '../../../support/mortal.ts';
import { FINALITY_DEPTH, freshWallet } from '../../../support/stage.ts';

/** More than a process makes between the first look at an action and its end; the test says when it has seen them all. */
const MOST_COMMITS = 40;
const OURS = { operator: 'corridor' };
const DISPUTABLE = { arbiter: 'corridor', rulingPeriodSeconds: 600, defaultPayeeBps: 2_500 };

describe('escrows: actions', function () {
  this.timeout(300_000);
  let stage: EscrowStage;
  before(async () => {
    stage = await startEscrowStage();
  });
  after(() => stage?.stop());

  const refusalOf = async (id: string, action: object) => {
    const { status, body } = await stage.act(id, action);
    expect([status, body.code], JSON.stringify(body)).to.deep.equal([422, 'escrow_action_refused']);
    return body.errors[0].code;
  };
  const statusOf = async (id: string) => (await stage.get(id)).status;
  const acted = async (id: string, action: object) => {
    expect((await stage.asked(id, action)).state).to.equal('open');
    await stage.carry();
  };
  /** What a party sends, as the API says it. */
  const sent = async (id: string, action: object) => {
    const { state, transactions } = await stage.asked(id, action);
    expect(state).to.equal('for_wallet');
    await stage.send(transactions);
    await stage.finalise();
  };

  /** The camt.053 of every day on which something of the account was booked. */
  const statementsOf = async (id: string) => {
    const { rows } = await stage.database.query<AccountRow & { day: string }>(
      `select distinct a.*, n.name as partner_name, (p.booked_at at time zone 'utc')::date::text as day
         from settlement.accounts a
         join settlement.partners n on n.id = a.partner_id
         join settlement.ledger_postings p on p.account_id = a.id where a.id = $1`,
      [id],
    );
    const written = await Promise.all(rows.map((row) => statementOf(stage.database, row, row.day)));
    return written.join('');
  };

  it('holds what the payer signed for the coin alone, and tells partner and timeline of each step', async () => {
    const escrow = await stage.create(OURS);
    expect(escrow).to.deep.include({
      status: 'created',
      funding: { needed: '100.00', balance: escrow.funding.balance, allowance: '0.00' },
    });
    expect(await stage.chain.client.getBalance({ address: stage.payer.address })).to.equal(0n);
    const signature = await stage.payer.signTypedData(escrow.authorization.eip3009.typedData);
    await stage.asked(escrow.id, { action: 'authorize', way: 'eip3009', signature });
    expect(await statusOf(escrow.id)).to.equal('authorizing');
    await stage.laneFree();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await stage.mine();
    await lane.round();
    await stage.follow();
    expect(await statusOf(escrow.id), 'a block that may be undone is not the end').to.equal('authorizing');
    await stage.finalise();
    await lane.release();
    const held = await stage.get(escrow.id);
    expect(held.status).to.equal('authorized');
    expect(held.authorization).to.equal(undefined);
    expect(held.balances).to.include({ authorized: '100.00', capturable: '100.00', captured: '0.00' });
    expect(held.events.map(({ state }: { state: string }) => state)).to.deep.equal([
      'created',
      'authorize_asked',
      'authorize_signed',
      'authorize_broadcast',
      'authorize_included',
      'authorize_final',
      'authorized',
    ]);
    expect(await stage.webhooksOf(escrow.id)).to.deep.equal(['escrow.authorized']);
    const list = await stage.partner.call('GET', '/v1/escrows?status=authorized&limit=1');
    expect(list.body.items.map(({ id }: { id: string }) => id)).to.deep.equal([escrow.id]);
    for (const [party, count] of [
      [escrow.terms.payee, 1],
      [stage.payer.address, 1],
      [stage.operator, 0],
    ] as const) {
      const { items } = (await stage.partner.call('GET', `/v1/escrows?limit=1&party=${party}`)).body;
      expect(items.length, party).to.equal(count);
    }
    const trace = await readEscrowTrace(stage.database, escrow.id);
    expect(new Set(trace?.moments.map(({ what }) => what))).to.deep.equal(
      new Set(['request', 'state', 'signature', 'transaction', 'event']),
    );
    expect(trace?.summary).to.deep.include(['status', 'authorized']);
  });

  it('holds what the payer signed in plain words, out of its allowance', async () => {
    const escrow = await stage.create();
    const { typedData, approve } = escrow.authorization.signature;
    expect(typedData.message.terms).to.deep.include({ payee: escrow.terms.payee, amount: '100000000' });
    const signature = await stage.payer.signTypedData(typedData);
    const request = { action: 'authorize', way: 'signature', signature };
    expect(await refusalOf(escrow.id, request)).to.equal('transfer_failed');
    await stage.send([approve]);
    await acted(escrow.id, request);
    expect(await statusOf(escrow.id)).to.equal('authorized');
  });

  it('takes in what the payer sends by itself', async () => {
    const escrow = await stage.create();
    await stage.send([escrow.authorization.signature.approve, escrow.authorization.transaction]);
    await stage.follow();
    expect(await statusOf(escrow.id), 'not final').to.equal('created');
    await stage.finalise();
    expect(await statusOf(escrow.id)).to.equal('authorized');
  });

  it('refuses another signature before anything is asked of the chain', async () => {
    const escrow = await stage.create();
    const stranger = privateKeyToAccount(generatePrivateKey());
    for (const way of ['signature', 'eip3009'] as const) {
      const signature = await stranger.signTypedData(escrow.authorization[way].typedData);
      expect(await refusalOf(escrow.id, { action: 'authorize', way, signature })).to.match(/signature/);
    }
    const { rowCount } = await stage.database.query(
      'select from settlement.escrow_actions where escrow_id = $1',
      [escrow.id],
    );
    expect(rowCount).to.equal(0);
  });

  it('captures by parts, one at a time, and ends when nothing is left', async () => {
    const escrow = await stage.authorized({
      ...OURS,
      minFeeBps: 100,
      maxFeeBps: 300,
      feeRecipient: freshWallet(),
    });
    expect(
      (await stage.asked(escrow.id, { action: 'capture', amount: '30.00', feeBps: 300 })).state,
    ).to.equal('open');
    const second = await stage.act(escrow.id, { action: 'capture', amount: '30.00' });
    expect([second.status, second.body.code]).to.deep.equal([409, 'escrow_busy']);
    await stage.carry();
    expect((await stage.get(escrow.id)).balances).to.include({ capturable: '70.00', captured: '30.00' });
    expect(await stage.balanceOf(escrow.terms.payee)).to.equal(29_100_000n);
    expect(await refusalOf(escrow.id, { action: 'capture', amount: '70.01' })).to.equal(
      'amount_out_of_bounds',
    );
    expect(await refusalOf(escrow.id, { action: 'capture', feeBps: 99 })).to.equal('fee_out_of_bounds');
    await acted(escrow.id, { action: 'capture' });
    expect(await stage.get(escrow.id)).to.deep.include({ status: 'captured' });
    expect(await stage.balanceOf(escrow.terms.payee)).to.equal(29_100_000n + 69_300_000n);
    expect(await stage.webhooksOf(escrow.id)).to.deep.equal([
      'escrow.authorized',
      'escrow.captured',
      'escrow.captured',
    ]);
    expect(await refusalOf(escrow.id, { action: 'void' })).to.equal('escrow_is_not_open');
  });

  it('captures milestones one after the other', async () => {
    const escrow = await stage.authorized({ ...OURS, milestones: ['60.00', '40.00'] });
    expect(await refusalOf(escrow.id, { action: 'capture', amount: '40.00' })).to.equal('milestone_mismatch');
    await acted(escrow.id, { action: 'capture' });
    expect(await stage.balanceOf(escrow.terms.payee)).to.equal(60_000_000n);
    await acted(escrow.id, { action: 'capture' });
    expect(await statusOf(escrow.id)).to.equal('captured');
    const { rows } = await stage.database.query(
      'select amount, is_captured from indexer.escrow_milestones where escrow_id = $1 order by position',
      [escrow.escrowId],
    );
    expect(rows).to.deep.equal([
      { amount: 60_000_000n, is_captured: true },
      { amount: 40_000_000n, is_captured: true },
    ]);
  });

  it('charges at once, and the payee refunds out of its own money', async () => {
    const payee = privateKeyToAccount(generatePrivateKey());
    await mintTo(stage.chain, payee.address, 1_000_000n);
    const escrow = await stage.create({ ...OURS, payee: payee.address });
    await stage.send([escrow.authorization.signature.approve]);
    const signature = await stage.payer.signTypedData(escrow.authorization.signature.typedData);
    await acted(escrow.id, { action: 'charge', signature });
    expect(await statusOf(escrow.id)).to.equal('captured');
    await sent(escrow.id, { action: 'refund', amount: '40.00' });
    expect(await stage.get(escrow.id)).to.deep.include({ status: 'captured' });
    await sent(escrow.id, { action: 'refund', amount: '60.00' });
    expect(await statusOf(escrow.id)).to.equal('refunded');
    expect(await refusalOf(escrow.id, { action: 'refund', amount: '0.01' })).to.equal('amount_out_of_bounds');
  });

  it('voids, by us as operator or by the payee', async () => {
    const [ours, theirs] = [await stage.authorized(OURS), await stage.authorized()];
    const before = await stage.balanceOf(stage.payer.address);
    await acted(ours.id, { action: 'void' });
    await sent(theirs.id, { action: 'void' });
    expect([await statusOf(ours.id), await statusOf(theirs.id)]).to.deep.equal(['voided', 'voided']);
    expect(await stage.balanceOf(stage.payer.address)).to.equal(before + 200_000_000n);
  });

  it('lets the payer capture where there is no operator', async () => {
    const escrow = await stage.authorized();
    await sent(escrow.id, { action: 'capture' });
    expect(await statusOf(escrow.id)).to.equal('captured');
  });

  it('releases what both have signed', async () => {
    const payee = privateKeyToAccount(generatePrivateKey());
    const escrow = await stage.authorized({ payee: payee.address });
    const { timestamp } = await stage.chain.client.getBlock();
    const split = {
      action: 'release',
      payeeAmount: '75.00',
      payerAmount: '25.00',
      deadline: timeOf(timestamp + 600n),
    };
    const { state, typedData } = await stage.asked(escrow.id, split);
    expect(state).to.equal('for_wallet');
    const payerSignature = await stage.payer.signTypedData(typedData);
    const forged = await refusalOf(escrow.id, { ...split, payerSignature, payeeSignature: payerSignature });
    expect(forged).to.equal('invalid_signature');
    const payeeSignature = await payee.signTypedData(typedData);
    await acted(escrow.id, { ...split, payerSignature, payeeSignature });
    expect(await stage.get(escrow.id)).to.deep.include({ status: 'released' });
    expect(await stage.balanceOf(payee.address)).to.equal(75_000_000n);
  });

  it('keeps what one party signed until the other has signed the same', async () => {
    const payee = privateKeyToAccount(generatePrivateKey());
    const escrow = await stage.authorized({ payee: payee.address });
    const { timestamp } = await stage.chain.client.getBlock();
    const split = (payeeAmount: string, payerAmount: string) => ({
      ...{ action: 'release', payeeAmount, payerAmount, deadline: timeOf(timestamp + 600n) },
    });
    const signed = async (wallet: LocalAccount, asked: object) =>
      wallet.signTypedData((await stage.asked(escrow.id, asked)).typedData);
    const [first, agreed] = [split('90.00', '10.00'), split('75.00', '25.00')];

    const stranger = await signed(stage.payer, first);
    expect(await refusalOf(escrow.id, { ...first, payeeSignature: stranger })).to.equal('invalid_signature');
    const tooMuch = split('90.00', '10.01');
    const payeeSignature = await signed(payee, tooMuch);
    expect(await refusalOf(escrow.id, { ...tooMuch, payeeSignature })).to.equal('split_mismatch');

    for (const [wallet, asked] of [
      [payee, first],
      [payee, agreed],
    ] as const) {
      const answer = await stage.asked(escrow.id, { ...asked, payeeSignature: await signed(wallet, asked) });
      expect(answer.state).to.equal('signed');
    }
    const offered = await stage.get(escrow.id);
    expect(offered.releases).to.deep.equal([
      {
        ...{ signedBy: 'payee', payeeAmount: '75.00', payerAmount: '25.00', feeBps: 0 },
        deadline: agreed.deadline.replace('Z', '.000Z'),
      },
    ]);
    expect(await stage.webhooksOf(escrow.id)).to.include('escrow.release_offered');

    // What the payee took back by signing another counts no more.
    const late = await stage.asked(escrow.id, { ...first, payerSignature: await signed(stage.payer, first) });
    expect(late.state).to.equal('signed');
    await acted(escrow.id, { ...agreed, payerSignature: await signed(stage.payer, agreed) });
    expect(await stage.get(escrow.id)).to.deep.include({ status: 'released', releases: [] });
    expect(await stage.balanceOf(payee.address)).to.equal(75_000_000n);
  });

  it('makes the call when both parties hand their signatures in at the same moment', async () => {
    const payee = privateKeyToAccount(generatePrivateKey());
    const escrow = await stage.authorized({ payee: payee.address });
    const { timestamp } = await stage.chain.client.getBlock();
    const split = { action: 'release', payeeAmount: '50.00', payerAmount: '50.00' };
    const asked = { ...split, deadline: timeOf(timestamp + 600n) };
    const { typedData } = await stage.asked(escrow.id, asked);
    const handIns = [
      { ...asked, payerSignature: await stage.payer.signTypedData(typedData) },
      { ...asked, payeeSignature: await payee.signTypedData(typedData) },
    ];
    const answers = await Promise.all(handIns.map((handIn) => stage.act(escrow.id, handIn)));
    // One of them may have to come again: it is told so.
    const [again] = handIns.filter((_, index) => answers[index]?.status === 409);
    if (again) expect((await stage.act(escrow.id, again)).body.state).to.equal('open');
    else expect(answers.map(({ body }) => body.state)).to.have.members(['signed', 'open']);
    await stage.carry();
    expect((await stage.get(escrow.id)).status).to.equal('released');
  });

  it('pays whoever presents the document behind the hash lock', async () => {
    const preimage = randomBytes32();
    const hashLock: Hex = `0x${createHash('sha256').update(hexToBytes(preimage)).digest('hex')}`;
    const escrow = await stage.authorized({ hashLock });
    expect(await refusalOf(escrow.id, { action: 'present', preimage: randomBytes32() })).to.equal(
      'preimage_mismatch',
    );
    await acted(escrow.id, { action: 'present', preimage });
    expect(await statusOf(escrow.id)).to.equal('captured');
  });

  it('takes a dispute from its opening to our ruling', async () => {
    const escrow = await stage.authorized({ ...OURS, ...DISPUTABLE });
    expect(await refusalOf(escrow.id, { action: 'rule', payeeBps: 1 })).to.equal('escrow_is_not_disputed');
    await sent(escrow.id, { action: 'dispute', by: 'payer', evidenceHash: randomBytes32() });
    const disputed = await stage.get(escrow.id);
    expect(disputed.status).to.equal('disputed');
    expect(disputed.rulingDeadline).to.match(/^20/);
    const path = `/v1/escrows?status=disputed&party=${disputed.terms.arbiter}`;
    const { items } = (await stage.partner.call('GET', path)).body;
    expect(items.map(({ id }: { id: string }) => id)).to.deep.equal([escrow.id]);
    await sent(escrow.id, { action: 'evidence', by: 'payee', evidenceHash: randomBytes32() });
    expect(await refusalOf(escrow.id, { action: 'capture' })).to.equal('escrow_is_disputed');
    await acted(escrow.id, { action: 'rule', payeeBps: 4_000, rulingHash: randomBytes32() });
    expect(await stage.get(escrow.id)).to.deep.include({ status: 'ruled' });
    expect(await stage.balanceOf(escrow.terms.payee)).to.equal(40_000_000n);
    expect(await stage.webhooksOf(escrow.id)).to.deep.equal(
      ['authorized', 'disputed', 'evidence_submitted', 'ruled'].map((type) => `escrow.${type}`),
    );
    const { rows } = await stage.database.query(
      'select outcome, evidence_count from indexer.escrow_disputes where escrow_id = $1',
      [escrow.escrowId],
    );
    expect(rows).to.deep.equal([{ outcome: 'DisputeRuled', evidence_count: 1n }]);
  });

  it('splits and refunds to the last digit, as an uneven ruling does', async () => {
    const escrow = await stage.authorized({ ...DISPUTABLE, amount: { currency: 'USD', value: '0.01' } });
    const { timestamp } = await stage.chain.client.getBlock();
    const uneven = { action: 'release', payeeAmount: '0.006666', payerAmount: '0.003334' };
    const offered = await stage.asked(escrow.id, { ...uneven, deadline: timeOf(timestamp + 600n) });
    expect(offered.typedData.message).to.include({ payeeAmount: '6666', payerAmount: '3334' });
    await sent(escrow.id, { action: 'dispute', by: 'payer' });
    await acted(escrow.id, { action: 'rule', payeeBps: 3_333 });
    expect((await stage.get(escrow.id)).balances.captured).to.equal('0.003333');
    expect(await refusalOf(escrow.id, { action: 'refund', amount: '0.0033330' })).to.equal(
      'amount_too_many_digits',
    );
    await sent(escrow.id, { action: 'refund', amount: '0.003333' });
    const { status, balances } = await stage.get(escrow.id);
    expect([status, balances.refunded]).to.deep.equal(['refunded', '0.003333']);
  });

  it('keeps a credit for a payee that is frozen, and says so', async () => {
    const frozen = stage.chain.accounts[4] as Hex;
    const escrow = await stage.authorized({ ...OURS, payee: frozen });
    await acted(escrow.id, { action: 'capture' });
    expect(await statusOf(escrow.id)).to.equal('captured');
    const { rows } = await stage.database.query(
      'select account, amount, withdrawn_block from indexer.credits where id = $1',
      [escrow.escrowId],
    );
    expect(rows).to.deep.equal([
      { account: frozen.toLowerCase(), amount: 100_000_000n, withdrawn_block: null },
    ]);
    expect(await refusalOf(escrow.id, { action: 'withdraw', account: frozen })).to.equal('transfer_failed');
  });

  it('ends as cancelled when the payer takes back what it signed, and as expired when time is over', async () => {
    const [cancelled, expired] = [await stage.create(), await stage.create()];
    await sent(cancelled.id, { action: 'cancel' });
    expect(await statusOf(cancelled.id)).to.equal('cancelled');
    await stage.chain.request('evm_increaseTime', [3_700]);
    await stage.mine();
    await stage.follow();
    expect(await statusOf(expired.id), 'no final block says so').to.equal('created');
    await stage.finalise();
    expect(await statusOf(expired.id)).to.equal('expired');
    expect(await stage.webhooksOf(expired.id)).to.deep.equal(['escrow.expired']);
  });

  it('is in the books of partners whose accounts it touches, with its reference, and posts nothing else', async () => {
    const payer = privateKeyToAccount(generatePrivateKey());
    const payee = freshWallet();
    await mintTo(stage.chain, payer.address, 150_000_000n);
    await stage.finalise();
    const [from, to] = [
      await stage.openAccount('USD', payer.address),
      await stage.openAccount('USD', payee),
    ] as [string, string];
    const escrow = await stage.authorized({ ...OURS, payee }, payer);
    await acted(escrow.id, { action: 'capture', amount: '60.00' });
    await acted(escrow.id, { action: 'void' });
    expect((await stage.funds(from))?.posted).to.equal(90_000_000n);
    expect((await stage.funds(to))?.posted).to.equal(60_000_000n);
    await stage.reconcile();
    const { rows: breaks } = await stage.database.query('select kind from settlement.breaks');
    expect(breaks).to.deep.equal([]);
    for (const [account, entries] of [
      [from, 2],
      [to, 1],
    ] as const) {
      const xml = await statementsOf(account);
      const count = (text: string) => xml.split(text).length - 1;
      expect(count(`<EndToEndId>${escrow.bankReference}</EndToEndId>`)).to.equal(entries);
      expect(count(`Escrow ${escrow.escrowId}`)).to.equal(entries);
    }

    await sent(escrow.id, { action: 'refund', amount: '20.00' });
    const trace = await readEscrowTrace(stage.database, escrow.id);
    const shown = trace?.moments.filter(({ what }) => what === 'posting').map(({ detail }) => detail) ?? [];
    expect(shown.map((detail) => detail.split(' ')[0])).to.have.members([
      ...['withdrawal', 'deposit', 'deposit'],
      ...['withdrawal', 'deposit'],
    ]);
    const { rows: postings } = await stage.database.query<{ id: string }>(
      'select id from settlement.ledger_postings where account_id = any($1)',
      [[from, to]],
    );
    expect(postings.length, 'and a deposit of the payer').to.equal(shown.length + 1);
    for (const { id } of postings) {
      const isShown = shown.some((detail) => detail.includes(id));
      expect(await subjectsOf(stage.database, id)).to.deep.equal(isShown ? [escrow.id] : []);
    }
  });

  it('shows and moves nothing of another partner', async () => {
    const escrow = await stage.authorized(OURS);
    const others = await stage.api.partner();
    for (const { status, body } of [
      await others.call('GET', `/v1/escrows/${escrow.id}`),
      await stage.act(escrow.id, { action: 'void' }, others),
      await stage.act('esc_nothing', { action: 'void' }),
    ])
      expect([status, body.code]).to.deep.equal([404, 'escrow_not_found']);
    expect((await others.call('GET', '/v1/escrows')).body.items).to.deep.equal([]);
  });

  it('gives the stored answer to a request that is repeated, and does it once', async () => {
    const escrow = await stage.authorized(OURS);
    const options = {
      body: JSON.stringify({ action: 'capture', amount: '10.00' }),
      idempotencyKey: `key-${escrow.id}`,
    };
    const path = `/v1/escrows/${escrow.id}/actions`;
    const first = await stage.partner.call('POST', path, options);
    await stage.carry();
    const second = await stage.partner.call('POST', path, options);
    expect(second.body).to.deep.equal(first.body);
    await stage.carry();
    expect((await stage.get(escrow.id)).balances.captured).to.equal('10.00');
  });

  for (const moment of ['before', 'after'] as const)
    it(`captures a part once when the process dies ${moment} any of its commits`, async () => {
      let commit = 0;
      for (let hasDied = true; hasDied; ) {
        commit++;
        expect(commit).to.be.below(MOST_COMMITS);
        const escrow = await stage.authorized({ ...OURS, amount: { currency: 'USD', value: '3.00' } });
        await stage.asked(escrow.id, { action: 'capture', amount: '1.00' });
        const process = mortal(stage.database, commit, moment);
        await stage.carry(process.database).catch((error: unknown) => {
          if (!(error instanceof Died)) throw error;
        });
        hasDied = process.hasDied();
        await stage.carry();
        await stage.carry();
        expect(await stage.balanceOf(escrow.terms.payee), `commit ${commit}`).to.equal(1_000_000n);
        expect((await stage.get(escrow.id)).balances.captured).to.equal('1.00');
        expect(await stage.webhooksOf(escrow.id)).to.deep.equal(['escrow.authorized', 'escrow.captured']);
      }
      expect(commit, 'commits that a process makes').to.be.greaterThan(6);
    });

  for (let depth = 1; depth <= FINALITY_DEPTH; depth++)
    it(`captures a part once when ${depth} block(s) with it are undone`, async () => {
      const escrow = await stage.authorized(OURS);
      await stage.asked(escrow.id, { action: 'capture', amount: '1.00' });
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
      expect((await stage.get(escrow.id)).balances.captured).to.equal('0.00');
      await lane.round();
      await stage.mine();
      await lane.round();
      await stage.finalise();
      await lane.release();
      expect((await stage.get(escrow.id)).balances.captured).to.equal('1.00');
      expect(await stage.balanceOf(escrow.terms.payee)).to.equal(1_000_000n);
      expect(await stage.webhooksOf(escrow.id)).to.deep.equal(['escrow.authorized', 'escrow.captured']);
    });

  it('does not repeat a part that the chain has already, when the database forgot that it was sent', async () => {
    const escrow = await stage.authorized(OURS);
    await stage.asked(escrow.id, { action: 'capture', amount: '10.00' });
    // What a backup from before the signature says, while the chain has the capture.
    const capture = await stage.database.query<{ data: Hex }>(
      `select data from settlement.calls c join settlement.escrow_actions a on a.call_id = c.id where a.escrow_id = $1 and a.verb = 'capture'`,
      [escrow.id],
    );
    await stage.send([
      { from: stage.operator, to: stage.contract.address, data: capture.rows[0]?.data as Hex },
    ]);
    await stage.carry();
    await stage.dueNow();
    await stage.carry();
    expect(await stage.balanceOf(escrow.terms.payee)).to.equal(10_000_000n);
    expect((await stage.webhooksOf(escrow.id)).at(-1)).to.equal('escrow.action_failed');
    const { events } = await stage.get(escrow.id);
    expect(events.find(({ state }: { state: string }) => state === 'capture_failed').detail.reason).to.match(
      /^StateChanged/,
    );
  });

  it('tells of each event once, with any number of followers', async () => {
    const escrow = await stage.authorized(OURS);
    await stage.asked(escrow.id, { action: 'void' });
    await stage.laneFree();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await stage.mine();
    await lane.round();
    await stage.mine(FINALITY_DEPTH + 1);
    await lane.release();
    const { database, chainId, lifecycle } = stage;
    const parts = { database, chainId, lifecycle, escrow: stage.contract.address };
    await stage.followLedger();
    await Promise.all(Array.from({ length: 5 }, () => followEscrows(parts)));
    expect(await stage.webhooksOf(escrow.id)).to.deep.equal(['escrow.authorized', 'escrow.voided']);
  });
});
