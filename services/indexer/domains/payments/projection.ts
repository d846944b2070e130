import type { Transaction } from '../../../platform/database.ts';
import type { ChainPayment } from './settledBatch.ts';

/** Adds payments as the chain has them; they go with their block when it is undone. */
export async function addPayments(tx: Transaction, chainId: number, payments: ChainPayment[]): Promise<void> {
  if (payments.length === 0) return;
  await tx.query(
    `insert into indexer.payments (chain_id, block_number, log_index, transaction_hash, payer, token, recipient, amount,
                                   sequence, payment_reference, outcome)
     select $1, * from unnest($2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::numeric[],
                              $9::numeric[], $10::text[], $11::text[])`,
    [
      chainId,
      payments.map((payment) => payment.blockNumber),
      payments.map((payment) => payment.logIndex),
      payments.map((payment) => payment.transactionHash),
      payments.map((payment) => payment.payer),
      payments.map((payment) => payment.token),
      payments.map((payment) => payment.recipient),
      payments.map((payment) => payment.amount),
      payments.map((payment) => payment.sequence ?? null),
      payments.map((payment) => payment.reference ?? null),
      payments.map((payment) => payment.outcome),
    ],
  );
}
