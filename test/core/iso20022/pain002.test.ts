import { expect } from 'chai';
import fc from 'fast-check';
import { groupStatusOf, writePain002 } from '../../../services/core/iso20022/pain002.ts';
import type { StatusReport, TransactionReport } from '../../../services/core/iso20022/statusReport.ts';
import { MessageInvalid } from '../../../services/core/iso20022/write.ts';
import { child, children, readXml } from '../../../services/core/iso20022/xml.ts';
import { isXmlText } from '../../../services/core/xmlText.ts';

const hash = `0x${'ab'.repeat(32)}`;
const settled: TransactionReport = {
  endToEndId: 'E1',
  instructionId: 'I1',
  status: 'ACSC',
  paymentId: `pay_${'0'.repeat(32)}`,
  amount: { currency: 'USD', value: '10.05' },
  acceptedAt: '2026-11-20T08:00:00.000Z',
  requestedExecutionDate: '2026-11-20',
  transactionHash: hash,
};
const rejected: TransactionReport = {
  endToEndId: 'E2',
  status: 'RJCT',
  reason: { code: 'AC01', detail: 'x'.repeat(210) },
  amount: { currency: 'GBP', value: '1.00' },
};
const report = (...transactions: TransactionReport[]): StatusReport => ({
  messageId: 'REPORT-1',
  createdAt: '2026-11-20T09:00:00Z',
  original: {
    messageId: 'FILE-1',
    messageName: 'pain.001.001.09',
    numberOfTransactions: 2,
    controlSum: '11.05',
  },
  groupStatus: groupStatusOf(transactions.map(({ status }) => status)),
  paymentInformations: [{ paymentInformationId: 'BLOCK-1', transactions }],
});
const bodyOf = (xml: string) => child(readXml(xml), 'CstmrPmtStsRpt');
const transactionsOf = (xml: string) => children(child(bodyOf(xml), 'OrgnlPmtInfAndSts'), 'TxInfAndSts');

describe('pain.002.001.10', () => {
  it('names the original file, its status and the number of payments in each status', () => {
    const original = child(bodyOf(writePain002(report(settled, rejected))), 'OrgnlGrpInfAndSts');
    expect(child(original, 'OrgnlMsgId')?.text).to.equal('FILE-1');
    expect(child(original, 'OrgnlMsgNmId')?.text).to.equal('pain.001.001.09');
    expect(child(original, 'GrpSts')?.text).to.equal('PART');
    const counts = children(original, 'NbOfTxsPerSts').map((count) => count.children.map(({ text }) => text));
    expect(counts).to.deep.equal([
      ['1', 'ACSC'],
      ['1', 'RJCT'],
    ]);
  });

  it('gives a settled payment its reference without prefix, and the hash of its transaction', () => {
    const [transaction] = transactionsOf(writePain002(report(settled)));
    expect(child(transaction, 'TxSts')?.text).to.equal('ACSC');
    expect(child(transaction, 'AcctSvcrRef')?.text).to.equal('0'.repeat(32));
    expect(child(transaction, 'StsRsnInf', 'AddtlInf')?.text).to.equal(`Transaction ${hash}`);
    expect(child(transaction, 'OrgnlTxRef', 'Amt', 'InstdAmt')?.text).to.equal('10.05');
  });

  it('gives a rejected payment its reason code, and long words in pieces that fit', () => {
    const [transaction] = transactionsOf(writePain002(report(rejected)));
    expect(child(transaction, 'StsRsnInf', 'Rsn', 'Cd')?.text).to.equal('AC01');
    const pieces = children(child(transaction, 'StsRsnInf'), 'AddtlInf').map(({ text }) => text);
    expect(pieces).to.deep.equal(['x'.repeat(105), 'x'.repeat(105)]);
    expect(child(transaction, 'AcctSvcrRef')).to.equal(undefined);
  });

  it('has the group status that its payments add up to', () => {
    expect(groupStatusOf(['ACTC', 'ACTC'])).to.equal('ACTC');
    expect(groupStatusOf(['ACTC', 'ACSP'])).to.equal('ACSP');
    expect(groupStatusOf(['ACSP', 'ACSC'])).to.equal('ACSP');
    expect(groupStatusOf(['ACSC', 'ACSC'])).to.equal('ACSC');
    expect(groupStatusOf(['ACSC', 'RJCT'])).to.equal('PART');
    expect(groupStatusOf(['ACSC', 'CANC'])).to.equal('PART');
    expect(groupStatusOf(['RJCT', 'CANC'])).to.equal('RJCT');
  });

  it('brings every text through unharmed', () => {
    const text = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 35 })
      .filter((value) => isXmlText(value) && [...value].length <= 35);
    fc.assert(
      fc.property(text, (endToEndId) => {
        const [transaction] = transactionsOf(writePain002(report({ ...settled, endToEndId })));
        expect(child(transaction, 'OrgnlEndToEndId')?.text).to.equal(endToEndId);
      }),
    );
    const markup = '</TxInfAndSts>&<!--"\'\r\n]]>';
    const [transaction] = transactionsOf(writePain002(report({ ...settled, endToEndId: markup })));
    expect(child(transaction, 'OrgnlEndToEndId')?.text).to.equal(markup);
  });

  it('is not written with a value that does not fit, and says where', () => {
    const writing = (change: Partial<TransactionReport>) => {
      try {
        return writePain002(report({ ...settled, ...change }));
      } catch (error) {
        if (error instanceof MessageInvalid) return error.errors.map(({ code, xpath }) => `${code} ${xpath}`);
        throw error;
      }
    };
    const place = '/Document/CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts';
    expect(writing({ endToEndId: 'x'.repeat(36) })).to.deep.equal([`value_length ${place}/OrgnlEndToEndId`]);
    expect(writing({ acceptedAt: 'yesterday' })).to.deep.equal([`value_form ${place}/AccptncDtTm`]);
    for (const endToEndId of ['\0', '\u001B', '\uFFFF', '\uD800']) {
      expect(writing({ endToEndId })).to.deep.equal(['character_not_allowed //OrgnlEndToEndId']);
    }
  });
});
