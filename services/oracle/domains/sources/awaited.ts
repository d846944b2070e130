/** Windows that others wait for, as settlement services list them: what release rules of escrows are about. */
import { z } from 'zod';
import { fromBytes32, type ObservationWindow } from '../../../core/oracleReport.ts';
import type { Health } from '../../../platform/health.ts';
import { startWorker } from '../../../platform/worker.ts';
import { fetchSource } from './fetch.ts';
import { SourceRefused } from './refusal.ts';

const EVERY_MS = 2_000;
const TIMEOUT_MS = 3_000;

const word = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .transform((text) => text as `0x${string}`);
const time = z.int().min(0).max(0xff_ff_ff_ff);
const listSchema = z.object({ windows: z.array(z.unknown()).max(1_000) });
const windowSchema = z
  .object({ feed: word, subject: word, windowStart: time, windowEnd: time })
  .refine(({ windowStart, windowEnd }) => windowStart <= windowEnd);

export interface AwaitedWindows {
  /** Of feeds that this reporter has; what a service said last, also while it does not answer. */
  windows(): ObservationWindow[];
  stop(): Promise<void>;
}

/**
 * Begins to read the lists. Whoever writes one can have this reporter ask its sources for more windows, and nothing else: what they
 * say is as true as of any other.
 * @param feeds names of this reporter's observation feeds
 */
export function openAwaitedWindows(
  urls: readonly string[],
  feeds: ReadonlySet<string>,
  health: Health,
): AwaitedWindows {
  const stopping = new AbortController();
  const lists = new Map<string, ObservationWindow[]>();
  const read = async (url: string): Promise<void> => {
    const bytes = await fetchSource(url, TIMEOUT_MS, stopping.signal).catch((error: unknown) => {
      if (stopping.signal.aborted) return undefined;
      throw error;
    });
    if (!bytes) return;
    // One window that is none takes none of the others with it.
    const windows = parse(bytes).windows.flatMap((one) => windowSchema.safeParse(one).data ?? []);
    lists.set(
      url,
      windows.filter(({ feed }) => feeds.has(fromBytes32(feed) ?? '')),
    );
  };
  const workers = urls.map((url) =>
    startWorker(`windows from ${new URL(url).host}`, EVERY_MS, health, async () => {
      await read(url);
      return false;
    }),
  );
  return {
    windows: () => [...lists.values()].flat(),
    async stop() {
      stopping.abort();
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}

function parse(bytes: Uint8Array): z.output<typeof listSchema> {
  try {
    return listSchema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw new SourceRefused('source_garbage', 'The answer is no list of windows that are awaited.', {
      cause,
    });
  }
}
