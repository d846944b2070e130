import { z } from 'zod';
import { corridors } from '../../../core/currency.ts';
import { rule } from '../../http/faults.ts';

const amount = z.strictObject({ currency: z.string(), value: z.string().meta({ example: '125.50' }) });
const sides = {
  debit: amount.meta({ description: 'What the account stands at, if it is a debit; else 0.' }),
  credit: amount.meta({ description: 'What the account stands at, if it is a credit; else 0.' }),
};

export const trialBalanceSchema = z
  .strictObject({
    at: z.string().meta({ description: 'The time, UTC.', example: '2026-11-21T17:00:00.000000Z' }),
    lastPosting: z.strictObject({ number: z.number().int(), seal: z.string() }).nullable().meta({
      description:
        'The last posting of the whole ledger by then and its seal, which stands for all postings up to it. Keep it: the ledger can be held to it. Null before the first.',
    }),
    rows: z.array(
      z.strictObject({
        accountId: z.string(),
        kind: z.enum(['funds', 'chain', 'dust']).meta({
          description:
            'funds: what is owed to you; chain: what your wallet holds; dust: less than a minor unit.',
        }),
        ...sides,
      }),
    ),
    totals: z.array(z.strictObject({ currency: z.string(), debit: amount, credit: amount })).meta({
      description: 'By currency. Debits and credits are equal.',
    }),
  })
  .meta({ id: 'TrialBalance' });

export type TrialBalanceAnswer = z.output<typeof trialBalanceSchema>;

/** What PostgreSQL reads exactly. */
const EXACT = /:\d\d(\.\d{1,6})?(Z|[+-](0\d|1[0-4]):\d\d)$/;

export const trialBalanceQuery = z.strictObject({
  at: z.iso
    .datetime({ offset: true, error: 'a time such as 2026-11-21T17:00:00Z' })
    .refine(
      (text) => EXACT.test(text) && Date.parse(text) >= 0,
      rule('value_range', 'a time from 1970 on, at most six decimals, an offset of less than 15 hours'),
    )
    .meta({ description: 'A past time, RFC 3339. Postings count that were booked at it or before.' }),
  currency: z
    .enum(Object.keys(corridors) as [string, ...string[]])
    .optional()
    .meta({ description: 'Only accounts of this currency.' }),
});
