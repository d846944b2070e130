/** The business rules that need more than the instruction itself: accounts, beneficiaries, repetition in one file. */
import { type Deployment, isCorridorContract } from '../../../core/deployment.ts';
import { electronicIban } from '../../../core/iban.ts';
import { bankReference } from '../../../core/iso20022/reference.ts';
import { parseMoney } from '../../../core/money.ts';
import type { PaymentInstruction, Rejection } from '../../../core/paymentInstruction.ts';
import type { Transaction } from '../../../platform/database.ts';

/** ISO 20022: the debtor has no reference of its own, so the same word may come any number of times. */
export const NOT_PROVIDED = 'NOTPROVIDED';

/** An instruction with what it means for us; one with a rejection is stored and reported, and goes no further. */
export interface ScreenedPayment {
  instruction: PaymentInstruction;
  /** From 1, as in the file or list. */
  position: number;
  accountId?: string | undefined;
  /** Whole token units; undefined where the currency has no corridor. */
  units?: bigint | undefined;
  /** Wallet of the creditor, in lower case; only where nothing is wrong: what a partner wrote may be no address. */
  recipient?: string | undefined;
  rejection?: Rejection | undefined;
}

interface AccountRow {
  id: string;
  currency: string;
  payer: string;
}

/** Applies the rules to the instructions of one file or list, in its order. Reads, writes nothing. */
export async function screen(
  tx: Transaction,
  partnerId: string,
  instructions: readonly PaymentInstruction[],
  deployment: Deployment,
): Promise<ScreenedPayment[]> {
  const { rows: accounts } = await tx.query<AccountRow>(
    'select id, currency, payer from settlement.accounts where partner_id = $1 order by id',
    [partnerId],
  );
  const wallets = await walletsOfBeneficiaries(tx, partnerId, instructions);
  const taken = new Set<string>();
  return instructions.map((instruction, index) => {
    const account = debtorAccount(accounts, instruction);
    const recipient = recipientWallet(wallets, instruction);
    const rejection =
      instruction.rejections[0] ??
      accountRejection(account, instruction) ??
      recipientRejection(deployment, recipient, account, instruction) ??
      repeated(taken, instruction);
    if (!rejection) taken.add(instruction.endToEndId);
    const screened = { instruction, position: index + 1, accountId: account?.id, rejection };
    return rejection ? screened : { ...screened, recipient, units: unitsOf(instruction) };
  });
}

/** IBANs that the partner registered, each with its wallet. */
async function walletsOfBeneficiaries(
  tx: Transaction,
  partnerId: string,
  instructions: readonly PaymentInstruction[],
): Promise<Map<string, string>> {
  const ibans = instructions
    .map(({ creditor }) => creditor.account)
    .filter(({ scheme }) => scheme === 'IBAN')
    .map(({ identification }) => electronicIban(identification));
  if (ibans.length === 0) return new Map();
  const { rows } = await tx.query<{ iban: string; wallet: string }>(
    'select iban, wallet from settlement.beneficiaries where partner_id = $1 and iban = any($2) and deleted_at is null',
    [partnerId, [...new Set(ibans)]],
  );
  return new Map(rows.map(({ iban, wallet }) => [iban, wallet]));
}

/** The account by its id or wallet; without one, the partner's only account of the currency. */
function debtorAccount(
  accounts: readonly AccountRow[],
  { debtorAccount: given, amount }: PaymentInstruction,
): AccountRow | undefined {
  const sameCurrency = accounts.filter(({ currency }) => currency === amount.currency);
  if (!given) return sameCurrency.length === 1 ? sameCurrency[0] : undefined;
  const wallet = given.identification.toLowerCase();
  return (
    accounts.find(({ id }) => id === given.identification || bankReference(id) === given.identification) ??
    sameCurrency.find(({ payer }) => given.scheme !== 'IBAN' && payer === wallet)
  );
}

function accountRejection(
  account: AccountRow | undefined,
  { debtorAccount: given, amount }: PaymentInstruction,
): Rejection | undefined {
  if (account?.currency === amount.currency) return undefined;
  if (account)
    return {
      reason: 'AM03',
      detail: `${account.id} is an account in ${account.currency}, not ${amount.currency}`,
    };
  const detail = given
    ? `${given.identification} is no account of yours in ${amount.currency}`
    : `You have not exactly one account in ${amount.currency}, so name the one to debit`;
  return { reason: 'AC02', detail };
}

function recipientWallet(
  wallets: ReadonlyMap<string, string>,
  { creditor: { account } }: PaymentInstruction,
): string | undefined {
  return account.scheme === 'EVM'
    ? account.identification.toLowerCase()
    : wallets.get(electronicIban(account.identification));
}

function recipientRejection(
  deployment: Deployment,
  recipient: string | undefined,
  account: AccountRow | undefined,
  { creditor }: PaymentInstruction,
): Rejection | undefined {
  const { identification } = creditor.account;
  if (!recipient) return { reason: 'AC03', detail: `${identification} is no beneficiary of yours` };
  if (recipient === account?.payer)
    return { reason: 'AC03', detail: `${identification} is the wallet that pays` };
  if (!isCorridorContract(deployment, recipient)) return undefined;
  return { reason: 'AC03', detail: `${identification} is one of Corridor's contracts` };
}

function repeated(taken: ReadonlySet<string>, { endToEndId }: PaymentInstruction): Rejection | undefined {
  if (endToEndId === NOT_PROVIDED || !taken.has(endToEndId)) return undefined;
  return { reason: 'AM05', detail: `EndToEndId ${endToEndId} was given earlier in this file` };
}

/** The amount in token units; the router takes at most 96 bits for a payment, `parseMoney` 18 digits before the point. */
function unitsOf({ amount }: PaymentInstruction): bigint {
  return parseMoney(amount.currency, amount.value).units;
}
