import { currencyDigits } from './currency.ts';
import { quoted } from './inputError.ts';

/** Decimals of every Corridor stablecoin: one unit is 10^-6 of the currency. */
export const UNIT_DECIMALS = 6;

/** The one money type: `units` counts millionths of the currency, as the tokens do. */
export interface Money {
  readonly currency: string;
  readonly units: bigint;
}

export type MoneyErrorCode =
  | 'currency_unknown'
  | 'amount_malformed'
  | 'amount_too_many_digits'
  | 'currency_mismatch';

/** An amount that is not money; `expected` says what would be. */
export class MoneyError extends Error {
  override readonly name = 'MoneyError';
  readonly code: MoneyErrorCode;
  /** What was observed. */
  readonly detail: string;
  readonly expected: string;

  constructor(code: MoneyErrorCode, detail: string, expected: string) {
    super(`${detail}; expected ${expected}`);
    this.code = code;
    this.detail = detail;
    this.expected = expected;
  }
}

/**
 * Reads an amount such as `125.50`: digits, at most one point, no sign, no spaces, no exponent.
 * @param digits As of {@link moneyFaults}
 * @throws MoneyError the first of {@link moneyFaults}
 */
export function parseMoney(currency: string, value: string, digits?: number): Money {
  const [fault] = moneyFaults(currency, value, digits);
  if (fault) throw fault;
  const [whole = '', fraction = ''] = value.split('.');
  return { currency, units: BigInt(whole + fraction.padEnd(UNIT_DECIMALS, '0')) };
}

export const AMOUNT_FORM = 'a decimal number such as 125.50, without sign, spaces or exponent';

/** True for what has the form of an amount, in whatever currency. */
export function isAmount(value: string): boolean {
  return /^\d{1,18}(?:\.\d{1,18})?$/.test(value);
}

/**
 * Everything that is wrong with an amount: the currency is not in ISO 4217, the text is no amount, or it has more
 * digits after the point than the currency (zeros count too: an amount is never rounded or reinterpreted).
 * @param digits Most digits after the point, where what a contract split may be finer than the currency: up to UNIT_DECIMALS.
 */
export function moneyFaults(
  currency: string,
  value: string,
  digits: number | undefined = currencyDigits(currency),
): MoneyError[] {
  const faults: MoneyError[] = [];
  if (currencyDigits(currency) === undefined) {
    const expected = 'an active ISO 4217 code';
    faults.push(new MoneyError('currency_unknown', `${quoted(currency)} is no currency`, expected));
  }
  const [, fraction = ''] = value.split('.');
  if (!isAmount(value)) {
    faults.push(new MoneyError('amount_malformed', `${quoted(value)} is no amount`, AMOUNT_FORM));
  } else if (digits !== undefined && fraction.length > digits) {
    const detail = `${quoted(value)} has ${fraction.length} digits after the point`;
    faults.push(new MoneyError('amount_too_many_digits', detail, `at most ${digits} for ${currency}`));
  }
  return faults;
}

/** Token units in one minor unit of a currency: 10,000 for a cent. */
export function minorUnit(currency: string): bigint {
  return 10n ** BigInt(UNIT_DECIMALS - (currencyDigits(currency) ?? UNIT_DECIMALS));
}

/**
 * Writes an amount with the digits of its currency, and more only where the units need them: `125.50`, `0.000001`,
 * `-3.00`. `parseMoney` reads back whatever has no more digits than the currency.
 */
export function formatMoney(money: Money): string {
  const digits = currencyDigits(money.currency) ?? 0;
  const text = (money.units < 0n ? -money.units : money.units).toString().padStart(UNIT_DECIMALS + 1, '0');
  const whole = text.slice(0, -UNIT_DECIMALS);
  const fraction = text.slice(-UNIT_DECIMALS).replace(/0+$/, '').padEnd(digits, '0');
  return `${money.units < 0n ? '-' : ''}${whole}${fraction && `.${fraction}`}`;
}

/** @throws MoneyError when the currencies differ. */
export function addMoney(a: Money, b: Money): Money {
  if (a.currency !== b.currency) {
    throw new MoneyError(
      'currency_mismatch',
      `${a.currency} and ${b.currency} do not add up`,
      'one currency',
    );
  }
  return { currency: a.currency, units: a.units + b.units };
}
