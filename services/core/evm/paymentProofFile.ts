/** The proof of a payment as JSON. */
import { z } from 'zod';
import { address, decimal, hash, position, receiptProofSchema } from './receiptProofFile.ts';

export const PAYMENT_PROOF_FORMAT = 'corridor-payment-proof-1';

export const paymentProofSchema = z
  .strictObject({
    format: z.literal(PAYMENT_PROOF_FORMAT),
    chainId: z.int().positive(),
    contracts: z.strictObject({ router: address, token: address }),
    payment: z.strictObject({
      payer: address,
      recipient: address,
      amount: decimal.meta({ description: "In the token's smallest unit.", example: '125500000' }),
      sequence: decimal.meta({ description: 'The number of the payer that the router accepts once.' }),
      outcome: z.enum(['settled', 'returned']),
      logIndex: position.meta({ description: "Of its event among the receipt's logs, from 0." }),
    }),
    batch: z
      .strictObject({
        firstSequence: decimal,
        count: decimal,
        amount: decimal.meta({ description: 'What left the payer; returned payments are not in it.' }),
        commitment: hash.meta({ description: "Keccak-256 of all the batch's recipients and amounts." }),
        operator: address,
        logIndex: position,
      })
      .meta({ description: "The router's BatchSettled event, which ties the payment to its sequence." }),
    ...receiptProofSchema.shape,
  })
  .meta({ id: 'PaymentProof' });

export type PaymentProof = z.output<typeof paymentProofSchema>;
