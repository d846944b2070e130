import { expect } from 'chai';
import type { AccountStatement, StatementEntry } from '../../../services/core/iso20022/accountStatement.ts';
import { StatementUnbalanced, writeCamt053 } from '../../../services/core/iso20022/camt053.ts';
import { MessageInvalid } from '../../../services/core/iso20022/write.ts';
import { child, children, readXml } from '../../../services/core/iso20022/xml.ts';
import { type Money, parseMoney } from '../../../services/core/money.ts';

const usd = (value: string): Money => parseMoney('USD', value);
const hash = `0x${'cd'.repeat(32)}`;
const payment: StatementEntry = {
  reference: '1',
  direction: 'debit',
  amount: usd('30.00'),
  bookingDate: '2026-11-20',
  valueDate: '2026-11-20',
  kind: 'payment',
  endToEndId: 'INV-7',
  paymentId: `pay_${'1'.repeat(32)}`,
  debtorName: 'Buyer & Co.',
  creditorName: 'Seller',
  creditorAccount: { scheme: 'EVM', identification: '0x90F79bf6EB2c4f870365E785982E1f101E93b906' },
  remittanceInformation: `Invoice 7 ${'z'.repeat(200)}`,
  transactionHash: hash,
  blockNumber: 42n,
};
const funding: StatementEntry = {
  reference: '2',
  direction: 'credit',
  amount: usd('100.00'),
  bookingDate: '2026-11-20',
  valueDate: '2026-11-20',
  kind: 'funding',
};
const statement: AccountStatement = {
  messageId: 'STATEMENT-1',
  createdAt: '2026-11-21T00:00:05Z',
  statementId: 'USD-20261120',
  sequenceNumber: 1,
  date: '2026-11-20',
  account: { id: `acc_${'2'.repeat(32)}`, currency: 'USD', name: 'Treasury USD', ownerName: 'Buyer & Co.' },
  openingBalance: usd('5.00'),
  closingBalance: usd('75.00'),
  entries: [payment, funding],
};
const bodyOf = (xml: string) => child(readXml(xml), 'BkToCstmrStmt', 'Stmt');
const texts = (xml: string, ...path: string[]) =>
  children(bodyOf(xml), path[0] ?? '').map((one) => child(one, ...path.slice(1))?.text);

describe('camt.053.001.08', () => {
  it('leads from the opening to the closing balance', () => {
    const xml = writeCamt053(statement);
    expect(texts(xml, 'Bal', 'Tp', 'CdOrPrtry', 'Cd')).to.deep.equal(['OPBD', 'CLBD']);
    expect(texts(xml, 'Bal', 'Amt')).to.deep.equal(['5.00', '75.00']);
    expect(texts(xml, 'Bal', 'CdtDbtInd')).to.deep.equal(['CRDT', 'CRDT']);
    expect(child(bodyOf(xml), 'Acct', 'Id', 'Othr', 'Id')?.text).to.equal('2'.repeat(32));
    const summary = child(bodyOf(xml), 'TxsSummry')?.children.map((sum) =>
      sum.children.map(({ text }) => text),
    );
    expect(summary).to.deep.equal([
      ['2', '130.00'],
      ['1', '100.00'],
      ['1', '30.00'],
    ]);
  });

  it('says from when to when, without an hour 24, which many readers refuse', () => {
    const xml = writeCamt053(statement);
    expect(xml).to.include('<FrDtTm>2026-11-20T00:00:00Z</FrDtTm>');
    expect(xml).to.include('<ToDtTm>2026-11-20T23:59:59Z</ToDtTm>');
  });

  it('shows an overdrawn balance as a debit', () => {
    const closingBalance = { currency: 'USD', units: -25_000_000n };
    const xml = writeCamt053({ ...statement, entries: [payment], closingBalance });
    expect(texts(xml, 'Bal', 'Amt')).to.deep.equal(['5.00', '25.00']);
    expect(texts(xml, 'Bal', 'CdtDbtInd')).to.deep.equal(['CRDT', 'DBIT']);
  });

  it('gives every entry its references, parties, words and settling transaction', () => {
    const entry = child(bodyOf(writeCamt053(statement)), 'Ntry');
    expect(child(entry, 'NtryRef')?.text).to.equal('1');
    expect(child(entry, 'Amt')?.attributes).to.deep.equal([{ namespace: '', name: 'Ccy', value: 'USD' }]);
    expect(child(entry, 'CdtDbtInd')?.text).to.equal('DBIT');
    expect(child(entry, 'Sts', 'Cd')?.text).to.equal('BOOK');
    expect(child(entry, 'BookgDt', 'Dt')?.text).to.equal('2026-11-20');
    expect(child(entry, 'BkTxCd', 'Domn', 'Fmly', 'SubFmlyCd')?.text).to.equal('XBCT');
    const details = child(entry, 'NtryDtls', 'TxDtls');
    expect(child(details, 'Refs', 'EndToEndId')?.text).to.equal('INV-7');
    expect(child(details, 'Refs', 'TxId')?.text).to.equal('1'.repeat(32));
    expect(child(details, 'RltdPties', 'Dbtr', 'Pty', 'Nm')?.text).to.equal('Buyer & Co.');
    expect(child(details, 'RltdPties', 'CdtrAcct', 'Prxy', 'Id')?.text).to.equal(
      payment.creditorAccount?.identification,
    );
    expect(
      children(child(details, 'RmtInf'), 'Ustrd')
        .map(({ text }) => text)
        .join(''),
    ).to.equal(payment.remittanceInformation);
    expect(child(details, 'AddtlTxInf')?.text).to.equal(`Transaction ${hash} in block 42`);
  });

  it('tells payment, funding and return apart by their bank transaction code', () => {
    const returned: StatementEntry = { ...payment, kind: 'return', direction: 'credit', reference: '3' };
    const xml = writeCamt053({
      ...statement,
      entries: [payment, funding, returned],
      closingBalance: usd('105.00'),
    });
    const codes = children(bodyOf(xml), 'Ntry').map((entry) =>
      child(entry, 'BkTxCd', 'Domn', 'Fmly')
        ?.children.map(({ text }) => text)
        .join(' '),
    );
    expect(codes).to.deep.equal(['ICDT XBCT', 'RCDT XBCT', 'ICDT RRTN']);
  });

  it('is written for a day without entries', () => {
    const xml = writeCamt053({ ...statement, entries: [], closingBalance: usd('5.00') });
    expect(children(bodyOf(xml), 'Ntry')).to.have.length(0);
  });

  it('is not written when the entries do not lead to the closing balance', () => {
    expect(() => writeCamt053({ ...statement, closingBalance: usd('75.01') })).to.throw(StatementUnbalanced);
  });

  it('is not written when an amount has more digits than the message holds', () => {
    const dust = { currency: 'USD', units: 1n };
    expect(() =>
      writeCamt053({ ...statement, entries: [], openingBalance: dust, closingBalance: dust }),
    ).to.throw(MessageInvalid);
  });
});
