import { z } from 'zod';

const amount = z.strictObject({ currency: z.string(), value: z.string().meta({ example: '125.50' }) });

export const accountSchema = z
  .strictObject({
    id: z.string().meta({ example: 'acc_019a9e1c3f0072d8b4c1d2e3f4a5b6c7' }),
    currency: z.string(),
    wallet: z.string().meta({ description: 'The wallet that the payment router debits.' }),
    chainId: z.number().int(),
    token: z.string(),
    balance: z.strictObject({ posted: amount, held: amount, available: amount }).meta({
      description: 'Posted is final money; held is reserved for payments under way; available is the rest.',
    }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Account' });

export type Account = z.output<typeof accountSchema>;

export const statementQuery = z.object({
  date: z.iso.date('a date such as 2026-11-21').meta({ description: 'A day in UTC.' }),
});
