/** What a reporter reads of the chain: the hub's reporters, feeds and values, and the windows that the cover has open. */
import { type Address, type Hex, isAddressEqual, type PublicClient } from 'viem';
import { oracleHubAbi } from '../core/abi/oracleHub.ts';
import { parametricCoverAbi } from '../core/abi/parametricCover.ts';
import type { Deployment } from '../core/deployment.ts';
import { type ObservationWindow, toBytes32 } from '../core/oracleReport.ts';
import { undefinedIfReverted } from '../platform/reverted.ts';

const PRICE_KIND = 1;
const OPEN_RISK = 0;
/** Risks that one look reads at most; what is left waits for the next. */
const RISKS_AT_ONCE = 500;
/** So many blocks on what was read make it certain: no reorganisation goes as deep. Until then it is read again. */
export const CERTAIN_BLOCKS = 64n;

export interface ReporterSet {
  version: number;
  reporters: readonly Address[];
}

export interface FeedRules {
  kind: 'price' | 'observation';
  decimals: number;
  maxDeviationBps: number;
  minValue: bigint;
  maxValue: bigint;
}

export interface Price {
  /** In units of the feed; of no meaning while `observedAt` is 0. */
  units: bigint;
  /** Unix seconds, 0 when there is none. */
  observedAt: number;
  /** Of the last report that was taken in, held ones included. */
  round: number;
  isHeld: boolean;
}

/** `pending` counts what waits in the node's pool, where the node knows it. */
export type Moment = 'latest' | 'pending';

export interface Hub {
  readonly address: Address;
  readonly chainId: number;
  reporterSet(): Promise<ReporterSet>;
  /** Undefined where the hub does not know the feed. */
  rulesOf(feeds: readonly string[]): Promise<(FeedRules | undefined)[]>;
  pricesOf(feeds: readonly string[], moment: Moment): Promise<Price[]>;
  areRecorded(windows: readonly ObservationWindow[], moment: Moment): Promise<boolean[]>;
  /**
   * Windows of the cover's risks that are not settled, also those to come, until their grace period is over; each call reads on where
   * the last one stopped, and again what a reorganisation may have changed.
   * @param headNumber of the block that `now` is the time of
   */
  openRisks(now: number, headNumber: bigint): Promise<ObservationWindow[]>;
}

interface KnownRisk {
  window: ObservationWindow;
  /** Unix seconds. After it nobody gets anything for what is observed. */
  graceEnd: number;
  isOpen: boolean;
  /** The head when it was first read so. */
  since: bigint;
}

/** @param client one that sends requests made at the same time in one batch */
export function openHub(client: PublicClient, deployment: Deployment): Hub {
  const hub = { address: deployment.oracleHub, abi: oracleHubAbi } as const;
  const cover = { address: deployment.parametricCover, abi: parametricCoverAbi } as const;
  const termsOfProducts = new Map<number, { feed: Hex; graceSeconds: number }>();
  const risks = new Map<number, KnownRisk>();
  let lastRisk = 0;

  const priceOf = async (feed: Hex, blockTag: Moment): Promise<Price> => {
    const args = [feed] as const;
    const [current, held] = await Promise.all([
      client.readContract({ ...hub, functionName: 'priceOf', args, blockTag }),
      client.readContract({ ...hub, functionName: 'heldPriceOf', args, blockTag }),
    ]);
    const isHeld = held[1] > 0n;
    return {
      units: current[0],
      observedAt: Number(current[1]),
      round: Number(isHeld ? held[2] : current[2]),
      isHeld,
    };
  };
  const termsOf = async (productId: number) => {
    const known = termsOfProducts.get(productId);
    if (known) return known;
    const [terms] = await client.readContract({
      ...cover,
      functionName: 'productOf',
      args: [BigInt(productId)],
    });
    termsOfProducts.set(productId, terms);
    return terms;
  };
  const readRisk = async (number: number, headNumber: bigint): Promise<void> => {
    const risk = await client.readContract({ ...cover, functionName: 'riskOf', args: [BigInt(number)] });
    const { productId, subject, windowStart, windowEnd } = risk;
    const { feed, graceSeconds } = await termsOf(productId);
    const window = { feed, subject, windowStart, windowEnd };
    const isOpen = risk.state === OPEN_RISK;
    const known = risks.get(number);
    const isSame = known?.isOpen === isOpen && isSameWindow(known.window, window);
    const graceEnd = windowEnd + graceSeconds;
    risks.set(number, { window, graceEnd, isOpen, since: isSame ? known.since : headNumber });
  };
  return {
    address: deployment.oracleHub,
    chainId: deployment.chainId,
    async reporterSet() {
      const [version, reporters] = await client.readContract({ ...hub, functionName: 'reporterSet' });
      return { version, reporters };
    },
    rulesOf: (feeds) =>
      Promise.all(
        feeds.map(async (feed) => {
          const config = await client
            .readContract({ ...hub, functionName: 'feedOf', args: [toBytes32(feed)] })
            .catch(undefinedIfReverted('FeedNotFound'));
          if (!config) return undefined;
          const kind = config.kind === PRICE_KIND ? ('price' as const) : ('observation' as const);
          const { decimals, maxDeviationBps, minValue, maxValue } = config;
          return { kind, decimals, maxDeviationBps, minValue, maxValue };
        }),
      ),
    pricesOf: (feeds, moment) => Promise.all(feeds.map((feed) => priceOf(toBytes32(feed), moment))),
    areRecorded: (windows, blockTag) =>
      Promise.all(
        windows.map(async ({ feed, subject, windowStart, windowEnd }) => {
          const args = [feed, subject, BigInt(windowStart), BigInt(windowEnd)] as const;
          const [found] = await client.readContract({
            ...hub,
            functionName: 'tryReadObservation',
            args,
            blockTag,
          });
          return found;
        }),
      ),
    async openRisks(now, headNumber) {
      const count = Number(await client.readContract({ ...cover, functionName: 'riskCount' }));
      lastRisk = Math.min(lastRisk, count);
      const isCertain = ({ since }: KnownRisk) => headNumber - since >= CERTAIN_BLOCKS;
      // Nobody settles a risk on which nobody is insured.
      for (const [number, risk] of risks) {
        const isOver = !risk.isOpen || risk.graceEnd <= now;
        if (number > count || (isOver && isCertain(risk))) risks.delete(number);
      }
      const until = Math.min(count, lastRisk + RISKS_AT_ONCE);
      const added = Array.from({ length: until - lastRisk }, (_, at) => lastRisk + 1 + at);
      // Before its window is over no risk is settled.
      const changing = [...risks].flatMap(([number, risk]) =>
        risk.window.windowEnd <= now || !isCertain(risk) ? number : [],
      );
      await Promise.all([...changing, ...added].map((number) => readRisk(number, headNumber)));
      lastRisk = until;
      return [...risks.values()].flatMap(({ window, graceEnd, isOpen }) =>
        isOpen && graceEnd > now ? window : [],
      );
    },
  };
}

function isSameWindow(a: ObservationWindow, b: ObservationWindow): boolean {
  const isSameTime = a.windowStart === b.windowStart && a.windowEnd === b.windowEnd;
  return isSameTime && a.feed === b.feed && a.subject === b.subject;
}

/** The place of a reporter in its set; -1 when it is not of it. */
export function placeOf({ reporters }: ReporterSet, reporter: Address): number {
  return reporters.findIndex((one) => isAddressEqual(one, reporter));
}
