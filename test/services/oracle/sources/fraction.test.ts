import { expect } from 'chai';
import fc from 'fast-check';
import { divide, parseDecimal, toUnits } from '../../../../services/oracle/domains/sources/fraction.ts';

const units = (text: string, decimals: number) => {
  const number = parseDecimal(text);
  return number && toUnits(number, decimals);
};

describe('oracle sources: exact numbers', () => {
  it('rounds to the nearest, halfway away from zero', () => {
    expect(
      ['0.5', '-0.5', '1.49', '-1.49', '2.5', '1e1', '15e-1'].map((text) => units(text, 0)),
    ).to.deep.equal([1n, -1n, 1n, -1n, 3n, 10n, 2n]);
  });

  it('takes no sign of plus, no spaces, no infinity, nothing longer than 40 digits', () => {
    for (const text of [
      '',
      '+1',
      ' 1',
      '1 ',
      '.5',
      '1.',
      'Infinity',
      'NaN',
      '0x1',
      '1e999',
      '9'.repeat(41),
      '１',
    ])
      expect(parseDecimal(text), text).to.equal(undefined);
  });

  it('gives back what was written, whatever it is', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(9), (value, decimals) => {
        const sign = value < 0n ? '-' : '';
        const digits = String(value < 0n ? -value : value).padStart(decimals + 1, '0');
        const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
        expect(units(sign + text, decimals)).to.equal(value);
      }),
    );
  });

  it('divides within half a unit of the true quotient', () => {
    const above = fc.bigInt({ min: 1n, max: 10n ** 12n });
    fc.assert(
      fc.property(above, above, (a, b) => {
        const quotient = toUnits(
          divide({ numerator: a, denominator: 1n }, { numerator: b, denominator: 1n }),
          8,
        );
        const error = 2n * (quotient * b - a * 10n ** 8n);
        expect(error <= b && -error <= b).to.equal(true);
      }),
    );
  });
});
