/** From the JSON that a partner sends to the instruction that every format becomes. */
import { formatMoney, parseMoney } from '../../../core/money.ts';
import { debtorAccountOf } from '../../../core/paymentCsv.ts';
import { type PaymentInstruction, rejectionsOf } from '../../../core/paymentInstruction.ts';
import type { PaymentRequest } from './schema.ts';

/** Reads one payment of a request, whose schema has checked its amount. `pointer` is its place in the body (RFC 6901). */
export function toInstruction(request: PaymentRequest, pointer: string): PaymentInstruction {
  const { amount, debtorAccount, requestedExecutionDate, remittanceInformation, creditor } = request;
  const { instructionPriority } = request;
  const content = {
    endToEndId: request.endToEndId,
    amount: {
      currency: amount.currency,
      value: formatMoney(parseMoney(amount.currency, amount.value)),
    },
    ...(debtorAccount && { debtorAccount: debtorAccountOf(debtorAccount) }),
    creditor,
    ...(remittanceInformation && { remittanceInformation }),
    ...(requestedExecutionDate && { requestedExecutionDate }),
    ...(instructionPriority && { instructionPriority }),
  };
  return { ...content, place: { format: 'json', pointer }, rejections: rejectionsOf(content) };
}
