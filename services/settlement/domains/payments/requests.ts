/** From the JSON that a partner sends to the instruction that every format becomes. */
import { formatMoney, MoneyError, parseMoney } from '../../../core/money.ts';
import { debtorAccountOf } from '../../../core/paymentCsv.ts';
import { type PaymentInstruction, rejectionsOf } from '../../../core/paymentInstruction.ts';
import type { Fault } from '../../../platform/http/problem.ts';
import type { PaymentRequest } from './schema.ts';

/**
 * Reads one payment of a request. `pointer` is its place in the body (RFC 6901).
 * @returns the instruction, or what is wrong with its amount: too many digits are refused, never rounded.
 */
export function toInstruction(request: PaymentRequest, pointer: string): PaymentInstruction | Fault {
  const { amount, debtorAccount, requestedExecutionDate, remittanceInformation, creditor } = request;
  let value: string;
  try {
    value = formatMoney(parseMoney(amount.currency, amount.value));
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error;
    const member = error.code === 'currency_unknown' ? 'currency' : 'value';
    return {
      code: error.code,
      pointer: `${pointer}/amount/${member}`,
      detail: error.message,
      expected: error.expected,
    };
  }
  const content = {
    endToEndId: request.endToEndId,
    amount: { currency: amount.currency, value },
    ...(debtorAccount && { debtorAccount: debtorAccountOf(debtorAccount) }),
    creditor,
    ...(remittanceInformation && { remittanceInformation }),
    ...(requestedExecutionDate && { requestedExecutionDate }),
  };
  return { ...content, place: { format: 'json', pointer }, rejections: rejectionsOf(content) };
}

export function isFault(outcome: PaymentInstruction | Fault): outcome is Fault {
  return 'code' in outcome;
}
