import { CsvMalformed, readCsv } from './csv.ts';
import { type InputError, MAX_INPUT_ERRORS, type Parsed } from './inputError.ts';
import { formatMoney, moneyFaults, parseMoney } from './money.ts';
import {
  type Account,
  type DebtorAccountScheme,
  instructionPriorities,
  isInstructionPriority,
  type PaymentInstruction,
  rejectionsOf,
} from './paymentInstruction.ts';
import { isXmlText } from './xmlText.ts';

/** The columns of a CSV batch, in any order; see docs/iso20022.md. */
export const csvColumns = {
  endToEndId: { required: true, longest: 35 },
  amount: { required: true, longest: 24 },
  currency: { required: true, longest: 3 },
  creditorName: { required: true, longest: 140 },
  creditorAccountScheme: { required: true, longest: 4 },
  creditorAccount: { required: true, longest: 64 },
  remittanceInformation: { required: false, longest: 140 },
  requestedExecutionDate: { required: false, longest: 10 },
  debtorAccount: { required: false, longest: 64 },
  instructionPriority: { required: false, longest: 4 },
} as const;

type Column = keyof typeof csvColumns;

const MAX_BYTES = 10 * 1024 * 1024;

/**
 * Reads a batch of payments in CSV (RFC 4180, comma, UTF-8, a header row). Refused whole with every error and its row
 * and column: `csv_encoding`, `csv_too_large`, `csv_malformed`, `csv_header`, `csv_fields`, `csv_empty`,
 * `value_missing`, `value_length`, `value_character`, `value_not_listed`, `value_form`, and those of {@link moneyFaults}.
 * A cell is text and nothing else here; whoever shows it in a spreadsheet guards against formulas there.
 */
export function parsePaymentCsv(source: string | Uint8Array): Parsed<PaymentInstruction[]> {
  const errors: InputError[] = [];
  const instructions: PaymentInstruction[] = [];
  try {
    readPayments(readText(source), errors, instructions);
  } catch (cause) {
    if (cause instanceof CsvRefused) errors.push(cause.error);
    else if (cause instanceof CsvMalformed) {
      errors.push({
        code: 'csv_malformed',
        detail: cause.message,
        expected: 'CSV as in RFC 4180',
        row: cause.row,
      });
    } else throw cause;
  }
  return errors.length > 0
    ? { ok: false, errors: errors.slice(0, MAX_INPUT_ERRORS) }
    : { ok: true, value: instructions };
}

class CsvRefused extends Error {
  readonly error: InputError;

  constructor(code: string, detail: string, expected: string) {
    super(detail);
    this.error = { code, detail, expected };
  }
}

function readText(source: string | Uint8Array): string {
  if (source.length > MAX_BYTES) {
    throw new CsvRefused('csv_too_large', `The file has ${source.length} bytes`, `at most ${MAX_BYTES}`);
  }
  if (typeof source === 'string') return source.replace(/^\uFEFF/, '');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(source);
  } catch (cause) {
    if (cause instanceof TypeError) throw new CsvRefused('csv_encoding', 'The bytes are not UTF-8', 'UTF-8');
    throw cause;
  }
}

function readPayments(text: string, errors: InputError[], instructions: PaymentInstruction[]): void {
  const rows = readCsv(text);
  const header = rows.next().value ?? [];
  errors.push(...checkHeader(header));
  if (errors.length > 0) return;
  let row = 1;
  for (const cells of rows) {
    row += 1;
    if (errors.length >= MAX_INPUT_ERRORS) return;
    if (cells.length === 1 && cells[0] === '') continue;
    if (cells.length !== header.length) {
      const detail = `The row has ${cells.length} fields`;
      errors.push({ code: 'csv_fields', detail, expected: `${header.length}, as the header row`, row });
      continue;
    }
    const values = Object.fromEntries(header.map((column, at) => [column, cells[at] ?? '']));
    const rowErrors = checkRow(values, row);
    errors.push(...rowErrors);
    if (rowErrors.length === 0) instructions.push(instructionOf(values, row));
  }
  if (errors.length === 0 && instructions.length === 0) {
    errors.push({
      code: 'csv_empty',
      detail: 'No payment below the header row',
      expected: 'one or more',
      row: 2,
    });
  }
}

