/** What proofs consist of as JSON, each part written one way only: a receipt, and its place in a block. */
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
export const decimal = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,77})$/, 'a whole number in decimal digits, no zeros before it');
export const hash = hex(32);
export const address = hex(20);
export const position = z.int().min(0);

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

/** The receipt of a transaction, proven against the header of its block. */
export const receiptProofSchema = z.strictObject({
  transaction: z.strictObject({ hash, index: position.meta({ description: 'In its block, from 0.' }) }),
  receipt: hex().meta({ description: "The transaction's receipt (EIP-2718)." }),
  receiptProof: z
    .array(hex())
    .meta({ description: "Nodes of the trie of the block's receipts, from the root to the receipt." }),
  block: z.strictObject({ hash, header }),
});

export type ReceiptProof = z.output<typeof receiptProofSchema>;

/** A header as a node gives it, in the form of a proof: without what is not hashed, all in lower case. */
export function headerOf(block: RpcHeader): ReceiptProof['block']['header'] {
  const present = rpcHeaderNames.flatMap((name) => {
    const value = block[name];
    return value ? [[name, value.toLowerCase()]] : [];
  });
  return header.parse(Object.fromEntries(present));
}
