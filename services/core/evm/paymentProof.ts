/**
 * The proof that a payment is in a block: header, receipt and the nodes between them. Made by the settlement service,
 * verified by anybody, who needs nothing for it but the proof and the hash of the block from a node of their own.
 */
import type { Hex } from 'viem';
import { type PaymentProof, paymentProofSchema } from './paymentProofFile.ts';
import type { ReceiptLog } from './receipt.ts';
import { eventsOfReceipt, type ReceiptEvent } from './receiptEvents.ts';
import { type ProofFaultCode, ProofRefused, provenLogs, readProof } from './receiptProof.ts';
import { paymentsOfTransaction, type SettledPayment } from './settledBatch.ts';

/**
 * Verifies that the block of the proof's hash has the payment that the proof names. What it cannot tell: whether this
 * block is of the chain (`compareWithChain`); and that router and token are those that one means, for which their
 * addresses are to be compared.
 * @param input what JSON.parse gave.
 * @throws ProofRefused
 */
export function verifyPaymentProof(input: unknown): PaymentProof {
  const proof = readProof(paymentProofSchema, input, 'payment proof');
  const { payer, sequence } = proof.payment;
  const key = { ...proof.contracts, payer, sequence: BigInt(sequence) };
  const { payment, batch } = paymentInReceipt(key, provenLogs(proof));
  compareMembers('payment_differs', proof.payment, payment);
  compareMembers('batch_differs', proof.batch, batch);
  return proof;
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
