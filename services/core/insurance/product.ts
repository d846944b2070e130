/** Products of the cover as configuration (INSURANCE_PRODUCTS_FILE): what the contract has of each, and what it means in words. */
import { type Hex, padHex } from 'viem';
import { z } from 'zod';
import { formatMoney, isAmount, parseMoney } from '../money.ts';
import { toBytes32 } from '../oracleReport.ts';
import type { PayoutTier } from './premium.ts';

/** What the pool holds, premiums are paid in, and policies pay. */
export const COVER_CURRENCY = 'USD';

const DAY_SECONDS = 86_400;
const MAX_SECONDS = 732 * DAY_SECONDS;

const seconds = (least: number) => z.int().min(least).max(MAX_SECONDS);
const ppm = z
  .int()
  .min(0)
  .max(2 ** 24 - 1);
const limit = z
  .string()
  .refine(isAmount, 'must be an amount such as 50000.00')
  .transform((value) => parseMoney(COVER_CURRENCY, value).units);
const text = z.string().min(1).max(400);
const words = z.strictObject({
  name: text,
  /** What must happen, in a sentence. */
  event: text,
  /** What a subject is. */
  subject: text,
  /** Of an observation, behind its number. */
  unit: text,
  /** Where an observation comes from. */
  source: text,
});

const product = z
  .strictObject({
    /** By which the API and its users know it. */
    id: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be small letters, digits and dashes'),
    /** Its number in the cover contract. */
    productNumber: z.int().min(1).max(65_535),
    feed: z.string().regex(/^[\x21-\x7e]{1,31}$/),
    /** Of the feed. */
    decimals: z.int().min(0).max(18),
    operator: z.enum(['atLeast', 'atMost']),
    /** From the mildest to the severest. */
    tiers: z
      .array(
        z.strictObject({
          threshold: z.string().regex(/^-?\d{1,12}(\.\d{1,18})?$/, 'must be a decimal number'),
          payoutBps: z.int().min(1).max(10_000),
        }),
      )
      .min(1)
      .max(4),
    subject: z.strictObject({
      /** A regular expression over all of it: what may be insured is what the reporters' sources know. */
      form: z.string().min(1).max(200),
      /** So many of its first characters name the cluster. */
      clusterCharacters: z.int().min(0).max(31),
      example: z.string().min(1).max(31),
    }),
    waitingPeriodSeconds: seconds(DAY_SECONDS),
    minWindowSeconds: seconds(1),
    maxWindowSeconds: seconds(1),
    maxLeadSeconds: seconds(DAY_SECONDS),
    graceSeconds: seconds(3_600),
    expectedLossPpm: ppm.min(1).max(1_000_000),
    loadPpm: ppm,
    capitalChargePpmPerYear: ppm,
    maxInsuredPerRisk: limit,
    maxInsuredPerCluster: limit,
    words: z.strictObject({ en: words, zh: words }),
  })
  .superRefine((one, context) => {
    const fault = (message: string) => context.addIssue({ code: 'custom', message });
    const isForm = isRegularExpression(one.subject.form);
    if (!isForm) fault('subject.form is no regular expression');
    else if (!subjectForm(one).test(one.subject.example)) fault('subject.example is not of subject.form');
    for (const { threshold } of one.tiers)
      if ((threshold.split('.')[1] ?? '').length > one.decimals)
        fault(`the threshold ${threshold} has more digits than the feed (${one.decimals})`);
  })
  .transform((one) => ({
    ...one,
    tiers: one.tiers.map(({ threshold, payoutBps }) => ({
      threshold: toUnits(threshold, one.decimals),
      payoutBps: BigInt(payoutBps),
    })),
  }));

export const productsSchema = z.strictObject({
  products: z
    .array(product)
    .max(200)
    .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'names an id twice')
    .refine(
      (all) => new Set(all.map(({ productNumber }) => productNumber)).size === all.length,
      'names a productNumber twice',
    ),
});

export type CoverProduct = z.output<typeof product>;
export type Language = keyof CoverProduct['words'];

/** What the contract has of a product (`ProductTerms`, without its tiers). */
export function termsOf(one: CoverProduct) {
  return {
    feed: toBytes32(one.feed),
    clusterMask: padHex(`0x${'ff'.repeat(one.subject.clusterCharacters)}`, { size: 32, dir: 'right' }),
    operator: one.operator === 'atLeast' ? 0 : 1,
    waitingPeriodSeconds: one.waitingPeriodSeconds,
    minWindowSeconds: one.minWindowSeconds,
    maxWindowSeconds: one.maxWindowSeconds,
    maxLeadSeconds: one.maxLeadSeconds,
    graceSeconds: one.graceSeconds,
    expectedLossPpm: one.expectedLossPpm,
    loadPpm: one.loadPpm,
    capitalChargePpmPerYear: one.capitalChargePpmPerYear,
    maxInsuredPerRisk: one.maxInsuredPerRisk,
    maxInsuredPerCluster: one.maxInsuredPerCluster,
  };
}

/** Its rates as the premium takes them. */
export function ratesOf(one: CoverProduct) {
  return {
    expectedLossPpm: BigInt(one.expectedLossPpm),
    loadPpm: BigInt(one.loadPpm),
    capitalChargePpmPerYear: BigInt(one.capitalChargePpmPerYear),
  };
}

export function maxPayoutBpsOf({ tiers }: { tiers: readonly PayoutTier[] }): bigint {
  return tiers.at(-1)?.payoutBps ?? 0n;
}

/** Matches the whole of a subject that may be insured. */
export function subjectForm({ subject }: { subject: { form: string } }): RegExp {
  return new RegExp(`^(?:${subject.form})$`);
}

/** The words of a subject that share its cluster begin so, as the contract masks it. */
export function clusterOf(one: CoverProduct, subject: string): string {
  return subject.slice(0, one.subject.clusterCharacters);
}

/** A subject as the contract has it. */
export function subjectWord(subject: string): Hex {
  return toBytes32(subject);
}

/** An observation or a threshold as people write it: `50.0`. */
export function formatObservation({ decimals }: { decimals: number }, units: bigint): string {
  if (decimals === 0) return units.toString();
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** An amount of the cover's currency as the API writes it. */
export function coverAmount(units: bigint) {
  return { currency: COVER_CURRENCY, value: formatMoney({ currency: COVER_CURRENCY, units }) };
}

function toUnits(threshold: string, decimals: number): bigint {
  const [whole = '', fraction = ''] = threshold.split('.');
  return BigInt(whole + fraction.padEnd(decimals, '0'));
}

function isRegularExpression(form: string): boolean {
  try {
    return new RegExp(form) instanceof RegExp;
  } catch {
    return false;
  }
}
