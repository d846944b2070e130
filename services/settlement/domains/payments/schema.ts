/** The words of payments in the API: what a partner sends, what it gets. */
import { z } from 'zod';
import { isXmlText } from '../../../core/xmlText.ts';
import { partnerStatuses, paymentStates } from './states.ts';

/** Latin letters, digits and the punctuation that ISO 20022 references may have. */
const reference = z
  .string()
  .regex(
    /^(?=.*[^ ])[\w/?:().,'+ -]{1,35}$/,
    "must be 1 to 35 of A-Z a-z 0-9 / - ? : ( ) . , ' + _ and space, not only spaces",
  );

/** Text that a bank's file can carry: no control characters. */
const words = (longest: number) =>
  z.string().min(1).max(longest).refine(isXmlText, 'must be printable text without control characters');

const account = z.strictObject({
  scheme: z.enum(['EVM', 'IBAN']).meta({ description: 'EVM: a wallet. IBAN: a beneficiary of yours.' }),
  identification: words(64),
});

export const paymentRequestSchema = z
  .strictObject({
    endToEndId: reference.meta({ description: 'Your own reference; NOTPROVIDED when you have none.' }),
    amount: z.strictObject({
      currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code'),
      value: z.string().meta({ example: '125.50' }),
    }),
    debtorAccount: words(64).optional().meta({
      description: 'acc_... or its wallet; may be left out when you have one account of the currency.',
    }),
    creditor: z.strictObject({ name: words(140), account }),
    remittanceInformation: words(140).optional(),
    requestedExecutionDate: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date such as 2026-11-21')
      .optional()
      .meta({ description: 'UTC. Earlier than today counts as today.' }),
  })
  .meta({ id: 'PaymentRequest' });

export type PaymentRequest = z.output<typeof paymentRequestSchema>;

export const MAX_PAYMENTS_PER_BATCH = 20_000;

export const paymentBatchRequestSchema = z
  .strictObject({
    messageId: reference.optional().meta({ description: 'Your own number of the batch, accepted once.' }),
    payments: z.array(paymentRequestSchema).min(1).max(MAX_PAYMENTS_PER_BATCH),
  })
  .meta({ id: 'PaymentBatchRequest' });

const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const time = z.iso.datetime();

export const paymentSchema = z
  .strictObject({
    id: z.string().meta({ example: 'pay_019a9e1c3f0072d8b4c1d2e3f4a5b6c7' }),
    endToEndId: z.string(),
    status: z.enum(partnerStatuses),
    state: z
      .enum(paymentStates as [string, ...string[]])
      .meta({ description: 'The finer state behind status.' }),
    reason: z
      .strictObject({ code: z.string().meta({ example: 'AC06' }), detail: z.string() })
      .optional()
      .meta({ description: 'ISO 20022 status reason.' }),
    amount: z.strictObject({ currency: z.string(), value: z.string() }),
    debtorAccount: z.string(),
    creditor: z.strictObject({ name: z.string(), account }),
    remittanceInformation: z.string().optional(),
    requestedExecutionDate: z.string(),
    paymentBatchId: z.string().optional(),
    sequence: z.number().int().optional().meta({ description: 'The number that the router accepts once.' }),
    transactionHash: hash.optional(),
    blockNumber: z.number().int().optional(),
    blockHash: hash.optional(),
    createdAt: time,
    updatedAt: time,
    events: z
      .array(
        z.strictObject({
          at: time,
          state: z.string(),
          detail: z.record(z.string(), z.union([z.string(), z.number()])),
        }),
      )
      .optional()
      .meta({ description: 'The timeline; only where one payment is asked for.' }),
  })
  .meta({ id: 'Payment' });

export type Payment = z.output<typeof paymentSchema>;

export const paymentBatchSchema = z
  .strictObject({
    id: z.string().meta({ example: 'bat_019a9e1c3f0072d8b4c1d2e3f4a5b6c7' }),
    format: z.enum(['json', 'csv', 'pain.001']),
    messageId: z.string(),
    groupStatus: z.enum(['ACTC', 'ACSP', 'ACSC', 'PART', 'RJCT']),
    count: z.number().int(),
    accepted: z
      .number()
      .int()
      .meta({ description: 'Payments that were taken, whatever became of them since.' }),
    rejected: z.number().int(),
    createdAt: time,
  })
  .meta({ id: 'PaymentBatch' });

export type PaymentBatch = z.output<typeof paymentBatchSchema>;
