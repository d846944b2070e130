/** Payments that wallets signed, from acceptance to their end: once under every fault, whoever sends the transaction. */
import { expect } from 'chai';
import type { Address } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { readAuthorizedTrace } from '../../../../scripts/trace/authorizedPayment.ts';
import { subjectsOf } from '../../../../scripts/trace/subjects.ts';
import { paymentRouterAbi } from '../../../../services/core/abi/paymentRouter.ts';
import { type Transaction, withTransaction } from '../../../../services/platform/database.ts';
import { createAuthorizedPaymentLifecycle } from '../../../../services/settlement/domains/authorizedPayments/lifecycle.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import * as holds from '../../../../services/settlement/domains/ledger/holds.ts';
import * as postings from '../../../../services/settlement/domains/ledger/postings.ts';
import { followChain } from '../../../../services/settlement/domains/payments/follower.ts';
import { enqueueWebhook } from '../../../../services/settlement/domains/webhooks/outbox.ts';
import {
  authorization,
  cancellation,
  mintTo,
  randomBytes32,
  type SignedAuthorization,
  submitElsewhere,
} from '../../../support/authorizations.ts';
import { type AuthorizedStage, startAuthorizedStage } from '../../../support/authorizedStage.ts';
import { Died, mortal } from '../../../support/mortal.ts';
import { FINALITY_DEPTH, freshWallet } from '../../../support/stage.ts';
import { until } from '../../../support/until.ts';

/** More than a process makes between the first look at a payment and its end; the test says when it has seen them all. */
const MOST_COMMITS = 30;
const TOLD = ['authorized_payment.processing', 'authorized_payment.settled'];

