/** The proof of a payment as JSON: what it consists of and what each part looks like, written one way only. */
import type { Hex } from 'viem';
import { z } from 'zod';
import { type RpcHeader, rpcHeaderNames } from './blockHeader.ts';

const matching = (pattern: RegExp, expected: string) =>
  z.string().regex(pattern, expected) as z.ZodType as z.ZodType<Hex>;
const hex = (bytes?: number) =>
  matching(
    new RegExp(`^0x(?:[0-9a-f]{2}){${bytes ?? '0,'}}$`),
    `${bytes ?? 'whole'} bytes as 0x and lower-case hex digits`,
  );
const quantity = matching(
  /^0x(?:0|[1-9a-f][0-9a-f]{0,63})$/,
  'a number as 0x and lower-case hex digits, no zeros before it',
);
const decimal = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,77})$/, 'a whole number in decimal digits, no zeros before it');
const hash = hex(32);
const address = hex(20);
const position = z.int().min(0);

const header = z.strictObject({
  parentHash: hash,
  sha3Uncles: hash,
  miner: address,
  stateRoot: hash,
  transactionsRoot: hash,
  receiptsRoot: hash,
  logsBloom: hex(256),
  difficulty: quantity,
  number: quantity,
  gasLimit: quantity,
  gasUsed: quantity,
  timestamp: quantity,
  extraData: hex(),
  mixHash: hash,
  nonce: hex(8),
  baseFeePerGas: quantity.optional(),
  withdrawalsRoot: hash.optional(),
  blobGasUsed: quantity.optional(),
  excessBlobGas: quantity.optional(),
  parentBeaconBlockRoot: hash.optional(),
  requestsHash: hash.optional(),
});

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
    transaction: z.strictObject({ hash, index: position.meta({ description: 'In its block, from 0.' }) }),
    receipt: hex().meta({ description: "The transaction's receipt (EIP-2718)." }),
    receiptProof: z
      .array(hex())
      .meta({ description: "Nodes of the trie of the block's receipts, from the root to the receipt." }),
    block: z.strictObject({ hash, header }),
  })
  .meta({ id: 'PaymentProof' });

export type PaymentProof = z.output<typeof paymentProofSchema>;

/** A header as a node gives it, in the form of a proof: without what is not hashed, all in lower case. */
export function headerOf(block: RpcHeader): PaymentProof['block']['header'] {
  const present = rpcHeaderNames.flatMap((name) => {
    const value = block[name];
    return value ? [[name, value.toLowerCase()]] : [];
  });
  return header.parse(Object.fromEntries(present));
}
