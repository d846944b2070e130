import { isBic } from '../bic.ts';
import { isCountryCode } from '../country.ts';
import { currencyDigits } from '../currency.ts';
import { type InputError, MAX_INPUT_ERRORS } from '../inputError.ts';
import { type Path, pathOf } from './validate.ts';
import { valueFault, xmlCollapsed } from './value.ts';
import { child, children, type XmlElement } from './xml.ts';

/** SchmeNm/Prtry of an account that is a wallet. */
export const WALLET_SCHEME = 'EVM';
/** Othr/Id of a wallet: the field holds 34 characters and an address has 42, so the address stands in Prxy/Id. */
export const WALLET_IDENTIFICATION = 'NOTPROVIDED';

/** What a payment file may ask for by the schema, and Corridor does not carry out. */
const unsupported: Record<string, string> = {
  EqvtAmt: 'an amount in the currency that is paid (InstdAmt)',
  XchgRateInf: 'a payment without currency exchange',
  ChqInstr: 'a credit transfer, not a cheque',
  InstrForCdtrAgt: 'a payment without instructions for the bank of the creditor',
  InstrForDbtrAgt: 'a payment without instructions for the bank of the debtor',
};

/**
 * The rules of a payment file that stand outside its schema; tolerant, so that they can run on a file that breaks
 * the schema and all errors are told at once. Codes: `payment_count`, `control_sum`, `amount_too_many_digits`,
 * `currency_unknown`, `bic`, `country`, `payment_information_repeated`, `not_supported`, `creditor_name_missing`,
 * `creditor_account_missing`, `account_scheme`, `wallet_missing`, `wallet_place`.
 */
export function pain001MessageErrors(root: XmlElement): InputError[] {
  const errors: InputError[] = [];
  const report: Report = (element, path, code, detail, expected) => {
    if (errors.length < MAX_INPUT_ERRORS)
      errors.push({ code, detail: detail.slice(0, 200), expected, xpath: path(), line: element.line });
  };
  const message = child(root, 'CstmrCdtTrfInitn');
  if (message === undefined) return errors;
  const path = () => '/Document/CstmrCdtTrfInitn';
  const header = child(message, 'GrpHdr');
  const blocks = children(message, 'PmtInf');
  if (header) checkTotals(header, () => `${path()}/GrpHdr`, blocks.flatMap(transactionsOf), report);
  const ids = new Set<string>();
  for (const block of blocks) {
    const blockPath = pathOf(message, block, path);
    const id = child(block, 'PmtInfId');
    if (id && ids.has(id.text)) {
      report(
        id,
        () => `${blockPath()}/PmtInfId`,
        'payment_information_repeated',
        `PmtInfId ${id.text} again`,
        'a PmtInfId once in a file',
      );
    }
    if (id) ids.add(id.text);
    checkBlock(block, blockPath, report);
  }
  checkCodes(root, () => '/Document', report);
  return errors;
}

type Report = (element: XmlElement, path: Path, code: string, detail: string, expected: string) => void;

function checkBlock(block: XmlElement, path: Path, report: Report): void {
  checkTotals(block, path, transactionsOf(block), report);
  const method = child(block, 'PmtMtd');
  if (method && (method.text === 'CHK' || method.text === 'TRA')) {
    report(
      method,
      () => `${path()}/PmtMtd`,
      'not_supported',
      `PmtMtd is ${method.text}`,
      'TRF, a credit transfer',
    );
  }
  for (const part of block.children) {
    const partPath = pathOf(block, part, path);
    refuseUnsupported(part, partPath, report);
    if (part.name === 'DbtrAcct' && isWallet(part)) checkWallet(part, partPath, report);
    if (part.name === 'CdtTrfTxInf') checkTransaction(part, partPath, report);
  }
}

function checkTransaction(transaction: XmlElement, path: Path, report: Report): void {
  for (const part of transaction.children) {
    refuseUnsupported(part, pathOf(transaction, part, path), report);
  }
  const equivalent = child(transaction, 'Amt', 'EqvtAmt');
  if (equivalent) refuseUnsupported(equivalent, () => `${path()}/Amt/EqvtAmt`, report);
  if (child(transaction, 'Cdtr', 'Nm') === undefined) {
    const expected = 'the name of the creditor';
    report(
      transaction,
      () => `${path()}/Cdtr/Nm`,
      'creditor_name_missing',
      'The creditor has no name',
      expected,
    );
  }
  const account = child(transaction, 'CdtrAcct');
  if (account === undefined) {
    const expected = 'an IBAN or a wallet';
    report(
      transaction,
      () => `${path()}/CdtrAcct`,
      'creditor_account_missing',
      'No creditor account',
      expected,
    );
  } else if (isWallet(account)) {
    checkWallet(account, () => `${path()}/CdtrAcct`, report);
  } else if (child(account, 'Id', 'Othr')) {
    const scheme = child(account, 'Id', 'Othr', 'SchmeNm')?.children[0]?.text ?? 'none';
    const expected = `an IBAN, or a wallet with SchmeNm/Prtry ${WALLET_SCHEME}`;
    report(
      account,
      () => `${path()}/CdtrAcct/Id/Othr/SchmeNm`,
      'account_scheme',
      `Scheme ${scheme}`,
      expected,
    );
  }
}

/** True for an account that says it is a wallet: Othr with the proprietary scheme `EVM`. */
export function isWallet(account: XmlElement): boolean {
  return child(account, 'Id', 'Othr', 'SchmeNm', 'Prtry')?.text === WALLET_SCHEME;
}

