import { bankReference } from './reference.ts';
import type { GroupStatus, StatusReport, TransactionReport, TransactionStatus } from './statusReport.ts';
import { type MessageWriter, messageWriter, pieces } from './write.ts';
import type { XmlElement } from './xml.ts';

/** AddtlInf is a Max105Text. */
const ADDITIONAL_INFORMATION_LENGTH = 105;

/**
 * Writes a status report (CustomerPaymentStatusReportV10): group status, and the status of every payment with its
 * reason, Corridor's payment id (AcctSvcrRef) and the hash of the settling transaction (AddtlInf).
 * @throws MessageInvalid when a value does not fit the message.
 */
export function writePain002(report: StatusReport): string {
  const writer = messageWriter('pain.002.001.10');
  const { group, leaf } = writer;
  const { original, paymentInformations } = report;
  const transactions = paymentInformations.flatMap((block) => block.transactions);
  return writer.document(
    group(
      'CstmrPmtStsRpt',
      group('GrpHdr', leaf('MsgId', report.messageId), leaf('CreDtTm', report.createdAt)),
      group(
        'OrgnlGrpInfAndSts',
        leaf('OrgnlMsgId', original.messageId),
        leaf('OrgnlMsgNmId', original.messageName),
        leaf('OrgnlCreDtTm', original.createdAt),
        leaf('OrgnlNbOfTxs', original.numberOfTransactions),
        leaf('OrgnlCtrlSum', original.controlSum),
        leaf('GrpSts', report.groupStatus),
        countsPerStatus(writer, transactions),
      ),
      paymentInformations.map((block) =>
        group(
          'OrgnlPmtInfAndSts',
          leaf('OrgnlPmtInfId', block.paymentInformationId),
          block.transactions.map((transaction) => transactionElement(writer, transaction)),
        ),
      ),
    ),
  );
}

/**
 * The status of a whole file from those of its payments: `RJCT` when all were refused, `PART` when some were, else
 * `ACSC` when all are settled, `ACSP` when settlement has begun, `ACTC` before. A cancelled payment counts as refused.
 */
export function groupStatusOf(statuses: readonly TransactionStatus[]): GroupStatus {
  const refused = statuses.filter((status) => status === 'RJCT' || status === 'CANC').length;
  if (refused === statuses.length) return 'RJCT';
  if (refused > 0) return 'PART';
  if (statuses.every((status) => status === 'ACSC')) return 'ACSC';
  return statuses.every((status) => status === 'ACTC') ? 'ACTC' : 'ACSP';
}

function countsPerStatus({ group, leaf }: MessageWriter, transactions: TransactionReport[]) {
  const counts = new Map<TransactionStatus, number>();
  for (const { status } of transactions) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) =>
    group('NbOfTxsPerSts', leaf('DtldNbOfTxs', count), leaf('DtldSts', status)),
  );
}

function transactionElement(writer: MessageWriter, transaction: TransactionReport): XmlElement | undefined {
  const { group, leaf, amount } = writer;
  const { reason, transactionHash } = transaction;
  const information = [
    ...pieces(reason?.detail ?? '', ADDITIONAL_INFORMATION_LENGTH),
    ...(transactionHash === undefined ? [] : [`Transaction ${transactionHash}`]),
  ];
  return group(
    'TxInfAndSts',
    leaf('OrgnlInstrId', transaction.instructionId),
    leaf('OrgnlEndToEndId', transaction.endToEndId),
    leaf('OrgnlUETR', transaction.uetr),
    leaf('TxSts', transaction.status),
    group(
      'StsRsnInf',
      reason && group('Rsn', leaf('Cd', reason.code)),
      information.map((piece) => leaf('AddtlInf', piece)),
    ),
    leaf('AccptncDtTm', transaction.acceptedAt),
    leaf('AcctSvcrRef', transaction.paymentId && bankReference(transaction.paymentId)),
    group(
      'OrgnlTxRef',
      group('Amt', amount('InstdAmt', transaction.amount)),
      group('ReqdExctnDt', leaf('Dt', transaction.requestedExecutionDate)),
    ),
  );
}
