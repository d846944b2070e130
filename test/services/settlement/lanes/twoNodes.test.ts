/** Two nodes: money is final only where both have the same block, nothing is signed on heads that conflict. */
import { expect } from 'chai';
import type { Hex } from 'viem';
import { createChainClient, readChainIdentity } from '../../../../services/platform/chain.ts';
import { type ChainWitness, createChainWitness } from '../../../../services/platform/chainWitness.ts';
import { createMetrics } from '../../../../services/platform/metrics.ts';
import { settlementConfig } from '../../../../services/settlement/config.ts';
import type { LaneState } from '../../../../services/settlement/domains/lanes/laneState.ts';
import { createLane } from '../../../../services/settlement/domains/lanes/worker.ts';
import * as holds from '../../../../services/settlement/domains/ledger/holds.ts';
import * as postings from '../../../../services/settlement/domains/ledger/postings.ts';
import { followChain } from '../../../../services/settlement/domains/payments/follower.ts';
import { reconcile } from '../../../../services/settlement/domains/reconciliation/service.ts';
import { startEngine } from '../../../../services/settlement/engine.ts';
import { attemptsOf, batched } from '../../../support/lanes.ts';
import { type NodeProxy, startNodeProxy } from '../../../support/nodeProxy.ts';
import { FINALITY_DEPTH, type Stage, startStage } from '../../../support/stage.ts';
import { until } from '../../../support/until.ts';

