/** The pain.002 that answers a file or list, as things stand now. */
import { groupStatusOf, writePain002 } from '../../../core/iso20022/pain002.ts';
import type { TransactionReport } from '../../../core/iso20022/statusReport.ts';
import type { ReasonCode } from '../../../core/reasons.ts';
import type { Queryable } from '../../../platform/database.ts';
import { findBatch } from './batches.ts';
import { transactionStatus } from './states.ts';
import { type PaymentRow, readBatchPayments } from './store.ts';

const messageNames = { 'pain.001': 'pain.001.001.09', csv: 'csv', json: 'json' } as const;

/**
 * Writes the status report (pain.002.001.10) of a partner's batch. A new report gets a message id of its own.
 * @throws Problem `payment_batch_not_found`
 */
export async function statusReportOf(
  database: Queryable,
  partnerId: string,
  batchId: string,
): Promise<string> {
  const batch = await findBatch(database, partnerId, batchId);
  const payments = await readBatchPayments(database, batchId);
  const blocks = new Map<string, TransactionReport[]>();
  for (const payment of payments) {
    const block = payment.payment_information_id ?? batch.message_id;
    const transactions = blocks.get(block) ?? [];
    transactions.push(transactionReport(payment));
    blocks.set(block, transactions);
  }
  return writePain002({
    messageId: crypto.randomUUID().replaceAll('-', ''),
    createdAt: new Date().toISOString(),
    original: {
      messageId: batch.message_id,
      messageName: messageNames[batch.format],
      ...(batch.source_created_at && { createdAt: batch.source_created_at }),
      numberOfTransactions: batch.payment_count,
    },
    groupStatus: groupStatusOf(payments.map(({ state }) => transactionStatus(state))),
    paymentInformations: [...blocks].map(([paymentInformationId, transactions]) => ({
      paymentInformationId,
      transactions,
    })),
  });
}

function transactionReport(payment: PaymentRow): TransactionReport {
  return {
    endToEndId: payment.end_to_end_id,
    ...(payment.instruction_id && { instructionId: payment.instruction_id }),
    ...(payment.uetr && { uetr: payment.uetr }),
    status: transactionStatus(payment.state),
    ...(payment.reason_code && {
      reason: { code: payment.reason_code as ReasonCode, detail: payment.reason_detail ?? '' },
    }),
    acceptedAt: payment.created_at.toISOString(),
    paymentId: payment.id,
    amount: { currency: payment.currency, value: payment.amount_value },
    ...(payment.requested_execution_date && { requestedExecutionDate: payment.requested_execution_date }),
    ...(payment.transaction_hash && { transactionHash: payment.transaction_hash }),
  };
}
