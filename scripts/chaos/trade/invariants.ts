/** What must hold after any run of trade, found out as in `../invariants.ts`. */
import { booksViolations } from '../books.ts';
import type { Violation } from '../invariants.ts';
import { coverViolations } from './coverInvariants.ts';
import { escrowViolations } from './escrowInvariants.ts';
import { oracleViolations } from './oracleInvariants.ts';
import type { TradeRemains } from './run.ts';
import { webhookViolations } from './webhooks.ts';

export async function findTradeViolations(remains: TradeRemains): Promise<Violation[]> {
  const { world, isPeaceful, failures, supply } = remains;
  const known = world.partners.map((partner) => ({ partner, payments: [], authorized: [] }));
  const violations: Violation[] = [
    ...failures.map((what): Violation => ({ kind: 'stuck', what })),
    ...(await coverViolations(remains)),
    ...(await escrowViolations(remains)),
    ...(await oracleViolations(remains)),
    ...(await booksViolations(remains, known)),
    ...(await webhookViolations(remains)),
  ];
  for (const [currency, after] of Object.entries(await world.chain.supply()))
    if (after !== supply[currency])
      violations.push({
        kind: 'unbalanced',
        what: `Supply of ${currency}: was ${supply[currency]}, is ${after}`,
      });
  if (world.trap.hits > 0)
    violations.push({ kind: 'unbalanced', what: `${world.trap.hits} webhook(s) followed a redirect inside` });
  if (!isPeaceful && violations.length === 0)
    violations.push({ kind: 'stuck', what: 'Webhooks or the lane did not come to rest' });
  return violations;
}
