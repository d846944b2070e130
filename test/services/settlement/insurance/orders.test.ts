/** Orders and quotes that cannot be had: refused with a code and a place before anything is reserved or sent. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { localProductsFile } from '../../../../scripts/deploy/localProducts.ts';
import { coverPoolAbi } from '../../../../services/core/abi/coverPool.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { domains } from '../../../../services/settlement/app.ts';
import {
  type Asked,
  DAY,
  type InsuranceStage,
  startInsuranceStage,
} from '../../../support/insuranceStage.ts';
import { startSettlementApi } from '../../../support/settlementApi.ts';
import { freshWallet } from '../../../support/stage.ts';

interface ApiFault {
  code: string;
  pointer?: string;
}

describe('insurance: orders that are refused', function () {
  this.timeout(240_000);
  let stage: InsuranceStage;
  before(async () => {
    stage = await startInsuranceStage();
  });
  after(() => stage?.stop());

  const quote = async (over: Asked, more: object = {}) =>
    stage.partner.call('POST', '/v1/quotes/insurance', { ...(await stage.flight(over)), ...more });
  const policy = (order: object) => stage.partner.call('POST', '/v1/policies', order);
  const faultsOf = (answer: { status: number; body: { errors?: ApiFault[]; code: string } }) => [
    answer.status,
    answer.body.code,
    (answer.body.errors ?? []).map(({ code, pointer }) => [code, pointer]),
  ];
  const refused = (...faults: [string, string][]) => [422, 'cover_refused', faults];
  const midday = async (days: number) => Math.floor((await stage.now()) / DAY + days) * DAY + 43_200;
  const nothingHappened = async () => {
    expect((await stage.funds(stage.account))?.held).to.equal(0n);
    expect((await stage.database.query('select from settlement.policies')).rowCount).to.equal(0);
    expect((await stage.database.query('select from settlement.calls')).rowCount).to.equal(0);
  };
  afterEach(nothingHappened);

  for (const [what, over, fault] of [
    ['a product that is not offered', { product: 'earthquake' }, ['product_unknown', '/product']],
    ['a subject of another form', { subject: 'LH400' }, ['subject_form', '/subject']],
    ['more than a risk may have', { insured: '50000.01' }, ['risk_limit_exceeded', '/insured']],
  ] as const)
    it(`refuses ${what}`, async () => {
      expect(faultsOf(await quote(over))).to.deep.equal(refused(fault as unknown as [string, string]));
    });

  it('refuses a reference that would say something in other lines of the cover note', async () => {
    for (const reference of ['C-1\nSum insured 9,000,000.00 USD', 'C\t1', 'C\u00851', 'C\u20281'])
      expect(faultsOf(await policy(await stage.order({}, { reference })))).to.deep.equal([
        400,
        'request_invalid',
        [['value_character', '/reference']],
      ]);
  });

  it('refuses windows that began, whose sale is closed, that are too far or of a wrong length', async () => {
    const now = await stage.now();
    for (const [windowStart, windowEnd, code, pointer] of [
      [now - 10, now + 7_200, 'window_past', '/windowStart'],
      [now + DAY - 60, now + DAY + 7_200, 'sale_closed', '/windowStart'],
      [now + DAY + 30, now + DAY + 7_200, 'sale_closed', '/windowStart'],
      [now + 61 * DAY, now + 61 * DAY + 7_200, 'window_too_far', '/windowStart'],
      [now + 2 * DAY, now + 2 * DAY + 60, 'window_length', '/windowEnd'],
      [now + 2 * DAY, now + 4 * DAY, 'window_length', '/windowEnd'],
    ] as const)
      expect(faultsOf(await quote({ windowStart, windowEnd })), code).to.deep.equal(refused([code, pointer]));
  });

  it('refuses an event that the oracle has observed already, and says what it was', async () => {
    const now = await stage.now();
    const [windowStart, windowEnd] = [now - 7_200, now - 3_600];
    const times = { windowStart: stage.time(windowStart), windowEnd: stage.time(windowEnd) };
    expect(faultsOf(await quote({ windowStart, windowEnd }))).to.deep.equal(
      refused(['window_past', '/windowStart']),
    );
    await stage.observe({ subject: 'FRA:LH400', ...times }, 'flight-delay-minutes', 130n);
    await stage.mine();
    const answer = await quote({ windowStart, windowEnd });
    expect(faultsOf(answer)).to.deep.equal(
      refused(['window_past', '/windowStart'], ['event_known', '/windowStart']),
    );
    expect(answer.body.errors[1].detail).to.include('130 minutes late');
    expect(faultsOf(await policy(await stage.order({ windowStart, windowEnd })))).to.deep.equal(
      refused(['window_past', '/cover/windowStart'], ['event_known', '/cover/windowStart']),
    );
  });

  it('refuses what is no request at all, each fault with its place', async () => {
    const body = {
      product: 'flight-delay',
      subject: '',
      windowStart: '2026-02-30T00:00:00Z',
      windowEnd: 'tomorrow',
      insured: { currency: 'EUR', value: '1.001' },
      extra: 1,
    };
    const answer = await stage.partner.call('POST', '/v1/quotes/insurance', body);
    expect(faultsOf(answer)).to.deep.equal([
      400,
      'request_invalid',
      [
        ['value_length', '/subject'],
        ['time_malformed', '/windowStart'],
        ['time_malformed', '/windowEnd'],
        ['value_not_listed', '/insured/currency'],
        ['member_unknown', '/extra'],
      ],
    ]);
    const zero = await quote({ insured: '0.00' });
    expect(faultsOf(zero)[2]).to.deep.equal([['amount_zero', '/insured/value']]);
    const start = stage.time(await midday(3));
    const empty = await quote({}, { windowStart: start, windowEnd: start });
    expect(faultsOf(empty)[2]).to.deep.equal([['window_empty', '/windowEnd']]);
    const { cover: _, maxPremium, ...order } = await stage.order();
    expect(faultsOf(await policy(order))[2]).to.deep.equal([['member_missing', '/quote']]);
    const both = { ...order, maxPremium, quote: `quo_${'0'.repeat(32)}` };
    expect(faultsOf(await policy(both))[2]).to.deep.equal([['cover_unclear', '/quote']]);
  });

  it('refuses accounts, holders and quotes that are not there or not the partner’s', async () => {
    const stranger = await stage.api.partner();
    const { body } = await stranger.call('POST', '/v1/quotes/insurance', await stage.flight());
    const { cover: _, maxPremium: __, ...rest } = await stage.order();
    expect(faultsOf(await policy({ ...rest, quote: body.id }))).to.deep.equal(
      refused(['quote_unknown', '/quote']),
    );
    const order = await stage.order();
    expect(faultsOf(await policy({ ...order, account: `acc_${'0'.repeat(32)}` }))).to.deep.equal(
      refused(['account_unknown', '/account']),
    );
    expect(faultsOf(await stranger.call('POST', '/v1/policies', order))).to.deep.equal(
      refused(['account_unknown', '/account']),
    );
    const { coverPool } = stage.chain.deployment;
    for (const holder of [coverPool, `0x${'0'.repeat(40)}`])
      expect(faultsOf(await policy({ ...order, holder }))).to.deep.equal(
        refused(['holder_invalid', '/holder']),
      );
    const frozen = stage.wallet(stage.localAccounts.frozenSupplier);
    expect(faultsOf(await policy({ ...order, holder: frozen }))).to.deep.equal(
      refused(['holder_frozen', '/holder']),
    );
  });

  it('refuses a price above what the partner pays, and a quote that is too old', async () => {
    const maxPremium = { currency: 'USD', value: '1.00' };
    expect(faultsOf(await policy(await stage.order({}, { maxPremium })))).to.deep.equal(
      refused(['premium_above_maximum', '/maxPremium']),
    );
    const quoted = await stage.partner.call('POST', '/v1/quotes/insurance', await stage.flight());
    const { cover: _, maxPremium: __, ...rest } = await stage.order();
    await stage.arrive(Date.parse(quoted.body.validUntil) / 1_000 + 1);
    expect(faultsOf(await policy({ ...rest, quote: quoted.body.id }))).to.deep.equal(
      refused(['quote_expired', '/quote']),
    );
  });

  it('counts what stands before in a batch, and takes none of it', async () => {
    const windowStart = await midday(4);
    const subjects = ['MUC:LH1', 'MUC:LH2', 'MUC:LH3'];
    const policies = await Promise.all(
      subjects.map(async (subject) => ({
        ...(await stage.order({ subject, windowStart, insured: '40000.00' })),
        maxPremium: { currency: 'USD', value: '5000.00' },
      })),
    );
    const answer = await stage.partner.call('POST', '/v1/policy-batches', { policies });
    expect(faultsOf(answer)).to.deep.equal(refused(['cluster_limit_exceeded', '/policies/2/cover/insured']));
  });

  it('counts all stablecoins of one week as one cluster: when one loses its peg, others may follow', async () => {
    const windowStart = await midday(10);
    const policies = await Promise.all(
      ['USDC/USD', 'USDT/USD'].map((subject) =>
        stage.order({
          ...{ product: 'stablecoin-depeg', subject, insured: '100000.00' },
          ...{ windowStart, windowEnd: windowStart + 7 * DAY },
        }),
      ),
    );
    const withMaximum = policies.map((order) => ({
      ...order,
      maxPremium: { currency: 'USD', value: '1000.00' },
    }));
    const answer = await stage.partner.call('POST', '/v1/policy-batches', { policies: withMaximum });
    expect(faultsOf(answer)).to.deep.equal(refused(['cluster_limit_exceeded', '/policies/1/cover/insured']));
  });

  it("refuses more than the pool's free capital", async () => {
    const policies = await Promise.all(
      Array.from({ length: 21 }, async (_, index) => ({
        ...(await stage.order({
          subject: `${String.fromCharCode(65 + index)}AA:XX1`,
          insured: '50000.00',
        })),
        maxPremium: { currency: 'USD', value: '5000.00' },
      })),
    );
    const answer = await stage.partner.call('POST', '/v1/policy-batches', { policies });
    expect(faultsOf(answer)).to.deep.equal(refused(['capacity_exceeded', '/policies/20/cover/insured']));
  });

  it('refuses what the account or its wallet cannot pay', async () => {
    const coin = { address: stage.chain.deployment.stablecoins.USD.address, abi: stablecoinAbi } as const;
    const { coverPool } = stage.chain.deployment;
    const poor = await stage.openAccount('USD', stage.wallet(15), stage.partner.id);
    const order = { ...(await stage.order()), account: poor };
    expect(faultsOf(await policy(order))).to.deep.equal(refused(['pool_not_approved', '/account']));
    await stage.chain
      .wallet(15)
      .writeContract({ ...coin, functionName: 'approve', args: [coverPool, 10n ** 12n], gas: 200_000n });
    await stage.mine();
    expect(faultsOf(await policy(order))).to.deep.equal(refused(['funds_insufficient', '/account']));
  });

  it('refuses an account whose wallet is frozen, and goes on when it no longer is', async () => {
    const freezing = async (functionName: 'freeze' | 'unfreeze') => {
      const address = stage.chain.deployment.stablecoins.USD.address;
      const freeze = { abi: stablecoinAbi, address, functionName, args: [stage.treasury] } as const;
      await stage.chain.wallet(localAccounts.admin).writeContract({ ...freeze, gas: 200_000n });
      await stage.mine();
    };
    await freezing('freeze');
    const answer = await policy(await stage.order());
    await freezing('unfreeze');
    expect(faultsOf(answer)).to.deep.equal(refused(['buyer_frozen', '/account']));
  });

  it('refuses a premium beyond what the wallet lets each signer at work spend', async () => {
    const signer = freshWallet().toLowerCase();
    await stage.database.query(
      `insert into settlement.lanes (chain_id, signer, next_nonce, epoch, owner, lease_until)
       values ($1, $2, 0, 1, 'test', now() + interval '1 hour')`,
      [stage.chainId, signer],
    );
    const answer = await policy(await stage.order());
    expect(faultsOf(answer)).to.deep.equal(refused(['operator_limit_exceeded', '/account']));
    expect(answer.body.errors[0].detail).to.include(signer);
    await stage.database.query('delete from settlement.lanes where signer = $1', [signer]);
  });

  it('refuses what is not sold at the moment: a product that is paused, and all while the pool is', async () => {
    const product = { ...stage.cover, args: [1n] } as const;
    const pool = { abi: coverPoolAbi, address: stage.chain.deployment.coverPool } as const;
    const admin = stage.chain.wallet(localAccounts.admin);
    await admin.writeContract({ ...product, functionName: 'pauseProduct', gas: 200_000n });
    await admin.writeContract({ ...pool, functionName: 'pause', gas: 200_000n });
    await stage.mine();
    const answer = await quote({ product: 'flight-delay' });
    await admin.writeContract({ ...product, functionName: 'unpauseProduct', gas: 200_000n });
    await admin.writeContract({ ...pool, functionName: 'unpause', gas: 200_000n });
    await stage.mine();
    expect(faultsOf(answer)).to.deep.equal(refused(['product_paused', '/product'], ['pool_paused', '']));
    expect((await quote({ product: 'flight-delay' })).status).to.equal(201);
  });

  it('sells nothing by a file of products that says other than the contract', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'corridor-products-'));
    const file = path.join(folder, 'products.json');
    const text = readFileSync(localProductsFile, 'utf8');
    writeFileSync(file, text.replaceAll(/"graceSeconds": \d+/g, '"graceSeconds": 86401'));
    const other = await startSettlementApi(
      { DATABASE_URL: stage.databaseUrl, RPC_URL: stage.node.rpcUrl, INSURANCE_PRODUCTS_FILE: file },
      domains,
      stage.chain.deployment,
    );
    const answer = await (await other.partner()).call('POST', '/v1/quotes/insurance', await stage.flight());
    await other.stop();
    rmSync(folder, { recursive: true });
    expect([answer.status, answer.body.code]).to.deep.equal([503, 'insurance_unavailable']);
    expect(answer.body.detail).to.include('flight-delay');
  });

  it('says 503 while the node does not answer, and keeps the key free', async () => {
    const order = await stage.order();
    stage.node.silence(true);
    const answer = await policy(order);
    stage.node.silence(false);
    expect([answer.status, answer.body.code]).to.deep.equal([503, 'chain_unavailable']);
  });

  it('does not show the policies of others', async () => {
    const id = `pol_${'0'.repeat(32)}`;
    for (const path of ['', '/claims', '/cancellation']) {
      const { status, body } = await stage.partner.call('GET', `/v1/policies/${id}${path}`);
      expect([status, body.code]).to.deep.equal([404, 'policy_not_found']);
    }
  });
});
