/** A nonce whose transaction cannot land keeps nothing behind it waiting for ever, and no batch of it is lost. */
import { expect } from 'chai';
import {
  type Address,
  createPublicClient,
  custom,
  type Hex,
  type PublicClient,
  parseTransaction,
} from 'viem';
import { localAccounts } from '../../../../scripts/deploy/local.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { attemptsOf, authorise, batched, localSigner } from '../../../support/lanes.ts';
import { FINALITY_DEPTH, freshWallet, type Stage, startStage } from '../../../support/stage.ts';

/** After so many blocks a transaction that is first in the queue is late. */
const PATIENCE = 10;
const OTHER_OPERATOR = 14;

describe('lanes: a nonce that is stuck', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
    await stage.openAccount('USD');
    await authorise(stage.chain, localAccounts.treasury, [localSigner(OTHER_OPERATOR).address]);
    await stage.mine();
  });
  after(() => stage?.stop());
  beforeEach(async () => {
    await stage.database.query('update settlement.lanes set owner = null');
    refused = undefined;
  });

  /** The node takes no transaction that pays this wallet. */
  let refused: Address | undefined;
  const laneOfChoosyNode = () => {
    const chain = createPublicClient({
      transport: custom(
        {
          async request({ method, params }) {
            const isRefused = () =>
              refused && parseTransaction(params[0] as Hex).data?.includes(refused.slice(2).toLowerCase());
            if (method === 'eth_sendRawTransaction' && isRefused())
              throw new Error('exceeds block gas limit');
            return stage.chain.request(method, params);
          },
        },
        { retryCount: 0 },
      ),
    }) as PublicClient;
    return createLane({ ...stage.laneParts, chain });
  };
  const dueNow = () => stage.database.query('update settlement.settlement_batches set attempt_after = now()');
  const statesOf = async (paymentId?: string) =>
    (await attemptsOf(stage, paymentId)).map(({ state }) => state);
  const expectNoGap = async () => {
    const { address } = stage.laneParts.signer;
    const { rows } = await stage.database.query('select next_nonce from settlement.lanes where signer = $1', [
      address.toLowerCase(),
    ]);
    expect(BigInt(await stage.chain.client.getTransactionCount({ address }))).to.equal(rows[0].next_nonce);
    const open = await stage.database.query(
      `select from settlement.attempts where state in ('prepared', 'signed', 'broadcast')`,
    );
    expect(open.rowCount, 'attempts that have not ended').to.equal(0);
  };

  it('is given up when no price brings its transaction in: those behind it land, its batch is signed again', async () => {
    const poison = await batched(stage);
    const behind = await batched(stage);
    refused = poison.wallet;
    const lane = laneOfChoosyNode();
    expect(await lane.round()).to.equal(2);
    for (let price = 2; price <= 3; price++) {
      await stage.mine(PATIENCE);
      await lane.round();
      expect(await statesOf(poison.id), `prices tried: ${price}`).to.have.length(price);
    }
    expect(await stage.states([behind.id]), 'waits for the first').to.deep.equal(['broadcast']);
    await stage.mine(PATIENCE);
    await lane.round();
    expect(await statesOf(), 'uses the nonce up').to.deep.equal(['broadcast']);
    await stage.mine(2);
    await lane.round();
    expect(await stage.states([poison.id])).to.deep.equal(['batched']);
    expect(await statesOf(poison.id)).to.deep.equal(['replaced', 'replaced', 'replaced']);
    await stage.finalise();
    expect(await stage.states([behind.id])).to.deep.equal(['posted']);
    refused = undefined;
    await dueNow();
    await lane.round();
    await stage.finalise();
    expect(await stage.states([poison.id])).to.deep.equal(['posted']);
    expect(await stage.balanceOf(poison.wallet)).to.equal(10_000_000n);
    await expectNoGap();
  });

  it('is used up by nothing when others settled its batch', async () => {
    const payment = await batched(stage);
    refused = payment.wallet;
    const lane = laneOfChoosyNode();
    await lane.round();
    const [ours] = await attemptsOf(stage, payment.id);
    const { to, data } = parseTransaction(ours?.raw_transaction as Hex);
    await stage.chain
      .wallet(OTHER_OPERATOR)
      .sendTransaction({ to: to as Address, data: data as Hex, gas: 1_000_000n });
    await stage.finalise();
    expect(await stage.states([payment.id])).to.deep.equal(['posted']);
    const behind = await batched(stage);
    await lane.round();
    await stage.mine(PATIENCE);
    await lane.round();
    expect((await statesOf()).at(-1)).to.equal('broadcast');
    await stage.finalise();
    await lane.round();
    expect(await stage.states([payment.id, behind.id])).to.deep.equal(['posted', 'posted']);
    expect(await stage.balanceOf(payment.wallet), 'once').to.equal(10_000_000n);
    await expectNoGap();
  });

  it('is filled when a reorganisation took back what somebody else had sent with it', async () => {
    const snapshot = await stage.chain.request('evm_snapshot');
    await stage.chain
      .wallet(localAccounts.operator)
      .sendTransaction({ to: freshWallet(), value: 1n, gas: 21_000n });
    await stage.mine();
    const payment = await batched(stage);
    const lane = laneOfChoosyNode();
    expect(await lane.round()).to.equal(1);
    await stage.chain.request('evm_revert', [snapshot]);
    await stage.mine(2);
    const fillers = (await statesOf()).length;
    await stage.database.query('update settlement.attempts set last_broadcast_at = null');
    await lane.round();
    expect(await statesOf()).to.have.length(fillers + 1);
    await stage.mine(FINALITY_DEPTH + 1);
    await stage.follow();
    await lane.round();
    expect(await stage.states([payment.id])).to.deep.equal(['posted']);
    expect(await stage.balanceOf(payment.wallet)).to.equal(10_000_000n);
    await expectNoGap();
  });

  it('is sent again at the very first moment by the process that takes the lane over', async () => {
    const payment = await batched(stage);
    await laneOfChoosyNode().round();
    const [sent] = await attemptsOf(stage, payment.id);
    const hash = sent?.transaction_hash as Hex;
    await stage.chain.request('hardhat_dropTransaction', [hash]);
    await stage.database.query('update settlement.lanes set lease_until = now()');
    await laneOfChoosyNode().round();
    expect((await stage.chain.client.getTransaction({ hash })).hash).to.equal(hash);
    await stage.finalise();
    expect(await stage.states([payment.id])).to.deep.equal(['posted']);
  });
});
