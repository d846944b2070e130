import { expect } from 'chai';
import {
  type Address,
  createPublicClient,
  custom,
  type Hex,
  maxUint256,
  parseEther,
  parseTransaction,
  TimeoutError,
  toHex,
} from 'viem';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { paymentRouterAbi } from '../../../../services/core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { withTransaction } from '../../../../services/platform/database.ts';
import { takeLease, takeNonce } from '../../../../services/settlement/domains/lanes/lease.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { FINALITY_DEPTH, freshWallet, instruction, type Stage, startStage } from '../../../support/stage.ts';

describe('lanes', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
    await stage.openAccount('USD');
  });
  after(() => stage?.stop());
  /** Each test is another process: the lane is free. */
  beforeEach(() => stage.database.query('update settlement.lanes set owner = null'));

  /** Takes one payment as far as its batch. */
  const batched = async (wallet: Address = freshWallet(), over = {}) => {
    const [id] = (await stage.accept(instruction({ to: wallet, ...over }))) as [string];
    await stage.batch();
    return { id, wallet };
  };
  const state = async (id: string) => (await stage.states([id]))[0];
  const attempts = async (id: string) =>
    (
      await stage.database.query(
        `select nonce, state, transaction_hash, raw_transaction from settlement.attempts
          where settlement_batch_id = (select settlement_batch_id from settlement.payments where id = $1) order by id`,
        [id],
      )
    ).rows;
  /** The lane of a process that is killed when it sends: its bytes reach the node, or do not. */
  const killedAtSending = async (reachesNode: boolean) => {
    const chain = createPublicClient({
      transport: custom({
        async request({ method, params }) {
          if (method !== 'eth_sendRawTransaction') return stage.chain.request(method, params);
          if (reachesNode) await stage.chain.request(method, params);
          throw new Error('killed');
        },
      }),
    });
    const getTransaction = () => Promise.reject(new Error('killed'));
    const lane = createLane({ ...stage.laneParts, chain: Object.assign(chain, { getTransaction }) });
    await lane.round();
    await lane.release();
  };
  const settledOnce = async (id: string, wallet: Address) => {
    expect(await state(id)).to.equal('posted');
    expect(await stage.balanceOf(wallet)).to.equal(10_000_000n);
    const { rows } = await stage.database.query(
      'select kind from settlement.ledger_postings where payment_id = $1',
      [id],
    );
    expect(rows).to.deep.equal([{ kind: 'payment' }]);
    await stage.reconcile();
    const { rows: breaks } = await stage.database.query(
      'select kind, observed_units, expected_units from settlement.breaks',
    );
    expect(breaks).to.deep.equal([]);
  };

  for (const reachesNode of [false, true])
    it(`sends the very bytes that were stored before the process died, when the node has ${reachesNode ? '' : 'not '}got them`, async () => {
      const { id, wallet } = await batched();
      await killedAtSending(reachesNode);
      expect(await state(id)).to.equal('signed');
      const [stored] = await attempts(id);
      const lane = createLane(stage.laneParts);
      await lane.round();
      expect(await attempts(id)).to.deep.equal([{ ...stored, state: 'broadcast' }]);
      await stage.finalise();
      await settledOnce(id, wallet);
    });

  it('sends what a node does not come to an answer about once a round, and goes on to the next', async () => {
    const [stuck, other] = [await batched(), await batched()];
    const sent: Hex[] = [];
    const [head] = (await stage.database.query('select next_nonce from settlement.lanes')).rows;
    const isOfHead = (raw: Hex) => parseTransaction(raw).nonce === Number(head?.next_nonce);
    const chain = createPublicClient({
      transport: custom({
        async request({ method, params }) {
          if (method !== 'eth_sendRawTransaction') return stage.chain.request(method, params);
          sent.push(params[0]);
          if (isOfHead(params[0])) throw new TimeoutError({ body: {}, url: 'http://node.example' });
          return stage.chain.request(method, params);
        },
      }),
    });
    await createLane({ ...stage.laneParts, chain }).round();
    expect(sent.filter(isOfHead).length).to.equal(1);
    expect(sent.length).to.equal(2);
    expect([await state(stuck.id), await state(other.id)]).to.deep.equal(['signed', 'broadcast']);
    const [stored] = await attempts(stuck.id);
    await stage.database.query('update settlement.lanes set owner = null');
    await createLane(stage.laneParts).round();
    expect(await attempts(stuck.id)).to.deep.equal([{ ...stored, state: 'broadcast' }]);
    await stage.finalise();
    for (const { id, wallet } of [stuck, other]) await settledOnce(id, wallet);
  });

  it('confirms a payment whose transaction landed while nobody had noted that it was sent', async () => {
    const { id, wallet } = await batched();
    await killedAtSending(true);
    await stage.finalise();
    await settledOnce(id, wallet);
    const { rows } = await stage.database.query(
      'select type from settlement.webhook_messages where payment_id = $1 order by id',
      [id],
    );
    expect(rows.map(({ type }) => type)).to.deep.equal([
      'payment.accepted',
      'payment.processing',
      'payment.settled',
    ]);
  });

  it('is held by one process at a time; the epoch of an earlier holder can take no nonce', async () => {
    const identity = { chainId: stage.chainId, signer: '0x00000000000000000000000000000000000000aa' };
    const first = await takeLease(stage.database, { ...identity, owner: 'first' });
    expect(await takeLease(stage.database, { ...identity, owner: 'second' })).to.equal(undefined);
    expect(await takeLease(stage.database, { ...identity, owner: 'first' })).to.deep.equal(first);
    await stage.database.query(
      `update settlement.lanes set lease_until = now() - interval '1 second' where signer = $1`,
      [identity.signer],
    );
    const second = await takeLease(stage.database, { ...identity, owner: 'second' });
    expect(second?.epoch).to.equal((first?.epoch ?? 0n) + 1n);
    const nonceOf = (lane: typeof first) =>
      withTransaction(stage.database, (tx) => takeNonce(tx, lane as NonNullable<typeof lane>));
    const error = await nonceOf(first).then(
      () => expect.fail('must be refused'),
      (reason: { code: string }) => reason,
    );
    expect(error.code).to.equal('lane_lost');
    expect([await nonceOf(second), await nonceOf(second)]).to.deep.equal([0, 1]);
  });

  it('signs under a new nonce what lost its nonce to a transaction from outside', async () => {
    const outside = await stage.chain
      .wallet(localAccounts.operator)
      .sendTransaction({ to: freshWallet(), value: 1n, maxFeePerGas: parseEther('0.000001') });
    const { id, wallet } = await batched();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await stage.mine();
    expect((await stage.chain.client.getTransactionReceipt({ hash: outside })).status).to.equal('success');
    await lane.round();
    expect(await state(id), 'not before the other transaction is final').to.equal('signed');
    await stage.mine(FINALITY_DEPTH);
    await lane.round();
    expect(await state(id)).to.equal('batched');
    await stage.database.query('update settlement.settlement_batches set attempt_after = now()');
    await lane.round();
    expect((await attempts(id)).map(({ state: each }) => each)).to.deep.equal(['replaced', 'broadcast']);
    await stage.finalise();
    await settledOnce(id, wallet);
  });

  it('signs a batch again whose transaction reverted, when a simulation passes', async () => {
    const { id, wallet } = await batched();
    await killedAtSending(false);
    const token = { address: stage.chain.deployment.stablecoins.USD.address, abi: stablecoinAbi } as const;
    const admin = stage.chain.wallet(localAccounts.admin);
    await admin.writeContract({ ...token, functionName: 'pause' });
    await stage.mine();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await stage.mine();
    await lane.round();
    expect(await state(id)).to.equal('batched');
    await stage.database.query('update settlement.settlement_batches set attempt_after = now()');
    expect(await lane.round(), 'the simulation fails as long as the token is paused').to.equal(0);
    const { rows } = await stage.database.query(
      `select detail->>'reason' as reason from settlement.timeline where payment_id = $1 and detail ? 'reason' order by id`,
      [id],
    );
    expect(rows.map(({ reason }) => reason)).to.have.length(2);
    expect(rows[0].reason).to.match(/reverted/);
    expect(rows[1].reason).to.match(/Paused/);
    await admin.writeContract({ ...token, functionName: 'unpause' });
    await stage.mine();
    await stage.database.query('update settlement.settlement_batches set attempt_after = now()');
    expect(await lane.round()).to.equal(1);
    await stage.finalise();
    await settledOnce(id, wallet);
  });

  it('pays more for a transaction that is late, with the same calldata and nonce, and keeps every hash', async () => {
    const { id, wallet } = await batched();
    const lane = createLane(stage.laneParts);
    await lane.round();
    for (let block = 0; block < 10; block++) {
      await stage.chain.request('hardhat_setNextBlockBaseFeePerGas', [toHex(parseEther('0.00000002'))]);
      await stage.mine();
    }
    expect(await state(id)).to.equal('broadcast');
    await lane.round();
    const [first, second] = await attempts(id);
    expect(second.nonce).to.equal(first.nonce);
    expect(second.transaction_hash).to.not.equal(first.transaction_hash);
    await stage.finalise();
    await settledOnce(id, wallet);
    expect((await attempts(id)).map(({ state: each }) => each)).to.deep.equal(['replaced', 'included']);
  });

  it('lets a batch that cannot go wait alone: the others pass it', async () => {
    const index = 7;
    const payer = stage.chain.accounts[index] as Address;
    const { address } = stage.chain.deployment.stablecoins.EUR;
    const token = { address, abi: stablecoinAbi } as const;
    await stage.chain
      .wallet(localAccounts.minter)
      .writeContract({ ...token, functionName: 'mint', args: [payer, 50_000_000n] });
    await stage.mine(FINALITY_DEPTH + 1);
    await stage.follow();
    await stage.openAccount('EUR', payer); // funded, and nobody authorised the operator
    const stuck = await batched(freshWallet(), { amount: { currency: 'EUR', value: '10.00' } });
    const fine = await batched();
    const lane = createLane(stage.laneParts);
    expect(await lane.round()).to.equal(1);
    await stage.finalise();
    await settledOnce(fine.id, fine.wallet);
    expect(await state(stuck.id)).to.equal('batched');
    expect((await stage.payment(stuck.id)).transaction_hash).to.equal(null);

    const owner = stage.chain.wallet(index);
    const router = stage.chain.deployment.paymentRouter;
    await owner.writeContract({ ...token, functionName: 'approve', args: [router, maxUint256] });
    await owner.writeContract({
      address: router,
      abi: paymentRouterAbi,
      functionName: 'authorizeOperator',
      args: [stage.laneParts.signer.address, address, 10n ** 12n, 86_400],
    });
    await stage.mine();
    await stage.database.query('update settlement.settlement_batches set attempt_after = now()');
    await lane.round();
    await stage.finalise();
    expect(await state(stuck.id)).to.equal('posted');
  });

  it('holds for a person a batch whose sequences the payer has cancelled on the chain', async () => {
    const { id } = await batched();
    await stage.chain.wallet(localAccounts.treasury).writeContract({
      address: stage.chain.deployment.paymentRouter,
      abi: paymentRouterAbi,
      functionName: 'cancelSequences',
      args: [(await stage.payment(id)).sequence, 1n],
    });
    await stage.mine();
    const lane = createLane(stage.laneParts);
    await lane.round();
    expect(await state(id), 'not before the cancellation is final').to.equal('batched');
    await stage.mine(FINALITY_DEPTH);
    await stage.database.query('update settlement.settlement_batches set attempt_after = now()');
    await lane.round();
    expect(await state(id)).to.equal('held');
  });

  it('takes what the chain has already, when the database is restored from an older backup', async () => {
    const { id, wallet } = await batched();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await stage.mine();
    // As it was before the signature: no attempt, no nonce taken.
    const { settlement_batch_id } = await stage.payment(id);
    await stage.database.query('delete from settlement.attempts where settlement_batch_id = $1', [
      settlement_batch_id,
    ]);
    await stage.database.query('update settlement.lanes set next_nonce = next_nonce - 1, owner = null');
    await stage.database.query(
      `update settlement.settlement_batches set state = 'batched', transaction_hash = null where id = $1`,
      [settlement_batch_id],
    );
    await stage.database.query(`update settlement.payments set state = 'batched' where id = $1`, [id]);
    const restored = createLane(stage.laneParts);
    expect(await restored.round(), 'the simulation finds the sequences used').to.equal(0);
    await stage.finalise();
    await settledOnce(id, wallet);
    const next = await batched();
    await restored.round();
    await stage.finalise();
    await settledOnce(next.id, next.wallet);
  });
});
