/** Held payments: each kind that there is, what the chain says of it, and its end by `npm run held`. */
import { expect } from 'chai';
import { type Address, type Hex, pad, toHex } from 'viem';
import { runCommand } from '../../../../scripts/command.ts';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { subjectsOf } from '../../../../scripts/trace/subjects.ts';
import { paymentRouterAbi } from '../../../../services/core/abi/paymentRouter.ts';
import { readChainIdentity } from '../../../../services/platform/chain.ts';
import { createChainWitness } from '../../../../services/platform/chainWitness.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { voidHolds } from '../../../../services/settlement/domains/ledger/holds.ts';
import {
  failHeld,
  type HeldParts,
  HeldRefused,
  readHeld,
} from '../../../../services/settlement/domains/payments/held.ts';
import { FINALITY_DEPTH, freshWallet, instruction, type Stage, startStage } from '../../../support/stage.ts';

const TEN = 10_000_000n;

describe('payments: held for a person', () => {
  let stage: Stage;
  let usd: string;
  let parts: HeldParts;
  let router: { address: Address; abi: typeof paymentRouterAbi };
  before(async () => {
    stage = await startStage();
    usd = await stage.openAccount('USD');
    const { database, chain } = stage;
    const { client, deployment } = chain;
    router = { address: deployment.paymentRouter, abi: paymentRouterAbi };
    const identity = await readChainIdentity(client, deployment);
    const witness = createChainWitness({ node: client, identity, log: stage.laneParts.log });
    parts = { database, chain: client, deployment, witness };
    await payer().writeContract({
      ...router,
      functionName: 'authorizeOperator',
      args: [stage.treasury, deployment.stablecoins.USD.address, 10n ** 12n, 86_400],
    });
    await stage.finalise();
  });
  after(() => stage?.stop());
  /** Each test is another process. */
  beforeEach(() => stage.database.query('update settlement.lanes set owner = null'));

  const payer = () => stage.chain.wallet(localAccounts.treasury);
  const packed = (wallet: Address): Hex =>
    `${wallet.toLowerCase()}${pad(toHex(TEN), { size: 12 }).slice(2)}` as Hex;
  /** The payer settles 10.00 to a wallet without us. */
  const settleOutside = (sequence: bigint, wallet: Address) =>
    payer().writeContract({
      ...router,
      functionName: 'settleBatch',
      args: [stage.treasury, stage.chain.deployment.stablecoins.USD.address, sequence, [packed(wallet)]],
    });
  const cancel = (sequence: bigint) =>
    payer().writeContract({ ...router, functionName: 'cancelSequences', args: [sequence, 1n] });
  const batchedTo = async (...wallets: Address[]) => {
    const ids = await stage.accept(...wallets.map((to) => instruction({ to })));
    await stage.batch();
    return { ids, sequence: (await stage.payment(ids[0] as string)).sequence as bigint };
  };
  const fates = async () => (await readHeld(parts)).map(({ id, fate }) => [id, fate]);
  const fail = (id: string) => failHeld({ ...parts, lifecycle: stage.lifecycle, ledger: { voidHolds } }, id);
  const refusal = async (id: string) =>
    fail(id).then(
      () => 'ended',
      (error: unknown) => {
        if (!(error instanceof HeldRefused)) throw error;
        return error.code;
      },
    );
  /** The payment is returned, its partner told once, its money free, and the books agree. */
  const expectReturned = async (id: string) => {
    const payment = await stage.payment(id);
    expect([payment.state, payment.reason_code]).to.deep.equal(['returned', 'CUST']);
    const { rows: told } = await stage.database.query(
      'select type from settlement.webhook_messages where payment_id = $1 order by id',
      [id],
    );
    expect(told.map(({ type }) => type).filter((type) => type === 'payment.returned')).to.have.length(1);
    const { rows: timeline } = await stage.database.query(
      'select state, detail from settlement.timeline where payment_id = $1 order by id desc, step desc limit 1',
      [id],
    );
    expect([timeline[0].state, timeline[0].detail.reason]).to.deep.equal(['returned', 'CUST']);
    const { rows: holds } = await stage.database.query(
      'select state from settlement.holds where payment_id = $1',
      [id],
    );
    expect(holds).to.deep.equal([{ state: 'voided' }]);
  };
  const expectSoundBooks = async () => {
    await stage.finalise();
    await stage.reconcile();
    const { rows } = await stage.database.query('select kind from settlement.breaks where closed_at is null');
    expect(rows).to.deep.equal([]);
    expect(await fates()).to.deep.equal([]);
    expect((await stage.funds(usd))?.held).to.equal(0n);
  };

  it('ends one whose sequence the payer cancelled, once; the command lists it and does it', async () => {
    const { ids, sequence } = await batchedTo(freshWallet());
    const [id] = ids as [string];
    await cancel(sequence);
    await stage.finalise();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await lane.release();
    expect(await stage.states(ids)).to.deep.equal(['held']);
    expect(await fates()).to.deep.equal([[id, 'cancelled']]);

    const env = {
      DATABASE_URL: stage.databaseUrl,
      RPC_URL: stage.chain.rpcUrl,
      DEPLOYMENT_FILE: stage.chain.deploymentFile,
    };
    const held = (...args: string[]) =>
      runCommand('node', ['scripts/held.ts', ...args], { env, limitSeconds: 60 });
    const listed = await held();
    expect(listed.output).to.match(new RegExp(`^${id}  USD 10\\.00  sequence ${sequence} of 0x`));
    expect(listed.output).to.match(/chain: the payer cancelled the sequence/);
    const ended = await held(id, '--fail');
    expect([ended.code, /It is returned now/.test(ended.output)]).to.deep.equal([0, true]);
    const again = await held(id, '--fail');
    expect([again.code, again.output.split(':')[0]]).to.deep.equal([1, 'not_held']);
    expect((await held()).output).to.equal('No payment is held.\n');
    await expectReturned(id);
    await expectSoundBooks();
  });

  it('ends one whose sequence is used for another payment, not before that is final, and once when two do it at once', async () => {
    const { ids, sequence } = await batchedTo(freshWallet());
    const [id] = ids as [string];
    await settleOutside(sequence, freshWallet());
    await stage.mine();
    await stage.follow();
    expect(await stage.states(ids)).to.deep.equal(['held']);
    expect(await fates()).to.deep.equal([[id, 'unused']]);
    expect(await refusal(id)).to.equal('not_safe');
    await stage.mine(FINALITY_DEPTH);
    expect(await fates()).to.deep.equal([[id, 'taken']]);
    expect((await Promise.all([refusal(id), refusal(id)])).toSorted()).to.deep.equal(['ended', 'not_held']);
    await expectReturned(id);
    await expectSoundBooks();
  });

  it('ends only the one of a batch whose sequence the payer cancelled: the others are paid', async () => {
    const wallets = [freshWallet(), freshWallet(), freshWallet()] as const;
    const { ids, sequence } = await batchedTo(...wallets);
    await cancel(sequence + 1n);
    await stage.finalise();
    const lane = createLane(stage.laneParts);
    expect(await lane.round()).to.equal(2);
    await lane.release();
    await stage.finalise();
    expect(await stage.states(ids)).to.deep.equal(['posted', 'held', 'posted']);
    const cancelled = ids[1] as string;
    expect(await fates()).to.deep.equal([[cancelled, 'cancelled']]);
    expect(await refusal(cancelled)).to.equal('ended');
    await expectReturned(cancelled);
    await expectSoundBooks();
  });

  it('ends only what was asked of a batch that is held as a whole', async () => {
    const { ids, sequence } = await batchedTo(freshWallet(), freshWallet());
    await cancel(sequence);
    await cancel(sequence + 1n);
    await stage.finalise();
    const lane = createLane(stage.laneParts);
    await lane.round();
    await lane.release();
    expect(await stage.states(ids)).to.deep.equal(['held', 'held']);
    expect(await refusal(ids[0] as string)).to.equal('ended');
    expect(await stage.states(ids)).to.deep.equal(['returned', 'held']);
    expect(await refusal(ids[1] as string)).to.equal('ended');
    await expectSoundBooks();
  });

  it('refuses what the chain has settled after all, on another branch', async () => {
    const wallet = freshWallet();
    const { ids, sequence } = await batchedTo(wallet);
    const snapshot = await stage.chain.request('evm_snapshot');
    await settleOutside(sequence, freshWallet());
    await stage.mine();
    await stage.follow();
    expect(await stage.states(ids)).to.deep.equal(['held']);
    await stage.chain.request('evm_revert', [snapshot]);
    const transaction = await settleOutside(sequence, wallet);
    await stage.mine(2);
    await stage.finalise();
    expect(await fates()).to.deep.equal([[ids[0], 'settled']]);
    expect(await subjectsOf(stage.database, transaction), 'no attempt of ours has it').to.deep.equal(ids);
    expect(await refusal(ids[0] as string)).to.equal('not_safe');
  });

  it('knows nothing to end of a payment that is not held', async () => {
    const { ids } = await batchedTo(freshWallet());
    expect(await refusal(ids[0] as string)).to.equal('not_held');
    expect(await refusal('pay_none')).to.equal('not_held');
  });
});
