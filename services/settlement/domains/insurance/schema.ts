/** The words of insurance in the API: what a partner sends, what it gets. */
import { z } from 'zod';
import { COVER_CURRENCY } from '../../../core/insurance/product.ts';
import { AMOUNT_FORM, isAmount, moneyFaults, parseMoney } from '../../../core/money.ts';
import { isXmlText } from '../../../core/xmlText.ts';
import { rule } from '../../http/faults.ts';
import { addressField, secondField } from '../../http/fields.ts';
import { pageQuery } from '../../http/requests.ts';
import { timelineField } from '../../http/timeline.ts';

export const policyStatuses = [
  'accepted',
  'processing',
  'issued',
  'payable',
  'paid',
  'refunded',
  'expired',
  'cancelled',
  'failed',
] as const;
export type PolicyStatus = (typeof policyStatuses)[number];

/** Why a policy was never issued. */
export const failureCodes = [
  'capacity_exceeded',
  'risk_limit_exceeded',
  'cluster_limit_exceeded',
  'sale_closed',
  'product_paused',
  'pool_paused',
  'premium_above_maximum',
  'buyer_cannot_pay',
  'operator_limit_exceeded',
  'sequence_used_elsewhere',
  'not_issued_in_time',
] as const;
export type FailureCode = (typeof failureCodes)[number];

export const MAX_POLICIES_PER_BATCH = 1_000;

const amountField = z
  .strictObject({
    currency: z.enum([COVER_CURRENCY]),
    value: z.string().refine(isAmount, rule('amount_malformed', AMOUNT_FORM)).meta({ example: '500.00' }),
  })
  .transform(({ currency, value }, context) => {
    if (!isAmount(value)) return 0n; // that was said
    const [fault] = moneyFaults(currency, value);
    if (fault) context.addIssue({ ...rule(fault.code, fault.expected, fault.detail), path: ['value'] });
    else if (parseMoney(currency, value).units === 0n)
      context.addIssue({ ...rule('amount_zero', 'more than nothing'), path: ['value'] });
    else return parseMoney(currency, value).units;
    return z.NEVER;
  });

/** A cover note has it in a line of its own: it must not say anything in the lines beneath. */
const isLine = (text: string) => isXmlText(text) && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text);

const coverFields = {
  product: z.string().max(40).meta({ example: 'flight-delay' }),
  subject: z.string().min(1).max(31).meta({
    description: 'What is insured, in the form that the product gives.',
    example: 'FRA:LH400',
  }),
  windowStart: secondField.meta({ description: 'What happens from then on counts.' }),
  windowEnd: secondField.meta({ description: 'What happens until then counts.' }),
  insured: amountField.meta({ description: 'The sum insured: the most that is paid.' }),
};
const windowRule = (
  { windowStart, windowEnd }: { windowStart: bigint; windowEnd: bigint },
  context: z.RefinementCtx,
) => {
  if (windowStart < windowEnd) return;
  context.addIssue({ ...rule('window_empty', 'a time after windowStart'), path: ['windowEnd'] });
};

export const quoteRequestSchema = z
  .strictObject(coverFields)
  .superRefine(windowRule)
  .meta({ id: 'InsuranceQuoteRequest' });
export type CoverRequest = z.output<typeof quoteRequestSchema>;

export const policyRequestSchema = z
  .strictObject({
    quote: z
      .string()
      .regex(/^quo_[0-9a-f]{32}$/, 'the id of a quote')
      .optional()
      .meta({ description: 'Buys what was quoted, for at most its maxPremium.' }),
    cover: z.strictObject(coverFields).superRefine(windowRule).optional().meta({
      description: 'Without a quote: what to buy.',
    }),
    maxPremium: amountField.optional().meta({ description: 'With `cover`: the most to pay for it.' }),
    account: z
      .string()
      .regex(/^acc_[0-9a-f]{32}$/, 'the id of an account')
      .meta({ description: 'Whose money pays the premium; what comes back of it goes there.' }),
    holder: addressField.meta({ description: "The customer's wallet: it is paid, and can cancel." }),
    transferable: z.boolean().default(false),
    reference: z
      .string()
      .min(1)
      .max(64)
      .refine(isLine, rule('value_character', 'one line of printable text without control characters'))
      .optional()
      .meta({ description: 'Your own; shown on the cover note.' }),
  })
  .superRefine(({ quote, cover, maxPremium }, context) => {
    const isQuoted = quote !== undefined && cover === undefined && maxPremium === undefined;
    const isDescribed = quote === undefined && cover !== undefined && maxPremium !== undefined;
    if (!isQuoted && !isDescribed)
      context.addIssue({
        ...rule('cover_unclear', 'either a quote, or cover and maxPremium'),
        path: ['quote'],
      });
  })
  .meta({ id: 'PolicyRequest' });
export type PolicyRequest = z.output<typeof policyRequestSchema>;

export const policyBatchRequestSchema = z
  .strictObject({ policies: z.array(policyRequestSchema).min(1).max(MAX_POLICIES_PER_BATCH) })
  .meta({ id: 'PolicyBatchRequest' });

const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const wallet = z.string().regex(/^0x[0-9a-f]{40}$/);
const time = z.iso.datetime();
const amount = z.strictObject({ currency: z.string(), value: z.string() });

const wordsSchema = z.strictObject({
  name: z.string(),
  event: z.string(),
  subject: z.string(),
  unit: z.string(),
  source: z.string(),
});

export const tierSchema = z.strictObject({
  threshold: z.string().meta({ example: '120' }),
  payoutPercent: z.string().meta({ example: '50.00', description: 'Of the sum insured.' }),
});

