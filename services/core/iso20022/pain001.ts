import { currencyDigits } from '../currency.ts';
import { type InputError, MAX_INPUT_ERRORS, type Parsed } from '../inputError.ts';
import { formatMoney, parseMoney } from '../money.ts';
import {
  type Account,
  type CreditorAccountScheme,
  type DebtorAccountScheme,
  isInstructionPriority,
  type PaymentInstruction,
  rejectionsOf,
} from '../paymentInstruction.ts';
import type { CreditTransferFile, PaymentInformation } from './creditTransferFile.ts';
import { isWallet, pain001MessageErrors, plainDecimal } from './pain001Rules.ts';
import { validateMessage } from './validate.ts';
import { xmlCollapsed } from './value.ts';
import { child, children, readXml, type XmlElement, XmlRefused } from './xml.ts';

/** A year may have any number of digits by the schema; such a date is cut, and rejected with DT01. */
const LONGEST_DATE = 40;

export const PAIN_001 = 'pain.001.001.09';

/**
 * Reads a payment file (CustomerCreditTransferInitiationV09). It is refused whole, with every error at once, when it
 * is no XML that Corridor takes, breaks the schema's rules, or breaks the message's own rules (counts, control sums,
 * currency digits, BICs, countries, parts that Corridor does not carry out). What only one payment does wrong (IBAN
 * checksum, zero amount, currency without a corridor) stands in that instruction's `rejections`.
 */
export function parsePain001(source: string | Uint8Array): Parsed<CreditTransferFile> {
  let root: XmlElement;
  try {
    root = readXml(source);
  } catch (error) {
    if (error instanceof XmlRefused) return { ok: false, errors: [error.error] };
    throw error;
  }
  const errors = pain001Errors(root);
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: creditTransferFile(root) };
}

/** The faults against the schema and the message's own rules, in the order of the document, at most 100. */
function pain001Errors(root: XmlElement): InputError[] {
  const schemaErrors = validateMessage(PAIN_001, root);
  if (schemaErrors.some(({ code }) => code === 'message_unknown')) return schemaErrors;
  return [...schemaErrors, ...pain001MessageErrors(root)]
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
    .slice(0, MAX_INPUT_ERRORS);
}

function creditTransferFile(root: XmlElement): CreditTransferFile {
  const message = required(root, 'CstmrCdtTrfInitn');
  const header = required(message, 'GrpHdr');
  const paymentInformations = numbered(message, 'PmtInf', '/Document/CstmrCdtTrfInitn').map(
    paymentInformation,
  );
  return {
    messageId: required(header, 'MsgId').text,
    createdAt: xmlCollapsed(required(header, 'CreDtTm').text),
    ...optional('initiatingPartyName', child(header, 'InitgPty', 'Nm')?.text),
    numberOfTransactions: paymentInformations.reduce((sum, { instructions }) => sum + instructions.length, 0),
    ...optional('controlSum', decimalOf(child(header, 'CtrlSum'))),
    paymentInformations,
  };
}

/** The children of one name with their XPaths. */
function numbered(parent: XmlElement, name: string, path: string): [XmlElement, string][] {
  const found = children(parent, name);
  return found.map((element, at) => [element, `${path}/${name}${found.length > 1 ? `[${at + 1}]` : ''}`]);
}

function paymentInformation([block, path]: [XmlElement, string]): PaymentInformation {
  const paymentInformationId = required(block, 'PmtInfId').text;
  const date = xmlCollapsed(
    (child(block, 'ReqdExctnDt', 'Dt') ?? required(block, 'ReqdExctnDt', 'DtTm')).text,
  )
    .replace(/^(\d{4}-\d\d-\d\d).*$/, '$1')
    .slice(0, LONGEST_DATE);
  const debtorName = child(block, 'Dbtr', 'Nm')?.text;
  const debtorAccount = debtorAccountOf(required(block, 'DbtrAcct'));
  const instructions = numbered(block, 'CdtTrfTxInf', path).map(
    ([transaction, xpath]): PaymentInstruction => {
      const content = {
        endToEndId: required(transaction, 'PmtId', 'EndToEndId').text,
        ...optional('instructionId', child(transaction, 'PmtId', 'InstrId')?.text),
        ...optional('uetr', child(transaction, 'PmtId', 'UETR')?.text),
        paymentInformationId,
        amount: amountOf(required(transaction, 'Amt', 'InstdAmt')),
        ...optional('debtorName', debtorName),
        debtorAccount,
        creditor: {
          name: required(transaction, 'Cdtr', 'Nm').text,
          account: creditorAccountOf(required(transaction, 'CdtrAcct')),
        },
        ...optional('remittanceInformation', remittanceInformationOf(child(transaction, 'RmtInf'))),
        requestedExecutionDate: date,
        ...priorityOf(transaction, block),
      };
      const place = { format: 'pain.001', xpath, line: transaction.line } as const;
      return { ...content, place, rejections: rejectionsOf(content) };
    },
  );
  return {
    paymentInformationId,
    ...optional('controlSum', decimalOf(child(block, 'CtrlSum'))),
    instructions,
  };
}

/** A payment's own priority, else that of its block. */
function priorityOf(
  transaction: XmlElement,
  block: XmlElement,
): Pick<PaymentInstruction, 'instructionPriority'> {
  const { text = '' } =
    child(transaction, 'PmtTpInf', 'InstrPrty') ?? child(block, 'PmtTpInf', 'InstrPrty') ?? {};
  return isInstructionPriority(text) ? { instructionPriority: text } : {};
}

function amountOf(element: XmlElement): { currency: string; value: string } {
  const currency = element.attributes.find(({ name }) => name === 'Ccy')?.value ?? '';
  if (currencyDigits(currency) === undefined) throw new Error(`${currency} passed the rules`);
  return { currency, value: formatMoney(parseMoney(currency, plainDecimal(element.text))) };
}

function creditorAccountOf(account: XmlElement): Account<CreditorAccountScheme> {
  const iban = child(account, 'Id', 'IBAN');
  return iban
    ? { scheme: 'IBAN', identification: iban.text }
    : { scheme: 'EVM', identification: required(account, 'Prxy', 'Id').text };
}

function debtorAccountOf(account: XmlElement): Account<DebtorAccountScheme> {
  if (child(account, 'Id', 'IBAN') || isWallet(account)) return creditorAccountOf(account);
  return { scheme: 'OTHER', identification: required(account, 'Id', 'Othr', 'Id').text };
}

/** Free text first, then the creditor references of the structured kind. */
function remittanceInformationOf(element: XmlElement | undefined): string | undefined {
  const words = [
    ...children(element, 'Ustrd').map(({ text }) => text),
    ...children(element, 'Strd').map((structured) => child(structured, 'CdtrRefInf', 'Ref')?.text ?? ''),
  ].filter((text) => text !== '');
  return words.length > 0 ? words.join(' ') : undefined;
}

function decimalOf(element: XmlElement | undefined): string | undefined {
  return element && plainDecimal(element.text);
}

/** The rules have been checked, so what they demand is there. */
function required(element: XmlElement, ...path: string[]): XmlElement {
  const found = child(element, ...path);
  if (found === undefined) throw new Error(`${element.name}/${path.join('/')} passed the rules`);
  return found;
}

function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: string };
}
