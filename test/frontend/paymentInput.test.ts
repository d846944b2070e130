import { expect } from 'chai';
import fc from 'fast-check';
import {
  checkRecipient,
  decodeReference,
  encodeReference,
  referenceBytesLeft,
} from '../../frontend/src/features/payments/paymentInput.ts';
import { checkAmount } from '../../frontend/src/lib/amountInput.ts';

const own = '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc';
const coin = '0x5FbDB2315678afecb367f032d93F642f64180aa3';
const other = '0x976EA74026E726554dB657fA54763abd0C3a0aa9';
const context = { own, contracts: [coin] } as const;

describe('payment form: recipient', () => {
  const check = (text: string) => checkRecipient(text, { own, contracts: [...context.contracts] });

  for (const [what, text] of [
    ['with its checksum', other],
    ['in small letters', other.toLowerCase()],
    ['with spaces around', `  ${other}\n`],
  ] as const) {
    it(`takes an address ${what}`, () => {
      expect(check(text)).to.deep.equal({ value: other });
    });
  }

  for (const [fault, text] of [
    ['recipientMissing', '   '],
    ['recipientInvalid', '0x12'],
    ['recipientInvalid', 'ada.eth'],
    ['recipientChecksum', other.replace('aa9', 'Aa9')],
    ['recipientZero', `0x${'0'.repeat(40)}`],
    ['recipientSelf', own.toLowerCase()],
    ['recipientToken', coin],
  ] as const) {
    it(`refuses ${JSON.stringify(text)}: ${fault}`, () => {
      expect(check(text)).to.deep.equal({ fault });
    });
  }
});

describe('payment form: amount', () => {
  for (const [text, result] of [
    ['125.50', { value: 125_500_000n }],
    [' 1 ', { value: 1_000_000n }],
    ['1000', { value: 1_000_000_000n }],
    ['', { fault: 'amountMissing' }],
    ['1,5', { fault: 'amountMalformed' }],
    ['-1', { fault: 'amountMalformed' }],
    ['1e3', { fault: 'amountMalformed' }],
    ['1.005', { fault: 'amountDigits' }],
    ['0.00', { fault: 'amountZero' }],
    ['1000.01', { fault: 'amountTooHigh' }],
  ] as const) {
    it(`reads ${JSON.stringify(text)} as ${Object.values(result)}`, () => {
      expect(checkAmount(text, 'USD', 1_000_000_000n)).to.deep.equal(result);
    });
  }
});

describe('payment form: reference', () => {
  it('comes back from the chain as it was written', () => {
    const readable = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 32 })
      .map((text) => text.trim())
      .filter((text) => /^[^\p{C}\ufffd]+$/u.test(text) && referenceBytesLeft(text) >= 0);
    fc.assert(fc.property(readable, (text) => decodeReference(encodeReference(text)) === text));
  });

  it('counts bytes, of which a Chinese character takes three', () => {
    expect(referenceBytesLeft('发票 INV-7')).to.equal(32 - 12);
    expect(referenceBytesLeft('发'.repeat(11))).to.equal(-1);
  });

  it('is nothing when it is empty, and hex when it is no text', () => {
    expect(decodeReference(encodeReference(' '))).to.equal(undefined);
    const bytes = `0x${'ff'.repeat(32)}` as const;
    expect(decodeReference(bytes)).to.equal(bytes);
  });
});
