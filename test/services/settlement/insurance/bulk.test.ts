/** Many policies at once: ordered by one request, each issued by itself, all paid in batches. */
import { expect } from 'chai';
import { keep } from '../../../../services/settlement/domains/insurance/keeper.ts';
import { readPayable } from '../../../../services/settlement/domains/insurance/paying.ts';
import { type InsuranceStage, startInsuranceStage } from '../../../support/insuranceStage.ts';
import { freshWallet } from '../../../support/stage.ts';

/** More than one call pays. */
const MANY = 120;
const OPEN_LIMIT = MANY + 10;

describe('insurance: many policies', function () {
  this.timeout(300_000);
  let stage: InsuranceStage;
  before(async () => {
    stage = await startInsuranceStage({ POLICIES_OPEN: String(OPEN_LIMIT) });
  });
  after(() => stage?.stop());

  const orders = (count: number, subject: string) =>
    Promise.all(
      Array.from({ length: count }, async () => ({
        ...(await stage.order({ subject, insured: '10.00' })),
        maxPremium: { currency: 'USD', value: '1.00' },
        holder: freshWallet(),
      })),
    );
  const buy = async (count: number, subject: string) => {
    const policies = await orders(count, subject);
    const answer = await stage.partner.call('POST', '/v1/policy-batches', { policies });
    expect(answer.status, JSON.stringify(answer.body).slice(0, 500)).to.equal(201);
    return { policies, ...answer.body };
  };
  const inStatus = async (batch: string, status: string) => {
    const { rows } = await stage.database.query<{ count: bigint }>(
      'select count(*) from settlement.policies where batch_id = $1 and status = $2',
      [batch, status],
    );
    return Number(rows[0]?.count);
  };
  const turnUntil = async (what: string, isDone: () => Promise<boolean>) => {
    for (let turn = 0; turn < 60; turn++) {
      if (await isDone()) return turn;
      await stage.dueNow();
      await stage.turn();
      await stage.followInsurance();
    }
    throw new Error(`${what}: not within 60 turns`);
  };

  it('takes no more from a partner than it may have open, until some have ended', async () => {
    const { id } = await buy(10, 'CDG:AF9');
    const more = { policies: await orders(OPEN_LIMIT - 9, 'CDG:AF9') };
    const refused = await stage.partner.call('POST', '/v1/policy-batches', more);
    expect([refused.status, refused.body.code]).to.deep.equal([429, 'policies_open']);
    expect(refused.headers.get('retry-after')).to.equal('5');
    await stage.send(0, 'pauseProduct', [1n]);
    await stage.arrive((await stage.now()) + 700);
    await stage.carry();
    await stage.send(0, 'unpauseProduct', [1n]);
    await stage.mine();
    expect(await inStatus(id, 'failed')).to.equal(10);
    await buy(1, 'CDG:AF9');
    await turnUntil(
      'all ended',
      async () => (await stage.partner.call('GET', '/v1/policies?status=issued')).body.items.length === 1,
    );
  });

  it('issues all of a batch, each once, and pays all holders of the risk', async () => {
    const batch = await buy(MANY, 'CDG:AF1');
    expect(batch.policies).to.have.length(MANY);
    expect(batch.policies.map((policy: { holder: string }) => policy.holder)).to.have.length(MANY);
    const listed = await stage.partner.call('GET', `/v1/policies?batch=${batch.id}&limit=200`);
    expect(listed.body.items).to.have.length(MANY);
    await turnUntil('all issued', async () => (await inStatus(batch.id, 'issued')) === MANY);
    const { rows } = await stage.database.query(
      'select count(distinct policy_number) as numbers, count(distinct sequence) as orders from settlement.policies where batch_id = $1',
      [batch.id],
    );
    expect(rows).to.deep.equal([{ numbers: BigInt(MANY), orders: BigInt(MANY) }]);

    const [first] = batch.policies;
    await stage.arrive(Date.parse(first.windowEnd) / 1_000 + 1);
    await stage.observe(first, 'flight-delay-minutes', 500n);
    await stage.mine();
    await turnUntil('all paid', async () => (await inStatus(batch.id, 'paid')) === MANY);
    for (const { holder } of batch.policies) expect(await stage.balanceOf(holder)).to.equal(10_000_000n);
    const { rows: calls } = await stage.database.query(
      `select kind, count(*) as count from settlement.calls
        where kind in ('risk_settlement', 'policy_payment') group by kind order by kind`,
    );
    expect(calls).to.deep.equal([
      { kind: 'policy_payment', count: 1n },
      { kind: 'risk_settlement', count: 1n },
    ]);
  });

  it('takes batches in the order of settlement, and the fullest first while gas is dear', async () => {
    const few = await buy(1, 'LIS:TP1');
    const several = await buy(3, 'LIS:TP2');
    await turnUntil(
      'all issued',
      async () => (await inStatus(few.id, 'issued')) === 1 && (await inStatus(several.id, 'issued')) === 3,
    );
    const riskOf = async ({ policies }: { policies: { id?: string }[] }, id: string) => {
      expect(policies.length).to.be.greaterThan(0);
      const { rows } = await stage.database.query<{ risk_number: bigint }>(
        'select distinct risk_number from settlement.policies where batch_id = $1',
        [id],
      );
      return rows[0]?.risk_number as bigint;
    };
    const [one, three] = [await riskOf(few, few.id), await riskOf(several, several.id)];
    const [window] = (await stage.partner.call('GET', `/v1/policies?batch=${few.id}`)).body.items;
    await stage.arrive(Date.parse(window.windowEnd) / 1_000 + 1);
    for (const [subject, risk] of [
      ['LIS:TP1', one],
      ['LIS:TP2', three],
    ] as const) {
      await stage.observe({ ...window, subject }, 'flight-delay-minutes', 500n);
      await stage.mine();
      await stage.send(9, 'settleRisk', [risk]);
      await stage.mine();
    }
    const payable = async (isDear: boolean) =>
      (await readPayable(stage.database, stage.keeper(), isDear, 10)).map(({ riskNumber }) => riskNumber);
    expect(await payable(false)).to.deep.equal([one, three]);
    expect(await payable(true)).to.deep.equal([three, one]);
    await keep({ ...stage.keeper(), dearGasWei: 0n });
    // The lanes take calls in the order in which they were asked for.
    const { rows: asked } = await stage.database.query<{ risk_number: bigint }>(
      `select p.risk_number from settlement.calls c join settlement.policy_payments p on p.call_id = c.id
        where c.kind = 'policy_payment' and c.state = 'waiting' group by c.id, p.risk_number order by c.created_at, c.id`,
    );
    expect(asked.map(({ risk_number }) => risk_number)).to.deep.equal([three, one]);
    await turnUntil(
      'all paid',
      async () => (await inStatus(few.id, 'paid')) === 1 && (await inStatus(several.id, 'paid')) === 3,
    );
  });
});
