import { expect } from 'chai';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { freshWallet, instruction, type Stage, startStage } from '../../../support/stage.ts';

const DEEPEST = 8;

describe('payments: reorganisation', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await startStage(DEEPEST + 1);
    await stage.openAccount('USD');
  });
  afterEach(() => stage?.stop());

  for (let depth = 1; depth <= DEEPEST; depth++)
    it(`takes an inclusion of ${depth} block(s) back, sends the same bytes again, and settles once`, async () => {
      const wallet = freshWallet();
      const [id] = (await stage.accept(instruction({ to: wallet }))) as [string];
      await stage.batch();
      const lane = createLane(stage.laneParts);
      const snapshot = await stage.chain.request('evm_snapshot');
      await lane.round();
      await stage.mine(depth);
      await stage.follow();
      expect(await stage.states([id])).to.deep.equal(['included']);
      const { block_hash: firstHash } = await batchOf(id);

      await stage.chain.request('evm_revert', [snapshot]);
      await stage.mine(depth + 1);
      await stage.follow();
      expect(await stage.states([id])).to.deep.equal(['broadcast']);
      expect(await stage.balanceOf(wallet)).to.equal(0n);
      await lane.round();
      await stage.mine();
      await stage.follow();
      expect(await stage.states([id])).to.deep.equal(['included']);
      expect((await batchOf(id)).block_hash).to.not.equal(firstHash);
      await stage.finalise();
      expect(await stage.states([id])).to.deep.equal(['posted']);
      expect(await stage.balanceOf(wallet)).to.equal(10_000_000n);

      const { rows: sent } = await stage.database.query('select state from settlement.attempts');
      expect(sent).to.deep.equal([{ state: 'included' }]);
      const { rows: told } = await stage.database.query(
        'select type from settlement.webhook_messages where payment_id = $1 order by id',
        [id],
      );
      expect(told.map(({ type }) => type)).to.deep.equal([
        'payment.accepted',
        'payment.processing',
        'payment.settled',
      ]);
    });

  it('leaves no gap in the lane when a block with a reverted transaction is undone and the node has lost it', async () => {
    const wallet = freshWallet();
    const [id] = (await stage.accept(instruction({ to: wallet }))) as [string];
    await stage.batch();
    const lane = createLane(stage.laneParts);
    await lane.round();
    const admin = stage.chain.wallet(localAccounts.admin);
    const token = { address: stage.chain.deployment.stablecoins.USD.address, abi: stablecoinAbi } as const;
    // The pause gets ahead of the payment, which therefore reverts.
    const { rows } = await stage.database.query(
      'select transaction_hash, raw_transaction from settlement.attempts',
    );
    await stage.chain.request('hardhat_dropTransaction', [rows[0].transaction_hash]);
    await admin.writeContract({ ...token, functionName: 'pause' });
    await stage.mine();
    const snapshot = await stage.chain.request('evm_snapshot');
    await stage.chain.request('eth_sendRawTransaction', [rows[0].raw_transaction]);
    await stage.mine();
    await lane.round();
    expect(await stage.states([id])).to.deep.equal(['batched']);

    await stage.chain.request('evm_revert', [snapshot]);
    await admin.writeContract({ ...token, functionName: 'unpause' });
    await stage.mine(2);
    await stage.database.query('update settlement.settlement_batches set attempt_after = now()');
    await lane.round(); // signs under the next nonce, and sends again what was signed for the one that is free again
    await stage.database.query('update settlement.attempts set last_broadcast_at = null');
    await lane.round();
    await stage.mine();
    await stage.follow();
    await lane.round();
    await stage.finalise();
    expect(await stage.states([id])).to.deep.equal(['posted']);
    expect(await stage.balanceOf(wallet)).to.equal(10_000_000n);
    const operator = { address: stage.laneParts.signer.address };
    const { rows: lanes } = await stage.database.query('select next_nonce from settlement.lanes');
    expect(await stage.chain.client.getTransactionCount(operator)).to.equal(Number(lanes[0].next_nonce));
  });

  const batchOf = async (paymentId: string) =>
    (
      await stage.database.query(
        `select b.* from settlement.settlement_batches b join settlement.payments p on p.settlement_batch_id = b.id where p.id = $1`,
        [paymentId],
      )
    ).rows[0];
});
