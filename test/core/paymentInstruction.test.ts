import { expect } from 'chai';
import { isDate, type PaymentInstruction, rejectionsOf } from '../../services/core/paymentInstruction.ts';
import { reasons } from '../../services/core/reasons.ts';

type Content = Parameters<typeof rejectionsOf>[0];

const good: Content = {
  amount: { currency: 'USD', value: '10.00' },
  debtorAccount: { scheme: 'OTHER', identification: 'acc_1' },
  creditor: { name: 'Supplier', account: { scheme: 'IBAN', identification: 'DE89 3704 0044 0532 0130 00' } },
  requestedExecutionDate: '2026-11-20',
};
const wallet = (identification: string): PaymentInstruction['creditor'] => ({
  name: 'Supplier',
  account: { scheme: 'EVM', identification },
});
const reasonsOf = (change: Partial<Content>) =>
  rejectionsOf({ ...good, ...change }).map(({ reason }) => reason);

describe('a payment instruction', () => {
  it('given nothing wrong, is not rejected', () => {
    expect(reasonsOf({})).to.deep.equal([]);
    expect(reasonsOf({ creditor: wallet('0x90F79bf6EB2c4f870365E785982E1f101E93b906') })).to.deep.equal([]);
  });

  it('is rejected with AC01 for a wrong creditor account number', () => {
    const iban = (identification: string): PaymentInstruction['creditor'] => ({
      name: 'Supplier',
      account: { scheme: 'IBAN', identification },
    });
    for (const creditor of [
      iban('DE88370400440532013000'),
      iban('DE8937040044053201300'),
      iban('QQ89370400440532013000'),
      wallet('0x90f79bf6EB2c4f870365E785982E1f101E93b906'),
      wallet(`0x${'0'.repeat(40)}`),
    ]) {
      expect(reasonsOf({ creditor }), creditor.account.identification).to.deep.equal(['AC01']);
    }
  });

  it('is rejected with AC02 for a wrong debtor account number', () => {
    const debtorAccount = { scheme: 'IBAN', identification: 'DE88370400440532013000' } as const;
    expect(reasonsOf({ debtorAccount })).to.deep.equal(['AC02']);
  });

  it('is rejected with AM01 for a zero amount, AM03 without a corridor, DT01 without such a day', () => {
    expect(reasonsOf({ amount: { currency: 'USD', value: '0.00' } })).to.deep.equal(['AM01']);
    expect(reasonsOf({ amount: { currency: 'GBP', value: '1.00' } })).to.deep.equal(['AM03']);
    expect(reasonsOf({ requestedExecutionDate: '2026-02-29' })).to.deep.equal(['DT01']);
  });

  it('is told every reason at once', () => {
    const amount = { currency: 'GBP', value: '0' };
    expect(reasonsOf({ amount, creditor: wallet('0x') })).to.deep.equal(['AC01', 'AM01', 'AM03']);
  });

  it('knows the days of the calendar', () => {
    const days = [
      '2024-02-29',
      '2026-12-31',
      '2026-02-29',
      '2026-13-01',
      '2026-1-1',
      '20261120',
      '',
      '2026-11-20Z',
      '0000-01-01',
    ];
    expect(days.map(isDate)).to.deep.equal([true, true, ...Array(7).fill(false)]);
  });
});

describe('reasons', () => {
  it('are told in English and in Chinese', () => {
    for (const [code, { en, zh }] of Object.entries(reasons)) {
      expect(code).to.match(/^[A-Z]{2}\d{2}$|^CUST$/);
      expect(en).to.match(/^[A-Z].*\.$/);
      expect(zh).to.match(/[\u4e00-\u9fff].*。$/);
    }
  });
});
