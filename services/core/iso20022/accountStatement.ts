import type { Money } from '../money.ts';
import type { Account, DebtorAccountScheme } from '../paymentInstruction.ts';

/** What Corridor tells in a camt.053.001.08 (BankToCustomerStatementV08). Times are RFC 3339 UTC, dates YYYY-MM-DD. */
export interface AccountStatement {
  /** At most 35 characters. */
  messageId: string;
  createdAt: string;
  /** At most 35 characters. */
  statementId: string;
  /** Running number of the statement, where the account keeps one. */
  sequenceNumber?: number;
  date: string;
  account: {
    /** Corridor's account id (`acc_...`): Acct/Id/Othr/Id, without the prefix, see reference.ts. */
    id: string;
    currency: string;
    /** At most 70 characters. */
    name?: string;
    ownerName?: string;
  };
  /** In the account's currency; below zero when overdrawn, written with CdtDbtInd. */
  openingBalance: Money;
  closingBalance: Money;
  entries: StatementEntry[];
}

export interface StatementEntry {
  /** Unique within the statement, at most 35 characters: NtryRef. */
  reference: string;
  direction: 'credit' | 'debit';
  /** In the account's currency, never below zero: `direction` says which way. */
  amount: Money;
  /** `YYYY-MM-DD`, the day of finality. */
  bookingDate: string;
  valueDate: string;
  /** What moved the money: a payment out, a funding in, or a payment that came back. */
  kind: 'payment' | 'funding' | 'return';
  endToEndId?: string;
  instructionId?: string;
  uetr?: string;
  /** Corridor's payment id (`pay_...`): TxId, without the prefix. */
  paymentId?: string;
  debtorName?: string;
  creditorName?: string;
  debtorAccount?: Account<DebtorAccountScheme>;
  creditorAccount?: Account<DebtorAccountScheme>;
  remittanceInformation?: string;
  /** AddtlTxInf: the transaction's hash and its block, because reference fields hold 35 characters only. */
  transactionHash?: string;
  blockNumber?: bigint;
}
