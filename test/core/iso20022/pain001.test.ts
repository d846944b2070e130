import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { CreditTransferFile } from '../../../services/core/iso20022/creditTransferFile.ts';
import { parsePain001 } from '../../../services/core/iso20022/pain001.ts';
import { fileWith, paymentFile } from './paymentFile.ts';

const read = (source: string | Uint8Array): CreditTransferFile => {
  const result = parsePain001(source);
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.value;
};
const errorsOf = (source: string) => {
  const result = parsePain001(source);
  return result.ok ? [] : result.errors.map(({ code, xpath }) => `${code} ${xpath}`);
};
const message = '/Document/CstmrCdtTrfInitn';
const first = `${message}/PmtInf/CdtTrfTxInf[1]`;
const second = `${message}/PmtInf/CdtTrfTxInf[2]`;

describe('pain.001.001.09', () => {
  it('gives each payment as the instruction that JSON and CSV give too', () => {
    const file = read(paymentFile);
    expect(file.messageId).to.equal('FILE-1');
    expect(file.numberOfTransactions).to.equal(2);
    expect(file.paymentInformations.map(({ paymentInformationId }) => paymentInformationId)).to.deep.equal([
      'BLOCK-1',
    ]);
    expect(file.paymentInformations[0]?.instructions).to.deep.equal([
      {
        endToEndId: 'E1',
        instructionId: 'I1',
        paymentInformationId: 'BLOCK-1',
        amount: { currency: 'USD', value: '10.05' },
        debtorName: 'Buyer',
        debtorAccount: { scheme: 'OTHER', identification: '0190' },
        creditor: { name: 'First', account: { scheme: 'IBAN', identification: 'DE89370400440532013000' } },
        remittanceInformation: 'Invoice 1',
        requestedExecutionDate: '2026-11-20',
        place: { format: 'pain.001', xpath: first, line: 20 },
        rejections: [],
      },
      {
        endToEndId: 'E2',
        paymentInformationId: 'BLOCK-1',
        amount: { currency: 'USD', value: '20.50' },
        debtorName: 'Buyer',
        debtorAccount: { scheme: 'OTHER', identification: '0190' },
        creditor: {
          name: 'Second',
          account: { scheme: 'EVM', identification: '0x90F79bf6EB2c4f870365E785982E1f101E93b906' },
        },
        requestedExecutionDate: '2026-11-20',
        place: { format: 'pain.001', xpath: second, line: 27 },
        rejections: [],
      },
    ]);
  });

  it("takes a payment's priority from the payment, else from its block", () => {
    const prioritiesIn = (...changes: Parameters<typeof fileWith>) =>
      read(fileWith(...changes)).paymentInformations.flatMap(({ instructions }) =>
        instructions.map(({ instructionPriority }) => instructionPriority),
      );
    const priority = (text: string) => `<PmtTpInf><InstrPrty>${text}</InstrPrty></PmtTpInf>`;
    const ofBlock: [string, string] = ['<ReqdExctnDt>', `${priority('HIGH')}<ReqdExctnDt>`];
    const ofSecond: [string, string] = [
      '<PmtId><EndToEndId>E2</EndToEndId></PmtId>',
      `<PmtId><EndToEndId>E2</EndToEndId></PmtId>${priority('NORM')}`,
    ];
    expect(prioritiesIn(ofBlock)).to.deep.equal(['HIGH', 'HIGH']);
    expect(prioritiesIn(ofBlock, ofSecond)).to.deep.equal(['HIGH', 'NORM']);
    expect(prioritiesIn(ofSecond)).to.deep.equal([undefined, 'NORM']);
  });

  describe('the example', () => {
    const file = read(readFileSync('examples/supplier-payments.xml'));
    const instructions = file.paymentInformations.flatMap((block) => block.instructions);

    it('is a file of at least 34 payments in two currencies and one without a corridor', () => {
      expect(instructions.length).to.be.at.least(34);
      expect(file.paymentInformations).to.have.length(2);
      expect(new Set(instructions.map(({ amount }) => amount.currency))).to.deep.equal(
        new Set(['USD', 'GBP', 'EUR']),
      );
    });

    it('makes exactly one payment each fail for its checksum and its currency', () => {
      const rejected = instructions.flatMap(({ rejections }) => rejections.map(({ reason }) => reason));
      expect(rejected.toSorted()).to.deep.equal(['AC01', 'AM03']);
    });

    it('pays the frozen supplier once, and gives one EndToEndId twice', () => {
      const frozen = '0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65';
      expect(
        instructions.filter(({ creditor }) => creditor.account.identification === frozen),
      ).to.have.length(1);
      expect(instructions.length - new Set(instructions.map(({ endToEndId }) => endToEndId)).size).to.equal(
        1,
      );
    });

    it('pays only those IBANs that its beneficiaries list, besides the wrong one', () => {
      const listed = JSON.parse(readFileSync('examples/beneficiaries.json', 'utf8')) as {
        iban: string;
        name: string;
      }[];
      const ibans = new Map(listed.map(({ iban, name }) => [iban, name]));
      for (const { creditor, rejections } of instructions) {
        if (creditor.account.scheme === 'EVM' || rejections.some(({ reason }) => reason === 'AC01')) continue;
        expect(ibans.get(creditor.account.identification)).to.equal(creditor.name);
      }
      expect(ibans.size).to.be.at.least(5);
    });
  });

  it('reads the date of an execution time, free text of several lines and structured references', () => {
    const [instruction] = read(
      fileWith(
        ['<Dt>2026-11-20</Dt>', '<DtTm>2026-11-23T01:00:00+08:00</DtTm>'],
        [
          '<Ustrd>Invoice 1</Ustrd>',
          '<Ustrd>A</Ustrd><Ustrd>B</Ustrd><Strd><CdtrRefInf><Ref>RF18</Ref></CdtrRefInf></Strd>',
        ],
      ),
    ).paymentInformations.flatMap(({ instructions }) => instructions);
    expect(instruction?.requestedExecutionDate).to.equal('2026-11-23');
    expect(instruction?.remittanceInformation).to.equal('A B RF18');
  });

  it('reads amounts the ways that XML Schema writes them', () => {
    for (const [written, value] of [
      ['+10.05', '10.05'],
      ['0010.05', '10.05'],
      [' 10.05 ', '10.05'],
    ] as const) {
      const [block] = read(fileWith(['>10.05<', `>${written}<`])).paymentInformations;
      expect(block?.instructions[0]?.amount.value).to.equal(value);
    }
  });

  it('leaves a wrong account number, a zero amount and a missing corridor to their payments', () => {
    const file = read(
      fileWith(
        ['DE89', 'DE88'],
        ['>20.5<', '>0<'],
        ['<CtrlSum>30.55', '<CtrlSum>10.05'],
        ['<CtrlSum>30.55', '<CtrlSum>10.05'],
        ['Ccy="USD">0<', 'Ccy="GBP">0<'],
        ['0x90F79b', '0x90F79B'],
      ),
    );
    const reasons = file.paymentInformations[0]?.instructions.map(({ rejections }) =>
      rejections.map(({ reason }) => reason),
    );
    expect(reasons).to.deep.equal([['AC01'], ['AC01', 'AM01', 'AM03']]);
  });

  describe('is refused whole', () => {
    it('given a count or a control sum that is not what was counted and summed', () => {
      expect(errorsOf(fileWith(['<NbOfTxs>2', '<NbOfTxs>3']))).to.deep.equal([
        `payment_count ${message}/GrpHdr/NbOfTxs`,
      ]);
      expect(errorsOf(fileWith(['<CtrlSum>30.55', '<CtrlSum>30.56']))).to.deep.equal([
        `control_sum ${message}/GrpHdr/CtrlSum`,
      ]);
      expect(
        errorsOf(
          fileWith(['<CtrlSum>30.55</CtrlSum>\n      <ReqdExctnDt>', '<CtrlSum>31</CtrlSum><ReqdExctnDt>']),
        ),
      ).to.deep.equal([`control_sum ${message}/PmtInf/CtrlSum`]);
      expect(errorsOf(fileWith(['<CtrlSum>30.55', '<CtrlSum>+030.550']))).to.deep.equal([]);
    });

    it('given an amount with too many digits for its currency, or in no currency', () => {
      expect(errorsOf(fileWith(['>20.5<', '>20.500<']))).to.deep.equal([
        `amount_too_many_digits ${second}/Amt/InstdAmt`,
      ]);
      expect(errorsOf(fileWith(['"USD">20.5<', '"JPY">20.5<']))).to.deep.equal([
        `amount_too_many_digits ${second}/Amt/InstdAmt`,
      ]);
      expect(errorsOf(fileWith(['Ccy="USD"', 'Ccy="QQQ"']))).to.deep.equal([
        `currency_unknown ${first}/Amt/InstdAmt/@Ccy`,
      ]);
    });

    it('given a BIC or an address in a country that does not exist', () => {
      expect(errorsOf(fileWith(['DEUTDEFF', 'DEUTQQFF']))).to.deep.equal([
        `bic ${message}/PmtInf/DbtrAgt/FinInstnId/BICFI`,
      ]);
      expect(errorsOf(fileWith(['<Ctry>DE', '<Ctry>QQ']))).to.deep.equal([
        `country ${first}/Cdtr/PstlAdr/Ctry`,
      ]);
    });

    it('given a creditor without name or account, or an account of another kind', () => {
      expect(errorsOf(fileWith(['<Cdtr><Nm>Second</Nm></Cdtr>', '']))).to.deep.equal([
        `creditor_name_missing ${second}/Cdtr/Nm`,
      ]);
      expect(
        errorsOf(fileWith(['<CdtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></CdtrAcct>', ''])),
      ).to.deep.equal([`creditor_account_missing ${first}/CdtrAcct`]);
      expect(
        errorsOf(fileWith(['<SchmeNm><Prtry>EVM</Prtry></SchmeNm>', '<SchmeNm><Cd>BBAN</Cd></SchmeNm>'])),
      ).to.deep.equal([`account_scheme ${second}/CdtrAcct/Id/Othr/SchmeNm`]);
    });

    it('given a wallet whose address is not where 42 characters fit', () => {
      expect(
        errorsOf(fileWith(['<Id>NOTPROVIDED</Id>', '<Id>0x90F79bf6EB2c4f870365E785982E1f10</Id>'])),
      ).to.deep.equal([`wallet_place ${second}/CdtrAcct/Id/Othr/Id`]);
      const proxy = /<Prxy>.*<\/Prxy>/.exec(paymentFile)?.[0] ?? '';
      expect(errorsOf(fileWith([proxy, '']))).to.deep.equal([`wallet_missing ${second}/CdtrAcct/Prxy`]);
      expect(errorsOf(fileWith(['<Tp><Prtry>EVM</Prtry></Tp>', '<Tp><Cd>TELE</Cd></Tp>']))).to.deep.equal([
        `wallet_missing ${second}/CdtrAcct/Prxy`,
      ]);
    });

    it('given a part that Corridor does not carry out', () => {
      expect(errorsOf(fileWith(['TRF', 'CHK']))).to.deep.equal([`not_supported ${message}/PmtInf/PmtMtd`]);
      expect(errorsOf(fileWith(['</Amt>', '</Amt><ChqInstr/>']))).to.deep.equal([
        `not_supported ${first}/ChqInstr`,
      ]);
      expect(errorsOf(fileWith(['</Amt>', '</Amt><XchgRateInf/>']))).to.deep.equal([
        `not_supported ${first}/XchgRateInf`,
      ]);
      const equivalent = '<EqvtAmt><Amt Ccy="EUR">10.05</Amt><CcyOfTrf>USD</CcyOfTrf></EqvtAmt>';
      expect(errorsOf(fileWith(['<InstdAmt Ccy="USD">10.05</InstdAmt>', equivalent]))).to.deep.equal([
        `not_supported ${first}/Amt/EqvtAmt`,
      ]);
    });

    it('given a block id twice', () => {
      const [block = ''] = /<PmtInf>.*<\/PmtInf>/s.exec(paymentFile) ?? [];
      const file = fileWith([block, block + block], ['<NbOfTxs>2', '<NbOfTxs>4'], ['30.55', '61.10']);
      expect(errorsOf(file)).to.deep.equal([`payment_information_repeated ${message}/PmtInf[2]/PmtInfId`]);
    });

    it('with every error at once, of schema and message, in the order of the file', () => {
      const file = fileWith(
        ['<MsgId>FILE-1</MsgId>', ''],
        ['<NbOfTxs>2', '<NbOfTxs>7'],
        ['2026-11-20</Dt>', '2026-11-31</Dt>'],
        ['DEUTDEFF', 'deutdeff'],
        [
          '<InstrId>I1</InstrId><EndToEndId>E1</EndToEndId>',
          '<EndToEndId>E1</EndToEndId><InstrId>I1</InstrId>',
        ],
        ['Ccy="USD"', 'ccy="USD"'],
        ['>20.5<', '>20.555<'],
        ['<Nm>Second</Nm>', '<Nm>Second</Nm><Nm>Third</Nm><Age>7</Age>'],
      );
      const block = `${message}/PmtInf`;
      expect(errorsOf(file)).to.deep.equal([
        `element_missing ${message}/GrpHdr/MsgId`,
        `payment_count ${message}/GrpHdr/NbOfTxs`,
        `control_sum ${message}/GrpHdr/CtrlSum`,
        `control_sum ${block}/CtrlSum`,
        `value_form ${block}/ReqdExctnDt/Dt`,
        `value_pattern ${block}/DbtrAgt/FinInstnId/BICFI`,
        `element_order ${first}/PmtId/InstrId`,
        `attribute_not_allowed ${first}/Amt/InstdAmt/@ccy`,
        `attribute_missing ${first}/Amt/InstdAmt/@Ccy`,
        `amount_too_many_digits ${second}/Amt/InstdAmt`,
        `element_repeated ${second}/Cdtr/Nm[2]`,
        `element_not_allowed ${second}/Cdtr/Age`,
      ]);
    });

    it('with at most one hundred errors', () => {
      const [transaction = ''] = /<CdtTrfTxInf>.*?<\/CdtTrfTxInf>/s.exec(paymentFile) ?? [];
      const wrong = transaction.replace('Ccy="USD"', '').replace('<IBAN>DE', '<IBAN>de');
      expect(errorsOf(fileWith([transaction, wrong.repeat(500)]))).to.have.length(100);
    });

    it('and each error says what was expected', () => {
      const result = parsePain001(fileWith(['FILE-1', 'x'.repeat(36)]));
      expect(result.ok || result.errors).to.deep.equal([
        {
          code: 'value_length',
          detail: `MsgId is "${'x'.repeat(36)}"`,
          expected: '1 to 35 characters',
          xpath: `${message}/GrpHdr/MsgId`,
          line: 5,
        },
      ]);
    });
  });
});
