/** The proof of a payment, made of what the node has of its block. */
import type { Hex } from 'viem';
import { paymentInReceipt, verifyPaymentProof } from '../../../core/evm/paymentProof.ts';
import { PAYMENT_PROOF_FORMAT, type PaymentProof } from '../../../core/evm/paymentProofFile.ts';
import { provenLogs } from '../../../core/evm/receiptProof.ts';
import type { ReceiptProof } from '../../../core/evm/receiptProofFile.ts';
import type { Database } from '../../../platform/database.ts';
import { problemsOf } from '../../http/problems.ts';
import { notObtainable, type Place, type Prover } from '../../proofs/receipts.ts';
import { paymentProblems } from './errors.ts';
import type { PaymentState } from './states.ts';
import type { PaymentRow } from './store.ts';

const problem = problemsOf(paymentProblems);

/** In these states a payment stands in a block that is final. */
const provable: readonly PaymentState[] = ['final', 'posted', 'returned'];

export interface ProofParts {
  database: Database;
  prover: Prover;
  router: Hex;
}

/**
 * Makes the proof of a payment and verifies it as its reader will.
 * @throws Problem `payment_not_settled` before its block is final; `proof_not_obtainable` when the index does not have the
 * payment at this moment, the node does not answer, or what it answers does not prove the payment.
 */
export async function provePayment(
  { database, prover, router }: ProofParts,
  payment: PaymentRow,
): Promise<PaymentProof> {
  if (!provable.includes(payment.state))
    throw problem('payment_not_settled', `The payment ${payment.id} is in state ${payment.state}.`);
  const place = await findPlace(database, payment.id);
  if (!place) throw notObtainable(`The index does not have the block of the payment ${payment.id}`);
  return prover.prove(payment.partner_id, async (receiptOf) =>
    prove(place, router.toLowerCase() as Hex, await receiptOf(place)),
  );
}

interface PaymentPlace extends Place {
  chain_id: bigint;
  payer: Hex;
  token: Hex;
  sequence: bigint;
}

/** Where the index has the payment; undefined while it does not. */
async function findPlace(database: Database, paymentId: string): Promise<PaymentPlace | undefined> {
  const { rows } = await database.query<PaymentPlace>(
    `select b.chain_id, b.payer, b.token, p.sequence, k.hash as block_hash, i.transaction_hash
       from settlement.payments p
       join settlement.settlement_batches b on b.id = p.settlement_batch_id
       join indexer.payments i on i.chain_id = b.chain_id and i.payer = b.payer and i.sequence = p.sequence
       join indexer.blocks k on k.chain_id = i.chain_id and k.number = i.block_number
      where p.id = $1`,
    [paymentId],
  );
  return rows[0];
}

function prove(place: PaymentPlace, router: Hex, proven: ReceiptProof): PaymentProof {
  const { token, payer, sequence } = place;
  const { payment, batch } = paymentInReceipt({ router, token, payer, sequence }, provenLogs(proven));
  return verifyPaymentProof({
    format: PAYMENT_PROOF_FORMAT,
    chainId: Number(place.chain_id),
    contracts: { router, token },
    payment,
    batch,
    ...proven,
  });
}
