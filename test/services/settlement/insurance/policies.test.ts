/** Policies from the quote to the payout: each issued once and paid once, whatever dies or is undone meanwhile. */
import { expect } from 'chai';
import { localProductsFile } from '../../../../scripts/deploy/localProducts.ts';
import { readPolicyTrace } from '../../../../scripts/trace/policy.ts';
import { readQuoteTrace } from '../../../../scripts/trace/quote.ts';
import { subjectsOf } from '../../../../scripts/trace/subjects.ts';
import { bankReference } from '../../../../services/core/iso20022/reference.ts';
import { parseMoney } from '../../../../services/core/money.ts';
import { createLogger } from '../../../../services/platform/log.ts';
import { createMetrics } from '../../../../services/platform/metrics.ts';
import { registerInsuranceMetrics } from '../../../../services/settlement/domains/insurance/metrics.ts';
import { readProducts } from '../../../../services/settlement/domains/insurance/products.ts';
import { DAY, type InsuranceStage, startInsuranceStage } from '../../../support/insuranceStage.ts';
import { FINALITY_DEPTH } from '../../../support/stage.ts';

const units = ({ value }: { value: string }) => {
  const [whole = '', fraction = ''] = value.split('.');
  return BigInt(whole + fraction.padEnd(6, '0'));
};

interface Insured {
  insured: { value: string };
  premium: { value: string };
  claim: { amount: { value: string } };
}

