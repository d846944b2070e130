/** The words of authorised payments in the API: what a partner sends, what it gets. */
import type { Hex } from 'viem';
import { z } from 'zod';
import { type CorridorCurrency, corridors } from '../../../core/currency.ts';
import { parseEvmAddress } from '../../../core/evmAddress.ts';
import { AMOUNT_FORM, isAmount, moneyFaults, parseMoney } from '../../../core/money.ts';
import { rule } from '../../http/faults.ts';
import { pageQuery } from '../../http/requests.ts';

export const authorizedStatuses = ['accepted', 'processing', 'settled', 'failed'] as const;
export type AuthorizedStatus = (typeof authorizedStatuses)[number];

/** Why an authorised payment failed. */
export const failureCodes = ['expired', 'cancelled', 'used_elsewhere'] as const;
export type FailureCode = (typeof failureCodes)[number];

/** Of a signature; contract accounts (ERC-1271) may take several kilobytes. */
const MAX_SIGNATURE_BYTES = 4_096;

const currencies = Object.keys(corridors) as [CorridorCurrency, ...CorridorCurrency[]];

const amount = z
  .strictObject({
    currency: z.enum(currencies),
    value: z.string().refine(isAmount, rule('amount_malformed', AMOUNT_FORM)).meta({ example: '125.50' }),
  })
  .superRefine(({ currency, value }, context) => {
    if (!isAmount(value)) return; // that was said
    const [fault] = moneyFaults(currency, value);
    if (fault) context.addIssue({ ...rule(fault.code, fault.expected, fault.detail), path: ['value'] });
    else if (parseMoney(currency, value).units === 0n)
      context.addIssue({ ...rule('amount_zero', 'more than nothing'), path: ['value'] });
  });

const address = z.string().transform((text, context) => {
  const parsed = parseEvmAddress(text);
  if (parsed) return parsed;
  context.addIssue(
    /^0x[0-9a-fA-F]{40}$/.test(text)
      ? rule('wallet_checksum', 'a right EIP-55 checksum, or lower case')
      : rule('wallet_invalid', '0x and 40 hex digits'),
  );
  return z.NEVER;
});

const bytes32 = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, '0x and 64 hex digits')
  .transform((text) => text.toLowerCase() as Hex);

/** Such as 2026-11-21T17:00:00Z, on a day that there is. */
function isSecond(text: string): boolean {
  const milliseconds = Date.parse(text);
  return milliseconds >= 0 && new Date(milliseconds).toISOString() === text.replace('Z', '.000Z');
}

/** The chain counts whole seconds since 1970. */
const second = z
  .string()
  .refine(isSecond, {
    ...rule('time_malformed', 'a time in UTC from 1970 on, in whole seconds, such as 2026-11-21T17:00:00Z'),
    abort: true,
  })
  .transform((text) => BigInt(Date.parse(text) / 1_000));

export const authorizedPaymentRequestSchema = z
  .strictObject({
    amount,
    payer: address.meta({ description: 'The wallet that signed.' }),
    recipient: address,
    paymentReference: bytes32.meta({ description: '32 bytes by which the recipient knows the payment.' }),
    validAfter: second.meta({
      description:
        'As signed: the payment is made in a block whose time is later. 1970-01-01T00:00:00Z for 0.',
    }),
    validBefore: second.meta({
      description: "As signed: no block from this time on makes it. At least 60 s after the chain's time.",
    }),
    salt: bytes32.meta({
      description: '32 random bytes, which with recipient and reference make the nonce.',
    }),
    signature: z
      .string()
      .regex(
        new RegExp(`^0x(?:[0-9a-fA-F]{2}){1,${MAX_SIGNATURE_BYTES}}$`),
        `1 to ${MAX_SIGNATURE_BYTES} bytes as 0x and hex digits`,
      )
      .transform((text) => text.toLowerCase() as Hex)
      .meta({
        description:
          "The payer's signature over the coin's ReceiveWithAuthorization (EIP-3009) to the PaymentRouter.",
      }),
  })
  .superRefine(({ validAfter, validBefore }, context) => {
    if (validAfter + 1n < validBefore) return;
    context.addIssue({
      ...rule('validity_empty', 'at least two seconds after validAfter'),
      path: ['validBefore'],
    });
  })
  .meta({ id: 'AuthorizedPaymentRequest' });

export type AuthorizedPaymentRequest = z.output<typeof authorizedPaymentRequestSchema>;

const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const wallet = z.string().regex(/^0x[0-9a-f]{40}$/);
const time = z.iso.datetime();

export const authorizedPaymentSchema = z
  .strictObject({
    id: z.string().meta({ example: 'aup_019a9e1c3f0072d8b4c1d2e3f4a5b6c7' }),
    status: z.enum(authorizedStatuses),
    reason: z
      .strictObject({ code: z.enum(failureCodes), detail: z.string() })
      .optional()
      .meta({ description: 'Why it failed.' }),
    amount: z.strictObject({ currency: z.string(), value: z.string() }),
    payer: wallet,
    recipient: wallet,
    paymentReference: hash,
    validAfter: time,
    validBefore: time,
    salt: hash,
    nonce: hash.meta({ description: "The authorisation's nonce, which the coin takes once." }),
    transactionHash: hash
      .optional()
      .meta({ description: 'Of ours at last; once settled, of the one that settled it, whoever sent it.' }),
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
  .meta({ id: 'AuthorizedPayment' });

export type AuthorizedPayment = z.output<typeof authorizedPaymentSchema>;

export const authorizedPaymentQuery = pageQuery.extend({ status: z.enum(authorizedStatuses).optional() });
