/** A break that is about no payment, policy or escrow: a balance as a whole, a bank's entry, a contract's money. */
import { formatMoney } from '../../services/core/money.ts';
import type { Database } from '../../services/platform/database.ts';
import type { Trace } from './read.ts';

/** What was found and what should have been; undefined when there is no such break. */
export async function readBreakTrace(database: Database, id: string): Promise<Trace | undefined> {
  const { rows } = await database.query<{
    kind: string;
    account_id: string | null;
    currency: string;
    subject: string;
    observed_units: bigint;
    expected_units: bigint;
    block_number: bigint | null;
    opened_at: Date;
    closed_at: Date | null;
  }>('select * from settlement.breaks where id = $1', [id]);
  const [found] = rows;
  if (!found) return undefined;
  const { currency } = found;
  const money = (units: bigint) => `${formatMoney({ currency, units })} ${currency}`;
  const summary: Trace['summary'] = [
    ['break', id],
    ['kind', found.kind],
    ['currency', currency],
    ['subject', found.subject || 'the balance as a whole'],
    ['observed', money(found.observed_units)],
    ['expected', money(found.expected_units)],
    ['opened', found.opened_at.toISOString()],
    ['closed', found.closed_at?.toISOString() ?? 'not yet'],
  ];
  if (found.account_id)
    summary.push(['account', `${found.account_id}: npm run trace -- ${found.account_id}`]);
  if (found.block_number !== null) summary.push(['block', String(found.block_number)]);
  return { summary, moments: [] };
}
