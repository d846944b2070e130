/**
 * The proof that a payment is in a block: header, receipt and the nodes between them. Made by the settlement service,
 * verified by anybody, who needs nothing for it but the proof and the hash of the block from a node of their own.
 */
import { bytesToHex, type Hex } from 'viem';
import { blockHash } from './blockHeader.ts';
import { type PaymentProof, paymentProofSchema } from './paymentProofFile.ts';
import { decodeReceipt, type Receipt, type ReceiptLog } from './receipt.ts';
import { eventsOfReceipt, type ReceiptEvent } from './receiptEvents.ts';
import { receiptKey } from './receiptTrie.ts';
import { paymentsOfTransaction, type SettledPayment } from './settledBatch.ts';
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

/**
 * Verifies that the block of the proof's hash has the payment that the proof names. What it cannot tell: whether this
 * block is of the chain ({@link compareWithChain}); and that router and token are those that one means, for which their
 * addresses are to be compared.
 * @param input what JSON.parse gave.
 * @throws ProofRefused
 */
export function verifyPaymentProof(input: unknown): PaymentProof {
  const parsed = paymentProofSchema.safeParse(input);
  if (!parsed.success) {
    const places = parsed.error.issues.map(({ path, message }) => `/${path.join('/')}: ${message}`);
    throw new ProofRefused('proof_malformed', `This is no payment proof. ${places.slice(0, 5).join('; ')}`);
  }
  const proof = parsed.data;
  const computed = hashOf(proof);
  if (computed !== proof.block.hash)
    throw new ProofRefused(
      'block_hash_differs',
      `The header has the hash ${computed}; the proof names block ${proof.block.hash}.`,
    );
  const { payer, sequence } = proof.payment;
  const key = { ...proof.contracts, payer, sequence: BigInt(sequence) };
  const { payment, batch } = paymentInReceipt(key, provenLogs(proof));
  compareMembers('payment_differs', proof.payment, payment);
  compareMembers('batch_differs', proof.batch, batch);
  return proof;
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
export function compareWithChain(proof: PaymentProof, { chainId, hash, transactions }: BlockOnChain): void {
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
export function compareBlockHash({ block }: PaymentProof, hash: string): void {
  if (hash.toLowerCase() === block.hash) return;
  throw new ProofRefused(
    'block_not_on_chain',
    `Block ${BigInt(block.header.number)} of the chain is ${hash}, the proof is of ${block.hash}: it was made up, or the chain was reorganised.`,
  );
}

/** Which payment to find in a receipt. */
export interface PaymentKey {
  router: Hex;
  token: Hex;
  payer: Hex;
  sequence: bigint;
}

/**
 * Finds a payment and its batch in the receipt of its transaction.
 * @throws ProofRefused when it is not there, or the batch's events do not amount to its commitment.
 */
export function paymentInReceipt(
  { router, token, payer, sequence }: PaymentKey,
  logs: readonly ReceiptLog[],
): Pick<PaymentProof, 'payment' | 'batch'> {
  const events = eventsOfReceipt(logs, { router, token });
  const { payments, unproven } = paymentsOfTransaction({ router, tokens: new Set([token]) }, events);
  const found = payments.find((payment) => payment.payer === payer && payment.sequence === sequence);
  if (found?.batch) return { payment: paymentPart(found, sequence), batch: batchPart(found.batch) };
  const [wrong] = unproven;
  if (wrong)
    throw new ProofRefused('batch_not_proven', `The receipt does not prove the batch: ${wrong.reason}.`);
  throw new ProofRefused(
    'payment_not_in_receipt',
    `The receipt has no payment ${sequence} of ${payer} in token ${token} through the router ${router}.`,
  );
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

function hashOf({ block }: PaymentProof): Hex {
  try {
    return blockHash(block.header);
  } catch (error) {
    throw new ProofRefused('proof_malformed', `This is no payment proof. ${(error as Error).message}`, error);
  }
}

function provenLogs({ block, transaction, receipt, receiptProof }: PaymentProof): readonly ReceiptLog[] {
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

function paymentPart(found: SettledPayment<ReceiptEvent>, sequence: bigint): PaymentProof['payment'] {
  const { payer, recipient, amount, outcome, event } = found;
  return {
    payer,
    recipient,
    amount: String(amount),
    sequence: String(sequence),
    outcome,
    logIndex: event.logIndex,
  };
}

function batchPart({ arguments: said, logIndex }: ReceiptEvent): PaymentProof['batch'] {
  return {
    firstSequence: String(said.firstSequence),
    count: String(said.count),
    amount: String(said.amount),
    commitment: said.commitment as Hex,
    operator: said.operator as Hex,
    logIndex,
  };
}

function compareMembers<Part extends object>(code: ProofFaultCode, claimed: Part, proven: Part): void {
  for (const [name, value] of Object.entries(proven)) {
    const said: unknown = Reflect.get(claimed, name);
    if (said !== value)
      throw new ProofRefused(code, `The proof says ${name} ${String(said)}, the receipt ${String(value)}.`);
  }
}
