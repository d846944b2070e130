import { expect } from 'chai';
import { parseBankStatements } from '../../../services/core/iso20022/bankStatement.ts';
import { statementXml, type WrittenEntry, type WrittenStatement } from '../../support/bankStatement.ts';

const hash = `0x${'aB'.repeat(32)}`;
const written = (over: Partial<WrittenStatement> = {}) =>
  statementXml({ id: 'S-1', sequence: 7, date: '2026-11-20', opening: 10_000n, entries: [], ...over });
const entriesOf = (...entries: WrittenEntry[]) => {
  const parsed = parseBankStatements(written({ entries }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.value[0]?.entries;
};
const codesOf = (xml: string) => {
  const parsed = parseBankStatements(xml);
  return parsed.ok ? [] : parsed.errors.map(({ code }) => code);
};

describe("a bank's camt.053.001.08", () => {
  it('is read with its account, number, balances and days', () => {
    expect(parseBankStatements(written())).to.deep.equal({
      ok: true,
      value: [
        {
          statementId: 'S-1',
          sequenceNumber: 7,
          account: 'RESERVE-USD',
          currency: 'USD',
          openingUnits: 100_000_000n,
          closingUnits: 100_000_000n,
          firstDate: '2026-11-20',
          lastDate: '2026-11-20',
          entries: [],
        },
      ],
    });
  });

  it('is read with the references of each booked entry; what is pending or nothing does not count', () => {
    const day = { bookingDate: '2026-11-20' };
    expect(
      entriesOf(
        {
          amount: '5.00',
          reference: 'R1',
          endToEndId: 'E1',
          remittance: `mint ${hash}.`,
          valueDate: '2026-11-23',
        },
        { amount: '1.00', status: 'PDNG' },
        { amount: '0.00' },
        { amount: '2.00', direction: 'DBIT', endToEndId: 'NOTPROVIDED', isReversal: true },
      ),
    ).to.deep.equal([
      {
        ...day,
        valueDate: '2026-11-23',
        direction: 'credit',
        units: 5_000_000n,
        reference: 'R1',
        endToEndId: 'E1',
        transactionHash: hash.toLowerCase(),
        isReturn: false,
      },
      { ...day, valueDate: '2026-11-20', direction: 'debit', units: 2_000_000n, isReturn: true },
    ]);
  });

  it('has an entry for each transaction of a batch booking that gives their amounts', () => {
    const detail = (amount: string, id: string, more = '') =>
      `<TxDtls><Refs><EndToEndId>${id}</EndToEndId></Refs><Amt Ccy="USD">${amount}</Amt>${more}</TxDtls>`;
    const returned = '<RtrInf><AddtlInf>closed account</AddtlInf></RtrInf>';
    const batch = { amount: '5.00', reference: 'R1' };
    const read = (details: string) =>
      entriesOf({ ...batch, details })?.map(({ units, endToEndId, reference, isReturn }) => [
        units,
        endToEndId,
        reference,
        isReturn,
      ]);
    expect(read(detail('2.00', 'A') + detail('3.00', 'B', returned))).to.deep.equal([
      [2_000_000n, 'A', undefined, false],
      [3_000_000n, 'B', undefined, true],
    ]);
    expect(read(detail('2.00', 'A') + detail('2.00', 'B')), 'amounts that are not all').to.deep.equal([
      [5_000_000n, undefined, 'R1', false],
    ]);
  });

  for (const [name, xml, code] of [
    [
      'a closing balance that the entries do not lead to',
      written({ closing: 9_999n }),
      'statement_unbalanced',
    ],
    ['no closing balance', written().replace('CLBD', 'ITBD'), 'balance_missing'],
    ['no opening balance', written().replace('OPBD', 'ITBD'), 'balance_missing'],
    [
      'an entry in another currency',
      written({ entries: [{ amount: '5.00' }] }).replace(/<Ntry><Amt Ccy="USD">/, '<Ntry><Amt Ccy="EUR">'),
      'currency_mismatch',
    ],
    ['a last day before its first', written().replace('2026-11-20</Dt>', '2026-11-21</Dt>'), 'date_order'],
    ['parts of a minor unit', written({ entries: [{ amount: '5.001' }] }), 'amount_too_many_digits'],
    ['another message', written().replace('camt.053.001.08', 'camt.053.001.02'), 'message_unknown'],
    [
      'an element that the schema has not got',
      written().replace('<BkToCstmrStmt>', '<BkToCstmrStmt><Zz/>'),
      'element_not_allowed',
    ],
    ['no XML', 'MT940', 'xml_malformed'],
  ] as const)
    it(`is refused for ${name}`, () => {
      expect(codesOf(xml)).to.include(code);
    });
});
