/** A bank's word on a reserve: the closing booked balance of a camt.053.001.08. */
import { parseBankStatements } from '../../../../core/iso20022/bankStatement.ts';
import { UNIT_DECIMALS } from '../../../../core/money.ts';
import { toUnits } from '../fraction.ts';
import type { PriceReading } from '../reading.ts';
import { SourceRefused } from '../refusal.ts';

/** An account as the statement names it, and the currency that its balance is expected in. */
export interface Account {
  account: string;
  currency: string;
  decimals: number;
}

/**
 * The last closing balance of the account. It counts from the beginning of its day, the careful side of when it was struck.
 * @throws SourceRefused `source_garbage`; `source_window_missing` when the account is not in it; `source_duplicate_window`
 * when two statements of it end on the same day; `source_wrong_unit` for another currency
 */
export function readBankBalance(bytes: Uint8Array, { account, currency, decimals }: Account): PriceReading {
  const parsed = parseBankStatements(bytes);
  if (!parsed.ok)
    throw new SourceRefused(
      'source_garbage',
      `No camt.053 that is taken: ${parsed.errors[0]?.detail}; expected ${parsed.errors[0]?.expected}.`,
    );
  const statements = parsed.value
    .filter((statement) => statement.account === account)
    .sort((a, b) => (a.lastDate < b.lastDate ? 1 : -1));
  const [last, before] = statements;
  if (!last) throw new SourceRefused('source_window_missing', `There is no statement of ${account}.`);
  if (last.lastDate === before?.lastDate)
    throw new SourceRefused(
      'source_duplicate_window',
      `Two statements of ${account} end on ${last.lastDate}.`,
    );
  if (last.currency !== currency)
    throw new SourceRefused('source_wrong_unit', `The balance is in ${last.currency}, expected ${currency}.`);
  const balance = { numerator: last.closingUnits, denominator: 10n ** BigInt(UNIT_DECIMALS) };
  return { units: toUnits(balance, decimals), observedAt: Date.parse(`${last.lastDate}T00:00:00Z`) / 1_000 };
}
