/** What became of the payments that wallets signed: by the coins' own events, by the API, and by webhooks. */
import { type Hex, type Log, parseEventLogs } from 'viem';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import type { AuthorizedPayment } from '../../services/settlement/domains/authorizedPayments/schema.ts';
import type { Known, Violation } from './invariants.ts';
import type { Entry, Partner } from './partner.ts';
import type { PlannedPayment } from './schedule.ts';

/** Nonces that the coins took in the run, as often as they did. */
export interface Nonces {
  used: readonly Hex[];
  cancelled: readonly Hex[];
}

export function noncesOf(logs: Log[]): Nonces {
  const of = (eventName: 'AuthorizationUsed' | 'AuthorizationCanceled') =>
    parseEventLogs({ abi: stablecoinAbi, logs, eventName }).map(({ args }) => args.nonce);
  return { used: of('AuthorizationUsed'), cancelled: of('AuthorizationCanceled') };
}

/** Payments of wallets that the chain made, with the wallet's address. */
export function paidByWallets(partner: Partner, { used }: Nonces): PlannedPayment[] {
  return authorizedEntries(partner)
    .map(({ planned }) => planned)
    .filter((planned) => used.includes(partner.nonceOf(planned)));
}

/**
 * Each that was accepted has ended, as the coin's events say and as the timeline says, once. What was refused moved nothing,
 * unless the database has forgotten that it was accepted.
 */
export function authorizedViolations(
  { partner, authorized }: Known,
  nonces: Nonces,
  isRestored: boolean,
): Violation[] {
  const byId = new Map(authorized.map((payment) => [payment.id, payment]));
  return authorizedEntries(partner).flatMap(({ entry, planned }) => {
    const nonce = partner.nonceOf(planned);
    const times = (taken: readonly Hex[]) => taken.filter((each) => each === nonce).length;
    const chain = { used: times(nonces.used), cancelled: times(nonces.cancelled) };
    return violationsOf(entry, planned, byId.get(entry.id ?? ''), chain, isRestored).map(
      ({ kind, what }) => ({ kind, what: `${planned.endToEndId}: ${what}` }),
    );
  });
}

function violationsOf(
  { order, isRefused, repeats }: Entry,
  planned: PlannedPayment,
  payment: AuthorizedPayment | undefined,
  { used, cancelled }: { used: number; cancelled: number },
  isRestored: boolean,
): Violation[] {
  const violations: Violation[] = [];
  const unless = (isFine: boolean, kind: Violation['kind'], what: string) => {
    if (!isFine) violations.push({ kind, what });
  };
  unless(used + cancelled <= 1, 'duplicated', `used ${used} and cancelled ${cancelled} times`);
  unless(repeats.length === 0, 'duplicated', `also taken as ${repeats.join(', ')}`);
  unless(cancelled === 0 || order.rival === 'cancels', 'unbalanced', 'cancelled, and nobody wanted that');
  if (isRefused) {
    if (isRefusable(planned)) unless(used === 0, 'unbalanced', 'refused, and its money moved');
    else unless(isRestored && used + cancelled === 1, 'lost', 'refused, though nothing speaks against it');
    return violations;
  }
  unless(!isRefusable(planned), 'unbalanced', 'accepted, and should have been refused');
  if (!payment) return [...violations, { kind: 'lost', what: 'accepted, and not known any more' }];
  const { id, status, reason } = payment;
  if (status !== 'settled' && status !== 'failed')
    return [...violations, { kind: 'stuck', what: `${id} is still ${status}` }];
  const told = `${id} ${status} ${reason?.code ?? ''}`.trim();
  unless(status !== 'settled' || used === 1, 'lost', `${told}, and the coin has not used it`);
  unless(status !== 'failed' || used === 0, 'duplicated', `${told}, and its money moved`);
  unless(status !== 'failed' || cancelled === 1, 'lost', `${told}, and the payer did not cancel it`);
  const ends = (payment.events ?? []).filter(({ state }) => state === 'settled' || state === 'failed');
  unless(
    ends.map(({ state }) => state).join() === status,
    'duplicated',
    `${told}, ended ${ends.length} times`,
  );
  return violations;
}

/** What the chain would not do: it is told at once. */
export function isRefusable({ isTooMuch, recipient }: PlannedPayment): boolean {
  return isTooMuch || recipient === 'frozen';
}

/** The webhooks of a payment that has ended. It was `processing` unless another was faster. */
export function webhooksOf({ status, events = [] }: AuthorizedPayment): string[] | undefined {
  if (status !== 'settled' && status !== 'failed') return undefined;
  const states = events.map(({ state }) => state);
  const wasProcessing = states.slice(0, states.indexOf(status)).includes('call_broadcast');
  return [...(wasProcessing ? ['authorized_payment.processing'] : []), `authorized_payment.${status}`];
}

function authorizedEntries({ entries }: Partner): { entry: Entry; planned: PlannedPayment }[] {
  return entries
    .filter(({ order }) => order.format === 'authorized')
    .map((entry) => ({ entry, planned: entry.order.payments[0] as PlannedPayment }));
}
