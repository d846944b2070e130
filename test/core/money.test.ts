import { expect } from 'chai';
import fc from 'fast-check';
import { currencyDigits, hasCorridor } from '../../services/core/currency.ts';
import { addMoney, formatMoney, MoneyError, parseMoney } from '../../services/core/money.ts';

const refusal = (currency: string, value: string): string => {
  try {
    parseMoney(currency, value);
  } catch (error) {
    if (error instanceof MoneyError) return error.code;
    throw error;
  }
  return 'accepted';
};

describe('money', () => {
  it('counts millionths of the currency, whatever digits the currency has', () => {
    expect(parseMoney('USD', '125.50').units).to.equal(125_500_000n);
    expect(parseMoney('USD', '125.5').units).to.equal(125_500_000n);
    expect(parseMoney('JPY', '7').units).to.equal(7_000_000n);
    expect(parseMoney('KWD', '0.001').units).to.equal(1_000n);
    expect(parseMoney('CNY', '999999999999999999').units).to.equal(999_999_999_999_999_999_000_000n);
  });

  it('refuses an amount with more digits than its currency, also when they are zeros', () => {
    for (const [currency, value] of [
      ['USD', '1.001'],
      ['USD', '1.000'],
      ['JPY', '1.0'],
      ['KWD', '1.0001'],
    ] as const) {
      expect(refusal(currency, value), `${value} ${currency}`).to.equal('amount_too_many_digits');
    }
  });

  it('refuses what is no plain decimal number', () => {
    for (const value of [
      '',
      '-1',
      '+1',
      '1e3',
      '.5',
      '5.',
      '1,5',
      ' 1',
      '1 ',
      '١',
      '0x10',
      'NaN',
      '1.2.3',
      '1'.repeat(19),
    ]) {
      expect(refusal('USD', value), JSON.stringify(value)).to.equal('amount_malformed');
    }
  });

  it('refuses a currency that ISO 4217 does not have', () => {
    for (const currency of ['XXZ', 'usd', '', 'DEM', 'XAU', 'constructor']) {
      expect(refusal(currency, '1'), currency).to.equal('currency_unknown');
    }
  });

  it('knows the digits of ISO 4217', () => {
    const digits = ['USD', 'EUR', 'CNY', 'GBP', 'JPY', 'KRW', 'CLP', 'KWD', 'BHD', 'CLF'].map(currencyDigits);
    expect(digits).to.deep.equal([2, 2, 2, 2, 0, 0, 0, 3, 3, 4]);
  });

  it('has corridors for dollar, euro and renminbi only', () => {
    expect(['USD', 'EUR', 'CNY', 'GBP', 'toString'].map(hasCorridor)).to.deep.equal([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('writes the digits of the currency, and more only where the units need them', () => {
    expect(formatMoney({ currency: 'USD', units: 125_500_000n })).to.equal('125.50');
    expect(formatMoney({ currency: 'USD', units: -3_000_000n })).to.equal('-3.00');
    expect(formatMoney({ currency: 'USD', units: 1n })).to.equal('0.000001');
    expect(formatMoney({ currency: 'JPY', units: 7_000_000n })).to.equal('7');
  });

  it('reads back every amount that it writes', () => {
    const currency = fc.constantFrom('USD', 'EUR', 'CNY', 'JPY', 'KWD');
    fc.assert(
      fc.property(currency, fc.bigInt({ min: 0n, max: 10n ** 15n }), (code, smallest) => {
        const money = { currency: code, units: smallest * 10n ** BigInt(6 - (currencyDigits(code) ?? 0)) };
        expect(parseMoney(code, formatMoney(money))).to.deep.equal(money);
      }),
    );
  });

  it('adds up one currency only', () => {
    expect(addMoney(parseMoney('USD', '0.10'), parseMoney('USD', '0.20'))).to.deep.equal(
      parseMoney('USD', '0.30'),
    );
    expect(() => addMoney(parseMoney('USD', '1'), parseMoney('EUR', '1'))).to.throw(MoneyError);
  });
});
