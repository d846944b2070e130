import type { Address } from 'viem';
import { formatMoney, MoneyError, parseMoney } from '../../../../services/core/money.ts';
import type { Escrow } from './escrowApi.ts';

/** What a party's wallet can do; the names are the contract's. */
export type Verb =
  | 'authorize'
  | 'cancel'
  | 'capture'
  | 'present'
  | 'void'
  | 'refund'
  | 'release'
  | 'dispute'
  | 'evidence';

export type Party = 'payer' | 'payee';

/** Which of the parties the account is; undefined for a stranger. */
export function partyOf({ terms }: Pick<Escrow, 'terms'>, account: Address | undefined): Party | undefined {
  const own = account?.toLowerCase();
  if (own === terms.payer.toLowerCase()) return 'payer';
  return own === terms.payee.toLowerCase() ? 'payee' : undefined;
}

/** What the party may do where the escrow stands. Whether it is still in time, only the chain's clock says: it is tried out there. */
export function verbsOf(escrow: Escrow, party: Party): Verb[] {
  const { status, terms } = escrow;
  const isHeld = status === 'authorized' || status === 'disputed';
  const verbs: [Verb, boolean][] = [
    ['authorize', party === 'payer' && status === 'created'],
    ['cancel', party === 'payer' && status === 'created'],
    ['capture', party === 'payer' && isHeld],
    // The payer needs none of it to release the money.
    ['present', party === 'payee' && status === 'authorized' && terms.hashLock !== null],
    ['void', party === 'payee' && isHeld],
    ['refund', party === 'payee' && unitsOf(escrow, refundable(escrow)) > 0n],
    ['release', isHeld],
    ['dispute', status === 'authorized' && terms.arbiter !== null],
    ['evidence', status === 'disputed'],
  ];
  return verbs.flatMap(([verb, isPossible]) => (isPossible ? [verb] : []));
}

/** The amounts that the payer may release: any up to what is held, or only these. */
export function captureChoices(escrow: Escrow): { fixed: string[] } | { most: string } {
  const { status, terms, balances } = escrow;
  const all = balances.capturable;
  if (status === 'disputed') return { fixed: [all] };
  if (terms.milestones.length === 0) return { most: all };
  const next = nextMilestone(escrow);
  return { fixed: next === undefined || next === all ? [all] : [next, all] };
}

/** The milestones are paid in their order, so what was captured says how many were. */
export function paidMilestones(escrow: Escrow): number {
  let left = unitsOf(escrow, escrow.balances.captured);
  let paid = 0;
  for (const milestone of escrow.terms.milestones) {
    left -= unitsOf(escrow, milestone);
    if (left < 0n) break;
    paid += 1;
  }
  return paid;
}

function nextMilestone(escrow: Escrow): string | undefined {
  return escrow.terms.milestones[paidMilestones(escrow)];
}

/** What goes back to the payer when the payee gets so much of what is held; undefined when that is no part of it. */
export function restOf({ amount, balances }: Escrow, payeeAmount: string): string | undefined {
  const { currency } = amount;
  try {
    const units = parseMoney(currency, balances.capturable).units - parseMoney(currency, payeeAmount).units;
    return units < 0n ? undefined : formatMoney({ currency, units });
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error;
    return undefined;
  }
}

/** What the payee got and has not paid back. */
export function refundable(escrow: Escrow): string {
  const { captured, refunded } = escrow.balances;
  const units = unitsOf(escrow, captured) - unitsOf(escrow, refunded);
  return formatMoney({ currency: escrow.amount.currency, units });
}

function unitsOf({ amount }: Escrow, value: string): bigint {
  return parseMoney(amount.currency, value).units;
}
