/**
 * The proof that a receipt is in a block: header, receipt and the nodes between them. Whoever verifies it needs nothing but
 * the hash of the block, from a node of their own.
 */
import { bytesToHex, type Hex } from 'viem';
import type { z } from 'zod';
import { blockHash } from './blockHeader.ts';
import { decodeReceipt, type Receipt, type ReceiptLog } from './receipt.ts';
import type { ReceiptProof } from './receiptProofFile.ts';
import { receiptKey } from './receiptTrie.ts';
import { verifyTrieProof } from './trieProof.ts';

export type ProofFaultCode =
  | 'proof_malformed'
  | 'block_hash_differs'
  | 'receipt_not_in_block'
  | 'receipt_differs'
  | 'receipt_malformed'
  | 'transaction_failed'
  | 'batch_not_proven'
  | 'payment_not_in_receipt'
  | 'batch_differs'
  | 'payment_differs'
  | 'events_differ'
  | 'events_missing'
  | 'events_out_of_order'
  | 'chain_differs'
  | 'block_not_on_chain'
  | 'transaction_differs';

/** Why a proof proves nothing. */
export class ProofRefused extends Error {
  override readonly name = 'ProofRefused';
  /** Stable, for programs. */
  readonly code: ProofFaultCode;

  constructor(code: ProofFaultCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** What JSON.parse gave, in the form of a proof. @throws ProofRefused `proof_malformed` */
export function readProof<Proof>(schema: z.ZodType<Proof>, input: unknown, what: string): Proof {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`);
  throw new ProofRefused('proof_malformed', `This is no ${what}. ${places.slice(0, 5).join('; ')}`);
}

/** The bytes of the receipt at `index` under the root in a block's header. @throws ProofRefused */
export function receiptInBlock(receiptsRoot: Hex, index: number, nodes: readonly Hex[]): Uint8Array {
  try {
    return verifyTrieProof(receiptsRoot, receiptKey(index), nodes);
  } catch (error) {
    throw new ProofRefused(
      'receipt_not_in_block',
      `The nodes do not prove a receipt at place ${index} of the block: ${(error as Error).message}`,
      error,
    );
  }
}

function hashOf({ block }: ReceiptProof): Hex {
  try {
    return blockHash(block.header);
  } catch (error) {
    throw new ProofRefused('proof_malformed', `The header is none. ${(error as Error).message}`, error);
  }
}

/**
 * The logs of a receipt that its block has, by the block's hash.
 * @throws ProofRefused when they are not proven, or the transaction failed.
 */
export function provenLogs(proof: ReceiptProof): readonly ReceiptLog[] {
  const { block, transaction, receipt, receiptProof } = proof;
  const computed = hashOf(proof);
  if (computed !== block.hash)
    throw new ProofRefused(
      'block_hash_differs',
      `The header has the hash ${computed}; the proof names block ${block.hash}.`,
    );
  const bytes = receiptInBlock(block.header.receiptsRoot, transaction.index, receiptProof);
  if (bytesToHex(bytes) !== receipt)
    throw new ProofRefused('receipt_differs', 'The receipt of the proof is not the one that the block has.');
  const { succeeded, logs } = readReceipt(bytes);
  if (succeeded) return logs;
  throw new ProofRefused('transaction_failed', 'The transaction failed, so that it settled nothing.');
}

/** A block that somebody made up may have anything in the place of a receipt. */
function readReceipt(bytes: Uint8Array): Receipt {
  try {
    return decodeReceipt(bytes);
  } catch (error) {
    throw new ProofRefused(
      'receipt_malformed',
      `The block has no receipt there: ${(error as Error).message}`,
      error,
    );
  }
}

/** What a node says of the block at the proof's number. */
export interface BlockOnChain {
  chainId: number;
  hash: string;
  /** Hashes, in order. */
  transactions: readonly string[];
}

/**
 * Compares a verified proof with what a node has: chain, block, and the transaction at its place, whose hash is not in
 * its receipt.
 * @throws ProofRefused
 */
export function compareWithChain(
  proof: ReceiptProof & { chainId: number },
  { chainId, hash, transactions }: BlockOnChain,
): void {
  if (chainId !== proof.chainId)
    throw new ProofRefused(
      'chain_differs',
      `The node is on chain ${chainId}, the proof is of ${proof.chainId}.`,
    );
  compareBlockHash(proof, hash);
  const { index, hash: expected } = proof.transaction;
  if (transactions[index] !== expected)
    throw new ProofRefused(
      'transaction_differs',
      `The node has ${transactions[index] ?? 'no transaction'} at place ${index} of the block, the proof names ${expected}.`,
    );
}

/** Compares a verified proof with the hash of the block at its number, wherever that comes from. @throws ProofRefused */
export function compareBlockHash({ block }: ReceiptProof, hash: string): void {
  if (hash.toLowerCase() === block.hash) return;
  throw new ProofRefused(
    'block_not_on_chain',
    `Block ${BigInt(block.header.number)} of the chain is ${hash}, the proof is of ${block.hash}: it was made up, or the chain was reorganised.`,
  );
}
