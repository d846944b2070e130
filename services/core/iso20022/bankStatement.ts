/** A bank's account statement, as Corridor reads it: camt.053.001.08 (BankToCustomerStatementV08). */
import { type InputError, MAX_INPUT_ERRORS, type Parsed } from '../inputError.ts';
import { formatMoney, moneyFaults, parseMoney } from '../money.ts';
import { plainDecimal } from './pain001Rules.ts';
import { type Path, pathOf, validateMessage } from './validate.ts';
import { xmlCollapsed } from './value.ts';
import { child, children, readXml, type XmlElement, XmlRefused } from './xml.ts';

/** Balances in token units of the currency, below zero when overdrawn; dates are YYYY-MM-DD as the bank counts days. */
export interface BankStatement {
  /** Stmt/Id. */
  statementId: string;
  /** ElctrncSeqNb, else LglSeqNb. */
  sequenceNumber?: number;
  /** The IBAN, else Othr/Id. */
  account: string;
  currency: string;
  openingUnits: bigint;
  closingUnits: bigint;
  /** FrToDt, else the dates of the balances. */
  firstDate: string;
  lastDate: string;
  /** Booked ones; a batch booking that gives its transactions' amounts is one entry each. */
  entries: BankEntry[];
}

export interface BankEntry {
  direction: 'credit' | 'debit';
  /** In token units, above zero: `direction` says which way. */
  units: bigint;
  bookingDate: string;
  valueDate: string;
  /** AcctSvcrRef, the bank's own. */
  reference?: string;
  endToEndId?: string;
  /** A transaction of the chain that the remittance information or the bank's free text names; lower case. */
  transactionHash?: string;
  /** Money that came back: RvslInd, RtrInf, or RRTN as bank transaction code. */
  isReturn: boolean;
}

const TRANSACTION_HASH = /\b0x[0-9a-f]{64}\b/i;
/** ISO 20022's word for an EndToEndId that nobody gave. */
const NOT_PROVIDED = 'NOTPROVIDED';

/**
 * Reads the statements of a file. It is refused whole, with every error at once, when it breaks the schema, has no booked
 * opening (`OPBD`, else `PRCD`) and closing balance (`CLBD`), has several currencies, or when its booked entries do not lead from
 * one balance to the other: codes `balance_missing`, `currency_mismatch`, `date_order`, `statement_unbalanced`, those of amounts, and the schema's.
 */
export function parseBankStatements(source: string | Uint8Array): Parsed<BankStatement[]> {
  let root: XmlElement;
  try {
    root = readXml(source);
  } catch (error) {
    if (error instanceof XmlRefused) return { ok: false, errors: [error.error] };
    throw error;
  }
  const errors = validateMessage('camt.053.001.08', root);
  if (errors.length > 0) return { ok: false, errors };
  const message = child(root, 'BkToCstmrStmt') as XmlElement;
  const statements = children(message, 'Stmt').flatMap((statement) => {
    const path = pathOf(message, statement, () => '/Document/BkToCstmrStmt');
    const faults = statementFaults(statement, path);
    errors.push(...faults);
    return faults.length > 0 ? [] : readStatement(statement, path, errors);
  });
  return errors.length > 0
    ? { ok: false, errors: errors.slice(0, MAX_INPUT_ERRORS) }
    : { ok: true, value: statements };
}

function balanceOf(statement: XmlElement, ...codes: string[]): XmlElement | undefined {
  for (const code of codes) {
    const found = children(statement, 'Bal').find(
      (balance) => child(balance, 'Tp', 'CdOrPrtry', 'Cd')?.text === code,
    );
    if (found) return found;
  }
  return undefined;
}

const currencyOf = (amount: XmlElement) => amount.attributes.find(({ name }) => name === 'Ccy')?.value ?? '';

/** What must hold before amounts can be read: both balances, and one currency in which every amount is money. */
function statementFaults(statement: XmlElement, path: Path): InputError[] {
  const faults: InputError[] = [];
  const report = (element: XmlElement, code: string, detail: string, expected: string) =>
    faults.push({ code, detail, expected, xpath: path(), line: element.line });
  const opening = balanceOf(statement, 'OPBD', 'PRCD');
  const closing = balanceOf(statement, 'CLBD');
  if (!opening) report(statement, 'balance_missing', 'No booked opening balance', 'a Bal of OPBD or PRCD');
  if (!closing) report(statement, 'balance_missing', 'No booked closing balance', 'a Bal of CLBD');
  if (!opening || !closing) return faults;
  const currency = currencyOf(child(opening, 'Amt') as XmlElement);
  const named = child(statement, 'Acct', 'Ccy');
  if (named && named.text !== currency)
    report(named, 'currency_mismatch', `The account is in ${named.text}`, `${currency}, as the balance`);
  for (const part of [opening, closing, ...bookedEntries(statement)]) {
    const amount = child(part, 'Amt') as XmlElement;
    if (currencyOf(amount) !== currency)
      report(amount, 'currency_mismatch', `${part.name} is in ${currencyOf(amount)}`, currency);
    else
      for (const { code, detail, expected } of moneyFaults(currency, plainDecimal(amount.text)))
        report(amount, code, detail, expected);
  }
  return faults;
}

