import { hasCorridor } from './currency.ts';
import { parseEvmAddress } from './evmAddress.ts';
import { electronicIban, ibanFault } from './iban.ts';
import type { ReasonCode } from './reasons.ts';

/** `EVM` is a wallet address, `OTHER` any other identification that debtor and Corridor agreed on (`acc_...`). */
export type DebtorAccountScheme = 'IBAN' | 'EVM' | 'OTHER';
export type CreditorAccountScheme = 'IBAN' | 'EVM';

export interface Account<Scheme extends string> {
  scheme: Scheme;
  identification: string;
}

export const instructionPriorities = ['HIGH', 'NORM'] as const;
export type InstructionPriority = (typeof instructionPriorities)[number];

export function isInstructionPriority(text: string): text is InstructionPriority {
  return instructionPriorities.some((priority) => priority === text);
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
  /** ISO 20022 InstrPrty. `HIGH`: it goes at once and before others; as `NORM` when left out. */
  instructionPriority?: InstructionPriority;
  place: InstructionPlace;
  /** Business rules this payment breaks by itself, see {@link rejectionsOf}; empty when none. */
  rejections: Rejection[];
}

const ZERO_ADDRESS = '0x0000000000000000000000000000000000000000';

/**
 * The business rules that an instruction breaks by itself, whatever the state of the accounts: AC01 and AC02 wrong
 * account number of creditor and debtor, AM01 zero amount, AM03 no corridor for the currency, DT01 no such date.
 */
export function rejectionsOf(
  instruction: Pick<PaymentInstruction, 'amount' | 'debtorAccount' | 'creditor' | 'requestedExecutionDate'>,
): Rejection[] {
  const { amount, debtorAccount, creditor, requestedExecutionDate } = instruction;
  const rejections: Rejection[] = [];
  const creditorFault = accountFault(creditor.account);
  if (creditorFault) rejections.push({ reason: 'AC01', detail: creditorFault });
  const debtorFault = debtorAccount && accountFault(debtorAccount);
  if (debtorFault) rejections.push({ reason: 'AC02', detail: debtorFault });
  if (!/[1-9]/.test(amount.value)) {
    rejections.push({ reason: 'AM01', detail: `The amount is ${amount.value}` });
  }
  if (!hasCorridor(amount.currency)) {
    rejections.push({ reason: 'AM03', detail: `No corridor carries ${amount.currency}` });
  }
  if (requestedExecutionDate !== undefined && !isDate(requestedExecutionDate)) {
    rejections.push({ reason: 'DT01', detail: `${requestedExecutionDate} is no date YYYY-MM-DD` });
  }
  return rejections;
}

function accountFault({ scheme, identification }: Account<DebtorAccountScheme>): string | undefined {
  if (scheme === 'EVM') {
    const address = parseEvmAddress(identification);
    if (address === undefined)
      return `${identification} is no wallet address, or its EIP-55 checksum is wrong`;
    return address === ZERO_ADDRESS ? 'The zero address is nobody' : undefined;
  }
  if (scheme !== 'IBAN') return undefined;
  switch (ibanFault(electronicIban(identification))) {
    case 'country':
      return `${identification}: no country of the IBAN registry`;
    case 'structure':
      return `${identification}: not the length or pattern of an IBAN of its country`;
    case 'checksum':
      return `${identification}: the check digits are wrong`;
    default:
      return undefined;
  }
}

/** True for a day of the calendar, year 1 or later, written `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && text > '0001' && new Date(time).toISOString().startsWith(text);
}