describe('authorised payments: settlement', function () {
  this.timeout(240_000);
  let stage: AuthorizedStage;
  before(async () => {
    stage = await startAuthorizedStage();
  });
  after(() => stage?.stop());
  /** Each test is another process: the lane is free. */
  beforeEach(() => stage.database.query('update settlement.lanes set owner = null, lease_until = null'));

  const expectPaidOnce = async ({ id, signed }: { id: string; signed: SignedAuthorization }) => {
    const payment = await stage.get(id);
    expect(payment.status).to.equal('settled');
    expect(await stage.balanceOf(signed.recipient)).to.equal(signed.amount);
    const receipt = await stage.chain.client.getTransactionReceipt({ hash: payment.transactionHash });
    expect([receipt.status, receipt.blockHash]).to.deep.equal(['success', payment.blockHash]);
  };
  const expectFailed = async ({ id, signed }: { id: string; signed: SignedAuthorization }, code: string) => {
    const payment = await stage.get(id);
    expect([payment.status, payment.reason?.code]).to.deep.equal(['failed', code]);
    expect(await stage.balanceOf(signed.recipient)).to.equal(0n);
    expect((await stage.webhooksOf(id)).at(-1)).to.equal('authorized_payment.failed');
  };
  const setPause = (functionName: 'pause' | 'unpause') =>
    stage.chain.wallet(localAccounts.admin).writeContract({ ...stage.coin, functionName, gas: 200_000n });
  const cancel = async (signed: SignedAuthorization) => {
    const signature = await cancellation(stage.chain, stage.payer, signed);
    const args = [signed.payer, signed.nonce, signature] as const;
    await stage.chain
      .wallet(8)
      .writeContract({ ...stage.coin, functionName: 'cancelAuthorization', args, gas: 200_000n });
  };

  it('pays from a wallet without ETH, and tells partner and timeline of each step', async () => {
    const payment = await stage.accepted();
    expect(await stage.chain.client.getBalance({ address: stage.payer.address })).to.equal(0n);
    const lane = createLane(stage.laneParts);
    await lane.round();
    const processing = await stage.get(payment.id);
    expect(processing.status).to.equal('processing');
    expect(processing.transactionHash).to.match(/^0x/);
    await stage.mine();
    await lane.round();
    await stage.follow();
    expect((await stage.get(payment.id)).status, 'a receipt is not the end').to.equal('processing');
    await stage.mine(FINALITY_DEPTH);
    await stage.follow();
    await expectPaidOnce(payment);
    const { events } = await stage.get(payment.id);
    expect(events.map(({ state }: { state: string }) => state)).to.deep.equal([
      'accepted',
      'call_signed',
      'call_broadcast',
      'call_included',
      'call_final',
      'settled',
    ]);
    expect(await stage.webhooksOf(payment.id)).to.deep.equal(TOLD);
    const trace = await readAuthorizedTrace(stage.database, payment.id);
    expect(new Set(trace?.moments.map(({ what }) => what))).to.deep.equal(
      new Set(['request', 'state', 'signature', 'transaction', 'event']),
    );
    expect(trace?.summary).to.deep.include(['status', 'settled']);
    for (const one of [payment.signed.nonce, payment.signed.paymentReference])
      expect(await subjectsOf(stage.database, one)).to.deep.equal([payment.id]);
  });

  it('is settled when as many blocks stand on it as its amount wants', async () => {
    const blocks = FINALITY_DEPTH + 3;
    const { database, lifecycle, chainId } = stage;
    const largeAmounts = [{ currency: 'USD', units: 100_000_000n, blocks }];
    const follow = async () => {
      while (
        await followChain({ database, lifecycle, chainId, ledger: { ...holds, ...postings }, largeAmounts })
      );
      await stage.followEnds();
    };
    const payment = await stage.accepted({ amount: 100_000_000n });
    const lane = createLane(stage.laneParts);
    await lane.round();
    await stage.mine(blocks);
    await follow();
    expect((await stage.get(payment.id)).status).to.equal('processing');
    await stage.mine();
    await follow();
    await expectPaidOnce(payment);
  });

  for (const moment of ['before', 'after'] as const)
    it(`pays once when the process dies ${moment} any of its commits`, async () => {
      let commit = 0;
      for (let hasDied = true; hasDied; ) {
        commit++;
        expect(commit).to.be.below(MOST_COMMITS);
        const payment = await stage.accepted({ amount: 1_000_000n });
        const process = mortal(stage.database, commit, moment);
        await stage.carry(process.database).catch((error: unknown) => {
          if (!(error instanceof Died)) throw error;
        });
        hasDied = process.hasDied();
        await stage.database.query('update settlement.lanes set owner = null, lease_until = null');
        await stage.carry();
        await expectPaidOnce(payment);
        expect(await stage.webhooksOf(payment.id), `commit ${commit}`).to.deep.equal(TOLD);
      }
      expect(commit, 'commits that a process makes').to.be.greaterThan(6);
    });

  for (let depth = 1; depth <= FINALITY_DEPTH; depth++)
    it(`pays once when ${depth} block(s) with it are undone`, async () => {
      const payment = await stage.accepted();
      const lane = createLane(stage.laneParts);
      const snapshot = await stage.chain.request('evm_snapshot');
      await lane.round();
      await stage.mine(depth);
      await lane.round();
      await stage.follow();
      await stage.chain.request('evm_revert', [snapshot]);
      await stage.mine(depth + 1);
      await stage.follow();
      expect(await stage.get(payment.id)).to.include({ status: 'processing' });
      expect((await stage.get(payment.id)).blockHash).to.equal(undefined);
      await lane.round();
      await stage.mine();
      await lane.round();
      await stage.mine(FINALITY_DEPTH);
      await stage.follow();
      await expectPaidOnce(payment);
      expect(await stage.webhooksOf(payment.id)).to.deep.equal(TOLD);
    });

  it('is told as it went when it ends in the moment in which a node gets its transaction', async () => {
    const { database } = stage;
    const lifecycle = createAuthorizedPaymentLifecycle({ enqueueWebhook });
    const { id } = await stage.accepted();
    const { rows } = await database.query(
      'select call_id from settlement.authorized_payments where id = $1',
      [id],
    );
    let ending: Promise<void> | undefined;
    /** Ends the payment, or waits to, as soon as something of it is in the timeline. */
    const meanwhile = (tx: Transaction) => async (text: string, values?: unknown[]) => {
      const result = await tx.query(text, values);
      if (ending || !text.includes('insert into settlement.authorized_payment_events')) return result;
      let hasEnded = false;
      ending = withTransaction(database, (other) =>
        lifecycle.fail(other, [{ id, code: 'cancelled', detail: 'by the payer' }]),
      ).finally(() => {
        hasEnded = true;
      });
      await until('the end to be written, or to wait', async () => {
        const waiting = await database.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return hasEnded || waiting.rowCount;
      });
      return result;
    };
    await withTransaction(database, (tx) =>
      lifecycle.onCall({ query: meanwhile(tx) } as unknown as Transaction, 'broadcast', [
        { id: rows[0].call_id, detail: {} },
      ]),
    );
    await ending;
    const { events } = await stage.get(id);
    expect(events.map(({ state }: { state: string }) => state)).to.deep.equal([
      ...['accepted', 'call_broadcast', 'failed'],
    ]);
    expect(await stage.webhooksOf(id)).to.deep.equal([
      ...['authorized_payment.processing', 'authorized_payment.failed'],
    ]);
  });

  it('is settled by whoever submits it first, and our call ends by itself', async () => {
    const payment = await stage.accepted();
    const hash = await submitElsewhere(stage.chain, payment.signed);
    await stage.mine();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await stage.mine(FINALITY_DEPTH);
    await stage.follow();
    await expectPaidOnce(payment);
    expect((await stage.get(payment.id)).transactionHash).to.equal(hash);
    expect(await subjectsOf(stage.database, hash)).to.deep.equal([payment.id]);
    expect(await stage.webhooksOf(payment.id)).to.deep.equal(['authorized_payment.settled']);
    await stage.dueNow();
    await lane.round();
    const { rows } = await stage.database.query(
      'select c.state from settlement.calls c join settlement.authorized_payments p on p.call_id = c.id where p.id = $1',
      [payment.id],
    );
    expect(rows).to.deep.equal([{ state: 'failed' }]);
    expect((await stage.get(payment.id)).status).to.equal('settled');
  });

  it('is settled by another submitter whose transaction overtakes ours, which reverts', async () => {
    const payment = await stage.accepted();
    const lane = createLane(stage.laneParts);
    await lane.round();
    const { transactionHash: ours } = await stage.get(payment.id);
    const { input, nonce } = await stage.chain.client.getTransaction({ hash: ours });
    expect(input.length).to.be.greaterThan(2);
    const { rows } = await stage.database.query(
      'select raw_transaction from settlement.attempts where transaction_hash = $1',
      [ours],
    );
    await stage.chain.request('hardhat_dropTransaction', [ours]);
    const theirs = await submitElsewhere(stage.chain, payment.signed);
    await stage.mine();
    await stage.chain.request('eth_sendRawTransaction', [rows[0].raw_transaction]);
    await stage.mine();
    expect((await stage.chain.client.getTransactionReceipt({ hash: ours })).status).to.equal('reverted');
    await lane.round();
    await stage.mine(FINALITY_DEPTH);
    await stage.follow();
    await expectPaidOnce(payment);
    expect((await stage.get(payment.id)).transactionHash).to.equal(theirs);
    expect(await stage.webhooksOf(payment.id)).to.deep.equal(TOLD);
    const { address } = stage.laneParts.signer;
    expect(await stage.chain.client.getTransactionCount({ address }), 'no gap').to.equal(nonce + 1);
  });

  it('fails when the payer cancels it while it is under way', async () => {
    const payment = await stage.accepted();
    await cancel(payment.signed);
    await stage.mine();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await stage.follow();
    expect((await stage.get(payment.id)).status, 'a reorganisation may undo it').to.equal('accepted');
    await stage.mine(FINALITY_DEPTH);
    await stage.follow();
    await expectFailed(payment, 'cancelled');
  });

  it('fails when its time is over by a final block, and not by any clock before', async () => {
    await setPause('pause');
    await stage.mine();
    const { timestamp } = await stage.chain.client.getBlock();
    await setPause('unpause');
    await stage.mine();
    const payment = await stage.accepted({ validBefore: timestamp + 1_000n });
    await setPause('pause');
    await stage.mine();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await stage.chain.request('evm_increaseTime', [2_000]);
    await stage.mine();
    await stage.follow();
    expect((await stage.get(payment.id)).status, 'no final block says so').to.equal('accepted');
    await stage.mine(FINALITY_DEPTH);
    await stage.follow();
    await expectFailed(payment, 'expired');
    await setPause('unpause');
    await stage.dueNow();
    await stage.mine();
    await lane.round();
    await stage.carry();
    expect(await stage.balanceOf(payment.signed.recipient)).to.equal(0n);
  });

  it('waits while the coin is paused, delays nobody, and goes on', async () => {
    const payment = await stage.accepted();
    await setPause('pause');
    await stage.mine();
    const lane = createLane(stage.laneParts);
    await lane.round();
    const waiting = await stage.get(payment.id);
    expect(waiting.status).to.equal('accepted');
    expect(waiting.events.at(-1)).to.deep.include({ state: 'call_waiting' });
    expect(waiting.events.at(-1).detail.reason).to.match(/^TokenIsPaused/);
    await setPause('unpause');
    await stage.mine();
    await stage.dueNow();
    await lane.release();
    await stage.carry();
    await expectPaidOnce(payment);
  });

  it('waits until it is valid, by the chain’s time', async () => {
    const { timestamp } = await stage.chain.client.getBlock();
    const payment = await stage.accepted({ validAfter: timestamp + 1_000n });
    const lane = createLane(stage.laneParts);
    expect(await lane.round()).to.equal(0);
    await stage.chain.request('evm_increaseTime', [1_001]);
    await stage.mine();
    await lane.release();
    await stage.carry();
    await expectPaidOnce(payment);
  });

  it('fails when the payer used the same nonce for something else', async () => {
    const payment = await stage.accepted();
    // The nonce does not tie the amount: the payer signs another one, and submits that.
    const other = await authorization(stage.chain, stage.payer, {
      ...payment.signed,
      signature: undefined as never,
      amount: 20_000n,
    });
    await submitElsewhere(stage.chain, other);
    await stage.mine(FINALITY_DEPTH + 1);
    await stage.follow();
    const { status, reason } = await stage.get(payment.id);
    expect([status, reason.code]).to.deep.equal(['failed', 'used_elsewhere']);
    expect(await stage.balanceOf(payment.signed.recipient)).to.equal(20_000n);
  });

  it('takes each payment of a transaction for one authorisation only', async () => {
    const recipient = freshWallet();
    const paymentReference = randomBytes32();
    const both = [
      await stage.accepted({ recipient, paymentReference }),
      await stage.accepted({ recipient, paymentReference }),
    ];
    await submitElsewhere(stage.chain, (both[0] as { signed: SignedAuthorization }).signed);
    await stage.mine(FINALITY_DEPTH + 1);
    await stage.follow();
    const statuses = await Promise.all(both.map(async ({ id }) => (await stage.get(id)).status));
    expect(statuses).to.deep.equal(['settled', 'accepted']);
    await stage.carry();
    expect((await stage.get((both[1] as { id: string }).id)).status).to.equal('settled');
    expect(await stage.balanceOf(recipient)).to.equal(20_000_000n);
  });

  it('is in the books of partners whose accounts it touches, and posts nothing else', async () => {
    const payer = privateKeyToAccount(generatePrivateKey());
    await mintTo(stage.chain, payer.address, 50_000_000n);
    const recipient = freshWallet();
    await stage.mine(FINALITY_DEPTH + 1);
    await stage.follow();
    const [from, to] = [
      await stage.openAccount('USD', payer.address),
      await stage.openAccount('USD', recipient),
    ];
    const unknown = await stage.accepted();
    const known = await stage.accepted({ recipient, amount: 12_340_000n }, payer);
    await stage.carry();
    await expectPaidOnce(unknown);
    await expectPaidOnce(known);
    expect((await stage.funds(from))?.posted).to.equal(50_000_000n - 12_340_000n);
    expect((await stage.funds(to))?.posted).to.equal(12_340_000n);
    const { rows } = await stage.database.query<{ id: string; kind: string; account_id: string }>(
      `select id, kind, account_id from settlement.ledger_postings where transaction_hash = $1 order by log_index`,
      [(await stage.get(known.id)).transactionHash],
    );
    expect(rows.map(({ kind, account_id: account }) => [kind, account])).to.deep.equal([
      ['withdrawal', from],
      ['deposit', to],
    ]);
    const trace = await readAuthorizedTrace(stage.database, known.id);
    const shown = trace?.moments.filter(({ what }) => what === 'posting') ?? [];
    expect(shown.map(({ detail }) => detail.split(' ')[1])).to.have.members(rows.map(({ id }) => id));
    for (const id of [...rows.map((row) => row.id), from])
      expect(await subjectsOf(stage.database, id), id).to.deep.equal([known.id]);
    const others = await stage.database.query(
      'select from settlement.ledger_postings where transaction_hash = $1',
      [(await stage.get(unknown.id)).transactionHash],
    );
    expect(others.rowCount).to.equal(0);
    await stage.reconcile();
    const { rows: breaks } = await stage.database.query('select kind from settlement.breaks');
    expect(breaks).to.deep.equal([]);
  });

  it('is not mistaken for a payment of the wallet itself', async () => {
    const payment = await stage.accepted();
    const { recipient, amount, paymentReference, token } = payment.signed;
    const wallet = stage.chain.wallet(10);
    const account = stage.chain.accounts[10] as Address;
    await mintTo(stage.chain, account, amount);
    await stage.mine();
    const router = { address: stage.chain.deployment.paymentRouter, abi: paymentRouterAbi } as const;
    await wallet.writeContract({
      ...stage.coin,
      functionName: 'approve',
      args: [router.address, amount],
      gas: 200_000n,
    });
    await wallet.writeContract({
      ...router,
      functionName: 'pay',
      args: [token, recipient, amount, paymentReference],
      gas: 300_000n,
    });
    await stage.mine(FINALITY_DEPTH + 1);
    await stage.follow();
    expect((await stage.get(payment.id)).status).to.equal('accepted');
    await stage.carry();
    expect((await stage.get(payment.id)).status).to.equal('settled');
  });
});
