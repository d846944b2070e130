import { expect } from 'chai';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { instruction, type Stage, startStage } from '../../../support/stage.ts';

/** More than a lane has places. */
const BATCHES = 20;
const PLACES = 16;

describe('lanes: places in the mempool', () => {
  let stage: Stage;
  before(async () => {
    stage = await startStage();
    await stage.openAccount('USD');
  });
  after(() => stage?.stop());

  it('are free again once the chain has used their nonces, though the index has not told of it', async () => {
    await stage.accept(...Array.from({ length: BATCHES }, () => instruction()));
    while (await stage.batch(1));
    const lane = createLane(stage.laneParts);
    const first = await lane.round();
    expect(first).to.be.within(1, PLACES);
    await stage.mine();
    expect(await lane.round()).to.equal(BATCHES - first);
    await lane.release();
  });
});
