/** The words of payments in the API: what a partner sends, what it gets. */
import { z } from 'zod';
import { currencyDigits } from '../../../core/currency.ts';
import { AMOUNT_FORM, isAmount, moneyFaults } from '../../../core/money.ts';
import { instructionPriorities } from '../../../core/paymentInstruction.ts';
import { isXmlText } from '../../../core/xmlText.ts';
import { rule } from '../../http/faults.ts';
import { timelineField } from '../../http/timeline.ts';
import { partnerStatuses, paymentStates } from './states.ts';

/** Latin letters, digits and the punctuation that ISO 20022 references may have. */
const reference = z
  .string()
  .regex(
    /^(?=.*[^ ])[\w/?:().,'+ -]{1,35}$/,
    "1 to 35 of A-Z a-z 0-9 / - ? : ( ) . , ' + _ and space, not only spaces",
  );

/** Text that a bank's file can carry: no control characters. */
const words = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .refine(isXmlText, rule('value_character', 'printable text without control characters'));

const amountTexts = z.object({ currency: z.string(), value: z.string() });

/**
 * An amount that can be read, whatever else is wrong around it. The form is checked with the members, so that a currency
 * that is missing does not hide it; the digits need both.
 */
const paymentAmount = z
  .strictObject({
    currency: z
      .string()
      .refine(
        (code) => currencyDigits(code) !== undefined,
        rule('currency_unknown', 'an active ISO 4217 code'),
      ),
    value: z.string().refine(isAmount, rule('amount_malformed', AMOUNT_FORM)).meta({ example: '125.50' }),
  })
  .superRefine(
    ({ currency, value }, context) => {
      const fault = moneyFaults(currency, value).find(({ code }) => code === 'amount_too_many_digits');
      if (fault) context.addIssue({ ...rule(fault.code, fault.expected, fault.detail), path: ['value'] });
    },
    // Also beside a member that is not known.
    { when: ({ value }) => amountTexts.safeParse(value).success },
  );

const account = z.strictObject({
  scheme: z.enum(['EVM', 'IBAN']).meta({ description: 'EVM: a wallet. IBAN: a beneficiary of yours.' }),
  identification: words(64),
});

export const paymentRequestSchema = z
  .strictObject({
    endToEndId: reference.meta({ description: 'Your own reference; NOTPROVIDED when you have none.' }),
    amount: paymentAmount,
    debtorAccount: words(64).optional().meta({
      description: 'acc_... or its wallet; may be left out when you have one account of the currency.',
    }),
    creditor: z.strictObject({ name: words(140), account }),
    remittanceInformation: words(140).optional(),
    requestedExecutionDate: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/, 'a date such as 2026-11-21')
      .optional()
      .meta({ description: 'UTC. Earlier than today counts as today.' }),
    instructionPriority: z.enum(instructionPriorities).optional().meta({
      description:
        'ISO 20022 InstrPrty. HIGH goes on the chain at once, with what waits before it in its account, and before others.',
    }),
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
    requestedExecutionDate: z
      .string()
      .optional()
      .meta({ description: 'Left out when the one you gave is no day (DT01).' }),
    paymentBatchId: z.string().optional(),
    sequence: z.number().int().optional().meta({ description: 'The number that the router accepts once.' }),
    transactionHash: hash.optional(),
    blockNumber: z.number().int().optional(),
    blockHash: hash.optional(),
    createdAt: time,
    updatedAt: time,
    events: timelineField('payment'),
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
