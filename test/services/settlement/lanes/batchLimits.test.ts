/** A batch asks for no more gas than the chain has for it, and for no more money than may be settled now. */
import { expect } from 'chai';
import { toHex } from 'viem';
import { paymentRouterAbi } from '../../../../services/core/abi/paymentRouter.ts';
import { batchGasLimit, batchSize } from '../../../../services/settlement/domains/lanes/batchSize.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { keepLeases, openPayer } from '../../../support/lanes.ts';
import { instruction, type Stage, startStage } from '../../../support/stage.ts';

const PAYER = 7;
const USD = 1_000_000n;

describe('lanes: the limits of a batch', () => {
  let stage: Stage;
  let blockGasLimit: bigint;
  before(async () => {
    stage = await startStage();
    await openPayer(stage, PAYER, []);
    blockGasLimit = (await stage.chain.client.getBlock()).gasLimit;
  });
  after(() => stage?.stop());
  beforeEach(() => stage.database.query('update settlement.lanes set owner = null'));

  const accepted = (...values: string[]) => stage.accept(...values.map((value) => instruction({ value })));
  const authorised = async (limit: bigint) => {
    await stage.chain.wallet(PAYER).writeContract({
      address: stage.chain.deployment.paymentRouter,
      abi: paymentRouterAbi,
      functionName: 'authorizeOperator',
      args: [
        stage.laneParts.signer.address,
        stage.chain.deployment.stablecoins.USD.address,
        limit,
        100 * 86_400,
      ],
    });
    await stage.mine();
    await stage.database.query(
      'update settlement.lane_accounts set checked_at = checked_at - interval $$1 hour$$',
    );
  };
  /** Payments a batch, in the order of the sequences. */
  const counts = async (ids: readonly string[]) => {
    const { rows } = await stage.database.query<{ count: number }>(
      `select payment_count as count from settlement.settlement_batches
        where id in (select settlement_batch_id from settlement.payments where id = any($1)) order by first_sequence`,
      [ids],
    );
    return rows.map(({ count }) => count);
  };
  /** What there is room for is known of a lane that works. */
  const round = async (lane: { round(): Promise<number> }) => {
    const submitted = await lane.round();
    await keepLeases(stage);
    return submitted;
  };
  const settled = async (lane: { round(): Promise<number> }) => {
    await round(lane);
    await stage.finalise();
  };

  it('has a share of the gas of a block, at most what one transaction may have', () => {
    expect(batchGasLimit(20_000_000n, 25)).to.equal(5_000_000n);
    expect(batchGasLimit(100_000_000n, 25), 'EIP-7825').to.equal(16_777_216n);
    expect(batchSize(200, {})).to.deep.equal({
      payments: 200,
      limitedBy: 'configuration',
    });
    expect(batchSize(200, { gasLimit: 7_500_000n, target: 256 }), 'thirty million a block').to.deep.equal({
      payments: 200,
      limitedBy: 'configuration',
    });
    expect(batchSize(200, { gasLimit: 1_100_000n, paymentGas: 100_000n, target: 50 })).to.deep.equal({
      payments: 10,
      limitedBy: 'gas',
    });
    expect(
      batchSize(200, { gasLimit: 1_100_000n, paymentGas: 1n }),
      'less than a payment can have',
    ).to.deep.equal({
      payments: 111,
      limitedBy: 'gas',
    });
    expect(batchSize(200, { gasLimit: 7_500_000n, target: 50 })).to.deep.equal({
      payments: 50,
      limitedBy: 'inclusion',
    });
    expect(batchSize(200, { gasLimit: 50_000n }), 'never none').to.deep.equal({
      payments: 1,
      limitedBy: 'gas',
    });
  });

  it('is filled by what the last batches had, and divided where one has more gas after all', async () => {
    await authorised(1_000_000n * USD);
    const lane = createLane(stage.laneParts);
    await lane.round();
    const sizes = async () => [...(await stage.limits(200).readSizes()).values()];
    expect(await sizes()).to.deep.equal([200]);
    const many = await accepted(...Array.from({ length: 40 }, () => '0.01'));
    await stage.batch();
    expect(await counts(many)).to.deep.equal([40]);
    await stage.chain.request('evm_setBlockGasLimit', [toHex(2_400_000n)]); // 600,000 for a batch
    await stage.mine();
    for (let round = 0; round < 4; round++) {
      await lane.round();
      await stage.mine();
      await stage.follow();
    }
    await stage.finalise();
    expect(new Set(await stage.states(many))).to.deep.equal(new Set(['posted']));
    expect(Math.max(...(await counts(many)))).to.be.within(10, 20);
    const [size = 0] = await sizes();
    expect(size, 'from the gas of those').to.be.within(10, 20);
    const more = await accepted(...Array.from({ length: size + 1 }, () => '0.01'));
    await stage.batch();
    expect(await counts(more)).to.deep.equal([size]);
    await stage.batch();
    await settled(lane);
    await settled(lane);
    expect(new Set(await stage.states(more))).to.deep.equal(new Set(['posted']));
    await stage.chain.request('evm_setBlockGasLimit', [toHex(blockGasLimit)]);
    await stage.mine();
    await lane.round();
    expect(await sizes()).to.deep.equal([200]);
    await lane.release();
  });

  it('takes what the operator may settle now, in order, and alone what it never may', async () => {
    await authorised(100n * USD);
    const lane = createLane(stage.laneParts);
    await round(lane);
    const ids = await accepted('60.00', '30.00', '101.00', '10.00', '1.00', '20.00', '0.50');
    await stage.batch();
    expect(await counts(ids)).to.deep.equal([2, 1, 1]);
    expect(await stage.states(ids.slice(4)), 'there is no room').to.deep.equal(Array(3).fill('reserved'));
    await stage.batch();
    expect(await stage.states(ids.slice(4)), 'what is under way counts').to.deep.equal(
      Array(3).fill('reserved'),
    );
    await settled(lane);
    expect(await stage.states(ids.slice(0, 4))).to.deep.equal(['posted', 'posted', 'batched', 'posted']);

    await stage.batch();
    expect(await stage.states(ids.slice(4)), 'the first says why the account waits').to.deep.equal([
      'batched',
      'reserved',
      'reserved',
    ]);
    expect(await round(lane)).to.equal(0);
    await stage.batch();
    expect((await stage.states(ids.slice(5)))[0], 'no more of an account that waits').to.equal('reserved');
    await authorised(100n * USD); // it starts full
    await stage.database.query('update settlement.settlement_batches set attempt_after = now()');
    await settled(lane);
    await stage.batch();
    await settled(lane);
    expect(await stage.states(ids)).to.deep.equal([
      'posted',
      'posted',
      'batched',
      'posted',
      'posted',
      'posted',
      'posted',
    ]);
    await lane.release();
  });
});
