import type { PaymentInstruction } from '../paymentInstruction.ts';

/** What Corridor reads from a pain.001.001.09 (CustomerCreditTransferInitiationV09). */
export interface CreditTransferFile {
  /** GrpHdr/MsgId: unique per partner; settlement refuses it a second time. */
  messageId: string;
  /** GrpHdr/CreDtTm as written. */
  createdAt: string;
  initiatingPartyName?: string;
  /** Counted, and equal to GrpHdr/NbOfTxs. */
  numberOfTransactions: number;
  /** GrpHdr/CtrlSum as written, where given. */
  controlSum?: string;
  paymentInformations: PaymentInformation[];
}

/** One PmtInf: a debtor's payments from one account on one day. */
export interface PaymentInformation {
  paymentInformationId: string;
  controlSum?: string;
  instructions: PaymentInstruction[];
}
