import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { numberToHex } from 'viem';
import type { IndexerConfig } from '../../../services/indexer/config.ts';
import type { IndexerStopped } from '../../../services/indexer/errors.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { type NodeProxy, startNodeProxy } from '../../support/nodeProxy.ts';
import { until } from '../../support/until.ts';
import { Activity, frozenSupplier, suppliers, treasury } from './activity.ts';
import {
  DEEP,
  expectFreshTables,
  type Indexing,
  startIndexing,
  tablesOf,
  untilCaughtUp,
} from './indexing.ts';

const [alice = 0, bob = 0] = suppliers;

describe('indexer: forks', () => {
  let chain: TestChain;
  let activity: Activity;
  before(async () => {
    chain = await startTestChain();
    activity = new Activity(chain);
  });
  after(() => chain?.stop());
  const items = (...indices: number[]) =>
    indices.map((index, position) => ({ recipient: activity.account(index), amount: BigInt(position + 1) }));

  describe('given an indexer at the head', () => {
    let indexing: Indexing;
    before(async () => {
      indexing = await startIndexing(chain, { FINALITY_DEPTH: DEEP });
    });
    after(() => indexing?.[Symbol.asyncDispose]());

    /** A branch of `depth` blocks that the indexer has seen, and that is then abandoned. */
    const abandonBranch = (depth: number) =>
      activity.abandon(async () => {
        await activity.settleBatch(items(alice, frozenSupplier, bob));
        for (let block = 1; block < depth; block++) await activity.transfer(treasury, alice, BigInt(block));
        await untilCaughtUp(chain, indexing.database);
      });

    for (let depth = 1; depth <= 8; depth++) {
      it(`replaces ${depth} blocks by as many others`, async () => {
        const reorgs = await indexing.metric('indexer_reorgs_total');
        await abandonBranch(depth);
        // The same sequences settle again, to others: a payment that the fork moved.
        await activity.settleBatch(items(bob, bob, alice), 'EUR');
        for (let block = 1; block < depth; block++) await activity.pay(bob, 5n, `fork ${depth} ${block}`);
        await expectFreshTables(chain, indexing.database, { FINALITY_DEPTH: DEEP });
        expect(await indexing.metric('indexer_reorgs_total')).to.equal(reorgs + 1);
      });
    }

    it('replaces blocks by a longer branch without anything in it', async () => {
      await abandonBranch(4);
      await activity.emptyBlocks(6);
      await expectFreshTables(chain, indexing.database, { FINALITY_DEPTH: DEEP });
    });

    it('keeps what it has while the other branch is shorter', async () => {
      await abandonBranch(4);
      const before = await tablesOf(indexing.database);
      const reorgs = await indexing.metric('indexer_reorgs_total');
      await activity.emptyBlocks(3);
      await untilSeen(chain, indexing);
      expect(await tablesOf(indexing.database)).to.deep.equal(before);
      expect(await indexing.metric('indexer_reorgs_total')).to.equal(reorgs);
      await activity.emptyBlocks(1);
      await expectFreshTables(chain, indexing.database, { FINALITY_DEPTH: DEEP });
    });

    it('finds a fork that happened while it was stopped', async () => {
      await activity.abandon(async () => {
        await activity.transfer(treasury, bob, 11n);
        await activity.emptyBlocks(2);
        await untilCaughtUp(chain, indexing.database);
        await indexing.indexer.stop();
      });
      await activity.transfer(treasury, alice, 12n);
      await activity.emptyBlocks(5);
      await indexing.restart();
      await expectFreshTables(chain, indexing.database, { FINALITY_DEPTH: DEEP });
    });
  });

  describe('given blocks that are read ahead', () => {
    before(async () => {
      for (let block = 0; block < 20; block++) await activity.transfer(treasury, alice, 1n);
    });

    for (let depth = 1; depth <= 8; depth++)
      it(`takes none of ${depth} blocks that are replaced meanwhile`, async () => {
        await using proxy = await startNodeProxy(chain.rpcUrl);
        const snapshot = await chain.request('evm_snapshot');
        const { nextSequence } = activity;
        await activity.settleBatch(items(alice, bob));
        for (let block = 1; block < depth; block++) await activity.transfer(treasury, alice, 3n);
        let replaced: Promise<unknown> | undefined;
        const replace = async () => {
          await chain.request('evm_revert', [snapshot]);
          activity.nextSequence = nextSequence;
          await activity.settleBatch(items(bob, alice), 'EUR');
          for (let block = 0; block < depth; block++) await activity.transfer(treasury, bob, 4n);
        };
        // Half of the receipts were given out before.
        let asked = 0;
        proxy.intercept(({ method }) => {
          if (method !== 'eth_getTransactionReceipt' || asked++ < 40) return undefined;
          replaced ??= replace();
          return replaced;
        });
        await using indexing = await startIndexing(chain, {
          RPC_URL: proxy.rpcUrl,
          FINALITY_DEPTH: DEEP,
          INDEXER_RANGE_BLOCKS: 3,
        });
        await until('the blocks to be replaced', () => replaced !== undefined);
        await replaced;
        await expectFreshTables(chain, indexing.database, { FINALITY_DEPTH: DEEP });
      });
  });

  describe('given a final block', () => {
    it('undoes everything above it', async () => {
      await using indexing = await startIndexing(chain, { FINALITY_DEPTH: 3 });
      await activity.abandon(async () => {
        for (let block = 0; block < 3; block++) await activity.transfer(treasury, alice, 21n);
        await untilCaughtUp(chain, indexing.database);
      });
      for (let block = 0; block < 3; block++) await activity.transfer(treasury, bob, 22n);
      await expectFreshTables(chain, indexing.database, { FINALITY_DEPTH: 3 });
    });

    it('stops with a sentence instead of undoing it, also when it is started again', async () => {
      await using indexing = await startIndexing(chain, { FINALITY_DEPTH: 3 });
      await activity.abandon(async () => {
        for (let block = 0; block < 4; block++) await activity.transfer(treasury, alice, 31n);
        await untilCaughtUp(chain, indexing.database);
      });
      const before = await tablesOf(indexing.database);
      for (let block = 0; block < 5; block++) await activity.transfer(treasury, bob, 32n);

      const stopCode = () =>
        indexing.indexer.ended.then(
          () => 'stopped',
          (error: IndexerStopped) => error.code,
        );
      expect(await stopCode()).to.equal('reorg_below_final');
      const { status } = await fetch(`http://127.0.0.1:${indexing.indexer.port}/readyz`);
      expect(status).to.equal(503);
      await indexing.restart();
      expect(await stopCode()).to.equal('reorg_below_final');
      expect(await tablesOf(indexing.database)).to.deep.equal(before);
    });
  });
  describe('given a chain with a finalized tag', () => {
    let proxy: NodeProxy;
    let finalized: string;
    let asAnotherChain: Partial<IndexerConfig>;
    before(async () => {
      proxy = await startNodeProxy(chain.rpcUrl);
      // Only the local chain has a depth by default, so the proxy gives itself out for another one.
      const DEPLOYMENT_FILE = path.join(path.dirname(chain.deploymentFile), 'chain-1.json');
      await writeFile(DEPLOYMENT_FILE, JSON.stringify({ ...chain.deployment, chainId: 1 }));
      asAnotherChain = { RPC_URL: proxy.rpcUrl, DEPLOYMENT_FILE, FINALITY_DEPTH: undefined };
      proxy.distort(({ method, params }, result) => {
        if (method === 'eth_chainId') return '0x1';
        return params?.[0] === 'finalized' ? chain.request(method, [finalized, false]) : result;
      });
    });
    after(() => proxy?.[Symbol.asyncDispose]());
    const finalizeHead = async () => {
      finalized = numberToHex(await chain.client.getBlockNumber({ cacheTime: 0 }));
    };
    const untilFinal = (indexing: Indexing) =>
      until(`block ${finalized} to be final`, async () => {
        const { rows } = await indexing.database.query(
          'select from indexer.cursors where final_number = $1',
          [BigInt(finalized)],
        );
        return rows.length > 0;
      });

    it('takes the word of the tag, also when no block comes', async () => {
      await finalizeHead();
      await activity.emptyBlocks(2);
      await using indexing = await startIndexing(chain, asAnotherChain);
      await untilFinal(indexing);
      await finalizeHead();
      await untilFinal(indexing);
    });

    it('undoes what is above the finalized block, and stops below it', async () => {
      await finalizeHead();
      await using indexing = await startIndexing(chain, asAnotherChain);
      await activity.abandon(async () => {
        await activity.emptyBlocks(5);
        await untilCaughtUp(chain, indexing.database);
      });
      for (let block = 0; block < 6; block++) await activity.transfer(treasury, bob, 41n);
      await expectFreshTables(chain, indexing.database, asAnotherChain);

      await activity.abandon(async () => {
        await activity.emptyBlocks(2);
        await finalizeHead();
        await untilFinal(indexing);
      });
      finalized = numberToHex(BigInt(finalized) - 2n);
      for (let block = 0; block < 3; block++) await activity.transfer(treasury, bob, 42n);
      const code = await indexing.indexer.ended.catch((error: IndexerStopped) => error.code);
      expect(code).to.equal('reorg_below_final');
    });
  });
});

/** Waits until the indexer has seen the head that the node has now. */
async function untilSeen(chain: TestChain, indexing: Indexing): Promise<void> {
  const head = Number(await chain.client.getBlockNumber({ cacheTime: 0 }));
  await until(
    `the indexer to see block ${head}`,
    async () => (await indexing.metric('indexer_node_head_block')) === head,
  );
}
