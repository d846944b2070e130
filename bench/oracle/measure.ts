import { setTimeout as delay } from 'node:timers/promises';
import { parseEventLogs } from 'viem';
import { oracleHubAbi } from '../../services/core/abi/oracleHub.ts';
import { percentile } from '../percentile.ts';
import { startWorld, type World } from './world.ts';

export interface Figures {
  changes: number;
  roundBlocks: number;
  medianBlocks: number;
  p99Blocks: number;
  feeds: number;
  feedsPerSecond: number;
  gasPerFeed: number;
}

/** As `npm start` has it. */
const BLOCK_INTERVAL_MS = 1_000;
/** The local chain's clock moves a second a block. */
const ROUND_BLOCKS = 5;
const CHANGES = 40;
/** As many as one report takes. */
const FEEDS = 64;
const RUN_MS = 30_000;
const PATIENCE_MS = 60_000;

/** Two runs, one after the other: how late a change is on chain, and how many feeds can change all the time. */
export async function measure(note: (line: string) => void): Promise<Figures> {
  note(`${CHANGES} changes of one feed, rounds of ${ROUND_BLOCKS} blocks`);
  const blocks = await latencies(note);
  note(`${FEEDS} feeds, all due in every block, ${RUN_MS / 1_000} s`);
  const { perSecond, gasPerFeed } = await throughput();
  return {
    changes: blocks.length,
    roundBlocks: ROUND_BLOCKS,
    medianBlocks: percentile(blocks, 50),
    p99Blocks: percentile(blocks, 99),
    feeds: FEEDS,
    feedsPerSecond: perSecond,
    gasPerFeed,
  };
}

async function latencies(note: (line: string) => void): Promise<number[]> {
  await using world = await startWorld({
    blockIntervalMs: BLOCK_INTERVAL_MS,
    roundSeconds: ROUND_BLOCKS,
    feedCount: 1,
    heartbeatSeconds: 86_400,
  });
  const { client } = world.chain;
  const blocks: number[] = [];
  for (let change = 1; change <= CHANGES; change++) {
    // At any moment of a round, as the world has it.
    await delay(Math.random() * ROUND_BLOCKS * BLOCK_INTERVAL_MS);
    const units = 108_370_000n + BigInt(change) * 200_000n;
    const knownAt = await client.getBlockNumber({ cacheTime: 0 });
    world.tell(`1.${String(units).slice(1)}`);
    blocks.push(Number((await blockOf(world, units, knownAt)) - knownAt));
    if (change % 10 === 0) note(`  ${change} of ${CHANGES}, median ${percentile(blocks, 50)} blocks`);
  }
  return blocks;
}

/** The block in which the feed took the value. */
async function blockOf(world: World, units: bigint, fromBlock: bigint): Promise<bigint> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const taken = (await acceptedSince(world, fromBlock)).find(({ args }) => args.value === units);
    if (taken) return taken.blockNumber;
    if (performance.now() > deadline) throw new Error(`The value ${units} was not on chain within a minute.`);
    await delay(50);
  }
}

async function throughput(): Promise<{ perSecond: number; gasPerFeed: number }> {
  await using world = await startWorld({
    blockIntervalMs: BLOCK_INTERVAL_MS,
    roundSeconds: 1,
    feedCount: FEEDS,
    heartbeatSeconds: 1,
  });
  const { client } = world.chain;
  const from = await client.getBlockNumber({ cacheTime: 0 });
  const startedAt = performance.now();
  await delay(RUN_MS);
  const seconds = (performance.now() - startedAt) / 1_000;
  const accepted = await acceptedSince(world, from + 1n);
  const hashes = [...new Set(accepted.map(({ transactionHash }) => transactionHash))];
  const receipts = await Promise.all(hashes.map((hash) => client.getTransactionReceipt({ hash })));
  const gas = receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0n);
  return {
    perSecond: Math.round(accepted.length / seconds),
    gasPerFeed: Math.round(Number(gas) / Math.max(1, accepted.length)),
  };
}

async function acceptedSince({ chain }: World, fromBlock: bigint) {
  const logs = await chain.client.getLogs({ address: chain.deployment.oracleHub, fromBlock });
  return parseEventLogs({ abi: oracleHubAbi, eventName: 'PriceAccepted', logs });
}
