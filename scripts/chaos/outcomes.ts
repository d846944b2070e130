/** What became of each order of a partner's own money, as its partner is told by the API. */
import type { Payment } from '../../services/settlement/domains/payments/schema.ts';
import type { Known, Violation } from './invariants.ts';
import type { Entry } from './partner.ts';
import type { PlannedPayment } from './schedule.ts';

const ENDED = ['posted', 'rejected', 'cancelled', 'returned'];

/** Each payment that was accepted has ended, in one of the ways in which it may, once. */
export function paymentViolations(known: readonly Known[]): Violation[] {
  return known.flatMap(({ partner, payments }) => {
    const byReference = Map.groupBy(payments, ({ endToEndId }) => endToEndId);
    const entries = partner.entries.filter(({ order }) => order.format !== 'authorized');
    return entries.flatMap((entry) =>
      entry.order.payments.flatMap((planned) =>
        violationsOf(entry, planned, byReference.get(planned.endToEndId) ?? []),
      ),
    );
  });
}

/** @param told Every payment with its reference: the first, and what repetitions made. */
function violationsOf(entry: Entry, planned: PlannedPayment, told: readonly Payment[]): Violation[] {
  const { endToEndId } = planned;
  if (told.length === 0)
    return [{ kind: 'lost', what: `${endToEndId} was accepted and is not known any more` }];
  const open = told.filter(({ state }) => !ENDED.includes(state));
  if (open.length > 0)
    return open.map(({ id, state }) => ({ kind: 'stuck', what: `${endToEndId} (${id}) is still ${state}` }));

  const effective = told.filter(({ status }) => status !== 'failed');
  const states = told
    .map(({ id, state, reason }) => `${id} ${state} ${reason?.code ?? ''}`.trim())
    .join(', ');
  if (effective.length > 1)
    return [{ kind: 'duplicated', what: `${endToEndId} ended more than once: ${states}` }];
  const mayFail = planned.isTooMuch || entry.isCancelled === true;
  if (effective.length === 0 && !mayFail) return [{ kind: 'lost', what: `${endToEndId} failed: ${states}` }];
  if (effective.length === 1 && mayFail)
    return [{ kind: 'unbalanced', what: `${endToEndId} should have failed: ${states}` }];
  return [];
}
