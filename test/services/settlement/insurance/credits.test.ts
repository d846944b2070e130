/** Money of a policy that its owner cannot receive: it waits in the pool, is said to wait, and is what it is in the books when it comes. */
import { expect } from 'chai';
import type { Address } from 'viem';
import { readPolicyTrace } from '../../../../scripts/trace/policy.ts';
import { subjectsOf } from '../../../../scripts/trace/subjects.ts';
import { coverPoolAbi } from '../../../../services/core/abi/coverPool.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { DAY, type InsuranceStage, startInsuranceStage } from '../../../support/insuranceStage.ts';
import { FINALITY_DEPTH, freshWallet } from '../../../support/stage.ts';

const money = (value: string) => ({ currency: 'USD', value });

describe('insurance: credits', function () {
  this.timeout(600_000);
  let stage: InsuranceStage;
  let flights = 0;
  before(async () => {
    stage = await startInsuranceStage();
  });
  after(() => stage?.stop());
  beforeEach(() => stage.freeLane());

  const buyOn = (subject: string, more: object = {}) => stage.buy({ subject, insured: '10.00' }, more);
  const buyOne = (more: object = {}) => buyOn(`ZRH:LX${++flights}`, more);
  const coin = () => stage.chain.deployment.stablecoins.USD.address;
  const finalise = async () => {
    await stage.mine(FINALITY_DEPTH + 1);
    await stage.followInsurance();
  };
  const setFrozen = async (wallet: Address, isFrozen: boolean) => {
    const functionName = isFrozen ? 'freeze' : 'unfreeze';
    const call = { abi: stablecoinAbi, address: coin(), functionName, args: [wallet] } as const;
    await stage.chain.wallet(stage.localAccounts.admin).writeContract({ ...call, gas: 200_000n });
    await stage.mine();
  };
  /** By whoever it is. */
  const withdraw = async (account: Address) => {
    const pool = { abi: coverPoolAbi, address: stage.chain.deployment.coverPool } as const;
    const call = { ...pool, functionName: 'withdrawCredit', args: [coin(), account] } as const;
    await stage.chain.wallet(9).writeContract({ ...call, gas: 300_000n });
    await stage.mine();
  };
  const observe = async (policy: Parameters<InsuranceStage['observe']>[0]) => {
    const end = Date.parse(policy.windowEnd) / 1_000;
    if ((await stage.now()) <= end) await stage.arrive(end + 1);
    await stage.observe(policy, 'flight-delay-minutes', 240n);
    await stage.mine();
  };
  const silence = async (policy: { windowEnd: string }) => {
    await stage.arrive(Date.parse(policy.windowEnd) / 1_000 + 2 * DAY + 2);
    await stage.carry();
  };
  const told = async (id: string, type: string) =>
    (
      await stage.database.query<{ data: { claim?: object; refundCredit?: object } }>(
        `select body::jsonb -> 'data' as data from settlement.webhook_messages where payment_id = $1 and type = $2`,
        [id, type],
      )
    ).rows.map(({ data }) => data);

  it('says that a payout waits for a holder who is frozen, and no longer when it was withdrawn', async () => {
    const holder = freshWallet();
    const equal = [await buyOn('VIE:OS1', { holder }), await buyOn('VIE:OS1', { holder })];
    await stage.carry();
    await setFrozen(holder, true);
    await observe(equal[0]);
    await stage.carry();
    expect(await stage.balanceOf(holder)).to.equal(0n);
    for (const { id } of equal) {
      const { status, claim } = await stage.policy(id);
      expect([status, claim.amount, claim.credit]).to.deep.equal(['paid', money('10.00'), money('10.00')]);
      expect((await stage.partner.call('GET', `/v1/policies/${id}/claims`)).body.items).to.deep.equal([
        claim,
      ]);
      expect((await told(id, 'policy.paid'))[0]?.claim).to.deep.equal(claim);
      const trace = await readPolicyTrace(stage.database, id);
      expect(trace?.summary).to.deep.include(['credit', `10.00 USD wait in the pool for ${holder}`]);
    }

    await setFrozen(holder, false);
    const withCredit = await stage.chain.request('evm_snapshot');
    await withdraw(holder);
    await stage.mine(FINALITY_DEPTH - 1);
    await stage.followInsurance();
    const credits = async () =>
      Promise.all(equal.map(async ({ id }) => (await stage.policy(id)).claim.credit?.value));
    expect(await credits(), 'no final block says so').to.deep.equal(['10.00', '10.00']);
    await stage.chain.request('evm_revert', [withCredit]);
    await finalise();
    expect(await credits(), 'it was undone').to.deep.equal(['10.00', '10.00']);

    await withdraw(holder);
    await finalise();
    await finalise();
    expect(await stage.balanceOf(holder)).to.equal(20_000_000n);
    for (const { id } of equal) {
      const { status, claim, events } = await stage.policy(id);
      expect([status, claim.amount]).to.deep.equal(['paid', money('10.00')]);
      expect(claim).to.not.have.property('credit');
      expect(events.at(-1)).to.deep.include({ state: 'credit_withdrawn' });
      expect(events.at(-1).detail).to.include({ units: '10000000' });
      expect(await stage.webhooksOf(id)).to.deep.equal(
        ['issued', 'payable', 'paid', 'credit_withdrawn'].map((type) => `policy.${type}`),
      );
      expect((await told(id, 'policy.credit_withdrawn'))[0]?.claim).to.deep.equal(claim);
      const trace = await readPolicyTrace(stage.database, id);
      expect(trace?.summary.map(([name]) => name)).to.not.include('credit');
    }
  });

  it('says nothing of a credit whose block was undone', async () => {
    const holder = freshWallet();
    const bought = await buyOne({ holder });
    await stage.carry();
    await setFrozen(holder, true);
    await observe(bought);
    const unpaid = await stage.chain.request('evm_snapshot');
    await stage.dueNow();
    await stage.turn();
    expect(
      (await stage.database.query('select from indexer.credits where account = $1', [holder])).rowCount,
    ).to.equal(1);
    await stage.followInsurance();
    await stage.chain.request('evm_revert', [unpaid]);
    await setFrozen(holder, false);
    await stage.carry();
    const { status, claim } = await stage.policy(bought.id);
    expect(status).to.equal('paid');
    expect(claim).to.not.have.property('credit');
    expect((await told(bought.id, 'policy.paid'))[0]?.claim).to.deep.equal(claim);
    expect(await stage.balanceOf(holder)).to.equal(10_000_000n);
  });

  it('knows in the books what a withdrawal brings into an account', async () => {
    const { treasury } = stage;
    const last = async () => (await stage.postings()).at(-1);
    const withdrawn = async () => {
      await setFrozen(treasury, false);
      await withdraw(treasury);
      await finalise();
      return last();
    };
    const refundOf = ({ premium, capitalCharge }: Record<string, { value: string }>) =>
      BigInt(Math.round((Number(premium?.value) - Number(capitalCharge?.value)) * 1_000_000));

    const silent = await buyOne();
    await stage.carry();
    const before = await last();
    await setFrozen(treasury, true);
    await silence(silent);
    const refunded = await stage.policy(silent.id);
    expect([refunded.status, refunded.claim.credit]).to.deep.equal(['refunded', refunded.claim.amount]);
    expect(await last(), 'nothing moved').to.deep.equal(before);
    expect(await withdrawn()).to.deep.equal({ kind: 'premium_refund', units: refundOf(refunded) });
    expect((await stage.policy(silent.id)).claim).to.not.have.property('credit');

    const late = await buyOne({ holder: treasury });
    await stage.carry();
    await setFrozen(treasury, true);
    await observe(late);
    await stage.carry();
    expect(await withdrawn()).to.deep.equal({ kind: 'payout', units: 10_000_000n });

    const both = [await buyOne({ holder: treasury }), await buyOne()];
    await stage.carry();
    await setFrozen(treasury, true);
    await observe(both[0]);
    await silence(both[1]);
    const together = 10_000_000n + refundOf(await stage.policy(both[1].id));
    expect(await withdrawn(), 'most of it').to.deep.equal({ kind: 'payout', units: together });
    const { rows } = await stage.database.query<{ id: string; transaction_hash: string }>(
      'select id, transaction_hash from settlement.ledger_postings order by block_number desc limit 1',
    );
    for (const one of [rows[0]?.id, rows[0]?.transaction_hash])
      expect(await subjectsOf(stage.database, one ?? '')).to.have.members(both.map(({ id }) => id));
    for (const { id } of both)
      expect((await stage.webhooksOf(id)).at(-1)).to.equal('policy.credit_withdrawn');
  });

  it('says the same of a premium that a cancellation gave back', async () => {
    const { id } = await buyOne({ holder: stage.wallet(11) });
    await stage.carry();
    await setFrozen(stage.treasury, true);
    const part = await stage.partner.call('GET', `/v1/policies/${id}/cancellation?insured=4.00`);
    const { to, data } = part.body.transaction;
    const hash = await stage.chain.wallet(11).sendTransaction({ to, data, gas: 500_000n });
    await finalise();
    expect(await subjectsOf(stage.database, hash)).to.deep.equal([id]);
    const reduced = await stage.policy(id);
    expect([reduced.premiumRefunded, reduced.refundCredit]).to.deep.equal([
      part.body.refund,
      part.body.refund,
    ]);
    expect((await told(id, 'policy.reduced'))[0]?.refundCredit).to.deep.equal(part.body.refund);
    await setFrozen(stage.treasury, false);
    await withdraw(stage.treasury);
    await finalise();
    expect(await stage.policy(id)).to.not.have.property('refundCredit');
    expect((await stage.postings()).at(-1)?.kind).to.equal('premium_refund');
    const trace = await readPolicyTrace(stage.database, id);
    const booked = trace?.moments.filter(({ what }) => what === 'posting');
    expect(booked?.map(({ detail }) => detail.split(' ')[0])).to.deep.equal(['premium', 'premium_refund']);
    expect(await stage.webhooksOf(id)).to.deep.equal([
      'policy.issued',
      'policy.reduced',
      'policy.credit_withdrawn',
    ]);
  });

  it('keeps the books in step with the chain through all of this', async () => {
    await finalise();
    await stage.reconcile();
    const { rows } = await stage.database.query('select kind from settlement.breaks where closed_at is null');
    expect(rows).to.deep.equal([]);
  });
});
