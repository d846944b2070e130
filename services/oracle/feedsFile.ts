/** What one reporter observes and where it asks: ORACLE_FEEDS_FILE. Kind, decimals and bounds of a feed stand on the chain. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from '../platform/config.ts';

const name = z.string().regex(/^[\x21-\x7e]{1,31}$/, 'must be 1 to 31 characters without spaces');
const seconds = (most: number) => z.int().min(1).max(most);
const currency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code');
const units = z
  .string()
  .regex(/^\d{1,28}$/, "must be a whole number of the feed's units, in quotes")
  .transform(BigInt);

const url = z
  .string()
  .regex(
    /^(?:https:\/\/|http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?=[:/]))\S+$/,
    'must start with https://; http:// is for sources on this machine, 127.0.0.1 or localhost',
  );
const place = {
  /** In metrics and the log, such as `fx-atlas`. */
  name: z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be small letters, digits and dashes'),
  /** With `{subject}`, `{windowStart}` and `{windowEnd}` (Unix seconds) where the source wants them. */
  url,
  /** Pause between two requests. */
  everySeconds: z.number().min(0.05).max(86_400).default(5),
  timeoutMs: z.int().min(50).max(60_000).default(3_000),
};
const pair = { base: currency, quote: currency };
const aged = {
  ...place,
  /** An answer counts so long after the time that it names. */
  maxAgeSeconds: seconds(30 * 86_400),
};

const priceSource = z.discriminatedUnion('format', [
  z.strictObject({ format: z.literal('fx-rates'), ...aged, ...pair }),
  z.strictObject({ format: z.literal('fx-pairs'), ...aged, ...pair }),
  z.strictObject({ format: z.literal('ecb-rates'), ...aged, ...pair }),
  z.strictObject({ format: z.literal('bank-balance'), ...aged, account: z.string().min(1), currency }),
]);
const windowSource = z.strictObject({
  format: z.enum(['flight-status', 'station-observations', 'shipment-events', 'rate-history']),
  ...place,
});

export type PriceSource = z.output<typeof priceSource>;
export type WindowSource = z.output<typeof windowSource>;

const agreement = {
  feed: name,
  /** Of the sources that answered, so many must agree, and more than half. */
  minimumSources: z.int().min(1).max(20).default(1),
  /** How far from the median a source may be, in units of the feed. */
  spreadUnits: units.default(0n),
};
const sourcesOf = <Source extends z.ZodType<{ name: string }>>(source: Source) =>
  z
    .array(source)
    .min(1)
    .max(20)
    .refine((all) => new Set(all.map((one) => one.name)).size === all.length, 'names a source twice');

const priceFeed = z.strictObject({
  kind: z.literal('price'),
  ...agreement,
  /** The same in basis points of the median; the wider of the two counts. */
  spreadBps: z.int().min(0).max(10_000).default(50),
  /** The value on chain is renewed when it is so old. */
  heartbeatSeconds: seconds(30 * 86_400),
  /** The value on chain is renewed when it is so far off, in basis points. */
  deviationBps: z.int().min(1).max(10_000),
  sources: sourcesOf(priceSource),
});
const observationFeed = z.strictObject({
  kind: z.literal('observation'),
  ...agreement,
  sources: sourcesOf(windowSource),
});

const windowEntry = z
  .strictObject({ feed: name, subject: name, windowStart: z.int().min(0), windowEnd: z.int().min(0) })
  .refine(({ windowStart, windowEnd }) => windowStart <= windowEnd, 'a window begins not after its end');

const schema = z
  .strictObject({
    /** A round begins with the first block of each so many seconds; the same for all reporters. */
    roundSeconds: seconds(86_400),
    /** So many blocks after one reporter's turn to transmit it is the next one's. */
    turnBlocks: z.int().min(1).max(1_000).default(2),
    feeds: z
      .array(z.discriminatedUnion('kind', [priceFeed, observationFeed]))
      .min(1)
      .max(256)
      .refine((all) => new Set(all.map(({ feed }) => feed)).size === all.length, 'names a feed twice'),
    /** Windows to observe besides those of the risks that the cover has open. */
    windows: z.array(windowEntry).max(1_000).default([]),
    /** Where settlement services say which windows release rules of escrows wait for: `<origin>/awaited-observations`. */
    windowsFrom: z.array(url).max(10).default([]),
  })
  .superRefine(({ feeds, windows }, context) => {
    for (const { feed } of windows)
      if (!feeds.some((one) => one.feed === feed && one.kind === 'observation'))
        context.addIssue({ code: 'custom', message: `windows: ${feed} is no observation feed of this file` });
  });

export type FeedsFile = z.output<typeof schema>;
export type PriceFeed = z.output<typeof priceFeed>;
export type ObservationFeed = z.output<typeof observationFeed>;

/** @throws ConfigError when the file cannot be read or is wrong, naming each fault. */
export function readFeedsFile(file: string): FeedsFile {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new ConfigError(
      `The feeds file ${file} cannot be read: ${(cause as Error).message}. Correct ORACLE_FEEDS_FILE.`,
      { cause },
    );
  }
  return parseFeeds(json, file);
}

/** @throws ConfigError naming each fault. */
export function parseFeeds(json: unknown, place: string): FeedsFile {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new ConfigError(`The feeds file ${place} is wrong:\n${z.prettifyError(result.error)}`);
}
