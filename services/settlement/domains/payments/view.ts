import type { Payment } from './schema.ts';
import { partnerStatus } from './states.ts';
import type { PaymentEvent, PaymentRow } from './store.ts';

/** A payment as the API and the webhooks show it. */
export function toPayment(row: PaymentRow, events?: PaymentEvent[]): Payment {
  return {
    id: row.id,
    endToEndId: row.end_to_end_id,
    status: partnerStatus[row.state],
    state: row.state,
    ...(row.reason_code && { reason: { code: row.reason_code, detail: row.reason_detail ?? '' } }),
    amount: { currency: row.currency, value: row.amount_value },
    debtorAccount: row.account_id ?? row.debtor_account,
    creditor: {
      name: row.creditor_name,
      account: { scheme: row.creditor_scheme, identification: row.creditor_identification },
    },
    ...(row.remittance_information !== null && { remittanceInformation: row.remittance_information }),
    ...(row.requested_execution_date && { requestedExecutionDate: row.requested_execution_date }),
    ...(row.payment_batch_id && { paymentBatchId: row.payment_batch_id }),
    ...(row.sequence !== null && { sequence: Number(row.sequence) }),
    ...(row.transaction_hash && { transactionHash: row.transaction_hash }),
    ...(row.block_number !== null && { blockNumber: Number(row.block_number) }),
    ...(row.block_hash && { blockHash: row.block_hash }),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    ...(events && { events }),
  };
}
