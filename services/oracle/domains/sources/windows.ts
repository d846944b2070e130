/** The sources of one observation feed: each is asked for every window that is over, until it says something final. */
import { fromBytes32, type ObservationWindow } from '../../../core/oracleReport.ts';
import { startWorker } from '../../../platform/worker.ts';
import type { ObservationFeed, WindowSource } from '../../feedsFile.ts';
import { agree } from './agreement.ts';
import { fetchSource } from './fetch.ts';
import { readWindow } from './formats.ts';
import { FUTURE_SECONDS, type SourceParts } from './prices.ts';
import { SourceRefused } from './refusal.ts';

/** Windows that one source is asked for at once, and in one go. */
const AT_ONCE = 4;
const IN_ONE_GO = 64;

export interface WindowSources {
  /** What the sources agree on, in units of the feed; undefined until enough of them say something final. */
  valueOf(window: ObservationWindow): bigint | undefined;
  /** Asks for these from now on, and forgets all others. */
  watch(windows: readonly ObservationWindow[]): void;
  stop(): Promise<void>;
}

interface Watched {
  window: ObservationWindow;
  /** Final answers by source. */
  units: Map<string, bigint>;
  /** Which go each source was last asked in. */
  asked: Map<string, number>;
}

/** Begins to ask the sources of a feed for the windows that are watched. */
export function openWindowSources(
  feed: ObservationFeed,
  decimals: number,
  parts: SourceParts,
): WindowSources {
  const { metrics, log, health, chainTime } = parts;
  const stopping = new AbortController();
  const watched = new Map<string, Watched>();
  const refusals = new Map<string, string>();

  const ask = async (source: WindowSource, { window, units }: Watched): Promise<void> => {
    try {
      const { units: found, observedAt } = await answerOf(source, window, decimals, stopping.signal);
      if (observedAt > chainTime() + FUTURE_SECONDS)
        throw new SourceRefused(
          'source_future',
          `The answer is of ${observedAt}, the chain is at ${chainTime()}.`,
        );
      metrics.sourceAnswered(source.name, feed.feed, observedAt);
      refusals.delete(source.name);
      if (found !== undefined) units.set(source.name, found);
    } catch (error) {
      if (stopping.signal.aborted) return;
      if (!(error instanceof SourceRefused)) throw error;
      metrics.sourceRefused(source.name, feed.feed, error.code);
      if (refusals.get(source.name) !== error.code)
        log.warn({ source: source.name, feed: feed.feed, code: error.code }, error.message);
      refusals.set(source.name, error.code);
    }
  };
  const askAll = async (source: WindowSource, go: number): Promise<void> => {
    const open = [...watched.values()]
      .filter(({ units }) => !units.has(source.name))
      .sort((a, b) => (a.asked.get(source.name) ?? 0) - (b.asked.get(source.name) ?? 0))
      .slice(0, IN_ONE_GO);
    for (const one of open) one.asked.set(source.name, go);
    for (let at = 0; at < open.length && !stopping.signal.aborted; at += AT_ONCE)
      await Promise.all(open.slice(at, at + AT_ONCE).map((one) => ask(source, one)));
  };
  const workers = feed.sources.map((source) => {
    let go = 0;
    return startWorker(
      `ask ${source.name} for ${feed.feed}`,
      source.everySeconds * 1_000,
      health,
      async () => {
        await askAll(source, ++go);
        return false;
      },
    );
  });
  return {
    valueOf(window) {
      const units = watched.get(keyOf(window))?.units;
      if (!units) return undefined;
      const answers = [...units].map(([source, value]) => ({ source, units: value }));
      const agreement = agree(answers, { ...feed, spreadBps: 0 });
      for (const source of agreement.outliers) metrics.sourceRefused(source, feed.feed, 'source_outlier');
      // Who of them is wrong is not known, and one may correct itself: all are asked again.
      if (agreement.outliers.length > 0) units.clear();
      return agreement.units;
    },
    watch(windows) {
      const keys = new Set(windows.map(keyOf));
      for (const key of watched.keys()) if (!keys.has(key)) watched.delete(key);
      const added = windows.filter((window) => !watched.has(keyOf(window)));
      for (const window of added) watched.set(keyOf(window), { window, units: new Map(), asked: new Map() });
      if (added.length > 0) for (const worker of workers) worker.wake();
    },
    async stop() {
      stopping.abort();
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}

async function answerOf(
  source: WindowSource,
  { subject: word, windowStart, windowEnd }: ObservationWindow,
  decimals: number,
  signal: AbortSignal,
) {
  const subject = fromBytes32(word);
  if (subject === undefined)
    throw new SourceRefused('source_window_missing', `The subject ${word} is no text that a source knows.`);
  const place = { subject: encodeURIComponent(subject), windowStart, windowEnd };
  const url = source.url.replace(/\{(subject|windowStart|windowEnd)\}/g, (_, name: keyof typeof place) =>
    String(place[name]),
  );
  const bytes = await fetchSource(url, source.timeoutMs, signal);
  return readWindow[source.format](bytes, { subject, windowStart, windowEnd, decimals });
}

const keyOf = ({ subject, windowStart, windowEnd }: ObservationWindow) =>
  `${subject} ${windowStart} ${windowEnd}`;
