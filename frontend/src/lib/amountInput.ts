import { MoneyError, parseMoney } from '../../../services/core/money.ts';

/** What was read, or what is wrong with it. */
export type Checked<Value, Fault> = { value: Value; fault?: never } | { value?: never; fault: Fault };

export type AmountFault =
  | 'amountMissing'
  | 'amountMalformed'
  | 'amountDigits'
  | 'amountZero'
  | 'amountTooHigh';

/** Reads an amount; the value counts the coin's smallest units (10^-6). `balance` is left out while it is unknown. */
export function checkAmount(
  text: string,
  currency: string,
  balance: bigint | undefined,
): Checked<bigint, AmountFault> {
  const trimmed = text.trim();
  if (trimmed === '') return { fault: 'amountMissing' };
  try {
    const { units } = parseMoney(currency, trimmed);
    if (units === 0n) return { fault: 'amountZero' };
    if (balance !== undefined && units > balance) return { fault: 'amountTooHigh' };
    return { value: units };
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error;
    return { fault: error.code === 'amount_too_many_digits' ? 'amountDigits' : 'amountMalformed' };
  }
}
