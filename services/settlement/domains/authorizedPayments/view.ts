import type { AuthorizedPayment } from './schema.ts';
import type { AuthorizedPaymentEvent, AuthorizedPaymentRow } from './store.ts';

/** An authorised payment as the API and the webhooks show it. */
export function toAuthorizedPayment(
  row: AuthorizedPaymentRow,
  events?: AuthorizedPaymentEvent[],
): AuthorizedPayment {
  const timeOf = (seconds: bigint) => new Date(Number(seconds) * 1_000).toISOString();
  return {
    id: row.id,
    status: row.status,
    ...(row.reason_code && { reason: { code: row.reason_code, detail: row.reason_detail ?? '' } }),
    amount: { currency: row.currency, value: row.amount_value },
    payer: row.payer,
    recipient: row.recipient,
    paymentReference: row.payment_reference,
    validAfter: timeOf(row.valid_after),
    validBefore: timeOf(row.valid_before),
    salt: row.salt,
    nonce: row.nonce,
    ...(row.transaction_hash && { transactionHash: row.transaction_hash }),
    ...(row.block_number !== null && { blockNumber: Number(row.block_number) }),
    ...(row.block_hash && { blockHash: row.block_hash }),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    ...(events && { events }),
  };
}
