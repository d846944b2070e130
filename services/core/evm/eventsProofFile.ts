/** The proof of what contracts said of a policy or an escrow, as JSON. */
import { z } from 'zod';
import { address, decimal, hash, position, receiptProofSchema } from './receiptProofFile.ts';

export const EVENTS_PROOF_FORMAT = 'corridor-events-proof-1';

const policySubject = z.strictObject({
  kind: z.literal('policy'),
  contract: address.meta({ description: 'The ParametricCover.' }),
  pool: address.meta({ description: 'Its CoverPool, which has what nobody could receive as a credit.' }),
  policyNumber: decimal,
});
const escrowSubject = z.strictObject({
  kind: z.literal('escrow'),
  contract: address.meta({ description: 'The Escrow.' }),
  escrowId: hash,
});

const event = z.strictObject({
  contract: address,
  name: z.string(),
  logIndex: position.meta({ description: "Among the receipt's logs, from 0." }),
  arguments: z.record(z.string(), z.unknown()).meta({
    description:
      "By the event's names: whole numbers as decimal strings, addresses and bytes as lower-case hex.",
  }),
});

export const eventsProofSchema = z
  .strictObject({
    format: z.literal(EVENTS_PROOF_FORMAT),
    chainId: z.int().positive(),
    subject: z.discriminatedUnion('kind', [policySubject, escrowSubject]),
    receipts: z
      .array(
        z.strictObject({
          events: z
            .array(event)
            .min(1)
            .meta({ description: 'All that the receipt has of the subject, in order.' }),
          ...receiptProofSchema.shape,
        }),
      )
      .min(1)
      .meta({ description: 'In the order of the chain.' }),
  })
  .meta({ id: 'EventsProof' });

export type EventsProof = z.output<typeof eventsProofSchema>;
