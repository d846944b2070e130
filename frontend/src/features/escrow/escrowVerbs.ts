import { type Address, parseUnits } from 'viem';
import {
  formatMoney,
  isAmount,
  MoneyError,
  parseMoney,
  UNIT_DECIMALS,
} from '../../../../services/core/money.ts';
import type { Escrow, Offer } from './escrowApi.ts';

/** What a wallet can do; the names are those of the timeline. */
export type Verb =
  | 'authorize'
  | 'cancel'
  | 'capture'
  | 'present'
  | 'reclaim'
  | 'resolve'
  | 'void'
  | 'refund'
  | 'release'
  | 'dispute'
  | 'evidence'
  | 'rule';

export type Party = 'payer' | 'payee';
/** The terms may name a third, who decides disputes. */
export type Role = Party | 'arbiter';

/** What the account is in the escrow; undefined for a stranger. */
export function roleOf({ terms }: Pick<Escrow, 'terms'>, account: Address | undefined): Role | undefined {
  const roles = ['payer', 'payee', 'arbiter'] as const;
  return account && roles.find((role) => terms[role]?.toLowerCase() === account.toLowerCase());
}

/**
 * What the account may do where the escrow stands at the chain's time. Corridor reclaims and resolves by itself; anybody may, so
 * each role is offered it.
 */
export function verbsOf(escrow: Escrow, role: Role, now: Date): Verb[] {
  const { status, terms, rulingDeadline } = escrow;
  const isParty = role !== 'arbiter';
  const isOpen = status === 'authorized';
  const isDisputed = status === 'disputed';
  const isUnused = status === 'created' && !isOver(terms.authorizationExpiry, now);
  const isLate = isOver(terms.captureExpiry, now);
  const isArbiterLate = rulingDeadline !== null && isOver(rulingDeadline, now);
  const verbs: [Verb, boolean][] = [
    ['authorize', role === 'payer' && isUnused],
    ['cancel', role === 'payer' && isUnused],
    // In a dispute the payer can give in at any time.
    ['capture', role === 'payer' && ((isOpen && !isLate) || isDisputed)],
    // The payer needs none of it to release the money.
    ['present', role === 'payee' && isOpen && !isLate && terms.hashLock !== null],
    ['reclaim', isOpen && isLate],
    ['resolve', isDisputed && isArbiterLate],
    ['void', role === 'payee' && (isOpen || isDisputed)],
    ['refund', role === 'payee' && unitsOf(refundable(escrow)) > 0n && !isOver(terms.refundExpiry, now)],
    ['release', isParty && (isOpen || isDisputed)],
    ['dispute', isParty && isOpen && !isLate && terms.arbiter !== null],
    ['evidence', isParty && isDisputed && !isArbiterLate],
    ['rule', role === 'arbiter' && isDisputed && !isArbiterLate],
  ];
  return verbs.flatMap(([verb, isPossible]) => (isPossible ? [verb] : []));
}

/** The signed splits that can still be sent at the chain's time, at the fee that this page signs. */
export function openOffers({ releases, terms }: Escrow, now: Date): Offer[] {
  return releases.filter(({ feeBps, deadline }) => feeBps === terms.minFeeBps && !isOver(deadline, now));
}

/** As the contract has it: a deadline's own second is still in time. */
function isOver(deadline: string, now: Date): boolean {
  return now.getTime() > Date.parse(deadline);
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
  let left = unitsOf(escrow.balances.captured);
  let paid = 0;
  for (const milestone of escrow.terms.milestones) {
    left -= unitsOf(milestone);
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
    const units =
      unitsOf(balances.capturable) - parseMoney(currency, payeeAmount, digitsOf(balances.capturable)).units;
    return units < 0n ? undefined : formatMoney({ currency, units });
  } catch (error) {
    if (!(error instanceof MoneyError)) throw error;
    return undefined;
  }
}

/** A percentage as it is typed, in 1/10,000; undefined when it is none from 0 to 100, or finer than that. */
export function bpsOf(percent: string): number | undefined {
  if (!/^\d{1,3}(\.\d{1,2})?$/.test(percent)) return undefined;
  const bps = Math.round(Number(percent) * 100);
  return bps <= 10_000 ? bps : undefined;
}

/** What each party gets of what is held by a ruling, as the contract rounds it; the fee is taken from the payee's part. */
export function rulingOf(escrow: Escrow, payeeBps: number) {
  const { currency } = escrow.amount;
  const held = unitsOf(escrow.balances.capturable);
  const units = (held * BigInt(payeeBps)) / 10_000n;
  const fee = (units * BigInt(escrow.terms.minFeeBps)) / 10_000n;
  return {
    payeeAmount: formatMoney({ currency, units }),
    payerAmount: formatMoney({ currency, units: held - units }),
    fee: formatMoney({ currency, units: fee }),
  };
}

/** What the payee got and has not paid back. */
export function refundable(escrow: Escrow): string {
  const { captured, refunded } = escrow.balances;
  const units = unitsOf(captured) - unitsOf(refunded);
  return formatMoney({ currency: escrow.amount.currency, units });
}

/** Token units of an amount of the contract, which has more digits than the currency where a split was not even. */
export function unitsOf(value: string): bigint {
  return parseUnits(value, UNIT_DECIMALS);
}

/** Whether what was typed is an amount above zero, no more than `most`, and no finer. */
export function isWithin(text: string, most: string): boolean {
  if (!isAmount(text) || digitsOf(text) > digitsOf(most)) return false;
  return unitsOf(text) > 0n && unitsOf(text) <= unitsOf(most);
}

/** Digits after the point. */
function digitsOf(value: string): number {
  return value.split('.')[1]?.length ?? 0;
}
