import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { CsvMalformed, readCsv } from '../../services/core/csv.ts';
import { csvColumns, parsePaymentCsv } from '../../services/core/paymentCsv.ts';

const header = 'endToEndId,amount,currency,creditorName,creditorAccountScheme,creditorAccount';
const row = 'E1,10.50,USD,Supplier,IBAN,DE89370400440532013000';
const read = (text: string | Uint8Array) => {
  const result = parsePaymentCsv(text);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.value;
};
const errorsOf = (text: string | Uint8Array) => {
  const result = parsePaymentCsv(text);
  return result.ok ? [] : result.errors.map(({ code, row: at, column }) => [code, at, column]);
};

describe('a CSV batch', () => {
  it('reads the example', () => {
    const instructions = read(readFileSync('examples/supplier-payments.csv'));
    expect(instructions).to.have.length(5);
    expect(instructions.flatMap(({ rejections }) => rejections)).to.deep.equal([]);
    expect(instructions.map(({ amount }) => amount.currency)).to.deep.equal([
      'USD',
      'USD',
      'EUR',
      'EUR',
      'CNY',
    ]);
  });

  it('takes quotes, commas, line ends and marks as RFC 4180 and spreadsheets write them', () => {
    const [first] = read(
      `\uFEFF${header}\r\nE1,10.5,USD,"Smith, ""Sons""\nLtd",EVM,0x90f79bf6eb2c4f870365e785982e1f101e93b906\r\n`,
    );
    expect(first?.creditor.name).to.equal('Smith, "Sons"\nLtd');
    expect(first?.amount.value).to.equal('10.50');
    expect(first?.place).to.deep.equal({ format: 'csv', row: 2 });
  });

  it('takes columns in any order and leaves out the optional ones', () => {
    const columns = [...header.split(',')].reverse();
    const [first] = read(`${columns.join(',')},debtorAccount\n${row.split(',').reverse().join(',')},acc_7\n`);
    expect(first?.debtorAccount).to.deep.equal({ scheme: 'OTHER', identification: 'acc_7' });
    expect(first).to.not.have.property('requestedExecutionDate');
  });

  it('leaves blank rows out, and still counts them', () => {
    const instructions = read(`${header}\n${row}\n\n${row}\n`);
    expect(instructions.map(({ place }) => place)).to.deep.equal([
      { format: 'csv', row: 2 },
      { format: 'csv', row: 4 },
    ]);
  });

  it('tells every error of every row, each with its row and column', () => {
    const text = `${header},requestedExecutionDate
E1,1.005,USD,,IBAN,DE89370400440532013000,2026-11-20
${'x'.repeat(36)},1,USX,A,BBAN,1,2026-02-30
E3,1,USD,A,IBAN
E4,one,USD,A\u0007,IBAN,DE89370400440532013000,
E5,one,USX,A,IBAN,DE89370400440532013000,30.11.2026
`;
    expect(errorsOf(text)).to.deep.equal([
      ['value_missing', 2, 'creditorName'],
      ['amount_too_many_digits', 2, 'amount'],
      ['value_length', 3, 'endToEndId'],
      ['currency_unknown', 3, 'currency'],
      ['value_not_listed', 3, 'creditorAccountScheme'],
      ['csv_fields', 4, undefined],
      ['value_character', 5, 'creditorName'],
      ['amount_malformed', 5, 'amount'],
      ['currency_unknown', 6, 'currency'],
      ['amount_malformed', 6, 'amount'],
      ['value_form', 6, 'requestedExecutionDate'],
    ]);
  });

  it('stops telling at one hundred', () => {
    expect(errorsOf(`${header}\n${'E1,x,USD,A,IBAN,1\n'.repeat(300)}`)).to.have.length(100);
  });

  it('leaves a wrong checksum, and a date that is no day, to their payment', () => {
    const [first, second] = read(
      `${header},requestedExecutionDate\n${row.replace('DE89', 'DE88')},2027-02-31\n${row},\n`,
    );
    expect(first?.rejections.map(({ reason }) => reason)).to.deep.equal(['AC01', 'DT01']);
    expect(second?.rejections).to.deep.equal([]);
  });

  it('reads the priority of a payment, and refuses one that is none', () => {
    const priorities = read(`${header},instructionPriority\n${row},HIGH\n${row},NORM\n${row},\n`);
    expect(priorities.map(({ instructionPriority }) => instructionPriority)).to.deep.equal([
      'HIGH',
      'NORM',
      undefined,
    ]);
    expect(errorsOf(`${header},instructionPriority\n${row},SOON\n`)).to.deep.equal([
      ['value_not_listed', 2, 'instructionPriority'],
    ]);
  });

  it('refuses a header that lacks, repeats or invents columns', () => {
    expect(errorsOf('')).to.deep.include(['csv_header', 1, 'endToEndId']);
    expect(errorsOf(`${header},amount\n`)).to.deep.equal([['csv_header', 1, 'amount']]);
    expect(errorsOf(`${header},colour\n`)).to.deep.equal([['csv_header', 1, 'colour']]);
    expect(errorsOf(`${header},__proto__\n`)).to.deep.equal([['csv_header', 1, '__proto__']]);
  });

  it('refuses an empty batch, broken quotes, other encodings and too much', () => {
    expect(errorsOf(`${header}\n`)).to.deep.equal([['csv_empty', 2, undefined]]);
    expect(errorsOf(`${header}\n"E1,1\n`)).to.deep.equal([['csv_malformed', 2, undefined]]);
    expect(errorsOf(new Uint8Array([0xff, 0xfe, 0x41]))).to.deep.equal([
      ['csv_encoding', undefined, undefined],
    ]);
    expect(errorsOf(new Uint8Array(11 * 1024 * 1024))).to.deep.equal([
      ['csv_too_large', undefined, undefined],
    ]);
  });

  it('keeps a cell that a spreadsheet would take for a formula as the text it is', () => {
    const [first] = read(`${header}\n${row.replace('Supplier', '"=HYPERLINK(""x"")"')}\n`);
    expect(first?.creditor.name).to.equal('=HYPERLINK("x")');
  });

  it('never throws, whatever the text', () => {
    const piece = fc.constantFrom(
      ...Object.keys(csvColumns),
      ',',
      '\n',
      '\r',
      '"',
      '""',
      '1.5',
      'USD',
      'IBAN',
      ';',
      '\0',
      'é',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.boolean(), (pieces, withHeader) => {
        const result = parsePaymentCsv((withHeader ? `${header}\n` : '') + pieces.join(''));
        expect(result.ok || result.errors.length > 0).to.equal(true);
      }),
    );
  });
});

describe('CSV', () => {
  const rowsOf = (text: string) => [...readCsv(text)];

  it('reads back every table that is written as RFC 4180 says', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' ', 'é') });
    const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), fc.boolean(), (rows, lineEnd, ended) => {
        const written = rows.map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(','));
        expect(rowsOf(written.join(lineEnd) + (ended ? lineEnd : ''))).to.deep.equal(rows);
      }),
    );
  });

  it('refuses quotes and line ends where they cannot stand, and says in which row', () => {
    const text = 'a,b\n';
    for (const wrong of ['a"b', '"a"b', '"a" ,b', '"a', 'a\rb', 'a\r', `${','.repeat(100)}`]) {
      expect(() => rowsOf(text + wrong), JSON.stringify(wrong))
        .to.throw(CsvMalformed)
        .with.property('row', 2);
    }
  });

  it('takes a file of nothing but line ends in its stride', () => {
    expect(parsePaymentCsv('\n'.repeat(10_000_000)).ok).to.equal(false);
    expect(errorsOf(`${header}${'\n'.repeat(5_000_000)}`)).to.deep.equal([['csv_empty', 2, undefined]]);
  });
});