describe('settlement: two nodes', () => {
  let stage: Stage;
  let second: NodeProxy;
  let witness: ChainWitness;
  let doubts: string[];
  let genesis: { hash: Hex };
  before(async () => {
    stage = await startStage();
    await stage.openAccount('USD');
    second = await startNodeProxy(stage.chain.rpcUrl);
    genesis = await stage.chain.client.getBlock({ blockNumber: 0n });
  });
  after(async () => {
    await second?.[Symbol.asyncDispose]();
    await stage?.stop();
  });
  /** Each test is another process. */
  beforeEach(async () => {
    await stage.database.query('update settlement.lanes set owner = null');
    witness = createWitness();
  });

  const createWitness = () =>
    createChainWitness({
      node: stage.chain.client,
      secondNode: createChainClient(second.rpcUrl),
      identity: { chainId: stage.chainId, genesisHash: genesis.hash },
      log: stage.laneParts.log,
      onDoubts: (codes) => {
        doubts = [...codes];
      },
    });
  const states: LaneState[] = [];
  const observe = {
    onLaneState: (_: string, state: LaneState) => states.push(state),
    onLaneDepth: () => undefined,
    onForeignNonces: () => undefined,
  };
  const createWitnessedLane = () => createLane({ ...stage.laneParts, witness, observe });
  const follow = async () => {
    const { database, lifecycle, chainId } = stage;
    const ledger = { ...holds, ...postings };
    while (await followChain({ database, lifecycle, chainId, ledger, witness }));
  };
  const reconciled = () =>
    reconcile({ database: stage.database, chain: stage.chain.client, chainId: stage.chainId, witness });
  const state = async (id: string) => (await stage.states([id]))[0];
  /** The second node shows another hash for every block from a height on. */
  const lie = (from: bigint) =>
    second.distort(({ method }, block) =>
      method === 'eth_getBlockByNumber' && block && BigInt(block.number) >= from
        ? { ...block, hash: `0x${'66'.repeat(32)}` }
        : block,
    );
  const beHonest = () => {
    second.distort((_, answer) => answer);
    second.silence(false);
  };

  it('settles when both agree', async () => {
    const payment = await batched(stage);
    expect(await createWitnessedLane().round()).to.equal(1);
    await stage.mine(FINALITY_DEPTH + 1);
    await follow();
    expect(await state(payment.id)).to.equal('posted');
    expect(await reconciled()).to.be.a('bigint');
    expect(doubts).to.deep.equal([]);
  });

  for (const [name, spoil, doubt] of [
    ['has another block than the index', (from: bigint) => lie(from), 'nodes_disagree'],
    ['is silent', () => second.silence(true), 'node_silent'],
  ] as const)
    it(`holds money as included while the second node ${name}, and goes on by itself`, async () => {
      const payment = await batched(stage);
      await createWitnessedLane().round();
      const { number } = await stage.chain.client.getBlock();
      await stage.mine(FINALITY_DEPTH + 1);
      const before = await stage.database.query('select block_number from settlement.posted_blocks');
      spoil(number);
      await follow();
      expect(await state(payment.id)).to.equal('included');
      expect(doubts).to.deep.equal([doubt]);
      const after = await stage.database.query('select block_number from settlement.posted_blocks');
      expect(after.rows, 'nothing is posted').to.deep.equal(before.rows);
      beHonest();
      await follow();
      expect(await state(payment.id)).to.equal('posted');
      expect(doubts).to.deep.equal([]);
    });

  it('reconciles nothing at a block of which the nodes disagree', async () => {
    await stage.mine();
    await follow();
    witness = createWitness();
    lie(1n);
    expect(await reconciled()).to.equal(undefined);
    beHonest();
    expect(await reconciled()).to.be.a('bigint');
  });

  it('signs nothing while the heads conflict, looks after what is under way, and goes on by itself', async () => {
    const sent = await batched(stage);
    const lane = createWitnessedLane();
    await lane.round();
    const [attempt] = await attemptsOf(stage, sent.id);
    const hash = attempt?.transaction_hash as `0x${string}`;
    await stage.chain.request('hardhat_dropTransaction', [hash]);
    await stage.database.query('update settlement.attempts set last_broadcast_at = null');
    const waiting = await batched(stage);
    lie((await stage.chain.client.getBlock()).number);
    expect(await lane.round()).to.equal(0);
    expect(states.at(-1)).to.equal('nodes_disagree');
    expect(await state(waiting.id)).to.equal('batched');
    expect((await stage.chain.client.getTransaction({ hash })).hash, 'sent again').to.equal(hash);
    beHonest();
    expect(await lane.round()).to.equal(1);
    expect(states.at(-1)).to.equal('ready');
    await stage.mine(FINALITY_DEPTH + 1);
    await follow();
    expect(await stage.states([sent.id, waiting.id])).to.deep.equal(['posted', 'posted']);
  });

  it('signs on while the second node is silent or behind: that says nothing against the first', async () => {
    second.silence(true);
    const first = await batched(stage);
    expect(await createWitnessedLane().round()).to.equal(1);
    beHonest();
    await stage.database.query('update settlement.lanes set owner = null');
    const { number } = await stage.chain.client.getBlock();
    const behind = await stage.chain.request('eth_getBlockByNumber', [
      `0x${(number - 2n).toString(16)}`,
      false,
    ]);
    second.distort(({ method, params }, block) =>
      method === 'eth_getBlockByNumber' && params[0] === 'latest' ? behind : block,
    );
    const next = await batched(stage);
    expect(await createWitnessedLane().round()).to.equal(1);
    beHonest();
    await stage.mine(FINALITY_DEPTH + 1);
    await follow();
    expect(await stage.states([first.id, next.id])).to.deep.equal(['posted', 'posted']);
  });

  it('is configured by RPC_URL_2, and told of in the metrics', async () => {
    const payment = await batched(stage);
    const metrics = createMetrics('test');
    const config = settlementConfig.parse({
      DATABASE_URL: stage.databaseUrl,
      RPC_URL: stage.chain.rpcUrl,
      RPC_URL_2: second.rpcUrl,
    });
    const { database, chain, laneParts } = stage;
    const { client, deployment } = chain;
    const identity = await readChainIdentity(client, deployment);
    const engine = startEngine(
      { database, chain: client, deployment, config, log: laneParts.log, metrics },
      identity,
    );
    const nodesDisagree = async (value: number) =>
      (await metrics.metrics()).includes(`nodes_disagree{reason="nodes_disagree",service="test"} ${value}`);
    try {
      await until('the transaction to be sent', async () => (await state(payment.id)) === 'broadcast');
      lie((await client.getBlock()).number + 1n);
      await stage.mine(FINALITY_DEPTH + 1);
      await until('the metric to say so', () => nodesDisagree(1));
      expect(await state(payment.id)).to.be.oneOf(['broadcast', 'included']);
      await until('the payment to be included', async () => (await state(payment.id)) === 'included');
      beHonest();
      await until('the payment to be posted', async () => (await state(payment.id)) === 'posted');
      await until('the metric to say so', () => nodesDisagree(0));
    } finally {
      beHonest();
      await engine.stop();
    }
  });
});
