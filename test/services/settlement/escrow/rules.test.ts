/** Release rules: what they may be, and that each is done once when a final block or the bank's statement has it so. */
import { expect } from 'chai';
import { readEscrowTrace } from '../../../../scripts/trace/escrow.ts';
import { subjectsOf } from '../../../../scripts/trace/subjects.ts';
import { parseBankStatements } from '../../../../services/core/iso20022/bankStatement.ts';
import { toBytes32 } from '../../../../services/core/oracleReport.ts';
import { readAwaited } from '../../../../services/settlement/domains/escrow/awaited.ts';
import { storeBankStatements } from '../../../../services/settlement/domains/reconciliation/bankStatements.ts';
import { statementXml } from '../../../support/bankStatement.ts';
import { type EscrowStage, startEscrowStage, timeOf } from '../../../support/escrowStage.ts';
import { Died, mortal } from '../../../support/mortal.ts';
import { reportObservation } from '../../../support/observation.ts';
import { FINALITY_DEPTH } from '../../../support/stage.ts';

const OURS = { operator: 'corridor' };
const MOST_COMMITS = 15;
/** The lane's and the keeper's rounds that a rule of two steps takes at most. */
const ROUNDS = 4;

describe('escrows: release rules', function () {
  this.timeout(300_000);
  let stage: EscrowStage;
  let shipments = 0;
  before(async () => {
    stage = await startEscrowStage();
  });
  after(() => stage?.stop());

  /** Of a shipment of its own, whose window was over a minute ago. */
  const shipment = async () => {
    const now = Number((await stage.chain.client.getBlock()).timestamp);
    const subject = `shipment ${++shipments}`;
    const [windowStart, windowEnd] = [now - 120, now - 60];
    const window = {
      ...{ feed: toBytes32('shipment-delay-minutes'), subject: toBytes32(subject) },
      ...{ windowStart, windowEnd },
    };
    const when = {
      ...{ type: 'observation', feed: 'shipment-delay-minutes', subject },
      ...{ windowStart: timeOf(windowStart), windowEnd: timeOf(windowEnd) },
    };
    return { window, when };
  };
  /** Rounds of two keepers and of the lane until nothing is left to do. */
  const work = async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all([stage.keep(), stage.keep()]);
      await stage.carry();
    }
  };
  /** A debit of the reserve's bank. */
  const book = async (id: string, entry: { amount: string; endToEndId: string }) => {
    const entries = [{ direction: 'DBIT' as const, ...entry }];
    const parsed = parseBankStatements(
      statementXml({ id, date: '2026-11-20', opening: 1_000_000n, entries }),
    );
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
    await storeBankStatements(stage.database, 'USD', parsed.value);
  };
  const actionsOf = async (id: string) =>
    (
      await stage.database.query(
        `select verb, step, state from settlement.escrow_actions where escrow_id = $1 and asked_by = 'rule' order by id`,
        [id],
      )
    ).rows.map(({ verb, step, state }) => `${verb} ${step} ${state}`);

  it('pays the agreed part and sends the rest back when the shipment is late, by the quorum of the oracle', async () => {
    const { window, when } = await shipment();
    const escrow = await stage.authorized({
      ...OURS,
      releaseRules: [
        { when: { ...when, atMost: '60' }, do: { capture: 'all' } },
        { when: { ...when, atLeast: '61' }, do: { capture: '80.00', void: true } },
      ],
    });
    await work();
    expect(await actionsOf(escrow.id), 'nothing is known').to.deep.equal([]);
    const observation = await reportObservation(stage.chain, window, 90n);
    await stage.mine();
    await stage.follow();
    await stage.keep();
    expect(await actionsOf(escrow.id), 'it is not final').to.deep.equal([]);
    await stage.mine(FINALITY_DEPTH);
    await stage.follow();
    await work();
    expect(await actionsOf(escrow.id)).to.deep.equal(['capture rule 1.0 done', 'void rule 1.1 done']);
    const ended = await stage.get(escrow.id);
    expect(ended.status).to.equal('voided');
    expect(ended.balances).to.include({ captured: '80.00', returned: '20.00' });
    expect(ended.releaseRules.map(({ isDone }: { isDone: boolean }) => isDone)).to.deep.equal([false, true]);
    expect(await stage.webhooksOf(escrow.id)).to.deep.equal(
      ['authorized', 'rule_held', 'captured', 'voided'].map((type) => `escrow.${type}`),
    );
    const trace = await readEscrowTrace(stage.database, escrow.id);
    const observed = trace?.moments.filter(({ what }) => what === 'observation') ?? [];
    expect(observed.length, 'once, whichever of the rules it is for').to.equal(1);
    expect(observed[0]?.detail).to.match(new RegExp(`^90 for .* by ${observation}$`));
    expect(await subjectsOf(stage.database, observation)).to.deep.equal([escrow.id]);
  });

  describe('tell the oracle, and everybody, what they wait for', () => {
    const awaited = async () => {
      const answer = await fetch(`${stage.api.origin}/awaited-observations`);
      expect(answer.status).to.equal(200);
      return (await answer.json()) as { windows: { subject: string }[] };
    };
    const isAwaited = async ({ subject }: { subject: string }) =>
      (await readAwaited(stage.database, stage.chainId)).some((one) => one.subject === subject);
    const rulesFor = (when: object) => ({
      ...OURS,
      releaseRules: [{ when: { ...when, atMost: '60' }, do: { capture: 'all' } }],
    });

    it('from when money is held until the rule holds, and nothing else of the escrow', async () => {
      const { window, when } = await shipment();
      await stage.create(rulesFor(when));
      await stage.follow();
      expect(await isAwaited(window), 'nothing is held').to.equal(false);
      const escrow = await stage.authorized({ ...rulesFor(when), salt: `0x${'42'.repeat(32)}` });
      const { windows } = await awaited();
      expect(windows.filter(({ subject }) => subject === window.subject)).to.deep.equal([window]);
      await reportObservation(stage.chain, window, 60n);
      await stage.finalise();
      await work();
      expect((await stage.get(escrow.id)).status).to.equal('captured');
      expect(await isAwaited(window)).to.equal(false);
    });

    it('once a window is nearly over', async () => {
      const { window, when } = await shipment();
      const { timestamp } = await stage.chain.client.getBlock();
      await stage.authorized(rulesFor({ ...when, windowEnd: timeOf(timestamp + 5_000n) }));
      expect(await isAwaited(window)).to.equal(false);
      await stage.pass(1_500);
      expect(await isAwaited(window)).to.equal(true);
    });

    it('also beside more windows of another partner than a list has', async () => {
      const { window, when } = await shipment();
      const escrow = await stage.authorized(rulesFor(when));
      const other = await stage.api.partner();
      await stage.database.query(
        `with flood as (
           insert into settlement.escrows (id, partner_id, chain_id, contract, escrow_id, currency, units, terms, coin_name, signer,
             authorization_expiry, capture_expiry, refund_expiry, status)
           select 'esc_f' || lpad(n::text, 31, '0'), $2, chain_id, contract, '0xf' || lpad(n::text, 63, '0'), currency, units, terms,
                  coin_name, signer, authorization_expiry, capture_expiry, refund_expiry, 'authorized'
             from settlement.escrows, generate_series(1, 1100) as n where id = $1 returning id)
         insert into settlement.escrow_rules (escrow_id, position, asked, condition, steps, bank_reference)
         select f.id, 0, r.asked, r.condition || jsonb_build_object('windowStart', '0', 'windowEnd', '1', 'subject', '0x' || lpad(right(f.id, 8), 64, '0')),
                r.steps, r.bank_reference
           from flood f, settlement.escrow_rules r where r.escrow_id = $1`,
        [escrow.id, other.id],
      );
      expect((await readAwaited(stage.database, stage.chainId)).length).to.equal(1_000);
      expect(await isAwaited(window)).to.equal(true);
      await stage.database.query(`update settlement.escrows set status = 'reclaimed' where id like 'esc_f%'`);
    });
  });

  it('waits for nobody: disputes of others, however many, keep no rule from being done', async () => {
    const escrow = await stage.authorized({
      ...OURS,
      releaseRules: [{ when: { type: 'bank_payout' }, do: { capture: 'all' } }],
    });
    await stage.database.query(
      `with disputed as (
         insert into settlement.escrows (id, partner_id, chain_id, contract, escrow_id, currency, units, terms, coin_name, signer,
           authorization_expiry, capture_expiry, refund_expiry, status, ruling_deadline)
         select 'esc_' || lpad(n::text, 32, '0'), partner_id, chain_id, contract, '0x' || lpad(n::text, 64, '0'), currency, units, terms,
                coin_name, signer, authorization_expiry, capture_expiry, refund_expiry, 'disputed', capture_expiry
           from settlement.escrows, generate_series(1, 101) as n where id = $1 returning id)
       insert into settlement.escrow_rules (escrow_id, position, asked, condition, steps, bank_reference, held_block)
       select d.id, 0, asked, condition, steps, bank_reference, 1
         from disputed d, settlement.escrow_rules r where r.escrow_id = $1`,
      [escrow.id],
    );
    await book('behind disputes', { amount: '100.00', endToEndId: escrow.bankReference });
    await work();
    expect((await stage.get(escrow.id)).status).to.equal('captured');
  });

  it('takes nothing of a branch that was undone for a shipment', async () => {
    const { window, when } = await shipment();
    const releaseRules = [{ when: { ...when, atLeast: '1' }, do: { capture: 'all' } }];
    const escrow = await stage.authorized({ ...OURS, releaseRules });
    const snapshot = await stage.chain.request('evm_snapshot');
    await reportObservation(stage.chain, window, 5n);
    await stage.mine(FINALITY_DEPTH - 1);
    await stage.follow();
    await stage.keep();
    await stage.chain.request('evm_revert', [snapshot]);
    await stage.mine(FINALITY_DEPTH + 2);
    await stage.follow();
    await work();
    expect(await actionsOf(escrow.id)).to.deep.equal([]);
    expect((await stage.get(escrow.id)).status).to.equal('authorized');
  });

  it('pays when the bank’s statement has the payout under the escrow’s reference, and not for another', async () => {
    const escrow = await stage.authorized({
      ...OURS,
      releaseRules: [{ when: { type: 'bank_payout' }, do: { capture: 'all' } }],
    });
    await book('other', { amount: '100.00', endToEndId: 'somebody else' });
    await book('less', { amount: '99.99', endToEndId: escrow.bankReference });
    await work();
    expect(await actionsOf(escrow.id)).to.deep.equal([]);
    await book('right', { amount: '100.00', endToEndId: escrow.bankReference });
    await work();
    const { rows } = await stage.database.query<{ id: string }>(
      `with found as (
         insert into settlement.breaks (kind, currency, subject, observed_units, expected_units, closed_at)
         values ('bank_timing', 'USD', 'right/1', 0, 100000000, now()) returning id
       )
       select id from found union all select id from settlement.bank_statements where statement_id = 'right'`,
    );
    expect(rows.length).to.equal(2);
    for (const { id } of rows) expect(await subjectsOf(stage.database, id), id).to.deep.equal([escrow.id]);
    expect(await actionsOf(escrow.id)).to.deep.equal(['capture rule 0.0 done']);
    expect((await stage.get(escrow.id)).status).to.equal('captured');
  });

  it('takes one entry of the bank for one rule, and knows payouts of equal amounts by their references', async () => {
    const payout = (reference?: string) => ({
      when: { type: 'bank_payout', amount: '50.00', ...(reference && { reference }) },
      do: { capture: '50.00' },
    });
    const alike = await stage.authorized({ ...OURS, releaseRules: [payout(), payout()] });
    const told = await stage.authorized({ ...OURS, releaseRules: [payout('FIRST LEG'), payout('LAST LEG')] });
    await book('alike', { amount: '50.00', endToEndId: alike.bankReference });
    await book('last leg', { amount: '50.00', endToEndId: 'LAST LEG' });
    await book('no leg', { amount: '50.00', endToEndId: told.bankReference });
    await work();
    expect(await actionsOf(alike.id)).to.deep.equal(['capture rule 0.0 done']);
    expect(await actionsOf(told.id)).to.deep.equal(['capture rule 1.0 done']);
    await book('alike again', { amount: '50.00', endToEndId: alike.bankReference });
    await work();
    expect(await actionsOf(alike.id)).to.deep.equal(['capture rule 0.0 done', 'capture rule 1.0 done']);
  });

  it('gives up a rule that captures more than is left, and goes on with the others', async () => {
    const { timestamp } = await stage.chain.client.getBlock();
    const when = { type: 'time', at: timeOf(timestamp + 1_000n) };
    const escrow = await stage.authorized({
      ...OURS,
      releaseRules: [
        { when, do: { capture: '80.00', void: true } },
        { when, do: { capture: '20.00' } },
      ],
    });
    await stage.asked(escrow.id, { action: 'capture', amount: '30.00' });
    await stage.carry();
    await stage.pass(1_000);
    await work();
    expect(await actionsOf(escrow.id)).to.deep.equal(['capture rule 1.0 done']);
    const left = await stage.get(escrow.id);
    expect(left.status).to.equal('authorized');
    expect(left.balances).to.include({ captured: '50.00', capturable: '50.00', returned: '0.00' });
    expect(
      left.releaseRules.map(({ isDone, failure }: { isDone: boolean; failure: string | null }) => [
        isDone,
        failure,
      ]),
    ).to.deep.equal([
      [true, 'amount_not_held'],
      [true, null],
    ]);
    expect(await stage.webhooksOf(escrow.id)).to.include('escrow.rule_failed');
  });

  it('pays milestone by milestone when their times have come, by the chain’s time', async () => {
    const { timestamp } = await stage.chain.client.getBlock();
    const at = (seconds: bigint) => ({ type: 'time', at: timeOf(timestamp + seconds) });
    const escrow = await stage.authorized({
      ...OURS,
      milestones: ['60.00', '40.00'],
      releaseRules: [
        { when: at(1_000n), do: { capture: 'milestone' } },
        { when: at(2_000n), do: { capture: 'milestone' } },
      ],
    });
    await work();
    expect(await actionsOf(escrow.id)).to.deep.equal([]);
    await stage.pass(1_000);
    await work();
    expect(await stage.balanceOf(escrow.terms.payee)).to.equal(60_000_000n);
    await stage.pass(1_000);
    await work();
    expect(await actionsOf(escrow.id)).to.deep.equal(['capture rule 0.0 done', 'capture rule 1.0 done']);
    expect((await stage.get(escrow.id)).status).to.equal('captured');
  });

  for (const moment of ['before', 'after'] as const)
    it(`does a rule once when a keeper dies ${moment} any of its commits`, async () => {
      let commit = 0;
      for (let hasDied = true; hasDied; ) {
        commit++;
        expect(commit).to.be.below(MOST_COMMITS);
        const { timestamp } = await stage.chain.client.getBlock();
        const escrow = await stage.authorized({
          ...OURS,
          amount: { currency: 'USD', value: '3.00' },
          releaseRules: [
            { when: { type: 'time', at: timeOf(timestamp) }, do: { capture: '1.00', void: true } },
          ],
        });
        const process = mortal(stage.database, commit, moment);
        await stage.keep(process.database).catch((error: unknown) => {
          if (!(error instanceof Died)) throw error;
        });
        hasDied = process.hasDied();
        await work();
        expect(await actionsOf(escrow.id), `commit ${commit}`).to.deep.equal([
          'capture rule 0.0 done',
          'void rule 0.1 done',
        ]);
        expect(await stage.balanceOf(escrow.terms.payee)).to.equal(1_000_000n);
      }
      expect(commit, 'commits that a keeper makes').to.be.greaterThan(3);
    });

  it('never changes a rule', async () => {
    const { timestamp } = await stage.chain.client.getBlock();
    const when = { type: 'time', at: timeOf(timestamp + 1_000n) };
    const { id } = await stage.create({ ...OURS, releaseRules: [{ when, do: { void: true } }] });
    const refusal = (sql: string) =>
      stage.database.query(sql, [id]).then(
        () => 'done',
        (error: Error) => error.message,
      );
    for (const sql of [
      `update settlement.escrow_rules set steps = '[]' where escrow_id = $1`,
      'delete from settlement.escrow_rules where escrow_id = $1',
    ])
      expect(await refusal(sql)).to.equal('rules of an escrow never change');
  });

  for (const [what, when, place] of [
    ['subject', { feed: 'f', subject: 'NUL \u0000' }, 'subject'],
    ['subject', { feed: 'f', subject: 'half \ud800' }, 'subject'],
    ['reference', { type: 'bank_payout', reference: 'NUL \u0000' }, 'reference'],
  ] as const)
    it(`refuses a ${what} that is no text: ${JSON.stringify(when)}`, async () => {
      await stage.atWork();
      const window = { windowStart: '2020-01-01T00:00:00Z', windowEnd: '2020-01-02T00:00:00Z', atLeast: '1' };
      const rule = {
        when: 'type' in when ? when : { type: 'observation', ...window, ...when },
        do: { void: true },
      };
      const { status, body } = await stage.post(await stage.request({ ...OURS, releaseRules: [rule] }));
      expect([status, body.code], JSON.stringify(body)).to.deep.equal([400, 'request_invalid']);
      expect(
        body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`),
      ).to.deep.equal([`value_character /releaseRules/0/when/${place}`]);
    });

  const far = { type: 'time', at: '2090-01-01T00:00:00Z' };
  const soon = { type: 'time', at: '2020-01-01T00:00:00Z' };
  const seen = {
    ...{ type: 'observation', feed: 'shipment-delay-minutes', subject: 's', atLeast: '1' },
    ...{ windowStart: '2020-01-01T00:00:00Z', windowEnd: '2020-01-02T00:00:00Z' },
  };
  const refused: [what: string, over: object, rule: object, faults: string[]][] = [
    [
      'where we are not the operator',
      { operator: undefined },
      { when: soon, do: { void: true } },
      ['rule_needs_operator do'],
    ],
    ['for what comes too late', {}, { when: far, do: { void: true } }, ['rule_too_late when/at']],
    [
      'of more than there is',
      {},
      { when: soon, do: { capture: '100.01' } },
      ['rule_amount_out_of_bounds do/capture'],
    ],
    [
      'of a part beside milestones',
      { milestones: ['100.00'] },
      { when: soon, do: { capture: '1.00' } },
      ['rule_against_milestones do/capture'],
    ],
    [
      'of a milestone without any',
      {},
      { when: soon, do: { capture: 'milestone' } },
      ['rule_against_milestones do/capture'],
    ],
    [
      'of a window that ends before it begins',
      {},
      { when: { ...seen, windowEnd: '2019-01-01T00:00:00Z' }, do: { void: true } },
      ['window_invalid when/windowEnd'],
    ],
    [
      'for any value',
      {},
      { when: { ...seen, atLeast: undefined }, do: { void: true } },
      ['bounds_missing when'],
    ],
    [
      'for no value',
      {},
      { when: { ...seen, atMost: '0' }, do: { void: true } },
      ['bounds_empty when/atMost'],
    ],
    [
      'on a feed that the oracle does not have',
      {},
      { when: { ...seen, feed: 'shipment-delay-minute' }, do: { void: true } },
      ['feed_unknown when/feed'],
    ],
    [
      'on a feed of prices',
      {},
      { when: { ...seen, feed: 'EUR/USD' }, do: { void: true } },
      ['feed_unknown when/feed'],
    ],
    [
      'on more than the feed takes',
      {},
      { when: { ...seen, atLeast: '1000001' }, do: { void: true } },
      ['bounds_out_of_reach when/atLeast'],
    ],
    [
      'on less than the feed takes',
      {},
      { when: { ...seen, atLeast: undefined, atMost: '-1000001' }, do: { void: true } },
      ['bounds_out_of_reach when/atMost'],
    ],
  ];
  for (const [what, over, rule, faults] of refused)
    it(`refuses a rule ${what}`, async () => {
      await stage.atWork();
      const { status, body } = await stage.post(
        await stage.request({ ...OURS, ...over, releaseRules: [rule] }),
      );
      expect([status, body.code], JSON.stringify(body)).to.deep.equal([422, 'escrow_terms_refused']);
      expect(
        body.errors.map(({ code, pointer }: { code: string; pointer: string }) => `${code} ${pointer}`),
      ).to.deep.equal(faults.map((fault) => fault.replace(' ', ' /releaseRules/0/')));
    });
});
