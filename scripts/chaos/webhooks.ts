/**
 * What partners were told by webhooks: of each payment all that it went through, in order, each under one id, signed. A restored
 * database has forgotten what it told: it may tell that again, under another id.
 */
import type { Payment } from '../../services/settlement/domains/payments/schema.ts';
import type { Known, Violation } from './invariants.ts';

interface Message {
  id: string;
  type: string;
  paymentId: string;
}

/** The messages of a payment in each final state. Any may come several times, under the same id. */
const complete: Record<string, readonly string[]> = {
  posted: ['payment.accepted', 'payment.processing', 'payment.settled'],
  returned: ['payment.accepted', 'payment.processing', 'payment.returned'],
  cancelled: ['payment.accepted', 'payment.cancelled'],
  rejected: ['payment.failed'],
};

export function webhookViolations(known: readonly Known[], isRestored: boolean): Violation[] {
  return known.flatMap(({ partner: { receiver, secret }, payments }) => {
    const messages = new Map<string, Message>();
    for (const webhook of receiver.taken) {
      const { type, data } = receiver.open(webhook, secret) as { type: string; data: { id: string } };
      const id = webhook.headers['webhook-id'] as string;
      messages.set(id, { id, type, paymentId: data.id });
    }
    const byPayment = Map.groupBy(messages.values(), ({ paymentId }) => paymentId);
    return payments.flatMap((payment) => violationsOf(payment, byPayment.get(payment.id) ?? [], isRestored));
  });
}

function violationsOf(
  { id, state }: Payment,
  messages: readonly Message[],
  isRestored: boolean,
): Violation[] {
  const expected = complete[state];
  if (!expected) return []; // it is stuck, which is told of elsewhere
  const told = messages.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(({ type }) => type);
  if (told.join() === expected.join()) return [];
  const isComplete = expected.every((type) => told.includes(type));
  if (isComplete && isRestored) return [];
  const kind = isComplete ? 'duplicated' : 'lost';
  return [{ kind, what: `${id} is ${state}; webhooks told: ${told.join(', ') || 'nothing'}` }];
}