function checkWallet(account: XmlElement, path: Path, report: Report): void {
  const identification = child(account, 'Id', 'Othr', 'Id');
  if (identification && identification.text !== WALLET_IDENTIFICATION) {
    const expected = `${WALLET_IDENTIFICATION} here and the address in Prxy/Id`;
    report(
      identification,
      () => `${path()}/Id/Othr/Id`,
      'wallet_place',
      `Othr/Id is ${identification.text}`,
      expected,
    );
  }
  const scheme = child(account, 'Prxy', 'Tp')?.children[0];
  if (child(account, 'Prxy', 'Id') === undefined || (scheme && scheme.text !== WALLET_SCHEME)) {
    const expected = `the address, with Tp/Prtry ${WALLET_SCHEME} or no Tp`;
    report(account, () => `${path()}/Prxy`, 'wallet_missing', 'No wallet address', expected);
  }
}

function refuseUnsupported(part: XmlElement, path: Path, report: Report): void {
  const expected = Object.hasOwn(unsupported, part.name) ? unsupported[part.name] : undefined;
  if (expected) report(part, path, 'not_supported', `${part.name} is not carried out`, expected);
}

function checkTotals(holder: XmlElement, path: Path, transactions: XmlElement[], report: Report): void {
  const count = child(holder, 'NbOfTxs');
  if (count && /^\d{1,15}$/.test(count.text) && Number(count.text) !== transactions.length) {
    report(
      count,
      () => `${path()}/NbOfTxs`,
      'payment_count',
      `NbOfTxs is ${count.text}`,
      `${transactions.length}, as counted`,
    );
  }
  const sum = child(holder, 'CtrlSum');
  const amounts = transactions.map(
    (transaction) => child(transaction, 'Amt', 'InstdAmt') ?? child(transaction, 'Amt', 'EqvtAmt', 'Amt'),
  );
  if (!sum || ![sum, ...amounts].every((element) => element && isDecimal(element.text))) return;
  const total = amounts.reduce((running, element) => running + scaled(element?.text ?? ''), 0n);
  if (scaled(sum.text) !== total) {
    report(
      sum,
      () => `${path()}/CtrlSum`,
      'control_sum',
      `CtrlSum is ${plainDecimal(sum.text)}`,
      `${unscaled(total)}, as summed`,
    );
  }
}

/** BICs, countries and amounts wherever they stand, except in data that is not Corridor's (SplmtryData). */
function checkCodes(element: XmlElement, path: Path, report: Report): void {
  for (const part of element.children) {
    if (part.name === 'SplmtryData') continue;
    const partPath = pathOf(element, part, path);
    if (part.name === 'BICFI' || part.name === 'AnyBIC') {
      if (/^[A-Z0-9]{8,11}$/.test(part.text) && !isBic(part.text)) {
        report(
          part,
          partPath,
          'bic',
          `${part.name} is ${part.text}`,
          'a BIC (ISO 9362) with a country of ISO 3166',
        );
      }
    } else if (/^Ctry(?:OfRes|OfBirth)?$/.test(part.name) && part.children.length === 0) {
      if (/^[A-Z]{2}$/.test(part.text) && !isCountryCode(part.text)) {
        report(part, partPath, 'country', `${part.name} is ${part.text}`, 'a country code of ISO 3166');
      }
    }
    const currency = part.attributes.find(({ namespace, name }) => namespace === '' && name === 'Ccy')?.value;
    if (currency !== undefined) checkAmount(part, partPath, currency, report);
    checkCodes(part, partPath, report);
  }
}

function checkAmount(amount: XmlElement, path: Path, currency: string, report: Report): void {
  const digits = currencyDigits(currency);
  if (digits === undefined) {
    if (!/^[A-Z]{3}$/.test(currency)) return;
    report(
      amount,
      () => `${path()}/@Ccy`,
      'currency_unknown',
      `Ccy is ${currency}`,
      'an active ISO 4217 code',
    );
  } else if (isDecimal(amount.text)) {
    const [, fraction = ''] = plainDecimal(amount.text).split('.');
    if (fraction.length <= digits) return;
    const expected = `at most ${digits} digits after the point for ${currency}`;
    report(amount, path, 'amount_too_many_digits', `The amount is ${plainDecimal(amount.text)}`, expected);
  }
}

function transactionsOf(block: XmlElement): XmlElement[] {
  return children(block, 'CdtTrfTxInf');
}

function isDecimal(text: string): boolean {
  return valueFault({ base: 'decimal', fractionDigits: SCALE, minInclusive: 0 }, text) === undefined;
}

/** An XML Schema decimal the way amounts are written elsewhere: `+.5` becomes `0.5`, `007.` becomes `7`. */
export function plainDecimal(text: string): string {
  const [, sign = '', whole = '', fraction = ''] = /^([+-]?)0*(\d*)\.?(\d*)$/.exec(xmlCollapsed(text)) ?? [];
  const negative = sign === '-' && /[1-9]/.test(whole + fraction);
  return `${negative ? '-' : ''}${whole || '0'}${fraction && `.${fraction}`}`;
}

const SCALE = 17;

function scaled(text: string): bigint {
  const [whole = '', fraction = ''] = plainDecimal(text).split('.');
  return BigInt(whole + fraction.slice(0, SCALE).padEnd(SCALE, '0'));
}

function unscaled(value: bigint): string {
  const digits = value.toString().padStart(SCALE + 1, '0');
  const fraction = digits.slice(-SCALE).replace(/0+$/, '');
  return `${digits.slice(0, -SCALE)}${fraction && `.${fraction}`}`;
}
