/** What partners were told of their policies and escrows by webhooks: all that each went through, in order, each under one id, signed. */
import type { Policy } from '../../../services/settlement/domains/insurance/schema.ts';
import type { Violation } from '../invariants.ts';
import type { Partner } from '../partner.ts';
import { expectedEscrow } from './escrowInvariants.ts';
import type { TradeRemains } from './run.ts';

interface Message {
  id: string;
  type: string;
  of: string;
}

/** Of a policy that has come to an end. */
const complete: Partial<Record<Policy['status'], readonly string[]>> = {
  cancelled: ['policy.issued', 'policy.cancelled'],
  expired: ['policy.issued', 'policy.expired'],
  paid: ['policy.issued', 'policy.payable', 'policy.paid'],
  refunded: ['policy.issued', 'policy.payable', 'policy.refunded'],
  failed: ['policy.failed'],
};

/** Of an escrow beside what was planned: that may come, each once, but for what may come several times. */
const besides = /_expiring$|^escrow\.(rule_held|release_offered|action_failed|credited|credit_withdrawn)$/;
const severalTimes = /^escrow\.(action_failed|credited|credit_withdrawn)$/;

export async function webhookViolations({ world, policies, escrows }: TradeRemains): Promise<Violation[]> {
  const told = Map.groupBy(world.partners.flatMap(messagesOf), (message) => message.of);
  const ofEscrows = escrows.flatMap((escrow) => {
    const name = `${escrow.planned.key} (${escrow.id})`;
    const [other = [], main = []] = [true, false].map((isOther) =>
      (told.get(escrow.id) ?? []).filter(({ type }) => besides.test(type) === isOther),
    );
    const once = other.map(({ type }) => type).filter((type) => !severalTimes.test(type));
    return [
      ...differences(name, expectedEscrow(escrow).webhooks, main),
      ...(new Set(once).size < once.length
        ? [{ kind: 'duplicated', what: `${name}: webhooks told ${once.join(', ')}` } as const]
        : []),
    ];
  });
  const looked = policies.map(async ({ partner, planned, id }) => {
    const { status } = await partner.get<Policy>(`/v1/policies/${id}`);
    const isReduced = planned.cancelledCents > 0 && planned.cancelledCents < planned.cents;
    const types = complete[status]?.toSpliced(1, 0, ...(isReduced ? ['policy.reduced'] : []));
    return types ? differences(`${planned.key} (${id})`, types, told.get(id) ?? []) : []; // open is told of elsewhere
  });
  return [...ofEscrows, ...(await Promise.all(looked)).flat()];
}

/** What came to a partner, each once: any message may come several times, under the same id. */
function messagesOf({ receiver, secret }: Partner): Message[] {
  const messages = new Map<string, Message>();
  for (const webhook of receiver.taken) {
    const { type, data } = receiver.open(webhook, secret) as { type: string; data: { id: string } };
    const id = webhook.headers['webhook-id'] as string;
    messages.set(id, { id, type, of: data.id });
  }
  return [...messages.values()];
}

function differences(name: string, types: readonly string[], messages: readonly Message[]): Violation[] {
  const told = messages.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(({ type }) => type);
  if (told.join() === types.join()) return [];
  const kind = types.every((type) => told.includes(type)) ? 'duplicated' : 'lost';
  return [
    { kind, what: `${name}: webhooks told ${told.join(', ') || 'nothing'}, expected ${types.join(', ')}` },
  ];
}
