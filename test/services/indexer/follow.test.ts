import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { keccak256, toHex } from 'viem';
import { deploy } from '../../../scripts/deploy/deploy.ts';
import { seedLocalChain } from '../../../scripts/deploy/local.ts';
import { paymentRouterAbi } from '../../../services/core/abi/paymentRouter.ts';
import { stablecoinAbi } from '../../../services/core/abi/stablecoin.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { until } from '../../support/until.ts';
import { Activity, frozenSupplier, suppliers, treasury } from './activity.ts';
import { expectBalancesOfChain, type Indexing, startIndexing, untilCaughtUp } from './indexing.ts';

const [alice = 0, bob = 0, carol = 0] = suppliers;

describe('indexer: follows the chain', () => {
  let chain: TestChain;
  let activity: Activity;
  let indexing: Indexing;
  before(async () => {
    chain = await startTestChain();
    activity = new Activity(chain);
    indexing = await startIndexing(chain, { FINALITY_DEPTH: 3 });
  });
  after(async () => {
    await indexing?.[Symbol.asyncDispose]();
    await chain?.stop();
  });
  const lower = (index: number) => activity.account(index).toLowerCase();
  const usd = () => activity.token('USD').toLowerCase();
  const paymentsIn = async (transactionHash: string) => {
    await untilCaughtUp(chain, indexing.database);
    const { rows } = await indexing.database.query(
      `select payer, token, recipient, amount, sequence, payment_reference, outcome from indexer.payments
        where transaction_hash = $1 order by sequence, log_index`,
      [transactionHash],
    );
    return rows;
  };

  it('keeps the balance of every holder, and no row of who holds nothing', async () => {
    await activity.transfer(treasury, alice, 70n);
    await activity.transfer(alice, bob, 70n);
    await activity.transfer(bob, bob, 30n);
    await activity.mint(carol, 5n, 'EUR');
    await activity.inOneBlock(async () => {
      await activity.mint(alice, 9n, 'CNY');
      await activity.transfer(alice, carol, 4n, 'CNY');
      await activity.burn(alice, 5n, 'CNY');
    });
    await untilCaughtUp(chain, indexing.database);
    await expectBalancesOfChain(chain, indexing.database);
    const { rows } = await indexing.database.query('select amount from indexer.balances where account = $1', [
      lower(alice),
    ]);
    expect(rows).to.deep.equal([]);
  });

  it('stores every header by number and hash, each the parent of the next', async () => {
    await activity.emptyBlocks(3);
    await untilCaughtUp(chain, indexing.database);
    const { rows } = await indexing.database.query(
      'select number, hash, parent_hash from indexer.blocks order by number',
    );
    expect(rows[0].number).to.equal(BigInt(chain.deployment.startBlock));
    for (const [index, row] of rows.entries()) {
      const block = await chain.client.getBlock({ blockNumber: row.number });
      expect(row.hash).to.equal(block.hash);
      if (index > 0) expect(row.parent_hash).to.equal(rows[index - 1].hash);
    }
  });

  it('projects a single payment with its reference', async () => {
    const hash = await activity.pay(alice, 12n, 'invoice 7');
    expect(await paymentsIn(hash)).to.deep.equal([
      {
        payer: lower(treasury),
        token: usd(),
        recipient: lower(alice),
        amount: 12n,
        sequence: null,
        payment_reference: keccak256(toHex('invoice 7')),
        outcome: 'settled',
      },
    ]);
  });

  it('projects a batch by sequence, with the payments that were returned', async () => {
    const first = activity.nextSequence;
    const items = [alice, frozenSupplier, alice, treasury, frozenSupplier, bob].map((index, position) => ({
      recipient: activity.account(index),
      amount: BigInt(position + 1),
    }));
    const hash = await activity.settleBatch(items);
    expect(await paymentsIn(hash)).to.deep.equal(
      items.map(({ recipient, amount }, position) => ({
        payer: lower(treasury),
        token: usd(),
        recipient: recipient.toLowerCase(),
        amount,
        sequence: first + BigInt(position),
        payment_reference: null,
        outcome: recipient === activity.account(frozenSupplier) ? 'returned' : 'settled',
      })),
    );
    await expectBalancesOfChain(chain, indexing.database);
  });

  it('projects a batch in which every payment was returned', async () => {
    const items = [1n, 2n].map((amount) => ({ recipient: activity.account(frozenSupplier), amount }));
    const rows = await paymentsIn(await activity.settleBatch(items, 'CNY'));
    expect(rows.map((row) => [row.outcome, row.amount])).to.deep.equal([
      ['returned', 1n],
      ['returned', 2n],
    ]);
  });

  it('tells several batches and transfers of one block apart', async () => {
    const hashes: string[] = [];
    const items = (amount: bigint) =>
      suppliers.map((index) => ({ recipient: activity.account(index), amount }));
    await activity.inOneBlock(async () => {
      await activity.transfer(treasury, bob, 99n);
      hashes.push(await activity.settleBatch(items(1n)));
      await activity.transfer(treasury, bob, 98n);
      hashes.push(await activity.settleBatch(items(2n)));
      hashes.push(await activity.settleBatch(items(3n), 'EUR'));
    });
    for (const [index, hash] of hashes.entries()) {
      const rows = await paymentsIn(hash);
      expect(rows.map((row) => row.amount)).to.deep.equal(suppliers.map(() => BigInt(index + 1)));
    }
    expect(await indexing.metric('indexer_unproven_batches_total')).to.equal(0);
  });

  it('decodes every event of the contracts', async () => {
    await untilCaughtUp(chain, indexing.database);
    const { rows } = await indexing.database.query('select distinct name from indexer.events');
    const names = rows.map((row) => row.name);
    expect(names).to.include.members([
      'AccountFrozen',
      'Approval',
      'BatchSettled',
      'MinterConfigured',
      'OperatorAuthorized',
      'PaymentReturned',
      'PaymentSettled',
      'RoleGranted',
      'Transfer',
    ]);
    expect(names).not.to.include('unknown');
  });

  it('leaves payments out whose token the deployment does not know: such a token can say anything', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'corridor-stranger-'));
    const stranger = await deploy({ rpcUrl: chain.rpcUrl, outputFile: path.join(folder, 'deployment.json') });
    await rm(folder, { recursive: true });
    await seedLocalChain({ rpcUrl: chain.rpcUrl, deployment: stranger });
    const token = stranger.stablecoins.USD.address;
    const router = chain.deployment.paymentRouter;
    const wallet = chain.wallet(treasury);
    await wallet.writeContract({
      address: token,
      abi: stablecoinAbi,
      functionName: 'approve',
      args: [router, 1n],
    });
    const hash = await wallet.writeContract({
      address: router,
      abi: paymentRouterAbi,
      functionName: 'pay',
      args: [token, activity.account(alice), 1n, keccak256(toHex('stranger'))],
    });
    expect(await paymentsIn(hash)).to.deep.equal([]);
    const { rows } = await indexing.database.query(
      'select name from indexer.events where transaction_hash = $1',
      [hash],
    );
    expect(rows).to.deep.equal([{ name: 'PaymentSettled' }]);
  });

  it('counts blocks as final under the depth, and tells of each commit', async () => {
    const client = await indexing.database.connect();
    const told: (string | undefined)[] = [];
    client.on('notification', ({ payload }) => told.push(payload));
    await client.query('listen indexer_head');
    await activity.emptyBlocks(1);
    await untilCaughtUp(chain, indexing.database);
    await until('a notification', () => told.length > 0);
    client.release(true);
    expect(new Set(told)).to.deep.equal(new Set(['31337']));
    const { rows } = await indexing.database.query('select head_number, final_number from indexer.cursors');
    expect(rows[0].final_number).to.equal(rows[0].head_number - 3n);
    await until(
      'the metrics',
      async () => (await indexing.metric('indexer_head_block')) === Number(rows[0].head_number),
    );
    expect(await indexing.metric('indexer_final_block')).to.equal(Number(rows[0].final_number));
    expect(await indexing.metric('indexer_lag_blocks')).to.equal(0);
    expect(await indexing.metric('indexer_is_writer')).to.equal(1);
  });

  it('says that it is alive and ready', async () => {
    for (const page of ['healthz', 'readyz']) {
      const { status } = await fetch(`http://127.0.0.1:${indexing.indexer.port}/${page}`);
      expect(status).to.equal(200);
    }
  });
});