describe('insurance: policies', function () {
  this.timeout(240_000);
  let stage: InsuranceStage;
  before(async () => {
    stage = await startInsuranceStage();
  });
  after(() => stage?.stop());
  beforeEach(() => stage.freeLane());

  it('sells what was quoted, at the price of the contract, and shows the premium in the books', async () => {
    const cover = await stage.flight({ insured: '100.00' });
    const { status, body: quote } = await stage.partner.call('POST', '/v1/quotes/insurance', cover);
    expect(status).to.equal(201);
    const block = await stage.chain.client.getBlock({ blockNumber: BigInt(quote.blockNumber) });
    expect(quote.blockHash).to.equal(block.hash);
    expect(units(quote.premium.total)).to.equal(
      units(quote.premium.expectedLoss) + units(quote.premium.load) + units(quote.premium.capitalCharge),
    );
    expect(quote.tiers.map(({ payout }: { payout: { value: string } }) => payout.value)).to.deep.equal([
      '25.00',
      '50.00',
      '100.00',
    ]);
    expect(await subjectsOf(stage.database, quote.id), 'nothing is ordered').to.deep.equal([]);
    expect((await readQuoteTrace(stage.database, quote.id))?.summary).to.deep.include.members([
      ['product', 'flight-delay, FRA:LH400'],
      ['insured', '100.00 USD'],
      ['valid until', quote.validUntil],
      ['ordered', 'nothing by this quote'],
    ]);
    const before = await stage.funds(stage.account);
    const order = { quote: quote.id, account: stage.account, holder: stage.wallet(12), reference: 'C-1' };
    const bought = await stage.partner.call('POST', '/v1/policies', order);
    expect(bought.status, JSON.stringify(bought.body)).to.equal(201);
    const { id } = bought.body;
    expect(bought.body).to.include({ status: 'accepted', reference: 'C-1', quote: quote.id });
    const { rows: requests } = await stage.database.query<{ key: string }>(
      `select key from settlement.idempotency_keys where response_body::jsonb ->> 'id' = $1`,
      [id],
    );
    const key = requests[0]?.key ?? '';
    for (const one of [quote.id, stage.account, stage.partner.id, bankReference(id), 'C-1', key])
      expect(await subjectsOf(stage.database, one), one).to.deep.equal([id]);
    const trace = await readPolicyTrace(stage.database, id);
    expect(trace?.summary).to.deep.include(['quote', quote.id]);
    expect(trace?.moments.map(({ detail }) => detail.split(' answered')[0])).to.include.members([
      'POST /v1/quotes/insurance',
      'POST /v1/policies',
    ]);
    expect(bought.body.holder).to.equal(stage.wallet(12).toLowerCase());
    expect((await stage.funds(stage.account))?.held).to.equal(
      (before?.held ?? 0n) + parseMoney('USD', quote.maxPremium.value).units,
    );

    await stage.carry();
    const policy = await stage.policy(id);
    expect(policy.status, JSON.stringify(policy)).to.equal('issued');
    expect(await subjectsOf(stage.database, policy.policyNumber)).to.deep.equal([id]);
    const paid = units(policy.premium);
    expect(paid <= units(quote.premium.total)).to.equal(true);
    expect(await stage.postings()).to.deep.equal([{ kind: 'premium', units: -paid }]);
    expect((await stage.funds(stage.account))?.held).to.equal(before?.held);
    expect(await stage.webhooksOf(id)).to.deep.equal(['policy.issued']);
    const [onChain] = await stage.chain.client.readContract({
      ...stage.cover,
      functionName: 'policyOf',
      args: [BigInt(policy.policyNumber)],
    });
    expect(onChain.holder.toLowerCase()).to.equal(policy.holder);
    expect(policy.events.map(({ state }: { state: string }) => state)).to.deep.equal([
      'accepted',
      'call_signed',
      'call_broadcast',
      'call_included',
      'call_final',
      'issued',
    ]);
  });

  it('books the premium with its block, whatever the follower of policies does', async () => {
    const before = await stage.funds(stage.account);
    const { id, maxPremium } = await stage.buy({ subject: 'LHR:BA117' });
    const reserved = parseMoney('USD', '100.00').units;
    expect(maxPremium).to.deep.equal({ currency: 'USD', value: '100.00' });
    const open = { posted: before?.posted, held: (before?.held ?? 0n) + reserved };
    for (let turn = 0; turn < 3; turn++) {
      await stage.dueNow();
      await stage.turn();
    }
    await stage.follow();
    expect(await stage.funds(stage.account), 'a block that may be undone books nothing').to.deep.include(
      open,
    );
    await stage.mine(FINALITY_DEPTH + 1);
    await stage.follow();
    expect((await stage.policy(id)).status).to.equal('processing');
    const booked = await stage.funds(stage.account);
    expect(booked?.held).to.equal(before?.held);
    const premium = (await stage.postings()).at(-1);
    await stage.followInsurance();
    const policy = await stage.policy(id);
    expect(policy.status).to.equal('issued');
    expect(premium).to.deep.equal({ kind: 'premium', units: -units(policy.premium) });
    expect(await stage.funds(stage.account)).to.deep.equal(booked);
  });

  it('has a cover note as soon as it is issued, and none before', async () => {
    const bought = await stage.buy({ subject: 'AMS:KL605' });
    const path = `/v1/policies/${bought.id}/document`;
    const early = await stage.partner.call('GET', path);
    expect([early.status, early.body.code]).to.deep.equal([409, 'policy_not_issued']);
    await stage.carry();
    for (const lang of ['en', 'zh']) {
      const { status, headers, body } = await stage.partner.call('GET', `${path}?lang=${lang}`);
      expect([status, headers.get('content-type')]).to.deep.equal([200, 'application/pdf']);
      expect(body.slice(0, 5)).to.equal('%PDF-');
    }
    const unknown = await stage.partner.call('GET', `${path}?lang=fr`);
    expect([unknown.status, unknown.body.code]).to.deep.equal([400, 'request_invalid']);
  });

  it('pays by itself when the oracle has observed what was insured', async () => {
    const bought = await stage.buy({ subject: 'FRA:LH720' });
    await stage.carry();
    await stage.arrive(Date.parse(bought.windowEnd) / 1_000 + 1);
    await stage.turn();
    expect((await stage.policy(bought.id)).status).to.equal('issued');
    const observation = await stage.observe(bought, 'flight-delay-minutes', 130n);
    await stage.mine();
    await stage.carry();
    const policy = await stage.policy(bought.id);
    expect(policy.status, JSON.stringify(policy)).to.equal('paid');
    expect(policy.claim).to.include({ observation: '130', payoutPercent: '50.00', status: 'paid' });
    expect(policy.claim.amount).to.deep.equal({ currency: 'USD', value: '50.00' });
    expect(await stage.balanceOf(bought.holder)).to.equal(50_000_000n);
    expect(await stage.webhooksOf(bought.id)).to.deep.equal([
      'policy.issued',
      'policy.payable',
      'policy.paid',
    ]);
    const trace = await readPolicyTrace(stage.database, bought.id);
    expect(new Set(trace?.moments.map(({ what }) => what))).to.deep.equal(
      new Set([
        ...['request', 'ledger', 'state', 'call', 'signature', 'transaction', 'event'],
        ...['observation', 'posting', 'bank message'],
      ]),
    );
    const details = (kind: string) =>
      trace?.moments.filter(({ what }) => what === kind).map(({ detail }) => detail);
    expect(details('ledger')).to.deep.equal(['100.00 USD held for it', 'the hold of 100.00 USD is posted']);
    const window = `${new Date(bought.windowStart).toISOString()} to ${new Date(bought.windowEnd).toISOString()}`;
    expect(details('observation')?.length).to.equal(1);
    expect(details('observation')?.[0]).to.match(new RegExp(`^130 for ${window}, .* by ${observation}$`));
    expect(await subjectsOf(stage.database, observation)).to.deep.equal([bought.id]);
    expect(details('posting')?.length).to.equal(1);
    const [, posting = ''] = details('posting')?.[0]?.split(' ') ?? [];
    expect(details('posting')?.[0]).to.match(/^premium pst_\w+ for block .*: chain .* USD, .*funds -/);
    expect(await subjectsOf(stage.database, posting)).to.deep.equal([bought.id]);
    const { rows: breaks } = await stage.database.query<{ id: string }>(
      `insert into settlement.breaks (kind, currency, subject, observed_units, expected_units, closed_at)
       values ('policy', 'USD', $1 || '/insured', 1, 0, now()) returning id`,
      [policy.policyNumber],
    );
    expect(await subjectsOf(stage.database, breaks[0]?.id ?? '')).to.deep.equal([bought.id]);
    expect(trace?.summary).to.deep.include(['status', 'paid']);
    for (const calls of ['risk_openings', 'risk_settlements', 'policy_payments', 'policies'] as const) {
      const { rows } = await stage.database.query<{ call_id: string }>(
        `select call_id from settlement.${calls} where call_id is not null`,
      );
      const told = await Promise.all(rows.map((row) => subjectsOf(stage.database, row.call_id)));
      expect(told.flat(), calls).to.include(bought.id);
    }
    expect((await stage.partner.call('GET', `/v1/policies/${bought.id}/claims`)).body.items).to.deep.equal([
      policy.claim,
    ]);
    expect((await stage.partner.call('GET', '/v1/claims?status=paid')).body.items).to.deep.equal([
      policy.claim,
    ]);
  });

  it('ends without a payout when the observation reaches no tier', async () => {
    const bought = await stage.buy({ subject: 'HKG:CX289' });
    await stage.carry();
    await stage.arrive(Date.parse(bought.windowEnd) / 1_000 + 1);
    await stage.observe(bought, 'flight-delay-minutes', 59n);
    await stage.mine();
    await stage.carry();
    expect(await stage.policy(bought.id)).to.include({ status: 'expired' });
    expect(await stage.balanceOf(bought.holder)).to.equal(0n);
  });

  it('gives the unearned premium back when the oracle stays silent', async () => {
    const bought = await stage.buy({ subject: 'SIN:SQ322' });
    await stage.carry();
    await stage.arrive(Date.parse(bought.windowEnd) / 1_000 + 2 * DAY + 2);
    await stage.carry();
    const policy = await stage.policy(bought.id);
    expect(policy.status, JSON.stringify(policy)).to.equal('refunded');
    const back = units(policy.premium) - units(policy.capitalCharge);
    expect(units(policy.claim.amount)).to.equal(back);
    expect((await stage.postings()).at(-1)).to.deep.equal({ kind: 'premium_refund', units: back });
    const trace = await readPolicyTrace(stage.database, bought.id);
    const booked = trace?.moments.filter(({ what }) => what === 'posting');
    expect(booked?.map(({ detail }) => detail.split(' ')[0])).to.deep.equal(['premium', 'premium_refund']);
  });

  it('shows the pool and how each product has done, in step with the contract', async () => {
    const { status, body } = await stage.partner.call('GET', '/v1/insurance/pool');
    expect(status).to.equal(200);
    const [flights] = body.products;
    expect(flights.product).to.equal('flight-delay');
    const policies = (await stage.partner.call('GET', '/v1/policies')).body.items;
    const open = policies.filter((policy: { status: string }) => policy.status === 'issued');
    expect(flights.openPolicies).to.equal(open.length);
    const sum = (of: { value: string }[]) => of.reduce((total, each) => total + units(each), 0n);
    expect(units(flights.insured)).to.equal(sum(open.map((policy: Insured) => policy.insured)));
    expect(units(body.lockedCapital)).to.equal(units(flights.insured));
    expect(units(body.capacity)).to.equal(units(body.totalAssets) - units(body.lockedCapital));
    const paid = policies.filter((policy: { status: string }) => policy.status === 'paid');
    expect(units(flights.payouts)).to.equal(sum(paid.map((policy: Insured) => policy.claim.amount)));
    const observed = policies.filter(
      ({ status: of }: { status: string }) => of === 'paid' || of === 'expired',
    );
    const earned = sum(observed.map((policy: Insured) => policy.premium));
    expect(units(flights.earned)).to.equal(earned);
    const ratio = (units(flights.payouts) * 10_000n) / earned;
    expect(flights.lossRatioPercent).to.equal(`${ratio / 100n}.${String(ratio % 100n).padStart(2, '0')}`);
  });

  it('has the same in metrics, at the first look', async () => {
    const { database, chain, deployment } = { ...stage, ...stage.chain, chain: stage.chain.client };
    const registry = createMetrics('test');
    const [products, log] = [readProducts(localProductsFile), createLogger('test', 'silent')];
    registerInsuranceMetrics(registry, { database, chain, deployment, products, log });
    const text = await registry.metrics();
    const { body } = await stage.partner.call('GET', '/v1/insurance/pool');
    for (const [name, value] of [
      ['insurance_pool_locked', body.lockedCapital.value],
      ['insurance_pool_capacity', body.capacity.value],
      ['insurance_insured{product="flight-delay"', body.products[0].insured.value],
      ['insurance_payouts{product="flight-delay"', body.products[0].payouts.value],
      ['insurance_premiums{product="flight-delay"', body.products[0].premiums.value],
      ['insurance_open_risks{product="flight-delay"', body.products[0].openRisks],
    ] as const)
      expect(
        Number(
          text
            .split('\n')
            .find((line) => line.startsWith(name))
            ?.split(' ')
            .at(-1),
        ),
        name,
      ).to.equal(Number(value));
    const ratio = /insurance_loss_ratio\{product="flight-delay"[^}]*\} (\S+)/.exec(text)?.[1];
    expect((Number(ratio) * 100).toFixed(2)).to.equal(body.products[0].lossRatioPercent);
    expect(text).to.match(/insurance_products\S* 5/);
  });

  it('quotes a stablecoin for a week, and pays by the lowest rate in it', async () => {
    const windowStart = Math.floor((await stage.now()) / DAY + 10) * DAY;
    const asked = {
      ...{ product: 'stablecoin-depeg', subject: 'USDC/USD' },
      ...{ windowStart, windowEnd: windowStart + 7 * DAY },
    };
    const cover = await stage.flight(asked);
    const { status, body: quote } = await stage.partner.call('POST', '/v1/quotes/insurance', cover);
    expect(status, JSON.stringify(quote)).to.equal(201);
    expect(
      quote.tiers.map(({ threshold, payout }: { threshold: string; payout: { value: string } }) => [
        threshold,
        payout.value,
      ]),
    ).to.deep.equal([
      ['0.9700', '25.00'],
      ['0.9500', '50.00'],
      ['0.9000', '100.00'],
    ]);
    const bought = await stage.buy(asked);
    await stage.carry();
    await stage.arrive(windowStart + 7 * DAY + 1);
    await stage.observe(bought, 'lowest-hourly-rate', 8_789n);
    await stage.mine();
    await stage.carry();
    const policy = await stage.policy(bought.id);
    expect(policy.status, JSON.stringify(policy)).to.equal('paid');
    expect(policy.claim).to.include({ observation: '0.8789', payoutPercent: '100.00' });
    expect(await stage.balanceOf(bought.holder)).to.equal(100_000_000n);
  });
});
