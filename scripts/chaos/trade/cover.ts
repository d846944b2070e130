/** Partners that buy cover in a run, and customers that give some of it up. */
import type { Address, Hex } from 'viem';
import { formatMoney } from '../../../services/core/money.ts';
import type { Policy } from '../../../services/settlement/domains/insurance/schema.ts';
import type { Partner } from '../partner.ts';
import type { World } from '../world.ts';
import { bringAbout } from './patience.ts';
import { type Risk, timeOf } from './risks.ts';
import type { PlannedPolicy, PolicyOrder } from './schedule.ts';

/** Token units of a cent. */
export const CENT = 10_000n;

/** A policy that a partner was promised. */
export interface BoughtPolicy {
  planned: PlannedPolicy;
  risk: Risk;
  partner: Partner;
  /** From the answer 201. */
  id: string;
}

interface Request {
  partner: Partner;
  path: string;
  body: unknown;
  /** Under which it was answered. */
  key: string;
  ids: string[];
}

export function createCoverBuyers({ chain, partners }: World, risks: readonly Risk[]) {
  const bought: BoughtPolicy[] = [];
  const answered: Request[] = [];

  /** Orders until that is answered; what is to be given up is, once it is issued. */
  async function order(planned: PolicyOrder): Promise<void> {
    const partner = partners[planned.partner] as Partner;
    const account = await accountOf(partner);
    let ids: string[] | undefined;
    let tries = 0;
    await bringAbout(
      `the order ${planned.key}`,
      () => ids !== undefined,
      async () => {
        const key = `${planned.key}-${tries++}`;
        const { path, body } = await requestOf(partner, planned, account, key);
        ids = await send(partner, path, body, key, planned.via);
        answered.push({ partner, path, body, key, ids });
      },
    );
    const policies = planned.policies.map((each, place) => ({
      planned: each,
      risk: risks[each.risk] as Risk,
      partner,
      id: ids?.[place] as string,
    }));
    bought.push(...policies);
    await Promise.all(policies.filter((each) => each.planned.cancelledCents > 0).map(giveUp));
  }

  async function requestOf(
    partner: Partner,
    { format, policies, via }: PolicyOrder,
    account: string,
    key: string,
  ) {
    const bodies = policies.map((each) => orderOf(each, risks[each.risk] as Risk, account));
    const [first] = bodies as [(typeof bodies)[number]];
    if (format === 'bulk') return { path: '/v1/policy-batches', body: { policies: bodies } };
    if (format === 'single') return { path: '/v1/policies', body: first };
    const { cover, maxPremium: _, ...rest } = first;
    const { id: quote } = await partner.post<{ id: string }>(
      '/v1/quotes/insurance',
      cover,
      `${key}-quote`,
      via,
    );
    return { path: '/v1/policies', body: { quote, ...rest } };
  }

  /** The holder sends what the API says, until it is final. */
  async function giveUp({ planned, partner, id }: BoughtPolicy): Promise<void> {
    let sent: Hex | undefined;
    await bringAbout(
      `${planned.key} to be given up`,
      async () => {
        const { status, premiumRefunded } = await partner.get<Policy>(`/v1/policies/${id}`);
        return status === 'cancelled' || status === 'failed' || premiumRefunded !== undefined;
      },
      async () => {
        if (sent && (await chain.hasHappened(sent)) !== false) return;
        const insured = moneyOf(planned.cancelledCents);
        const { transaction } = await partner.get<{ transaction: { from: Address; to: Address; data: Hex } }>(
          `/v1/policies/${id}/cancellation?insured=${insured}`,
        );
        sent = await chain.sendAs(transaction.from, transaction.to, transaction.data);
      },
    );
  }

  return {
    bought: bought as readonly BoughtPolicy[],
    order,
    /** The same requests under the same keys, to both processes at once: each must be answered as before. */
    async repeatAll(): Promise<void> {
      for (const { partner, path, body, key, ids } of [...answered])
        for (const again of await Promise.all([0, 1].map((via) => send(partner, path, body, key, via))))
          if (again.join() !== ids.join())
            throw new Error(`${key} was answered with ${ids}, its repetition with ${again}`);
    },
  };
}

async function send(
  partner: Partner,
  path: string,
  body: unknown,
  key: string,
  via: number,
): Promise<string[]> {
  const answer = await partner.post<{ id: string; policies?: { id: string }[] }>(path, body, key, via);
  return answer.policies?.map(({ id }) => id) ?? [answer.id];
}

function orderOf({ key, cents, holder }: PlannedPolicy, risk: Risk, account: string) {
  return {
    cover: {
      product: risk.product,
      subject: risk.subject,
      windowStart: timeOf(risk.windowStart),
      windowEnd: timeOf(risk.windowEnd),
      insured: { currency: 'USD', value: moneyOf(cents) },
    },
    maxPremium: { currency: 'USD', value: moneyOf(cents) },
    account,
    holder,
    reference: key,
  };
}

async function accountOf(partner: Partner): Promise<string> {
  const { items } = await partner.get<{ items: { id: string; currency: string }[] }>('/v1/accounts');
  const found = items.find(({ currency }) => currency === 'USD');
  if (!found) throw new Error(`Partner ${partner.index} has no account in USD.`);
  return found.id;
}

export function moneyOf(cents: number): string {
  return formatMoney({ currency: 'USD', units: BigInt(cents) * CENT });
}
