import { addMoney, formatMoney, type Money } from '../money.ts';
import type { AccountStatement, StatementEntry } from './accountStatement.ts';
import { accountElement } from './parties.ts';
import { bankReference } from './reference.ts';
import { type MessageWriter, messageWriter, pieces } from './write.ts';
import type { XmlElement } from './xml.ts';

/** RmtInf/Ustrd is a Max140Text. */
const REMITTANCE_LENGTH = 140;

/** Bank transaction code, domain PMNT: issued or received cross-border credit transfer, or one that came back. */
const transactionCodes = {
  payment: { family: 'ICDT', subFamily: 'XBCT' },
  funding: { family: 'RCDT', subFamily: 'XBCT' },
  return: { family: 'ICDT', subFamily: 'RRTN' },
} as const satisfies Record<StatementEntry['kind'], { family: string; subFamily: string }>;

/** The entries of a statement do not lead from its opening to its closing balance. */
export class StatementUnbalanced extends Error {
  override readonly name = 'StatementUnbalanced';
  readonly code = 'statement_unbalanced';
}

/**
 * Writes an account statement of one day (BankToCustomerStatementV08): booked opening and closing balance, the sums,
 * and each entry with its references, parties, remittance information and settling transaction.
 * @throws StatementUnbalanced when opening balance and entries do not give the closing balance.
 * @throws MessageInvalid when a value does not fit the message (amounts hold five digits after the point).
 */
export function writeCamt053(statement: AccountStatement): string {
  const writer = messageWriter('camt.053.001.08');
  const { group, leaf } = writer;
  const { account, date, entries } = statement;
  const { currency } = account;
  const credits = entries.filter(({ direction }) => direction === 'credit');
  const debits = entries.filter(({ direction }) => direction === 'debit');
  const creditSum = sumOf(currency, credits);
  const debitSum = sumOf(currency, debits);
  const net = { currency, units: creditSum.units - debitSum.units };
  const reached = addMoney(statement.openingBalance, net);
  if (addMoney(reached, { currency, units: -statement.closingBalance.units }).units !== 0n) {
    throw new StatementUnbalanced(
      `Opening balance ${formatMoney(statement.openingBalance)} and entries of ${formatMoney(net)} give ` +
        `${formatMoney(reached)} ${currency}, not the closing balance ${formatMoney(statement.closingBalance)}`,
    );
  }
  const totals = (name: string, list: StatementEntry[], sum: Money) =>
    group(name, leaf('NbOfNtries', list.length), leaf('Sum', formatMoney(sum)));

  return writer.document(
    group(
      'BkToCstmrStmt',
      group('GrpHdr', leaf('MsgId', statement.messageId), leaf('CreDtTm', statement.createdAt)),
      group(
        'Stmt',
        leaf('Id', statement.statementId),
        leaf('ElctrncSeqNb', statement.sequenceNumber),
        leaf('CreDtTm', statement.createdAt),
        group('FrToDt', leaf('FrDtTm', `${date}T00:00:00Z`), leaf('ToDtTm', `${date}T23:59:59Z`)),
        group(
          'Acct',
          group('Id', group('Othr', leaf('Id', bankReference(account.id)))),
          leaf('Ccy', currency),
          leaf('Nm', account.name),
          group('Ownr', leaf('Nm', account.ownerName)),
        ),
        balance(writer, 'OPBD', statement.openingBalance, date),
        balance(writer, 'CLBD', statement.closingBalance, date),
        group(
          'TxsSummry',
          totals('TtlNtries', entries, addMoney(creditSum, debitSum)),
          totals('TtlCdtNtries', credits, creditSum),
          totals('TtlDbtNtries', debits, debitSum),
        ),
        entries.map((entry) => entryElement(writer, entry)),
      ),
    ),
  );
}

function balance(writer: MessageWriter, code: 'OPBD' | 'CLBD', money: Money, date: string) {
  const { group, leaf, amount } = writer;
  const size = { currency: money.currency, units: money.units < 0n ? -money.units : money.units };
  return group(
    'Bal',
    group('Tp', group('CdOrPrtry', leaf('Cd', code))),
    amount('Amt', written(size)),
    leaf('CdtDbtInd', money.units < 0n ? 'DBIT' : 'CRDT'),
    group('Dt', leaf('Dt', date)),
  );
}

function entryElement(writer: MessageWriter, entry: StatementEntry): XmlElement | undefined {
  const { group, leaf, amount } = writer;
  const { family, subFamily } = transactionCodes[entry.kind];
  return group(
    'Ntry',
    leaf('NtryRef', entry.reference),
    amount('Amt', written(entry.amount)),
    leaf('CdtDbtInd', entry.direction === 'credit' ? 'CRDT' : 'DBIT'),
    group('Sts', leaf('Cd', 'BOOK')),
    group('BookgDt', leaf('Dt', entry.bookingDate)),
    group('ValDt', leaf('Dt', entry.valueDate)),
    leaf('AcctSvcrRef', entry.paymentId && bankReference(entry.paymentId)),
    group(
      'BkTxCd',
      group('Domn', leaf('Cd', 'PMNT'), group('Fmly', leaf('Cd', family), leaf('SubFmlyCd', subFamily))),
    ),
    group('NtryDtls', transactionDetails(writer, entry)),
  );
}

function transactionDetails(writer: MessageWriter, entry: StatementEntry): XmlElement | undefined {
  const { group, leaf } = writer;
  const party = (name: string, partyName: string | undefined) =>
    group(name, group('Pty', leaf('Nm', partyName)));
  const { transactionHash, blockNumber } = entry;
  const block = blockNumber === undefined ? '' : ` in block ${blockNumber}`;
  return group(
    'TxDtls',
    group(
      'Refs',
      leaf('InstrId', entry.instructionId),
      leaf('EndToEndId', entry.endToEndId),
      leaf('UETR', entry.uetr),
      leaf('TxId', entry.paymentId && bankReference(entry.paymentId)),
    ),
    group(
      'RltdPties',
      party('Dbtr', entry.debtorName),
      accountElement(writer, 'DbtrAcct', entry.debtorAccount),
      party('Cdtr', entry.creditorName),
      accountElement(writer, 'CdtrAcct', entry.creditorAccount),
    ),
    group(
      'RmtInf',
      pieces(entry.remittanceInformation ?? '', REMITTANCE_LENGTH).map((piece) => leaf('Ustrd', piece)),
    ),
    leaf('AddtlTxInf', transactionHash && `Transaction ${transactionHash}${block}`),
  );
}

function sumOf(currency: string, entries: StatementEntry[]): Money {
  return entries.reduce((sum, { amount }) => addMoney(sum, amount), { currency, units: 0n });
}

function written(money: Money): { currency: string; value: string } {
  return { currency: money.currency, value: formatMoney(money) };
}
