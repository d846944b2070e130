/** What a partner asks of an escrow, and what comes back: our call, or what a party signs or sends. */
import { z } from 'zod';
import { AMOUNT_FORM, isAmount } from '../../../core/money.ts';
import { rule } from '../../http/faults.ts';
import { addressField, bytes32Field, secondField, signatureField } from '../../http/fields.ts';
import { transactionSchema } from './schema.ts';

const UINT16_MAX = 2 ** 16 - 1;

const value = z.string().refine(isAmount, rule('amount_malformed', AMOUNT_FORM));
const bps = z.int().min(0).max(UINT16_MAX);
const party = z.enum(['payer', 'payee']);

export const actionRequestSchema = z
  .discriminatedUnion('action', [
    z.discriminatedUnion('way', [
      z.strictObject({
        action: z.literal('authorize'),
        way: z
          .enum(['signature', 'eip3009'])
          .meta({ description: 'Which of the two typed data the payer signed.' }),
        signature: signatureField,
      }),
      z.strictObject({
        action: z.literal('authorize'),
        way: z.literal('account').meta({
          description:
            'Out of your account whose wallet is the payer: by its allowance to the escrow, within the limit that it gave our signers (authorizeOperator). The amount is reserved at once.',
        }),
      }),
    ]),
    z.strictObject({ action: z.literal('charge'), signature: signatureField, feeBps: bps.optional() }),
    z.strictObject({ action: z.literal('cancel') }),
    z.strictObject({
      action: z.literal('capture'),
      amount: value.optional().meta({ description: 'Left out: the next milestone, else everything.' }),
      feeBps: bps.optional().meta({ description: 'Left out: minFeeBps.' }),
    }),
    z.strictObject({ action: z.literal('present'), preimage: bytes32Field }),
    z.strictObject({ action: z.literal('void') }),
    z.strictObject({ action: z.literal('refund'), amount: value }),
    z.strictObject({
      action: z.literal('release'),
      payeeAmount: value,
      payerAmount: value,
      feeBps: bps.optional(),
      deadline: secondField.meta({ description: 'Last second in which the signatures count.' }),
      payerSignature: signatureField.optional(),
      payeeSignature: signatureField.optional(),
    }),
    z.strictObject({ action: z.literal('dispute'), by: party, evidenceHash: bytes32Field.optional() }),
    z.strictObject({ action: z.literal('evidence'), by: party, evidenceHash: bytes32Field }),
    z.strictObject({ action: z.literal('rule'), payeeBps: bps, rulingHash: bytes32Field.optional() }),
    z.strictObject({ action: z.literal('reclaim') }),
    z.strictObject({ action: z.literal('resolve') }),
    z.strictObject({ action: z.literal('withdraw'), account: addressField }),
  ])
  .meta({ id: 'EscrowActionRequest' });

export type ActionRequest = z.output<typeof actionRequestSchema>;
export type EscrowVerb = ActionRequest['action'];

export const actionSchema = z
  .strictObject({
    escrow: z.string(),
    action: z.string(),
    state: z.enum(['open', 'signed', 'for_wallet']).meta({
      description:
        '`open`: we make the call, the timeline and the webhooks tell what becomes of it. `signed`: one party has, and it is kept until the other has signed the same. `for_wallet`: somebody else has to sign or send what is here.',
    }),
    id: z.string().optional(),
    transactions: z
      .array(transactionSchema)
      .optional()
      .meta({ description: 'To send one after the other, by the account in `from`.' }),
    typedData: z.record(z.string(), z.unknown()).optional().meta({
      description:
        'For payer and payee to sign; hand their signatures in with the same request, together or one after the other.',
    }),
  })
  .meta({ id: 'EscrowAction' });

export type EscrowAction = z.output<typeof actionSchema>;