function checkHeader(header: string[]): InputError[] {
  const errors: InputError[] = [];
  const report = (column: string, detail: string, expected: string) =>
    errors.push({ code: 'csv_header', detail, expected, row: 1, column });
  const known = Object.keys(csvColumns).join(', ');
  for (const [at, column] of header.entries()) {
    if (!Object.hasOwn(csvColumns, column))
      report(column, `Column ${column || at + 1} is not known`, `one of ${known}`);
    else if (header.indexOf(column) < at) report(column, `Column ${column} stands twice`, 'each column once');
  }
  for (const [column, { required }] of Object.entries(csvColumns)) {
    if (required && !header.includes(column)) report(column, `Column ${column} is missing`, column);
  }
  return errors.slice(0, MAX_INPUT_ERRORS);
}

function checkRow(values: Partial<Record<Column, string>>, row: number): InputError[] {
  const errors: InputError[] = [];
  const report = (column: Column, code: string, detail: string, expected: string) =>
    errors.push({ code, detail, expected, row, column });
  for (const [name, { required, longest }] of Object.entries(csvColumns)) {
    const column = name as Column;
    const value = values[column] ?? '';
    if (required && value === '') report(column, 'value_missing', `${column} is empty`, 'a value');
    const length = [...value].length;
    if (length > longest) report(column, 'value_length', `${length} characters`, `at most ${longest}`);
    if (!isXmlText(value)) {
      report(column, 'value_character', 'A control character or half of a surrogate pair', 'printable text');
    }
  }
  const { amount, currency, creditorAccountScheme: scheme, requestedExecutionDate: date } = values;
  const { instructionPriority: priority } = values;
  for (const { code, detail, expected } of moneyFaults(currency ?? '', amount ?? '')) {
    const column = code === 'currency_unknown' ? 'currency' : 'amount';
    if (values[column]) report(column, code, detail, expected);
  }
  if (scheme && scheme !== 'IBAN' && scheme !== 'EVM') {
    report('creditorAccountScheme', 'value_not_listed', `The scheme is ${scheme}`, 'IBAN or EVM');
  }
  if (date && !/^\d{4}-\d{2}-\d{2}$/.test(date))
    report('requestedExecutionDate', 'value_form', `The date is ${date}`, 'a date such as 2026-11-20');
  if (priority && !isInstructionPriority(priority)) {
    const expected = instructionPriorities.join(' or ');
    report('instructionPriority', 'value_not_listed', `The priority is ${priority}`, expected);
  }
  return errors;
}

function instructionOf(values: Partial<Record<Column, string>>, row: number): PaymentInstruction {
  const { endToEndId = '', amount = '', currency = '', creditorName = '', creditorAccount = '' } = values;
  const { remittanceInformation, requestedExecutionDate, debtorAccount, instructionPriority = '' } = values;
  const content = {
    endToEndId,
    amount: { currency, value: formatMoney(parseMoney(currency, amount)) },
    ...(debtorAccount ? { debtorAccount: debtorAccountOf(debtorAccount) } : {}),
    creditor: {
      name: creditorName,
      account: {
        scheme: values.creditorAccountScheme === 'EVM' ? ('EVM' as const) : ('IBAN' as const),
        identification: creditorAccount,
      },
    },
    ...(remittanceInformation ? { remittanceInformation } : {}),
    ...(requestedExecutionDate ? { requestedExecutionDate } : {}),
    ...(isInstructionPriority(instructionPriority) ? { instructionPriority } : {}),
  };
  return { ...content, place: { format: 'csv', row }, rejections: rejectionsOf(content) };
}

/** A debtor account says by its form what it is: `0x...` a wallet, an IBAN's pattern an IBAN, else Corridor's id. */
export function debtorAccountOf(identification: string): Account<DebtorAccountScheme> {
  if (/^0x[0-9a-fA-F]{40}$/.test(identification)) return { scheme: 'EVM', identification };
  if (/^[A-Z]{2}\d{2}[A-Z0-9 ]{9,}$/.test(identification)) return { scheme: 'IBAN', identification };
  return { scheme: 'OTHER', identification };
}
