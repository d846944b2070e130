/**
 * What partners were told by webhooks: of each payment all that it went through, in order, each under one id, signed. A restored
 * database has forgotten what it told: it may tell that again, under another id.
 */
import { webhooksOf } from './authorized.ts';
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
  return known.flatMap(({ partner: { receiver, secret }, payments, authorized }) => {
    const messages = new Map<string, Message>();
    for (const webhook of receiver.taken) {
      const { type, data } = receiver.open(webhook, secret) as { type: string; data: { id: string } };
      const id = webhook.headers['webhook-id'] as string;
      messages.set(id, { id, type, paymentId: data.id });
    }
    const byPayment = Map.groupBy(messages.values(), ({ paymentId }) => paymentId);
    const expected = [
      ...payments.map(({ id, state }) => ({ id, state, types: complete[state] })),
      ...authorized.map((payment) => ({ id: payment.id, state: payment.status, types: webhooksOf(payment) })),
    ];
    return expected.flatMap((each) => violationsOf(each, byPayment.get(each.id) ?? [], isRestored));
  });
}

function violationsOf(
  { id, state, types }: { id: string; state: string; types: readonly string[] | undefined },
  messages: readonly Message[],
  isRestored: boolean,
): Violation[] {
  if (!types) return []; // it is stuck, which is told of elsewhere
  const told = messages.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(({ type }) => type);
  if (told.join() === types.join()) return [];
  const isComplete = types.every((type) => told.includes(type));
  if (isComplete && isRestored) return [];
  const kind = isComplete ? 'duplicated' : 'lost';
  return [{ kind, what: `${id} is ${state}; webhooks told: ${told.join(', ') || 'nothing'}` }];
}
