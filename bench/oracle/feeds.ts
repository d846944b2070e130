/** As many prices as one report takes, all due in every block: how many of them get on chain in a second. */
import { setTimeout as delay } from 'node:timers/promises';
import { parseEventLogs } from 'viem';
import { mineByInterval } from '../../scripts/chain.ts';
import { localAccounts } from '../../scripts/deploy/local.ts';
import { oracleHubAbi } from '../../services/core/abi/oracleHub.ts';
import { toBytes32 } from '../../services/core/oracleReport.ts';
import { startTestChain, type TestChain } from '../../test/support/chain.ts';
import { until } from '../../test/support/until.ts';
import { startReporters } from './reporters.ts';
import { startSource } from './source.ts';

const PRICE = {
  kind: 1,
  decimals: 8,
  maxAgeSeconds: 86_400,
  maxDeviationBps: 5_000,
  minValue: 1n,
  maxValue: 10n ** 15n,
};
const PATIENCE_MS = 60_000;

/** Rounds of a block, for so long. */
export async function reportFeeds({
  feedCount,
  blockIntervalMs,
  runMs,
}: {
  feedCount: number;
  blockIntervalMs: number;
  runMs: number;
}): Promise<{ perSecond: number; gasPerFeed: number }> {
  await using parts = new AsyncDisposableStack();
  const chain = await startTestChain();
  parts.defer(() => chain.stop());
  const { client } = chain;
  const feeds = Array.from({ length: feedCount }, (_, at) => `BENCH-${String(at).padStart(3, '0')}`);
  for (const feed of feeds)
    await chain.wallet(localAccounts.admin).writeContract({
      address: chain.deployment.oracleHub,
      abi: oracleHubAbi,
      functionName: 'addFeed',
      args: [toBytes32(feed), PRICE],
    });
  const url = await startRates(parts, chain);
  await mineByInterval(chain.rpcUrl, blockIntervalMs);
  const source = { name: 'bench', format: 'fx-rates', base: 'EUR', quote: 'USD', url, everySeconds: 1 };
  await startReporters(parts, chain, {
    roundSeconds: 1,
    feeds: feeds.map((feed) => ({
      kind: 'price',
      feed,
      heartbeatSeconds: 1,
      deviationBps: 5,
      sources: [{ ...source, maxAgeSeconds: 600 }],
    })),
  });
  // Looked for once a block: to ask for 64 feeds all the time takes what the reporters need.
  await until(
    'every feed to have a value',
    () => delay(blockIntervalMs).then(() => haveAll(chain, feeds)),
    PATIENCE_MS,
  );

  const from = await client.getBlockNumber({ cacheTime: 0 });
  const startedAt = performance.now();
  await delay(runMs);
  const seconds = (performance.now() - startedAt) / 1_000;
  const accepted = await acceptedSince(chain, from + 1n);
  const hashes = [...new Set(accepted.map(({ transactionHash }) => transactionHash))];
  const receipts = await Promise.all(hashes.map((hash) => client.getTransactionReceipt({ hash })));
  const gas = receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0n);
  return {
    perSecond: Math.round(accepted.length / seconds),
    gasPerFeed: Math.round(Number(gas) / Math.max(1, accepted.length)),
  };
}

/** One rate at all times, of the chain's present. */
async function startRates(parts: AsyncDisposableStack, { client }: TestChain): Promise<string> {
  let timestamp = (await client.getBlock()).timestamp;
  const follow = setInterval(() => {
    void client.getBlock().then(
      (block) => {
        timestamp = block.timestamp;
      },
      () => undefined, // the chain is being stopped
    );
  }, 250);
  parts.defer(async () => clearInterval(follow));
  return startSource(parts, () => `{"base":"EUR","timestamp":${timestamp},"rates":{"USD":1.0837}}`);
}

async function haveAll(chain: TestChain, feeds: readonly string[]): Promise<boolean> {
  const accepted = await acceptedSince(chain, 0n);
  const withValue = new Set(accepted.map(({ args }) => args.feed)); // the deployment's own feeds, too
  return feeds.every((feed) => withValue.has(toBytes32(feed)));
}

async function acceptedSince({ client, deployment }: TestChain, fromBlock: bigint) {
  const logs = await client.getLogs({ address: deployment.oracleHub, fromBlock });
  return parseEventLogs({ abi: oracleHubAbi, eventName: 'PriceAccepted', logs });
}
