import type { ReasonCode } from './reasons.ts';

/** `EVM` is a wallet address, `OTHER` any other identification that debtor and Corridor agreed on (`acc_...`). */
export type DebtorAccountScheme = 'IBAN' | 'EVM' | 'OTHER';
export type CreditorAccountScheme = 'IBAN' | 'EVM';

export interface Account<Scheme extends string> {
  scheme: Scheme;
  identification: string;
}

/** Why one payment of a well-formed file will not be carried out, while the others go on. */
export interface Rejection {
  reason: ReasonCode;
  detail: string;
}

/** Where in its file an instruction stands, for messages to the partner. */
export type InstructionPlace =
  | { format: 'pain.001'; xpath: string; line: number }
  | { format: 'csv'; row: number }
  | { format: 'json'; pointer: string };

/** One payment that a partner asks for: the same whether it came as pain.001, CSV or JSON. */
export interface PaymentInstruction {
  /** The debtor's own reference, at most 35 characters; `NOTPROVIDED` when there is none. */
  endToEndId: string;
  instructionId?: string;
  /** Unique end-to-end transaction reference (UUID v4). */
  uetr?: string;
  /** pain.001 only: the PmtInfId of the block that the payment stands in. */
  paymentInformationId?: string;
  /** `value` is a canonical decimal string with exactly the digits of the currency, such as `125.50`. */
  amount: { currency: string; value: string };
  debtorName?: string;
  debtorAccount?: Account<DebtorAccountScheme>;
  creditor: { name: string; account: Account<CreditorAccountScheme> };
  remittanceInformation?: string;
  /** `YYYY-MM-DD` */
  requestedExecutionDate?: string;
  place: InstructionPlace;
  /** Business rules this payment breaks by itself (wrong IBAN checksum, zero amount, ...); empty when none. */
  rejections: Rejection[];
}
