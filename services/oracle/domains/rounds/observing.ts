/** What this reporter has to say in a round: its own values, and which of them it finds due. */
import { fromBytes32, type ObservationWindow } from '../../../core/oracleReport.ts';
import type { Logger } from '../../../platform/log.ts';
import type { PriceFeed } from '../../feedsFile.ts';
import { CERTAIN_BLOCKS, type FeedRules, type Hub } from '../../hub.ts';
import type { OracleMetrics } from '../../metrics.ts';
import type { PriceSources } from '../sources/prices.ts';
import type { WindowSources } from '../sources/windows.ts';
import { dueReason, type Standing } from './due.ts';
import { type Items, itemKey } from './row.ts';

export interface ObservedPrices {
  kind: 'price';
  feed: PriceFeed;
  sources: PriceSources;
}

export interface ObservedWindows {
  kind: 'observation';
  sources: WindowSources;
}

/** The feeds of this reporter, by name. */
export type Feeds = ReadonlyMap<string, ObservedPrices | ObservedWindows>;

/** Undefined where the hub does not know the feed. */
type RulesByFeed = ReadonlyMap<string, FeedRules | undefined>;

export interface Observed {
  /** What is on chain of each price feed. */
  standings: ReadonlyMap<string, Standing>;
  /** This reporter's own values, by {@link itemKey}; the same for all that it signs in the round. */
  values: ReadonlyMap<string, bigint>;
  /** What it finds due, the oldest first; nothing of a kind of which nothing is. */
  due: Items[];
}

/** A round, and the block with which it begins for this reporter. */
export interface Begun {
  round: number;
  headNumber: bigint;
}

interface ObservingParts {
  feeds: Feeds;
  hub: Hub;
  /** Besides those of the cover's risks. */
  windows: () => readonly ObservationWindow[];
  roundSeconds: number;
  metrics: OracleMetrics;
  log: Logger;
}

/** @returns what takes a round's values; it remembers which windows the chain has */
export function createObserver({ feeds, hub, windows, roundSeconds, metrics, log }: ObservingParts) {
  /** By window, the head when the chain was first seen to have it. */
  let recorded = new Map<string, bigint>();
  const outOfBounds = new Set<string>();

  /** What is out of the feed's bounds the hub would skip, round by round. */
  const isInBounds = (key: string, units: bigint, { minValue, maxValue }: FeedRules): boolean => {
    const isIn = units >= minValue && units <= maxValue;
    if (!isIn && !outOfBounds.has(key))
      log.error(
        { item: key, observed: units, minValue, maxValue },
        'the value is out of the bounds of its feed',
      );
    if (isIn) outOfBounds.delete(key);
    else outOfBounds.add(key);
    return isIn;
  };

  /** Read in each round, as governance may narrow them (`updateFeed`): what the hub would skip is not signed again and again. */
  async function readRules(): Promise<RulesByFeed> {
    const names = [...feeds.keys()];
    const rules = await hub.rulesOf(names);
    return new Map(names.map((name, at) => [name, rules[at]]));
  }

  async function observePrices(round: number, values: Map<string, bigint>) {
    const observed = [...feeds.values()].filter((one) => one.kind === 'price');
    const names = observed.map(({ feed }) => feed.feed);
    const [rulesByFeed, prices] = await Promise.all([readRules(), hub.pricesOf(names, 'latest')]);
    const standings = new Map<string, Standing>();
    const due: { feed: string; observedAt: number }[] = [];
    for (const [at, { feed: settings, sources }] of observed.entries()) {
      const { feed, heartbeatSeconds, deviationBps } = settings;
      const [price, rules] = [prices[at], rulesByFeed.get(feed)];
      if (!price || !rules) continue;
      const standing = { ...price, heartbeatSeconds, deviationBps };
      standings.set(feed, standing);
      metrics.onChain(feed, price.units, price.observedAt);
      const last = price.observedAt > 0 ? { units: price.units, jumpBps: rules.maxDeviationBps } : undefined;
      const units = sources.valueAt(round, last);
      if (units === undefined || !isInBounds(feed, units, rules)) continue;
      values.set(feed, units);
      if (dueReason(units, round, standing)) due.push({ feed, observedAt: price.observedAt });
    }
    due.sort((a, b) => a.observedAt - b.observedAt || (a.feed < b.feed ? -1 : 1));
    return { rulesByFeed, standings, duePrices: due.map(({ feed }) => feed) };
  }

  async function observeWindows(
    { round, headNumber }: Begun,
    rulesByFeed: RulesByFeed,
    values: Map<string, bigint>,
  ): Promise<ObservationWindow[]> {
    const wanted = [...windows(), ...(await hub.openRisks(round, headNumber))];
    // One window may be wanted for several reasons. Those that nobody wants any more are forgotten.
    const keys = new Map(wanted.map((window) => [itemKey(window), window]));
    const all = [...keys.values()];
    recorded = new Map([...recorded].filter(([key]) => keys.has(key)));
    // A reorganisation may undo what was recorded a moment ago: its report is then due again.
    const isCertain = (key: string) => headNumber - (recorded.get(key) ?? headNumber) >= CERTAIN_BLOCKS;
    const open = all.filter((window) => !isCertain(itemKey(window)));
    // Those of the next round are asked for already, so that they can be in it.
    const soon = open.filter(({ windowEnd }) => windowEnd <= round + roundSeconds);
    for (const [name, one] of feeds)
      if (one.kind === 'observation')
        one.sources.watch(soon.filter(({ feed }) => fromBytes32(feed) === name));
    const over = soon.filter(({ windowEnd }) => windowEnd <= round);
    const known = await hub.areRecorded(over, 'latest');
    for (const [at, window] of over.entries()) {
      const key = itemKey(window);
      if (!known[at]) recorded.delete(key);
      else if (!recorded.has(key)) recorded.set(key, headNumber);
    }
    const due = over.filter((window) => {
      const name = fromBytes32(window.feed) ?? '';
      const [one, rules] = [feeds.get(name), rulesByFeed.get(name)];
      if (recorded.has(itemKey(window)) || one?.kind !== 'observation' || !rules) return false;
      const units = one.sources.valueOf(window);
      if (units === undefined || !isInBounds(itemKey(window), units, rules)) return false;
      values.set(itemKey(window), units);
      return true;
    });
    return due.sort((a, b) => a.windowEnd - b.windowEnd || (itemKey(a) < itemKey(b) ? -1 : 1));
  }

  return async (begun: Begun): Promise<Observed> => {
    const { round } = begun;
    const values = new Map<string, bigint>();
    const { rulesByFeed, standings, duePrices } = await observePrices(round, values);
    const dueWindows = await observeWindows(begun, rulesByFeed, values);
    const due: Items[] = [];
    if (duePrices.length > 0) due.push({ kind: 'prices', items: duePrices });
    if (dueWindows.length > 0) due.push({ kind: 'observations', items: dueWindows });
    return { standings, values, due };
  };
}
