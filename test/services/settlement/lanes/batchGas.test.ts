import { expect } from 'chai';
import { type Address, createPublicClient, custom } from 'viem';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { isSimulation } from '../../../support/simulations.ts';
import { freshWallet, instruction, type Stage, startStage } from '../../../support/stage.ts';

const COUNT = 8;
/** What an estimate is good for. */
const BATCHES_PER_ESTIMATE = 4;

describe('lanes: the gas of a batch', () => {
  let stage: Stage;
  let asked: string[] = [];
  before(async () => {
    stage = await startStage();
    await stage.openAccount('USD');
  });
  after(() => stage?.stop());
  beforeEach(() => stage.database.query('update settlement.lanes set owner = null'));

  const createWatchedLane = () => {
    const chain = createPublicClient({
      transport: custom({
        request({ method, params }) {
          if (isSimulation({ method, params })) asked.push(method);
          return stage.chain.request(method, params);
        },
      }),
    });
    return createLane({ ...stage.laneParts, chain });
  };
  const batched = async (wallets: readonly Address[]) => {
    const ids = await stage.accept(...wallets.map((to) => instruction({ to })));
    await stage.batch();
    return ids;
  };

  it('is tried, not estimated, for the next batches of an account, and estimated anew after a few', async () => {
    const lane = createWatchedLane();
    const wallets = Array.from({ length: COUNT }, freshWallet);
    await batched(wallets);
    await lane.round();
    await stage.finalise();
    for (let turn = 0; turn < 2; turn++) {
      asked = [];
      for (let batch = 0; batch <= BATCHES_PER_ESTIMATE; batch++) {
        const ids = await batched(wallets);
        expect(await lane.round()).to.equal(1);
        await stage.finalise();
        expect(new Set(await stage.states(ids))).to.deep.equal(new Set(['posted']));
      }
      expect(asked.filter((method) => method === 'eth_estimateGas')).to.have.length(1);
      expect(asked.filter((method) => method === 'eth_call')).to.have.length(BATCHES_PER_ESTIMATE);
    }
    await lane.release();
  });

  it('is estimated when the batch takes more than the last one', async () => {
    const lane = createWatchedLane();
    const wallets = Array.from({ length: COUNT }, freshWallet);
    for (let batch = 0; batch < BATCHES_PER_ESTIMATE + 2; batch++) {
      await batched(wallets);
      await lane.round();
      await stage.finalise();
    }
    asked = [];
    const ids = await batched(Array.from({ length: COUNT }, freshWallet));
    expect(await lane.round()).to.equal(1);
    expect(asked).to.deep.equal(['eth_call', 'eth_estimateGas']);
    await stage.finalise();
    expect(new Set(await stage.states(ids))).to.deep.equal(new Set(['posted']));
    await lane.release();
  });
});