export const productSchema = z
  .strictObject({
    id: z.string(),
    productNumber: z.int(),
    feed: z.string().meta({ description: "The oracle's feed that decides." }),
    operator: z.enum(['atLeast', 'atMost']).meta({
      description: 'How an observation reaches a threshold. The severest tier that is reached counts.',
    }),
    tiers: z.array(tierSchema),
    subjectForm: z.string().meta({ description: 'A regular expression.' }),
    subjectExample: z.string(),
    waitingPeriodSeconds: z
      .int()
      .meta({ description: 'Sale and cancellation end so long before the window.' }),
    windowSeconds: z.strictObject({ minimum: z.int(), maximum: z.int() }),
    maxLeadSeconds: z.int(),
    graceSeconds: z
      .int()
      .meta({ description: 'If nothing is observed so long after the window, unearned premiums go back.' }),
    maxInsuredPerRisk: amount,
    maxInsuredPerCluster: amount,
    words: z.strictObject({ en: wordsSchema, zh: wordsSchema }),
  })
  .meta({ id: 'InsuranceProduct' });
export type ProductView = z.output<typeof productSchema>;

const premiumSchema = z.strictObject({
  total: amount,
  expectedLoss: amount,
  load: amount,
  capitalCharge: amount.meta({
    description: 'Never comes back; the rest does, in proportion, by cancellation.',
  }),
});

export const quoteSchema = z
  .strictObject({
    id: z.string().meta({ example: 'quo_019a9e1c3f0072d8b4c1d2e3f4a5b6c7' }),
    product: z.string(),
    subject: z.string(),
    windowStart: time,
    windowEnd: time,
    insured: amount,
    premium: premiumSchema.meta({ description: "As the contract says at the block's state." }),
    maxPremium: amount.meta({
      description: 'What an order by this quote costs at most; it falls with time.',
    }),
    tiers: z.array(tierSchema.extend({ payout: amount })),
    saleClosesAt: time.meta({ description: 'Until then it can be bought, and cancelled.' }),
    settledAtLatest: time.meta({
      description: 'If nothing was observed by then, the unearned premium goes back.',
    }),
    blockNumber: z.int(),
    blockHash: hash,
    validUntil: time.meta({ description: "By the chain's time." }),
    createdAt: time,
  })
  .meta({ id: 'InsuranceQuote' });
export type Quote = z.output<typeof quoteSchema>;

export const claimSchema = z
  .strictObject({
    policy: z.string(),
    status: z.enum(['payable', 'paid', 'refunded']),
    observation: z
      .string()
      .optional()
      .meta({ description: 'In the unit of the product; absent when the oracle stayed silent.' }),
    payoutPercent: z.string().optional(),
    amount: amount.meta({ description: 'To the holder; after silence to the buyer, of the premium.' }),
    credit: amount.optional().meta({
      description:
        'What of it could not be received, as by a frozen wallet: the pool keeps it for its owner until it is withdrawn.',
    }),
    settledAt: time,
    settledTransactionHash: hash,
    paidAt: time.optional(),
    paidTransactionHash: hash.optional(),
  })
  .meta({ id: 'Claim' });
export type Claim = z.output<typeof claimSchema>;

export const policySchema = z
  .strictObject({
    id: z.string().meta({ example: 'pol_019a9e1c3f0072d8b4c1d2e3f4a5b6c7' }),
    status: z.enum(policyStatuses),
    reason: z
      .strictObject({ code: z.enum(failureCodes), detail: z.string() })
      .optional()
      .meta({ description: 'Why it was never issued. The reserved premium is free again.' }),
    product: z.string(),
    subject: z.string(),
    windowStart: time,
    windowEnd: time,
    insured: amount.meta({ description: 'What is covered; less after a cancellation of a part.' }),
    account: z.string(),
    buyer: wallet,
    holder: wallet,
    transferable: z.boolean(),
    reference: z.string().optional(),
    batch: z.string().optional(),
    quote: z.string().optional().meta({ description: 'By which it was ordered.' }),
    maxPremium: amount,
    premium: amount.optional().meta({ description: 'What was paid, once it is issued.' }),
    capitalCharge: amount.optional(),
    premiumRefunded: amount.optional().meta({ description: 'By cancellations.' }),
    refundCredit: amount.optional().meta({
      description:
        'What of premiumRefunded the buyer could not receive, and has not withdrawn from the pool.',
    }),
    cancellableUntil: time,
    policyNumber: z.string().optional().meta({ description: 'In the contract.' }),
    riskNumber: z.string().optional(),
    transactionHash: hash.optional().meta({ description: 'Of the one that issued it.' }),
    blockNumber: z.int().optional(),
    claim: claimSchema.optional(),
    createdAt: time,
    updatedAt: time,
    events: timelineField('policy'),
  })
  .meta({ id: 'Policy' });
export type Policy = z.output<typeof policySchema>;

export const policyBatchSchema = z
  .strictObject({
    id: z.string().meta({ example: 'pob_019a9e1c3f0072d8b4c1d2e3f4a5b6c7' }),
    policies: z.array(policySchema),
  })
  .meta({ id: 'PolicyBatch' });

export const policyQuery = pageQuery.extend({
  status: z.enum(policyStatuses).optional(),
  product: z.string().max(40).optional(),
  batch: z
    .string()
    .regex(/^pob_[0-9a-f]{32}$/, 'the id of a batch')
    .optional(),
});

export const claimQuery = pageQuery.extend({ status: z.enum(['payable', 'paid', 'refunded']).optional() });

export const documentQuery = z.strictObject({
  lang: z.enum(['en', 'zh']).default('en').meta({ description: 'English, or Simplified Chinese.' }),
});
