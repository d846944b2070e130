/** Money of an escrow that its owner cannot receive: it waits in the contract, and is said to wait until it was withdrawn. */
import { expect } from 'chai';
import type { Address } from 'viem';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { readEscrowTrace } from '../../../../scripts/trace/escrow.ts';
import { subjectsOf } from '../../../../scripts/trace/subjects.ts';
import { CREDITS_SHOWN, type Escrow } from '../../../../services/settlement/domains/escrow/schema.ts';
import { type EscrowStage, startEscrowStage } from '../../../support/escrowStage.ts';
import { FINALITY_DEPTH, freshWallet } from '../../../support/stage.ts';

const OURS = { operator: 'corridor' };
const DISPUTABLE = { arbiter: 'corridor', rulingPeriodSeconds: 600, defaultPayeeBps: 2_500 };
const ANYBODY = 9;
const money = (value: string) => ({ currency: 'USD', value });

describe('escrows: credits', function () {
  this.timeout(600_000);
  let stage: EscrowStage;
  before(async () => {
    stage = await startEscrowStage();
  });
  after(() => stage?.stop());

  const setFrozen = async (wallet: Address, isFrozen: boolean) => {
    const functionName = isFrozen ? 'freeze' : 'unfreeze';
    const call = { ...stage.coin, functionName, args: [wallet], gas: 200_000n } as const;
    await stage.chain.wallet(localAccounts.admin).writeContract(call);
    await stage.mine();
  };
  const frozen = async () => {
    const wallet = freshWallet();
    await setFrozen(wallet, true);
    return wallet;
  };
  /** By whoever it is. */
  const withdraw = async (account: Address) => {
    const call = { ...stage.contract, functionName: 'withdrawCredit', gas: 300_000n } as const;
    const args = [stage.coin.address, account] as const;
    const hash = await stage.chain.wallet(ANYBODY).writeContract({ ...call, args });
    await stage.mine();
    return hash;
  };
  const acted = async (id: string, action: object) => {
    await stage.asked(id, action);
    await stage.carry();
  };
  /** What a party sends by itself, in a block that is not final. */
  const sent = async (id: string, action: object) => {
    await stage.send((await stage.asked(id, action)).transactions);
    await stage.follow();
  };
  const creditsOf = async (id: string): Promise<Escrow['credits']> => (await stage.get(id)).credits;
  const shown = async (id: string) =>
    (await creditsOf(id)).map(({ account, amount, verb, withdrawnAt }) => [
      account,
      amount.value,
      verb,
      withdrawnAt === null,
    ]);
  const told = async (id: string, type: string) =>
    (
      await stage.database.query<{ data: Escrow }>(
        `select body::jsonb -> 'data' as data from settlement.webhook_messages where payment_id = $1 and type = $2 order by id`,
        [id, type],
      )
    ).rows.map(({ data }) => data);
  const eventsOf = async (id: string) => (await stage.get(id)).events as NonNullable<Escrow['events']>;

  it('says that what was captured waits for a payee who is frozen, until a final block has its withdrawal', async () => {
    const payee = await frozen();
    const fee = { minFeeBps: 100, maxFeeBps: 100, feeRecipient: freshWallet() };
    const { id } = await stage.authorized({ ...OURS, ...fee, payee });
    expect(await creditsOf(id)).to.deep.equal([]);
    await acted(id, { action: 'capture', amount: '40.00' });
    const [waiting] = await creditsOf(id);
    expect(await creditsOf(id)).to.deep.equal([
      {
        account: payee,
        amount: money('39.60'),
        verb: 'captured',
        transactionHash: waiting?.transactionHash,
        withdrawnAt: null,
        withdrawalTransactionHash: null,
      },
    ]);
    const [captured, credited] = (await eventsOf(id)).slice(-2);
    expect([captured?.state, credited?.state]).to.deep.equal(['captured', 'credited']);
    expect(credited?.detail).to.include({
      ...{ owner: payee, credit: '39.60', transactionHash: waiting?.transactionHash },
      ...{ blockNumber: captured?.detail.blockNumber },
    });
    expect(captured?.detail.transactionHash).to.equal(waiting?.transactionHash);
    expect((await told(id, 'escrow.captured'))[0]?.credits).to.deep.equal([waiting]);
    expect((await told(id, 'escrow.credited'))[0]?.credits).to.deep.equal([waiting]);
    const trace = await readEscrowTrace(stage.database, id);
    expect(trace?.summary).to.deep.include(['credit', `39.60 USD wait in the contract for ${payee}`]);

    await setFrozen(payee, false);
    const withCredit = await stage.chain.request('evm_snapshot');
    await withdraw(payee);
    await stage.mine(FINALITY_DEPTH - 1);
    await stage.follow();
    expect(await creditsOf(id), 'no final block says so').to.deep.equal([waiting]);
    await stage.chain.request('evm_revert', [withCredit]);
    await stage.finalise();
    expect(await creditsOf(id), 'it was undone').to.deep.equal([waiting]);

    const hash = await withdraw(payee);
    const { timestamp } = await stage.chain.client.getBlock();
    await stage.finalise();
    expect(await subjectsOf(stage.database, hash)).to.deep.equal([id]);
    const ended = {
      ...waiting,
      withdrawnAt: new Date(Number(timestamp) * 1_000).toISOString(),
      withdrawalTransactionHash: hash,
    };
    expect(await stage.get(id)).to.deep.include({ status: 'authorized', credits: [ended] });
    expect(await stage.balanceOf(payee)).to.equal(39_600_000n);
    const [last] = (await eventsOf(id)).slice(-1);
    expect(last).to.deep.include({ state: 'credit_withdrawn' });
    expect(last?.detail).to.include({ owner: payee, credit: '39.60', transactionHash: hash });
    expect(await stage.webhooksOf(id)).to.deep.equal([
      'escrow.authorized',
      'escrow.captured',
      'escrow.credited',
      'escrow.credit_withdrawn',
    ]);
    expect((await told(id, 'escrow.credit_withdrawn'))[0]?.credits).to.deep.equal([ended]);
    const after = await readEscrowTrace(stage.database, id);
    expect(after?.summary.map(([name]) => name)).to.not.include('credit');
    const happened = after?.moments.filter(({ what }) => what === 'event').map(({ detail }) => detail);
    expect(happened?.map((detail) => detail.split(' ')[0])).to.deep.equal([
      'EscrowAuthorized',
      'EscrowCaptured',
      'CreditAdded',
      'CreditWithdrawn',
    ]);
  });

  it('ends all that waits for an account by one withdrawal, and nothing that came after it', async () => {
    const payee = await frozen();
    const account = await stage.openAccount('USD', payee);
    const first = await stage.authorized({ ...OURS, payee });
    const second = await stage.authorized({ ...OURS, payee });
    await acted(first.id, { action: 'capture', amount: '10.00' });
    await acted(first.id, { action: 'capture', amount: '20.00' });
    await acted(second.id, { action: 'capture', amount: '30.00' });
    await setFrozen(payee, false);
    await withdraw(payee);
    await setFrozen(payee, true);
    await acted(second.id, { action: 'capture' });
    const { rows: postings } = await stage.database.query<{ id: string }>(
      'select id from settlement.ledger_postings where account_id = $1',
      [account],
    );
    expect(postings.length).to.equal(1);
    expect(await subjectsOf(stage.database, postings[0]?.id ?? '')).to.have.members([first.id, second.id]);
    expect(await shown(first.id)).to.deep.equal([
      [payee, '10.00', 'captured', false],
      [payee, '20.00', 'captured', false],
    ]);
    expect(await shown(second.id)).to.deep.equal([
      [payee, '30.00', 'captured', false],
      [payee, '70.00', 'captured', true],
    ]);
    const ends = async (id: string) =>
      (await eventsOf(id)).flatMap(({ state, detail }) =>
        state === 'credit_withdrawn' ? [detail.credit] : [],
      );
    expect([await ends(first.id), await ends(second.id)]).to.deep.equal([['30.00'], ['30.00']]);

    await setFrozen(payee, false);
    await acted(second.id, { action: 'withdraw', account: payee });
    expect(await shown(second.id)).to.deep.equal([
      [payee, '30.00', 'captured', false],
      [payee, '70.00', 'captured', false],
    ]);
    expect([await ends(first.id), await ends(second.id)]).to.deep.equal([['30.00'], ['30.00', '70.00']]);
    expect(await stage.balanceOf(payee)).to.equal(130_000_000n);
    const types = (await stage.webhooksOf(first.id)).filter((type) => type.startsWith('escrow.credit'));
    expect(types).to.deep.equal(['escrow.credited', 'escrow.credited', 'escrow.credit_withdrawn']);
  });

  it('never tells of a credit that was undone before it was final', async () => {
    const payee = await frozen();
    const { id, escrowId } = await stage.authorized({ payee });
    const unpaid = await stage.chain.request('evm_snapshot');
    await sent(id, { action: 'capture' });
    const indexed = await stage.database.query('select from indexer.escrow_credits where id = $1', [
      escrowId,
    ]);
    expect(indexed.rowCount).to.equal(1);
    expect(await creditsOf(id), 'not final').to.deep.equal([]);
    await stage.chain.request('evm_revert', [unpaid]);
    await setFrozen(payee, false);
    await sent(id, { action: 'capture' });
    await stage.finalise();
    expect(await stage.get(id)).to.deep.include({ status: 'captured', credits: [] });
    expect((await told(id, 'escrow.captured')).map(({ credits }) => credits)).to.deep.equal([[]]);
    expect(await stage.webhooksOf(id)).to.deep.equal(['escrow.authorized', 'escrow.captured']);
    expect(await stage.balanceOf(payee)).to.equal(100_000_000n);
  });

  it('says of which verb a credit is, for each who could not receive', async () => {
    const payer = stage.payer.address.toLowerCase() as Address;
    const [payee, feeRecipient] = [await frozen(), await frozen()];
    const fee = { minFeeBps: 100, maxFeeBps: 100, feeRecipient };
    const ruled = await stage.authorized({ ...DISPUTABLE, ...fee, payee });
    const voided = await stage.authorized(OURS);
    await setFrozen(payer, true);
    await acted(voided.id, { action: 'void' });
    await sent(ruled.id, { action: 'dispute', by: 'payer', evidenceHash: `0x${'11'.repeat(32)}` });
    await stage.finalise();
    await acted(ruled.id, { action: 'rule', payeeBps: 7_500 });
    expect(await shown(voided.id)).to.deep.equal([[payer, '100.00', 'voided', true]]);
    expect(await shown(ruled.id)).to.deep.equal([
      [feeRecipient, '0.75', 'ruled', true],
      [payee, '74.25', 'ruled', true],
      [payer, '25.00', 'ruled', true],
    ]);
    const types = (await stage.webhooksOf(ruled.id)).slice(-4);
    expect(types).to.deep.equal(
      ['ruled', 'credited', 'credited', 'credited'].map((type) => `escrow.${type}`),
    );

    await setFrozen(payer, false);
    await withdraw(payer);
    await stage.finalise();
    expect(await shown(voided.id)).to.deep.equal([[payer, '100.00', 'voided', false]]);
    expect((await shown(ruled.id)).map(([account, , , waits]) => [account, waits])).to.deep.equal([
      [feeRecipient, true],
      [payee, true],
      [payer, false],
    ]);
  });

  it('shows the last of very many', async () => {
    const payee = await frozen();
    const { id, escrowId } = await stage.authorized({ payee });
    await sent(id, { action: 'capture' });
    await stage.finalise();
    const [only] = await creditsOf(id);
    await stage.database.query(
      `insert into indexer.other_events
       select (jsonb_populate_record(e, jsonb_build_object('log_index', e.log_index + n,
                 'arguments', e.arguments || jsonb_build_object('amount', n::text)))).*
         from indexer.other_events e, generate_series(1, $2::int) n where e.name = 'CreditAdded' and e.arguments ->> 'id' = $1`,
      [escrowId, CREDITS_SHOWN],
    );
    const last = await creditsOf(id);
    expect(last.length).to.equal(CREDITS_SHOWN);
    expect(last[0]).to.deep.equal({ ...only, amount: money('0.000001') });
    expect(last.at(-1)?.amount).to.deep.equal(money('0.0001'));
  });
});
