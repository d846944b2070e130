/**
 * What must hold after any run. It is found out without the services' own checks: from the contracts and their events, from
 * what partners are told by the API and by webhooks, and from the ledger's rows; and the services' reconciliation must agree.
 */
import type { AuthorizedPayment } from '../../services/settlement/domains/authorizedPayments/schema.ts';
import type { Payment } from '../../services/settlement/domains/payments/schema.ts';
import { authorizedViolations, noncesOf } from './authorized.ts';
import { booksViolations } from './books.ts';
import { chainViolations, readLogs } from './onChain.ts';
import { paymentViolations } from './outcomes.ts';
import type { Partner } from './partner.ts';
import { reserveViolations } from './reserves.ts';
import { webhookViolations } from './webhooks.ts';
import type { World } from './world.ts';

/**
 * lost: accepted, and not carried out or not told of. duplicated: took effect or was told of more than once. unbalanced: sums that
 * do not agree. stuck: did not come to an end in time.
 */
export type ViolationKind = 'lost' | 'duplicated' | 'unbalanced' | 'stuck';

export interface Violation {
  kind: ViolationKind;
  what: string;
}

/** What a run leaves behind. */
export interface Remains {
  world: World;
  /** Everything of the run is in blocks after this one. */
  startBlock: bigint;
  /** Of each token before the run. */
  supply: Record<string, bigint>;
  /** The database has forgotten some of what it did. */
  isRestored: boolean;
  /** Everything has ended in time. */
  isPeaceful: boolean;
}

/** What a partner knows of its payments. */
export interface Known {
  partner: Partner;
  payments: Payment[];
  /** Those that its wallet signed. */
  authorized: AuthorizedPayment[];
}

export async function findViolations(remains: Remains): Promise<Violation[]> {
  const { world, isPeaceful, isRestored } = remains;
  const known: Known[] = await Promise.all(
    world.partners.map(async (partner) => ({
      partner,
      payments: await partner.payments(),
      authorized: await partner.authorizedPayments(),
    })),
  );
  const logs = await readLogs(remains);
  const violations = [
    ...paymentViolations(known),
    ...known.flatMap((each) => authorizedViolations(each, noncesOf(logs), isRestored)),
    ...(await chainViolations(remains, known, logs)),
    ...(await booksViolations(remains, known)),
    ...(await reserveViolations(remains)),
    ...webhookViolations(known, isRestored),
  ];
  if (world.trap.hits > 0)
    violations.push({ kind: 'unbalanced', what: `${world.trap.hits} webhook(s) followed a redirect inside` });
  if (!isPeaceful && violations.length === 0)
    violations.push({ kind: 'stuck', what: 'Webhooks or the lane did not come to rest' });
  return violations;
}
