/** A chain that includes only small transactions gets small ones, and larger ones again when it takes them. */
import { expect } from 'chai';
import { createPublicClient, custom, type PublicClient } from 'viem';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import { instruction, type Stage, startStage } from '../../../support/stage.ts';

const LATE = 3;
/** Three prices, each for ten blocks, and then some for the nonce that is given up. */
const BLOCKS_TO_END = 60;

describe('lanes: the pace of the chain', () => {
  let stage: Stage;
  /** The node takes no transaction with more bytes. */
  let mostBytes = Number.POSITIVE_INFINITY;
  before(async () => {
    stage = await startStage();
    await stage.openAccount('USD');
  });
  after(() => stage?.stop());

  const choosyNode = () =>
    createPublicClient({
      transport: custom(
        {
          async request({ method, params }) {
            if (method === 'eth_sendRawTransaction' && params[0].length / 2 > mostBytes)
              throw new Error('oversized data');
            return stage.chain.request(method, params);
          },
        },
        { retryCount: 0 },
      ),
    }) as PublicClient;
  const accepted = (count: number) =>
    stage.accept(...Array.from({ length: count }, () => instruction({ value: '0.01' })));
  const target = async () =>
    (await stage.database.query('select target from settlement.batch_pace')).rows[0].target;
  const sizes = async () => [...(await stage.limits(200).readSizes()).values()];
  const dueNow = () => stage.database.query('update settlement.settlement_batches set attempt_after = now()');
  const largest = async (ids: readonly string[]) =>
    (
      await stage.database.query(
        `select max(payment_count) as largest from settlement.settlement_batches
          where id in (select settlement_batch_id from settlement.payments where id = any($1))`,
        [ids],
      )
    ).rows[0].largest;

  it('stays as it is as long as batches are included', async () => {
    const lane = createLane({ ...stage.laneParts, chain: choosyNode() });
    for (let block = 0; block <= LATE; block++) {
      await accepted(20);
      await stage.batch();
      await lane.round();
      await stage.mine();
      await stage.follow();
    }
    expect(await target()).to.equal(256);
    expect(await sizes()).to.deep.equal([200]);
    await lane.release();
  });

  it('halves what the chain does not include, and everything gets there in parts of that size', async () => {
    mostBytes = 1_000; // some 20 payments
    const lane = createLane({ ...stage.laneParts, chain: choosyNode() });
    const ids = await accepted(80);
    await stage.batch(40);
    await stage.batch(40);
    await lane.round();
    for (const expected of [20, 10, 10]) {
      await stage.mine(LATE);
      await lane.round();
      expect(await target()).to.equal(expected);
    }
    expect(await sizes()).to.deep.equal([10]);
    for (let block = 0; (await stage.states(ids)).some((state) => state !== 'posted'); block++) {
      expect(block).to.be.below(BLOCKS_TO_END);
      await dueNow();
      await lane.round();
      await stage.mine();
      await stage.follow();
    }
    expect(await largest(ids)).to.be.below(30);
    await lane.release();
  });

  it('grows back when batches are included at once', async () => {
    mostBytes = Number.POSITIVE_INFINITY;
    await stage.database.query('update settlement.batch_pace set target = 10');
    const lane = createLane({ ...stage.laneParts, chain: choosyNode() });
    await lane.round();
    const grown = [await target()];
    for (let block = 0; block < 4; block++) {
      await accepted(1);
      await stage.batch();
      await lane.round();
      await stage.mine();
      await stage.follow();
      await lane.round();
      grown.push(await target());
    }
    expect(grown.slice(1).map((size, index) => size - (grown[index] ?? 0))).to.deep.equal([16, 16, 16, 16]);
    await lane.release();
  });
});
