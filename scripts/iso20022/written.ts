/** Messages that Corridor itself writes, from many inputs, and its example. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import type { AccountStatement } from '../../services/core/iso20022/accountStatement.ts';
import { writeCamt053 } from '../../services/core/iso20022/camt053.ts';
import { groupStatusOf, writePain002 } from '../../services/core/iso20022/pain002.ts';
import type { MessageName } from '../../services/core/iso20022/rules.ts';
import type { StatusReport } from '../../services/core/iso20022/statusReport.ts';
import { type ReasonCode, reasons } from '../../services/core/reasons.ts';
import { isXmlText } from '../../services/core/xmlText.ts';

const RUNS = 300;
const EXAMPLE = resolve(import.meta.dirname, '../../examples/supplier-payments.xml');

export function* writtenMessages(message: MessageName): Generator<{ xml: string; what: string }> {
  if (message === 'pain.001.001.09') {
    yield { xml: readFileSync(EXAMPLE, 'utf8'), what: 'examples/supplier-payments.xml' };
  } else if (message === 'pain.002.001.10') {
    for (const report of fc.sample(statusReports, { numRuns: RUNS, seed: 2 })) {
      yield { xml: writePain002(report), what: `status report ${JSON.stringify(report)}` };
    }
  } else {
    for (const statement of fc.sample(accountStatements, { numRuns: RUNS, seed: 53 })) {
      yield { xml: writeCamt053(statement), what: `statement ${statement.statementId}` };
    }
  }
}

const text = (maxLength: number) =>
  fc
    .string({ unit: 'binary', minLength: 1, maxLength })
    .filter((value) => isXmlText(value) && [...value].length <= maxLength);
const id = (prefix: string) =>
  fc
    .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 32 })
    .map((hex) => prefix + hex);
const hash = fc
  .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 })
  .map((hex) => `0x${hex}`);
const time = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((value) => value.toISOString());
const day = time.map((value) => value.slice(0, 10));
const some = <T extends object>(model: { [K in keyof T]-?: fc.Arbitrary<T[K]> }, requiredKeys: (keyof T)[]) =>
  fc.record(model, { requiredKeys }) as unknown as fc.Arbitrary<T>;

const transaction = some<StatusReport['paymentInformations'][number]['transactions'][number]>(
  {
    endToEndId: text(35),
    instructionId: text(35),
    uetr: fc.uuid({ version: 4 }),
    status: fc.constantFrom('ACTC', 'ACSP', 'ACSC', 'RJCT', 'CANC'),
    reason: some({ code: fc.constantFrom(...(Object.keys(reasons) as ReasonCode[])), detail: text(400) }, [
      'code',
    ]),
    acceptedAt: time,
    paymentId: id('pay_'),
    amount: fc.constantFrom(
      { currency: 'USD', value: '125.50' },
      { currency: 'CNY', value: '999999999999.99' },
    ),
    requestedExecutionDate: day,
    transactionHash: hash,
  },
  ['endToEndId', 'status', 'amount'],
);

const statusReports: fc.Arbitrary<StatusReport> = fc
  .record({
    messageId: text(35),
    createdAt: time,
    original: some<StatusReport['original']>(
      {
        messageId: text(35),
        messageName: fc.constantFrom('pain.001.001.09', 'text/csv'),
        createdAt: time,
        numberOfTransactions: fc.nat(),
        controlSum: fc.constantFrom('0', '12.5', '99999.99'),
      },
      ['messageId', 'messageName'],
    ),
    paymentInformations: fc.array(
      fc.record({ paymentInformationId: text(35), transactions: fc.array(transaction, { maxLength: 4 }) }),
      { maxLength: 3 },
    ),
  })
  .map((report) => ({
    ...report,
    groupStatus: groupStatusOf(
      report.paymentInformations.flatMap(({ transactions }) => transactions.map(({ status }) => status)),
    ),
  }));

const account = fc.oneof(
  fc.record({ scheme: fc.constant('IBAN' as const), identification: fc.constant('DE89370400440532013000') }),
  fc.record({ scheme: fc.constant('EVM' as const), identification: hash.map((value) => value.slice(0, 42)) }),
  fc.record({ scheme: fc.constant('OTHER' as const), identification: text(34) }),
);

const entry = some<AccountStatement['entries'][number]>(
  {
    reference: text(35),
    direction: fc.constantFrom('credit', 'debit'),
    amount: fc.bigInt({ min: 0n, max: 10n ** 15n }).map((cents) => ({ currency: 'EUR', units: cents * 10n })),
    bookingDate: day,
    valueDate: day,
    kind: fc.constantFrom('payment', 'funding', 'return'),
    endToEndId: text(35),
    instructionId: text(35),
    uetr: fc.uuid({ version: 4 }),
    paymentId: id('pay_'),
    debtorName: text(140),
    creditorName: text(140),
    debtorAccount: account,
    creditorAccount: account,
    remittanceInformation: text(600),
    transactionHash: hash,
    blockNumber: fc.bigInt({ min: 0n, max: 2n ** 64n }),
  },
  ['reference', 'direction', 'amount', 'bookingDate', 'valueDate', 'kind'],
);

const accountStatements: fc.Arbitrary<AccountStatement> = fc
  .record({
    messageId: text(35),
    createdAt: time,
    statementId: text(35),
    sequenceNumber: fc.nat(),
    date: day,
    account: some<AccountStatement['account']>(
      { id: id('acc_'), currency: fc.constant('EUR'), name: text(70), ownerName: text(140) },
      ['id', 'currency'],
    ),
    opening: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
    entries: fc.array(entry, { maxLength: 5 }),
  })
  .map(({ opening, ...statement }) => {
    const moved = statement.entries.reduce(
      (sum, { direction, amount }) => sum + (direction === 'credit' ? amount.units : -amount.units),
      0n,
    );
    return {
      ...statement,
      openingBalance: { currency: 'EUR', units: opening * 10n },
      closingBalance: { currency: 'EUR', units: opening * 10n + moved },
    };
  });
