/** Keepers that die, race and see blocks undone: each order is filled once, each risk settled once, each policy paid once. */
import { expect } from 'chai';
import { maxUint256 } from 'viem';
import { toBytes32 } from '../../../../services/core/oracleReport.ts';
import type { Database } from '../../../../services/platform/database.ts';
import { keep } from '../../../../services/settlement/domains/insurance/keeper.ts';
import { DAY, type InsuranceStage, startInsuranceStage } from '../../../support/insuranceStage.ts';
import { Died, mortal } from '../../../support/mortal.ts';
import { FINALITY_DEPTH, freshWallet } from '../../../support/stage.ts';

/** More than a process makes from an order to its end; the test says when it has seen them all. */
const MOST_COMMITS = 60;

describe('insurance: faults', function () {
  this.timeout(600_000);
  let stage: InsuranceStage;
  let flights = 0;
  before(async () => {
    stage = await startInsuranceStage();
  });
  after(() => stage?.stop());
  beforeEach(() => stage.freeLane());

  /** Each on a flight of its own. */
  const buyOne = (more: object = {}) => stage.buy({ subject: `ZRH:LX${++flights}`, insured: '10.00' }, more);
  const policyCount = () => stage.chain.client.readContract({ ...stage.cover, functionName: 'policyCount' });
  const expectIssuedOnce = async (id: string, before: bigint) => {
    const policy = await stage.policy(id);
    expect(policy.status, JSON.stringify(policy)).to.equal('issued');
    expect(await policyCount()).to.equal(before + 1n);
    expect(await stage.webhooksOf(id)).to.deep.equal(['policy.issued']);
  };
  const surviving = async (work: Promise<unknown>) => {
    await work.catch((error: unknown) => {
      if (!(error instanceof Died)) throw error;
    });
    await stage.freeLane();
  };
  const goOverWindow = async (policy: { windowEnd: string }) => {
    const end = Date.parse(policy.windowEnd) / 1_000;
    if ((await stage.now()) < end) await stage.arrive(end + 1);
  };
  const observe = async (policy: Parameters<InsuranceStage['observe']>[0], delay: bigint) => {
    await goOverWindow(policy);
    await stage.observe(policy, 'flight-delay-minutes', delay);
    await stage.mine();
  };

  for (const moment of ['before', 'after'] as const)
    it(`issues once when the process dies ${moment} any of its commits`, async () => {
      let commit = 0;
      for (let hasDied = true; hasDied; ) {
        commit++;
        expect(commit).to.be.below(MOST_COMMITS);
        const before = await policyCount();
        const policy = await buyOne();
        const process = mortal(stage.database, commit, moment);
        await surviving(stage.carry(process.database));
        hasDied = process.hasDied();
        await stage.carry();
        await expectIssuedOnce(policy.id, before);
      }
      expect(commit).to.be.greaterThan(8);
    });

  for (const moment of ['before', 'after'] as const)
    it(`pays once when the process dies ${moment} any of its commits`, async () => {
      let commit = 0;
      for (let hasDied = true; hasDied; ) {
        commit++;
        expect(commit).to.be.below(MOST_COMMITS);
        const policy = await buyOne();
        await stage.carry();
        await observe(policy, 240n);
        const process = mortal(stage.database, commit, moment);
        await surviving(stage.carry(process.database));
        hasDied = process.hasDied();
        await stage.carry();
        expect((await stage.policy(policy.id)).status).to.equal('paid');
        expect(await stage.balanceOf(policy.holder)).to.equal(10_000_000n);
        expect(await stage.webhooksOf(policy.id), `commit ${commit}`).to.deep.equal([
          'policy.issued',
          'policy.payable',
          'policy.paid',
        ]);
      }
      expect(commit).to.be.greaterThan(8);
    });

  it('asks once for everything when several keepers look at the same time', async () => {
    const policies = [await buyOne(), await buyOne(), await buyOne()];
    const together = (database: Database = stage.database) =>
      Promise.all([1, 2, 3, 4].map(() => keep(stage.keeper(database))));
    await together();
    const openings = await stage.database.query(
      'select from settlement.calls where kind = $1 and state = $2',
      ['risk_opening', 'waiting'],
    );
    expect(openings.rowCount).to.equal(3);
    await stage.carry();
    await goOverWindow(policies[2]);
    for (const policy of policies) await stage.observe(policy, 'flight-delay-minutes', 300n);
    await stage.mine();
    await together();
    const settlements = await stage.database.query(
      `select from settlement.calls where kind = 'risk_settlement' and state = 'waiting'`,
    );
    expect(settlements.rowCount).to.equal(3);
    await stage.carry();
    for (const { id, holder } of policies) {
      expect((await stage.policy(id)).status).to.equal('paid');
      expect(await stage.balanceOf(holder)).to.equal(10_000_000n);
    }
  });

  for (let depth = 1; depth <= FINALITY_DEPTH; depth++)
    it(`issues and pays once when ${depth} block(s) with it are undone`, async () => {
      const before = await policyCount();
      const policy = await buyOne();
      await stage.turn(); // opens the risk
      const unissued = await stage.chain.request('evm_snapshot');
      await stage.turn();
      await stage.mine(depth - 1);
      await stage.followInsurance();
      await stage.chain.request('evm_revert', [unissued]);
      await stage.mine(depth + 1);
      await stage.followInsurance();
      expect((await stage.policy(policy.id)).status).to.equal('processing');
      await stage.carry();
      await expectIssuedOnce(policy.id, before);

      await observe(policy, 240n);
      const unpaid = await stage.chain.request('evm_snapshot');
      await stage.turn();
      await stage.mine(depth - 1);
      await stage.followInsurance();
      await stage.chain.request('evm_revert', [unpaid]);
      await stage.mine(depth + 1);
      await stage.followInsurance();
      expect((await stage.policy(policy.id)).status, 'nothing of it was final').to.equal('issued');
      await stage.carry();
      expect((await stage.policy(policy.id)).status).to.equal('paid');
      expect(await stage.balanceOf(policy.holder)).to.equal(10_000_000n);
    });

  it('settles a risk whose observation comes while silence is being settled, and owes nothing', async () => {
    const policy = await buyOne();
    await stage.carry();
    const { graceSeconds } = (await stage.partner.call('GET', '/v1/insurance/products')).body.items.find(
      ({ id }: { id: string }) => id === policy.product,
    );
    await stage.arrive(Date.parse(policy.windowEnd) / 1_000 + graceSeconds + 1);
    await stage.keep(); // the settlement, and refunds with it, wait in the lane
    await stage.observe(policy, 'flight-delay-minutes', 0n);
    await stage.mine();
    await stage.carry();
    await stage.carry();
    expect((await stage.policy(policy.id)).status).to.equal('expired');
  });

  it('looks at no risk any more that is over for good, whether somebody was insured or not', async () => {
    const holder = stage.wallet(11);
    const [paid, cancelled] = [await buyOne(), await buyOne({ holder })];
    await stage.carry();
    const numbers = await Promise.all(
      [paid, cancelled].map(async ({ id }) => BigInt((await stage.policy(id)).riskNumber)),
    );
    const watched = async () =>
      (
        await stage.database.query<{ number: bigint }>(
          'select risk_number as number from settlement.watched_risks where risk_number = any($1) order by 1',
          [numbers],
        )
      ).rows.map(({ number }) => number);
    const { transaction } = (await stage.partner.call('GET', `/v1/policies/${cancelled.id}/cancellation`))
      .body;
    await stage.chain.wallet(11).sendTransaction({ ...transaction, from: undefined, gas: 500_000n } as never);
    await stage.mine(FINALITY_DEPTH + 1);
    await stage.followInsurance();
    await stage.keep();
    expect(await watched(), 'their windows are to come').to.deep.equal(numbers);
    await observe(paid, 240n);
    await stage.carry();
    expect(await stage.balanceOf(paid.holder)).to.equal(10_000_000n);
    expect(await watched()).to.deep.equal([]);
  });

  it('pays what others have settled, and passes over what others have paid', async () => {
    const [policy, other] = [await buyOne(), await buyOne()];
    await stage.carry();
    const [risk, otherRisk] = await Promise.all(
      [policy, other].map(async ({ id }) => BigInt((await stage.policy(id)).riskNumber)),
    );
    await goOverWindow(other);
    for (const one of [policy, other]) await stage.observe(one, 'flight-delay-minutes', 70n);
    await stage.mine();
    await stage.keep(); // our settlements wait in the lane
    for (const number of [risk, otherRisk]) await stage.send(9, 'settleRisk', [number]);
    const { policyNumber } = await stage.policy(policy.id);
    await stage.send(9, 'payPolicies', [risk, [BigInt(policyNumber)]]);
    await stage.mine();
    await stage.carry(undefined, 4);
    for (const { id, holder } of [policy, other]) {
      expect((await stage.policy(id)).status).to.equal('paid');
      expect(await stage.balanceOf(holder)).to.equal(2_500_000n);
    }
  });

  it('goes on for everybody when a buyer has filled the last number there is', async () => {
    const sold = await buyOne();
    await stage.carry();
    const own = {
      productId: 1n,
      subject: toBytes32(sold.subject),
      windowStart: BigInt(Date.parse(sold.windowStart) / 1_000),
      windowEnd: BigInt(Date.parse(sold.windowEnd) / 1_000),
      insured: 10_000n,
      maxPremium: maxUint256,
      holder: stage.wallet(11),
      transferable: false,
    };
    const treasury = stage.localAccounts.treasury;
    await stage.send(treasury, 'issueFor', [stage.wallet(treasury), maxUint256, maxUint256, own]);
    await stage.mine(FINALITY_DEPTH + 1);
    await stage.followInsurance();
    const before = await policyCount();
    const policy = await buyOne();
    await stage.carry();
    await expectIssuedOnce(policy.id, before);
  });

  it('sells nothing twice to whoever repeats an order that a restored backup does not have', async () => {
    const request = await stage.order({ subject: 'ZRH:LX4000', insured: '10.00' });
    const call = (order: object) => stage.partner.call('POST', '/v1/policies', order);
    const { id } = (await call(request)).body;
    await stage.carry();
    const { policyNumber } = await stage.policy(id);
    const before = await policyCount();
    // As the backup has it.
    await stage.database.query('delete from settlement.policy_events where policy_id = $1', [id]);
    await stage.database.query('delete from settlement.policies where id = $1', [id]);

    const { status, body } = await call(request);
    expect(status, JSON.stringify(body)).to.equal(422);
    expect(body.errors).to.have.length(1);
    expect(body.errors[0].code).to.equal('bought_already');
    expect(body.errors[0].detail).to.include(`Policy ${policyNumber} on chain`);
    await stage.carry();
    expect(await policyCount()).to.equal(before);
    const another = await call({ ...request, holder: freshWallet() });
    expect(another.status, JSON.stringify(another.body)).to.equal(201);
    await stage.carry();
    expect(await policyCount()).to.equal(before + 1n);
  });

  it('gives an order up at its deadline, says why, and frees the premium', async () => {
    const { held } = (await stage.funds(stage.account)) ?? { held: 0n };
    const order = await buyOne();
    await stage.send(0, 'pauseProduct', [1n]);
    await stage.mine();
    await stage.carry();
    expect((await stage.policy(order.id)).status).to.equal('accepted');
    await stage.arrive((await stage.now()) + 700);
    await stage.carry();
    const failed = await stage.policy(order.id);
    await stage.send(0, 'unpauseProduct', [1n]);
    await stage.mine();
    expect([failed.status, failed.reason?.code]).to.deep.equal(['failed', 'product_paused']);
    expect((await stage.funds(stage.account))?.held).to.equal(held);
    expect(await stage.webhooksOf(order.id)).to.deep.equal(['policy.failed']);
  });

  it('cancels what the holder cancels, a part and then the rest, until the waiting period begins', async () => {
    const holder = stage.wallet(11);
    const bought = await buyOne({ holder });
    await stage.carry();
    const path = `/v1/policies/${bought.id}/cancellation`;
    const part = await stage.partner.call('GET', `${path}?insured=4.00`);
    expect(part.status).to.equal(200);
    expect(part.body.transaction.from).to.equal(holder.toLowerCase());
    const send = async ({ transaction }: { transaction: { to: `0x${string}`; data: `0x${string}` } }) => {
      await stage.chain
        .wallet(11)
        .sendTransaction({ ...transaction, from: undefined, gas: 500_000n } as never);
      await stage.mine(FINALITY_DEPTH + 1);
      await stage.followInsurance();
    };
    await send(part.body);
    const reduced = await stage.policy(bought.id);
    expect([reduced.status, reduced.insured.value, reduced.premiumRefunded]).to.deep.equal([
      'issued',
      '6.00',
      part.body.refund,
    ]);
    await send((await stage.partner.call('GET', path)).body);
    expect((await stage.policy(bought.id)).status).to.equal('cancelled');
    expect(await stage.webhooksOf(bought.id)).to.deep.equal([
      'policy.issued',
      'policy.reduced',
      'policy.cancelled',
    ]);
    const again = await stage.partner.call('GET', path);
    expect([again.status, again.body.code]).to.deep.equal([409, 'policy_not_cancellable']);
    const kinds = (await stage.postings()).map(({ kind }) => kind);
    expect(kinds.slice(-2)).to.deep.equal(['premium_refund', 'premium_refund']);

    const late = await buyOne({ holder });
    await stage.carry();
    await stage.arrive(Date.parse(late.cancellableUntil) / 1_000);
    const refused = await stage.partner.call('GET', `/v1/policies/${late.id}/cancellation`);
    expect([refused.status, refused.body.code]).to.deep.equal([409, 'policy_not_cancellable']);
    expect((await stage.now()) + DAY).to.be.at.least(Date.parse(late.windowStart) / 1_000);
  });

  it('keeps the books in step with the chain through all of this', async () => {
    await stage.mine(FINALITY_DEPTH + 1);
    await stage.followInsurance();
    await stage.reconcile();
    const { rows } = await stage.database.query('select kind from settlement.breaks where closed_at is null');
    expect(rows).to.deep.equal([]);
  });
});
