import type { ValueRule } from './rules.ts';

/** What is wrong with a value, or undefined. `code` is stable, `expected` a phrase. */
export interface ValueFault {
  code:
    | 'value_form'
    | 'value_length'
    | 'value_pattern'
    | 'value_not_listed'
    | 'value_digits'
    | 'value_minimum';
  expected: string;
}

const space = '[\\t\\n\\r ]*';
const offset = '(?:Z|[+-](?:(?:0\\d|1[0-3]):[0-5]\\d|14:00))';
const zone = `${offset}?`;
const day = '(-?(?:[1-9]\\d{4,}|\\d{4}))-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])';
const clock = '(?:(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?|24:00:00(?:\\.0+)?)';

/**
 * The lexical forms of XML Schema 1.0 part 2. White space around numbers and booleans does not count; around dates
 * and times it is refused, save in the two places where libxml2, which most schema checks run on, lets it pass.
 */
const forms: Record<Exclude<ValueRule['base'], 'string'>, { form: RegExp; expected: string }> = {
  decimal: { form: /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/, expected: 'a decimal number such as 125.50' },
  boolean: { form: /^(?:true|false|1|0)$/, expected: 'true or false' },
  date: { form: new RegExp(`^${day}${zone}$`), expected: 'a date such as 2026-11-20' },
  dateTime: {
    form: new RegExp(`^${day}T${clock}(?:${offset}${space})?$`),
    expected: 'a time such as 2026-11-20T09:30:00Z',
  },
  time: { form: new RegExp(`^${space}${clock}${zone}$`), expected: 'a time of day such as 09:30:00Z' },
  gYearMonth: {
    form: new RegExp(`^(-?(?:[1-9]\\d{4,}|\\d{4}))-(0[1-9]|1[0-2])${zone}$`),
    expected: 'a month such as 2026-11',
  },
};

const patterns = new Map<string, RegExp>();

/** Checks one value against its rule, as XML Schema 1.0 does. */
export function valueFault(rule: ValueRule, raw: string): ValueFault | undefined {
  if (rule.base !== 'string') return formFault(rule, rule.base, raw);

  const length = [...raw].length;
  if (length < (rule.minLength ?? 0) || length > (rule.maxLength ?? Number.POSITIVE_INFINITY)) {
    return { code: 'value_length', expected: `${rule.minLength} to ${rule.maxLength} characters` };
  }
  if (rule.pattern !== undefined && !compiled(rule.pattern).test(raw)) {
    return { code: 'value_pattern', expected: `the pattern ${rule.pattern}` };
  }
  if (rule.oneOf !== undefined && !rule.oneOf.split(' ').includes(raw)) {
    return { code: 'value_not_listed', expected: `one of ${rule.oneOf}` };
  }
  return undefined;
}

/** Collapses white space as XML Schema does for everything but strings. */
export function xmlCollapsed(text: string): string {
  return text.replace(/[\t\n\r ]+/g, ' ').replace(/^ | $/g, '');
}

function formFault(
  rule: ValueRule,
  base: Exclude<ValueRule['base'], 'string'>,
  raw: string,
): ValueFault | undefined {
  const { form, expected } = forms[base];
  const value = base === 'decimal' || base === 'boolean' ? xmlCollapsed(raw) : raw;
  const match = form.exec(value);
  if (match === null) return { code: 'value_form', expected };
  if (base === 'decimal') return decimalFault(rule, value);
  const [, year, month, dayOfMonth] = match;
  if (year !== undefined && !isCalendarDay(year, Number(month), Number(dayOfMonth ?? 1))) {
    return { code: 'value_form', expected };
  }
  return undefined;
}

/** Zeros in front and zeros at the end of a fraction do not count as digits. */
function decimalFault(rule: ValueRule, value: string): ValueFault | undefined {
  const [whole = '', fraction = ''] = value.replace(/^[+-]/, '').split('.');
  const wholeDigits = whole.replace(/^0+/, '');
  const fractionDigits = fraction.replace(/0+$/, '');
  const { totalDigits = Number.POSITIVE_INFINITY, fractionDigits: most = Number.POSITIVE_INFINITY } = rule;
  if (wholeDigits.length + fractionDigits.length > totalDigits || fractionDigits.length > most) {
    return {
      code: 'value_digits',
      expected: `at most ${totalDigits} digits, at most ${most} of them after the point`,
    };
  }
  if (rule.minInclusive === 0 && value.startsWith('-') && /[1-9]/.test(value)) {
    return { code: 'value_minimum', expected: 'zero or more' };
  }
  return undefined;
}

function isCalendarDay(year: string, month: number, dayOfMonth: number): boolean {
  if (/^-?0+$/.test(year)) return false;
  const lastDigits = Number(year.slice(-4));
  const leapYear = lastDigits % 4 === 0 && (lastDigits % 100 !== 0 || lastDigits % 400 === 0);
  const days = [31, leapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return dayOfMonth <= (days[month - 1] ?? 0);
}

function compiled(pattern: string): RegExp {
  const known = patterns.get(pattern) ?? new RegExp(`^(?:${pattern})$`, 'u');
  patterns.set(pattern, known);
  return known;
}
