/** The words of authorised payments in the API: what a partner sends, what it gets. */
import { z } from 'zod';
import { rule } from '../../http/faults.ts';
import { addressField, amountField, bytes32Field, secondField, signatureField } from '../../http/fields.ts';
import { pageQuery } from '../../http/requests.ts';
import { timelineField } from '../../http/timeline.ts';

export const authorizedStatuses = ['accepted', 'processing', 'settled', 'failed'] as const;
export type AuthorizedStatus = (typeof authorizedStatuses)[number];

/** Why an authorised payment failed. */
export const failureCodes = ['expired', 'cancelled', 'used_elsewhere'] as const;
export type FailureCode = (typeof failureCodes)[number];

export const authorizedPaymentRequestSchema = z
  .strictObject({
    amount: amountField,
    payer: addressField.meta({ description: 'The wallet that signed.' }),
    recipient: addressField,
    paymentReference: bytes32Field.meta({
      description: '32 bytes by which the recipient knows the payment.',
    }),
    validAfter: secondField.meta({
      description:
        'As signed: the payment is made in a block whose time is later. 1970-01-01T00:00:00Z for 0.',
    }),
    validBefore: secondField.meta({
      description: "As signed: no block from this time on makes it. At least 60 s after the chain's time.",
    }),
    salt: bytes32Field.meta({
      description: '32 random bytes, which with recipient and reference make the nonce.',
    }),
    signature: signatureField.meta({
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
    events: timelineField('payment'),
  })
  .meta({ id: 'AuthorizedPayment' });

export type AuthorizedPayment = z.output<typeof authorizedPaymentSchema>;

export const authorizedPaymentQuery = pageQuery.extend({ status: z.enum(authorizedStatuses).optional() });
