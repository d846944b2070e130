/** What one reporter finds due, with the chain and its sources played by the test. */
import { expect } from 'chai';
import { type ObservationWindow, toBytes32 } from '../../../services/core/oracleReport.ts';
import { createObserver, type Feeds } from '../../../services/oracle/domains/rounds/observing.ts';
import type { FeedRules, Hub } from '../../../services/oracle/hub.ts';
import { createOracleMetrics } from '../../../services/oracle/metrics.ts';
import { createLogger } from '../../../services/platform/log.ts';
import { Registry } from '../../../services/platform/metrics.ts';

const ROUND_SECONDS = 10;
const VALUE = 100n;
const [FEED, WINDOW_FEED] = ['EUR/USD', 'rainfall-mm'];
const WINDOW: ObservationWindow = {
  feed: toBytes32(WINDOW_FEED),
  subject: toBytes32('ZSPD'),
  windowStart: 1,
  windowEnd: 2,
};

describe('oracle: what a reporter finds due', () => {
  it('given bounds that governance narrows meanwhile, no longer has what the hub would skip', async () => {
    const bounds = { minValue: 0n, maxValue: VALUE };
    const rules = (kind: FeedRules['kind']) => ({ kind, decimals: 0, maxDeviationBps: 100, ...bounds });
    const hub: Hub = {
      address: '0x00000000000000000000000000000000000000aa',
      chainId: 1,
      reporterSet: async () => ({ version: 1, reporters: [] }),
      rulesOf: async (feeds) => feeds.map((feed) => rules(feed === FEED ? 'price' : 'observation')),
      pricesOf: async (feeds) => feeds.map(() => ({ units: 0n, observedAt: 0, round: 0, isHeld: false })),
      areRecorded: async (windows) => windows.map(() => false),
      openRisks: async () => [],
    };
    const settings = { feed: FEED, heartbeatSeconds: ROUND_SECONDS, deviationBps: 10 };
    const sources = { valueAt: () => VALUE, valueOf: () => VALUE, watch: () => undefined };
    const feeds = new Map([
      [FEED, { kind: 'price', feed: settings, sources }],
      [WINDOW_FEED, { kind: 'observation', sources }],
    ]) as unknown as Feeds;
    const observe = createObserver({
      feeds,
      hub,
      windows: () => [WINDOW],
      roundSeconds: ROUND_SECONDS,
      metrics: createOracleMetrics(new Registry()),
      log: createLogger('oracle', 'fatal'),
    });
    const dueIn = async (round: number) => {
      const { due, values } = await observe({ round: round * ROUND_SECONDS, headNumber: BigInt(round) });
      expect(values.size).to.equal(due.length);
      return due.map(({ items }) => items);
    };
    expect(await dueIn(1)).to.deep.equal([[FEED], [WINDOW]]);
    bounds.maxValue = VALUE - 1n;
    expect(await dueIn(2)).to.deep.equal([]);
    bounds.maxValue = VALUE;
    expect(await dueIn(3)).to.deep.equal([[FEED], [WINDOW]]);
  });
});
