import type { ReasonCode } from '../reasons.ts';

/** ExternalPaymentTransactionStatus1Code as Corridor uses it: accepted, in settlement, settled, rejected, cancelled. */
export type TransactionStatus = 'ACTC' | 'ACSP' | 'ACSC' | 'RJCT' | 'CANC';
/** ExternalPaymentGroupStatus1Code: the same, and `PART` when some payments were refused. */
export type GroupStatus = 'ACTC' | 'ACSP' | 'ACSC' | 'PART' | 'RJCT';

export interface StatusReason {
  code: ReasonCode;
  /** Further words, cut into AddtlInf of 105 characters. */
  detail?: string;
}

/** What Corridor tells in a pain.002.001.10 (CustomerPaymentStatusReportV10). Times are RFC 3339 UTC. */
export interface StatusReport {
  /** At most 35 characters. */
  messageId: string;
  createdAt: string;
  original: {
    messageId: string;
    /** `pain.001.001.09`; for a batch that came otherwise its format, at most 35 characters. */
    messageName: string;
    createdAt?: string;
    numberOfTransactions?: number;
    controlSum?: string;
  };
  groupStatus: GroupStatus;
  paymentInformations: {
    paymentInformationId: string;
    transactions: TransactionReport[];
  }[];
}

export interface TransactionReport {
  endToEndId: string;
  instructionId?: string;
  uetr?: string;
  status: TransactionStatus;
  reason?: StatusReason;
  acceptedAt?: string;
  /** Corridor's payment id (`pay_...`): AcctSvcrRef, without the prefix, see reference.ts. */
  paymentId?: string;
  amount: { currency: string; value: string };
  requestedExecutionDate?: string;
  /** The settling transaction's hash: AddtlInf, because reference fields hold 35 characters only. */
  transactionHash?: string;
}