function readStatement(statement: XmlElement, path: Path, errors: InputError[]): BankStatement[] {
  const opening = balanceOf(statement, 'OPBD', 'PRCD') as XmlElement;
  const closing = balanceOf(statement, 'CLBD') as XmlElement;
  const currency = currencyOf(child(opening, 'Amt') as XmlElement);
  const sequence = child(statement, 'ElctrncSeqNb') ?? child(statement, 'LglSeqNb');
  const openingUnits = signedUnits(opening);
  const closingUnits = signedUnits(closing);
  const lastDate = dateOf(child(statement, 'FrToDt', 'ToDtTm')) ?? balanceDate(closing);
  const firstDate = dateOf(child(statement, 'FrToDt', 'FrDtTm')) ?? balanceDate(opening);
  if (firstDate > lastDate)
    errors.push({
      code: 'date_order',
      detail: `The statement begins on ${firstDate}`,
      expected: `a day not after its last, ${lastDate}`,
      xpath: path(),
      line: statement.line,
    });
  const booked = bookedEntries(statement);
  const reached = booked.reduce((sum, entry) => sum + signedUnits(entry), openingUnits);
  if (reached !== closingUnits)
    errors.push({
      code: 'statement_unbalanced',
      detail: `Opening balance and booked entries give ${formatMoney({ currency, units: reached })}`,
      expected: `the closing balance, ${formatMoney({ currency, units: closingUnits })}`,
      xpath: path(),
      line: statement.line,
    });
  const account = child(statement, 'Acct', 'Id', 'IBAN') ?? child(statement, 'Acct', 'Id', 'Othr', 'Id');
  return [
    {
      statementId: child(statement, 'Id')?.text ?? '',
      ...(sequence && { sequenceNumber: Number(xmlCollapsed(sequence.text)) }),
      account: account?.text ?? '',
      currency,
      openingUnits,
      closingUnits,
      firstDate,
      lastDate,
      entries: booked.flatMap((entry) => readEntry(entry, lastDate)).filter(({ units }) => units > 0n),
    },
  ];
}

/** Entries that count in the balance: not what is pending or for information. */
function bookedEntries(statement: XmlElement): XmlElement[] {
  return children(statement, 'Ntry').filter((entry) => child(entry, 'Sts', 'Cd')?.text === 'BOOK');
}

function readEntry(entry: XmlElement, statementDate: string): BankEntry[] {
  const bookingDate = dateOf(child(entry, 'BookgDt')?.children[0]) ?? statementDate;
  const details = children(entry, 'NtryDtls').flatMap((each) => children(each, 'TxDtls'));
  const common = {
    direction: directionOf(entry),
    bookingDate,
    valueDate: dateOf(child(entry, 'ValDt')?.children[0]) ?? bookingDate,
  };
  const single = details.length === 1 ? details[0] : undefined;
  const whole = { ...common, units: unitsOf(entry), ...referencesOf(entry, single, true) };
  const parts = details.map((detail) => ({ detail, amount: child(detail, 'Amt') }));
  const currency = currencyOf(child(entry, 'Amt') as XmlElement);
  const isSplit =
    parts.length > 1 &&
    parts.every(
      ({ detail, amount }) =>
        amount &&
        currencyOf(amount) === currency &&
        moneyFaults(currency, plainDecimal(amount.text)).length === 0 &&
        (child(detail, 'CdtDbtInd')?.text ?? child(entry, 'CdtDbtInd')?.text) ===
          child(entry, 'CdtDbtInd')?.text,
    ) &&
    parts.reduce((sum, { detail }) => sum + unitsOf(detail), 0n) === whole.units;
  if (!isSplit) return [whole];
  return parts.map(({ detail }) => ({
    ...common,
    units: unitsOf(detail),
    ...referencesOf(entry, detail, false),
  }));
}

/** The bank's reference of the entry is that of one transaction only when it has no more. */
function referencesOf(
  entry: XmlElement,
  detail: XmlElement | undefined,
  isAlone: boolean,
): Pick<BankEntry, 'reference' | 'endToEndId' | 'transactionHash' | 'isReturn'> {
  const reference = (
    child(detail, 'Refs', 'AcctSvcrRef') ?? (isAlone ? child(entry, 'AcctSvcrRef') : undefined)
  )?.text;
  const endToEndId = child(detail, 'Refs', 'EndToEndId')?.text;
  const words = [
    ...children(child(detail, 'RmtInf'), 'Ustrd'),
    child(detail, 'AddtlTxInf'),
    isAlone ? child(entry, 'AddtlNtryInf') : undefined,
  ];
  const transactionHash = TRANSACTION_HASH.exec(words.map((element) => element?.text).join('\n'))?.[0];
  const code = child(detail, 'BkTxCd') ?? child(entry, 'BkTxCd');
  return {
    ...(reference !== undefined && { reference }),
    ...(endToEndId !== undefined && endToEndId !== NOT_PROVIDED && { endToEndId }),
    ...(transactionHash && { transactionHash: transactionHash.toLowerCase() }),
    isReturn:
      /^(true|1)$/.test(xmlCollapsed(child(entry, 'RvslInd')?.text ?? '')) ||
      child(detail, 'RtrInf') !== undefined ||
      child(code, 'Domn', 'Fmly', 'SubFmlyCd')?.text === 'RRTN',
  };
}

function unitsOf(element: XmlElement): bigint {
  const amount = child(element, 'Amt') as XmlElement;
  return parseMoney(currencyOf(amount), plainDecimal(amount.text)).units;
}

function signedUnits(element: XmlElement): bigint {
  return directionOf(element) === 'credit' ? unitsOf(element) : -unitsOf(element);
}

function directionOf(element: XmlElement): 'credit' | 'debit' {
  return child(element, 'CdtDbtInd')?.text === 'DBIT' ? 'debit' : 'credit';
}

function balanceDate(balance: XmlElement): string {
  return dateOf(child(balance, 'Dt')?.children[0]) as string; // the schema demands it
}

/** The day of a date, or of a time as the bank wrote it. */
function dateOf(element: XmlElement | undefined): string | undefined {
  return element && xmlCollapsed(element.text).slice(0, 10);
}
