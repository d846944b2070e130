/** Finality by amount: large payments wait for more blocks, and what comes after them with them. */
import { expect } from 'chai';
import { indexerConfig } from '../../../../services/indexer/config.ts';
import { startIndexer } from '../../../../services/indexer/indexer.ts';
import { createChainClient, readChainIdentity } from '../../../../services/platform/chain.ts';
import { createChainWitness } from '../../../../services/platform/chainWitness.ts';
import { ConfigError, loadConfig } from '../../../../services/platform/config.ts';
import { settlementConfig } from '../../../../services/settlement/config.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import * as holds from '../../../../services/settlement/domains/ledger/holds.ts';
import * as postings from '../../../../services/settlement/domains/ledger/postings.ts';
import { followChain } from '../../../../services/settlement/domains/payments/follower.ts';
import { startNodeProxy } from '../../../support/nodeProxy.ts';
import { FINALITY_DEPTH, freshWallet, instruction, type Stage, startStage } from '../../../support/stage.ts';
import { until } from '../../../support/until.ts';

const LARGE_BLOCKS = 8;
const LARGE = '1000.00';
const UNDER_IT = '999.99';
const { LARGE_PAYMENT_FINALITY: largeAmounts } = settings(`USD:1000:${LARGE_BLOCKS},EUR:1:100`);

function settings(LARGE_PAYMENT_FINALITY: string) {
  return loadConfig(settlementConfig, {
    DATABASE_URL: 'postgres://127.0.0.1/corridor',
    RPC_URL: 'http://127.0.0.1:1',
    LARGE_PAYMENT_FINALITY,
  });
}

describe('payments: finality by amount', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await startStage();
    await stage.openAccount('USD');
  });
  afterEach(() => stage?.stop());

  const follow = async (more: Partial<Parameters<typeof followChain>[0]> = {}) => {
    const { database, lifecycle, chainId } = stage;
    const parts = { database, lifecycle, chainId, ledger: { ...holds, ...postings }, largeAmounts };
    while (await followChain({ ...parts, ...more }));
  };
  /** Puts a payment into the next block. */
  const settled = async (value: string, to = freshWallet()) => {
    const [id] = (await stage.accept(instruction({ value, to }))) as [string];
    await stage.batch();
    await createLane(stage.laneParts).round();
    await stage.mine();
    await stage.database.query('update settlement.lanes set owner = null'); // the next one is a process of its own
    return id;
  };
  const posted = async () =>
    (await stage.database.query('select block_number from settlement.posted_blocks')).rows[0].block_number;

  it('posts what comes before a large payment at once, and it with what comes after it when it is deep enough', async () => {
    const before = await settled(UNDER_IT);
    const large = await settled(LARGE);
    const after = await settled(UNDER_IT);
    const head = await stage.chain.client.getBlockNumber({ cacheTime: 0 });
    const largeBlock = head - 1n;
    await stage.mine(FINALITY_DEPTH);
    await follow();
    expect(await stage.states([before, large, after])).to.deep.equal(['posted', 'included', 'included']);
    expect(await posted()).to.equal(largeBlock - 1n);

    await stage.mine(LARGE_BLOCKS - 1 - FINALITY_DEPTH - 1);
    await follow();
    expect(await stage.states([large, after]), 'one block is missing').to.deep.equal([
      'included',
      'included',
    ]);
    await stage.mine();
    await follow();
    expect(await stage.states([large, after])).to.deep.equal(['posted', 'posted']);
    expect(await posted()).to.equal(largeBlock + BigInt(LARGE_BLOCKS - FINALITY_DEPTH));
  });

  it('keeps no block waiting for more than the deeper depth, however many large payments come', async () => {
    const small = await settled(UNDER_IT);
    const block = await stage.chain.client.getBlockNumber({ cacheTime: 0 });
    for (let each = 1; each <= LARGE_BLOCKS; each++) {
      await settled(LARGE);
      await follow();
      expect((await posted()) >= block, `under ${each} blocks`).to.equal(each >= FINALITY_DEPTH);
    }
    expect(await stage.states([small])).to.deep.equal(['posted']);
    const first = block + 1n;
    await stage.mine();
    await follow();
    expect(await posted()).to.equal(first);
  });

  it('asks the second node as before', async () => {
    const large = await settled(LARGE);
    await stage.mine(LARGE_BLOCKS);
    await using second = await startNodeProxy(stage.chain.rpcUrl);
    const identity = await readChainIdentity(stage.chain.client, stage.chain.deployment);
    const { client: node } = stage.chain;
    const { log } = stage.laneParts;
    const secondNode = createChainClient(second.rpcUrl, { patienceMs: 5_000 });
    const witness = createChainWitness({ node, secondNode, identity, log });
    second.silence(true);
    await follow({ witness });
    expect(await stage.states([large])).to.deep.equal(['included']);
    second.silence(false);
    await follow({ witness });
    expect(await stage.states([large])).to.deep.equal(['posted']);
  });

  it('has posted nothing large that a reorganisation between both depths takes back, and settles it once on the other branch', async () => {
    const wallet = freshWallet();
    const snapshot = await stage.chain.request('evm_snapshot');
    const large = await settled(LARGE, wallet);
    await stage.mine(FINALITY_DEPTH + 1);
    await follow();
    expect(await stage.states([large])).to.deep.equal(['included']);
    await stage.chain.request('evm_revert', [snapshot]);
    for (let block = 0; block < FINALITY_DEPTH + 3; block++) await stage.chain.request('evm_mine');
    const { code } = (await stage.indexer.ended.catch((error: Error) => error)) as { code?: string };
    expect(code).to.equal('reorg_below_final');
    await follow();
    expect(await stage.states([large])).to.deep.equal(['included']);

    // What docs/settlement.md tells the person who looks.
    await stage.database.query('drop schema indexer cascade');
    const { rpcUrl: RPC_URL, deploymentFile: DEPLOYMENT_FILE } = stage.chain;
    const environment = { DATABASE_URL: stage.databaseUrl, RPC_URL, DEPLOYMENT_FILE, INDEXER_PORT: 0 };
    const indexer = await startIndexer(
      indexerConfig.parse({ ...environment, FINALITY_DEPTH, POLL_INTERVAL_MS: 20 }),
      stage.laneParts.log,
    );
    try {
      await stage.indexed();
      await follow();
      expect(await stage.states([large])).to.deep.equal(['broadcast']);
      await createLane(stage.laneParts).round();
      await stage.mine(LARGE_BLOCKS + 1);
      await follow();
      expect(await stage.states([large])).to.deep.equal(['posted']);
      expect(await stage.balanceOf(wallet)).to.equal(1_000_000_000n);
      await until('the books to agree', async () => (await stage.reconcile()) === undefined);
      const { rows } = await stage.database.query(
        'select kind from settlement.breaks where closed_at is null',
      );
      expect(rows).to.deep.equal([]);
    } finally {
      await indexer.stop();
    }
  });

  for (const wrong of ['USD:1000', '1000:12', 'USD:-5:12', 'JPY:1000:12', 'USD:1.5:12', 'USD:1000:12;'])
    it(`refuses ${wrong} in LARGE_PAYMENT_FINALITY`, () => {
      expect(() => settings(wrong)).to.throw(ConfigError, 'LARGE_PAYMENT_FINALITY');
    });
});
