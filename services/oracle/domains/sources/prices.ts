/** The sources of one price feed, asked again and again, and what they say at the time of a round. */
import type { Health } from '../../../platform/health.ts';
import type { Logger } from '../../../platform/log.ts';
import { startWorker } from '../../../platform/worker.ts';
import type { PriceFeed, PriceSource } from '../../feedsFile.ts';
import type { OracleMetrics } from '../../metrics.ts';
import { agree } from './agreement.ts';
import { fetchSource } from './fetch.ts';
import { readPrice } from './formats.ts';
import type { PriceReading } from './reading.ts';
import { SourceRefused } from './refusal.ts';

/** A source's clock may be so far ahead of the last block. */
export const FUTURE_SECONDS = 60;

export interface SourceParts {
  metrics: OracleMetrics;
  log: Logger;
  health: Health;
  /** Time of the chain's head, Unix seconds: no host's clock says what is fresh. */
  chainTime(): number;
}

export interface PriceSources {
  /**
   * What the sources agree on for a round, in units of the feed; undefined when they do not, or are stale.
   * @param last the value on chain, if there is one, and how far from it is a jump
   */
  valueAt(round: number, last: { units: bigint; jumpBps: number } | undefined): bigint | undefined;
  stop(): Promise<void>;
}

/** Begins to ask the sources of a feed. */
export function openPriceSources(feed: PriceFeed, decimals: number, parts: SourceParts): PriceSources {
  const { metrics, log, health, chainTime } = parts;
  const stopping = new AbortController();
  const readings = new Map<string, PriceReading>();
  const refusals = new Map<string, string>();

  const refuse = (source: PriceSource, { code, message }: SourceRefused) => {
    metrics.sourceRefused(source.name, feed.feed, code);
    if (refusals.get(source.name) === code) return;
    refusals.set(source.name, code);
    log.warn({ source: source.name, feed: feed.feed, code }, message);
  };
  const ask = async (source: PriceSource): Promise<void> => {
    try {
      const bytes = await fetchSource(source.url, source.timeoutMs, stopping.signal);
      const reading = readPrice(bytes, source, decimals);
      requireTimely(reading, source, chainTime());
      readings.set(source.name, reading);
      refusals.delete(source.name);
      metrics.sourceAnswered(source.name, feed.feed, reading.observedAt);
    } catch (error) {
      if (stopping.signal.aborted) return;
      if (!(error instanceof SourceRefused)) throw error;
      refuse(source, error);
    }
  };
  const workers = feed.sources.map((source) =>
    startWorker(`ask ${source.name} for ${feed.feed}`, source.everySeconds * 1_000, health, async () => {
      await ask(source);
      return false;
    }),
  );
  return {
    valueAt(round, last) {
      const timely = feed.sources.flatMap((source) => {
        const reading = readings.get(source.name);
        // A source that fell silent goes stale with its last answer.
        if (!reading || round - reading.observedAt > source.maxAgeSeconds) return [];
        return [{ source: source.name, units: reading.units }];
      });
      const { units, outliers } = agree(timely, { ...feed, last });
      for (const source of feed.sources.filter(({ name }) => outliers.includes(name)))
        refuse(
          source,
          new SourceRefused(
            'source_outlier',
            `${readings.get(source.name)?.units} is not near what others say.`,
          ),
        );
      metrics.observed(feed.feed, units);
      return units;
    },
    async stop() {
      stopping.abort();
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}

function requireTimely({ observedAt }: PriceReading, { maxAgeSeconds }: PriceSource, now: number): void {
  if (observedAt > now + FUTURE_SECONDS)
    throw new SourceRefused('source_future', `The answer is of ${observedAt}, the chain is at ${now}.`);
  if (now - observedAt > maxAgeSeconds)
    throw new SourceRefused(
      'source_stale',
      `The answer is of ${observedAt}, ${now - observedAt} s ago; expected at most ${maxAgeSeconds} s.`,
    );
}
