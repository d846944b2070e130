import { expect } from 'chai';
import fc from 'fast-check';
import { isBic } from '../../services/core/bic.ts';
import { parseEvmAddress } from '../../services/core/evmAddress.ts';
import { electronicIban, ibanFault } from '../../services/core/iban.ts';

/** The examples that the IBAN registry prints. */
const registryExamples = [
  ...['AE070331234567890123456', 'AT611904300234573201', 'BE68539007547034', 'BR1800360305000010009795493C1'],
  ...[
    'CH9300762011623852957',
    'DE89370400440532013000',
    'ES9121000418450200051332',
    'FR1420041010050500013M02606',
  ],
  ...[
    'GB29NWBK60161331926819',
    'GT82TRAJ01020000001210029690',
    'IT60X0542811101000000123456',
    'KZ86125KZT5004100100',
  ],
  ...[
    'MT84MALT011000012345MTLCAST001S',
    'MU17BOMM0101101030300200000MUR',
    'NL91ABNA0417164300',
    'NO9386011117947',
  ],
  ...[
    'PL61109010140000071219812874',
    'PT50000201231234567890154',
    'SA0380000000608010167519',
    'SE4550000000058398257466',
  ],
  ...['SC18SSCB11010000000000001497USD', 'TR330006100519786457841326', 'LC55HEMM000100010012001200023015'],
];

describe('account numbers', () => {
  describe('IBAN (ISO 13616)', () => {
    it('accepts the examples of the registry', () => {
      for (const iban of registryExamples) expect(ibanFault(iban), iban).to.equal(undefined);
    });

    it('notices every single wrong digit and every two neighbours exchanged', () => {
      fc.assert(
        fc.property(
          fc.constantFrom(...registryExamples),
          fc.nat(),
          fc.integer({ min: 1, max: 9 }),
          (iban, seed, step) => {
            const at = 2 + (seed % (iban.length - 2));
            const digit = iban.charAt(at);
            if (/\d/.test(digit)) {
              const wrong = iban.slice(0, at) + ((Number(digit) + step) % 10) + iban.slice(at + 1);
              expect(ibanFault(wrong), wrong).to.equal('checksum');
            }
            const next = iban.charAt(at + 1);
            if (/\d/.test(digit) && /\d/.test(next) && digit !== next) {
              const wrong = iban.slice(0, at) + next + digit + iban.slice(at + 2);
              expect(ibanFault(wrong), wrong).to.equal('checksum');
            }
          },
        ),
      );
    });

    it('tells a wrong country, a wrong structure and a wrong checksum apart', () => {
      expect(ibanFault('US89370400440532013000')).to.equal('country');
      expect(ibanFault('')).to.equal('country');
      expect(ibanFault('DE8937040044053201300')).to.equal('structure');
      expect(ibanFault('DE8937040044053201300A')).to.equal('structure');
      expect(ibanFault('DEX937040044053201300')).to.equal('structure');
      expect(ibanFault('DE88370400440532013000')).to.equal('checksum');
    });

    it('has exactly one pair of check digits for an account, from 02 to 98', () => {
      const pairs = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'));
      for (let account = 86011117000; account < 86011117200; account += 1) {
        const right = pairs.filter((pair) => ibanFault(`NO${pair}${account}`) === undefined);
        expect(right).to.have.length(1);
        expect(Number(right[0])).to.be.within(2, 98);
      }
    });

    it('is compared without spaces and in capital letters', () => {
      expect(electronicIban('de89 3704 0044 0532 0130 00')).to.equal('DE89370400440532013000');
    });
  });

  describe('BIC (ISO 9362)', () => {
    it('has eight or eleven characters and a country that exists', () => {
      expect(['DEUTDEFF', 'DEUTDEFF500', 'COBADEFFXXX', '1234SGSG'].map(isBic)).to.deep.equal([
        true,
        true,
        true,
        true,
      ]);
      const wrong = [
        'DEUTDEF',
        'DEUTDEFF5',
        'DEUTDEFF50',
        'deutdeff',
        'DEUTQQFF',
        'DEUT1EFF',
        ' DEUTDEFF',
        'DEUTDEFF\n',
      ];
      for (const text of wrong) expect(isBic(text), text).to.equal(false);
    });
  });

  describe('wallet address (EIP-55)', () => {
    const address = '0x90F79bf6EB2c4f870365E785982E1f101E93b906';

    it('is given with its checksum when it carries none', () => {
      expect(parseEvmAddress(address.toLowerCase())).to.equal(address);
      expect(parseEvmAddress(`0x${address.slice(2).toUpperCase()}`)).to.equal(address);
      expect(parseEvmAddress(address)).to.equal(address);
    });

    it('is refused when its mixed case fails the checksum, or it is no address', () => {
      const wrong = [
        address.replace('F79b', 'f79b'),
        address.slice(0, -1),
        `${address}0`,
        address.slice(2),
        '',
        '0x',
        'vitalik.eth',
      ];
      for (const text of wrong) expect(parseEvmAddress(text), text).to.equal(undefined);
    });
  });
});
