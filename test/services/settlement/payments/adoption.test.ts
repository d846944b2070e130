/** Payments that the chain has already, by whatever way: they are taken for ours, and end as ours do. */
import { expect } from 'chai';
import { type Address, type Hex, pad, toHex } from 'viem';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { paymentRouterAbi } from '../../../../services/core/abi/paymentRouter.ts';
import type { PaymentInstruction } from '../../../../services/core/paymentInstruction.ts';
import { statementOf } from '../../../../services/settlement/domains/accounts/statement.ts';
import { type AccountRow, findAccount } from '../../../../services/settlement/domains/accounts/store.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { FINALITY_DEPTH, freshWallet, instruction, type Stage, startStage } from '../../../support/stage.ts';

const TEN = 10_000_000n;

describe('payments: adoption', () => {
  let stage: Stage;
  let usd: string;
  let router: { address: Address; abi: typeof paymentRouterAbi };
  before(async () => {
    stage = await startStage();
    usd = await stage.openAccount('USD');
    router = { address: stage.chain.deployment.paymentRouter, abi: paymentRouterAbi };
    const { address } = stage.chain.deployment.stablecoins.USD;
    await stage.chain.wallet(localAccounts.treasury).writeContract({
      ...router,
      functionName: 'authorizeOperator',
      args: [stage.treasury, address, 10n ** 12n, 86_400],
    });
    await stage.finalise();
  });
  after(() => stage?.stop());

  const packed = (wallet: Address): Hex => `${wallet}${pad(toHex(TEN), { size: 12 }).slice(2)}`;
  /** The payer settles 10.00 to each wallet without us, from a sequence on. */
  const settleOutside = (sequence: bigint, ...wallets: Address[]) =>
    stage.chain.wallet(localAccounts.treasury).writeContract({
      ...router,
      functionName: 'settleBatch',
      args: [
        stage.treasury,
        stage.chain.deployment.stablecoins.USD.address,
        sequence,
        wallets.map((wallet) => packed(wallet.toLowerCase() as Address)),
      ],
    });
  const nextSequence = async (): Promise<bigint> =>
    (await stage.database.query('select next_sequence from settlement.payers')).rows[0].next_sequence;
  const openBreaks = async () => {
    await stage.reconcile();
    return (await stage.database.query('select kind from settlement.breaks where closed_at is null')).rows;
  };
  const endsAs = async (ids: readonly string[], state: string, hold: string) => {
    expect(await stage.states(ids)).to.deep.equal(ids.map(() => state));
    const { rows } = await stage.database.query<{ state: string }>(
      'select state from settlement.holds where payment_id = any($1)',
      [ids],
    );
    expect(rows.map((row) => row.state)).to.deep.equal(ids.map(() => hold));
    expect(await stage.funds(usd)).to.deep.equal({
      accountId: usd,
      posted: await stage.balanceOf(stage.treasury),
      held: 0n,
    });
    expect(await openBreaks()).to.deep.equal([]);
  };

  it('ends a payment that the payer settled itself, and that was posted as a withdrawal before we had it', async () => {
    const [wallet, endToEndId] = [freshWallet(), 'PAID-BEFORE'];
    await settleOutside(await nextSequence(), wallet);
    await stage.finalise();
    const ids = await stage.accept(instruction({ to: wallet, endToEndId }));
    await stage.batch();
    await stage.follow();
    await endsAs(ids, 'posted', 'posted');
    expect(await stage.balanceOf(wallet)).to.equal(TEN);
    const account = (await findAccount(stage.database, stage.partnerId, usd)) as AccountRow;
    const today = new Date().toISOString().slice(0, 10);
    expect(await statementOf(stage.database, account, today)).to.contain(endToEndId);
  });

  it('returns a payment that the chain returned to its payer before we had it', async () => {
    const frozen = stage.chain.accounts[localAccounts.frozenSupplier] as Address;
    await settleOutside(await nextSequence(), frozen);
    await stage.finalise();
    const ids = await stage.accept(instruction({ to: frozen }));
    await stage.batch();
    await stage.follow();
    await endsAs(ids, 'returned', 'voided');
  });

  it('carries each payment of a batch by its own block, when they lie in several', async () => {
    const wallets = [freshWallet(), freshWallet()] as const;
    const ids = await stage.accept(...wallets.map((to) => instruction({ to })));
    await stage.batch();
    const first = (await stage.payment(ids[0] as string)).sequence;
    await settleOutside(first + 1n, wallets[1]);
    await stage.mine();
    await stage.follow();
    expect(await stage.states(ids), 'the other one may yet come').to.deep.equal(['batched', 'batched']);
    await settleOutside(first, wallets[0]);
    await stage.mine();
    await stage.follow();
    expect(await stage.states(ids)).to.deep.equal(['included', 'included']);
    await stage.mine(FINALITY_DEPTH - 1);
    await stage.follow();
    expect(await stage.states(ids), 'the later block is not final').to.deep.equal(['included', 'posted']);
    await stage.mine();
    await stage.follow();
    await endsAs(ids, 'posted', 'posted');
    for (const id of ids)
      expect(await timelineOf(id)).to.deep.equal(
        'received screened reserved batched broadcast included final posted'.split(' '),
      );
  });

  it('settles a batch itself when a reorganisation takes away what others had settled of it', async () => {
    const wallets = [freshWallet(), freshWallet()] as const;
    const ids = await stage.accept(...wallets.map((to) => instruction({ to })));
    await stage.batch();
    const snapshot = await stage.chain.request('evm_snapshot');
    await settleOutside((await stage.payment(ids[0] as string)).sequence, ...wallets);
    await stage.mine();
    await stage.follow();
    expect(await stage.states(ids)).to.deep.equal(['included', 'included']);
    await stage.chain.request('evm_revert', [snapshot]);
    await stage.mine(2);
    await stage.follow();
    expect(await stage.states(ids), 'nothing of ours is under way').to.deep.equal(['batched', 'batched']);
    const lane = createLane(stage.laneParts);
    expect(await lane.round()).to.equal(1);
    await lane.release();
    await stage.finalise();
    await endsAs(ids, 'posted', 'posted');
  });

  it('pays what is missing when others settled a part of its batch, also when that part is final', async () => {
    const wallets = [freshWallet(), freshWallet(), freshWallet(), freshWallet()] as const;
    const ids = await stage.accept(...wallets.map((to) => instruction({ to })));
    await stage.batch();
    const { sequence } = await stage.payment(ids[0] as string);
    await settleOutside(sequence + 1n, wallets[1], wallets[2]);
    await stage.finalise();
    expect(await stage.states(ids), 'the lane divides it').to.deep.equal(Array(4).fill('batched'));
    const lane = createLane(stage.laneParts);
    expect(await lane.round()).to.equal(2);
    await lane.release();
    await stage.finalise();
    await endsAs(ids, 'posted', 'posted');
    for (const wallet of wallets) expect(await stage.balanceOf(wallet)).to.equal(TEN);
  });

  it('goes on to the end when a backup without the payment is restored and the file is handed in again', async () => {
    const wallet = freshWallet();
    const file = instruction({ to: wallet, endToEndId: 'BEFORE-THE-BACKUP-WAS-RESTORED' });
    const [lost] = (await stage.accept(file)) as [string];
    await stage.batch();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await lane.release();
    await stage.mine();
    await forget(lost);
    await stage.finalise();
    expect((await stage.funds(usd))?.posted).to.equal(await stage.balanceOf(stage.treasury));
    const ids = await stage.accept(file);
    await stage.batch();
    await stage.follow();
    await endsAs(ids, 'posted', 'posted');
    expect(await stage.balanceOf(wallet)).to.equal(TEN);
  });

  it('pays nobody twice when the payments come again in another order, with others between them', async () => {
    const files = ['first', 'second', 'third'].map((name) =>
      instruction({ to: freshWallet(), endToEndId: `FORGOTTEN-${name}` }),
    ) as [PaymentInstruction, PaymentInstruction, PaymentInstruction];
    const lost = await stage.accept(...files);
    await stage.batch();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await lane.release();
    await stage.mine();
    await forget(...lost);
    await stage.finalise();

    const other = instruction();
    const ids = await stage.accept(other, files[2], files[0]);
    await stage.batch();
    await stage.follow();
    expect(await stage.states(ids)).to.deep.equal(['batched', 'posted', 'posted']);
    ids.push(...(await stage.accept(files[1], instruction())));
    await stage.batch();
    const again = createLane(stage.laneParts);
    while ((await again.round()) > 0);
    await again.release();
    await stage.finalise();
    await endsAs(ids, 'posted', 'posted');
    for (const { creditor } of [...files, other])
      expect(await stage.balanceOf(creditor.account.identification as Address)).to.equal(TEN);
    const { rows } = await stage.database.query(
      'select max(sequence) + 1 as next, (select next_sequence from settlement.payers) as given from indexer.payments',
    );
    expect(rows[0].given, 'nothing is forgotten any more').to.equal(rows[0].next);
  });

  it('opens a break for a payment whose block was posted and that did not end', async () => {
    const ids = await stage.accept(instruction());
    await stage.batch();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await lane.release();
    await stage.finalise();
    const undo = `update settlement.payments set state = 'final' where id = '${ids[0]}';
      update settlement.holds set state = 'pending' where payment_id = '${ids[0]}';
      update settlement.ledger_accounts set held = held + ${TEN} where kind = 'funds'`;
    await stage.database.query(undo);
    expect(await openBreaks()).to.deep.equal([{ kind: 'holds' }]);
    await stage.finalise();
    await endsAs(ids, 'posted', 'posted');
  });

  async function timelineOf(id: string): Promise<string[]> {
    const { rows } = await stage.database.query<{ state: string }>(
      'select state from settlement.timeline where payment_id = $1 order by id, step',
      [id],
    );
    return rows.map(({ state }) => state);
  }

  /** As if the database had been restored from before the payments of one batch were accepted. */
  async function forget(...ids: string[]): Promise<void> {
    const { settlement_batch_id: batch } = await stage.payment(ids[0] as string);
    for (const [sql, argument] of [
      ['delete from settlement.attempts where settlement_batch_id = $1', batch],
      ['delete from settlement.payment_events where payment_id = any($1)', ids],
      ['delete from settlement.payment_events where settlement_batch_id = $1', batch],
      ['delete from settlement.webhook_messages where payment_id = any($1)', ids],
      ['delete from settlement.holds where payment_id = any($1)', ids],
      ['delete from settlement.payments where id = any($1)', ids],
      ['delete from settlement.settlement_batches where id = $1', batch],
      ['update settlement.payers set next_sequence = next_sequence - $1', ids.length],
    ] as const)
      await stage.database.query(sql, [argument]);
    await stage.database.query('update settlement.ledger_accounts set held = 0');
    await stage.database.query('update settlement.lanes set next_nonce = next_nonce - 1');
  }
});
