import { formatUnits } from 'viem';
import { useI18n } from './i18n/I18n.tsx';

/** Numbers, money and times in the reader's language. Amounts stay decimal strings: no floating number touches them. */
export function useFormat() {
  const { locale } = useI18n();
  const decimal = (text: string, minimum: number, maximum: number) =>
    new Intl.NumberFormat(locale, { minimumFractionDigits: minimum, maximumFractionDigits: maximum }).format(
      text as Intl.StringNumericLiteral,
    );
  const percent = (part: number) =>
    new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 2 }).format(part);
  return {
    /** Units of a coin: at least two digits after the point, and more only where there are. */
    amount: (units: bigint, decimals: number) => decimal(formatUnits(units, decimals), 2, decimals),
    /** A decimal string such as `125.50`, as the API writes it. */
    decimal: (value: string) => decimal(value, 2, 6),
    /** As `decimal`, rounded to two digits, for an overview. */
    cents: (value: string) => decimal(value, 2, 2),
    /** As `decimal`, without digits that say nothing. */
    plain: (value: string) => decimal(value, 0, 6),
    /** Wei in ETH, to two significant digits below one. */
    ether: (wei: bigint) =>
      new Intl.NumberFormat(locale, { maximumSignificantDigits: wei < 10n ** 18n ? 2 : 5 }).format(
        formatUnits(wei, 18) as Intl.StringNumericLiteral,
      ),
    /** 1/10,000, as a percentage. */
    bps: (parts: number) => percent(parts / 10_000),
    /** A percentage as the API writes it, `12.5`. */
    percent: (text: string) => percent(Number(text) / 100),
    /** In the largest unit that says it in whole numbers. */
    duration: (seconds: number) => {
      const units = { day: 86_400, hour: 3_600, minute: 60, second: 1 };
      const [unit, size] = Object.entries(units).find(([, size]) => seconds % size === 0) ?? ['second', 1];
      return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(
        seconds / size,
      );
    },
    whole: (number: bigint | number) => new Intl.NumberFormat(locale).format(number),
    /** Date and time to the second. */
    time: (at: Date) =>
      new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }).format(at),
    /** Date and time to the minute, for lists. */
    minute: (at: Date) =>
      new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'short' }).format(at),
  };
}

/** `0x1234…abcd`: enough to recognise an address or hash, not enough to check it. */
export function shortHex(hex: string): string {
  return `${hex.slice(0, 6)}…${hex.slice(-4)}`;
}
