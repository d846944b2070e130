/** Policies as PostgreSQL keeps them. */
import { isIdentifier } from '../../../core/identifier.ts';
import type { Queryable } from '../../../platform/database.ts';
import type { FailureCode, Policy, PolicyStatus } from './schema.ts';

export interface PolicyRow {
  id: string;
  partner_id: string;
  account_id: string;
  batch_id: string | null;
  quote_id: string | null;
  product: string;
  product_number: number;
  subject: string;
  window_start: bigint;
  window_end: bigint;
  sale_closes_at: bigint;
  decimals: number;
  ordered_units: bigint;
  max_premium_units: bigint;
  buyer: string;
  sequence: bigint;
  deadline: bigint;
  holder: string;
  is_transferable: boolean;
  reference: string | null;
  status: PolicyStatus;
  reason_code: FailureCode | null;
  reason_detail: string | null;
  policy_number: bigint | null;
  risk_number: bigint | null;
  premium_units: bigint | null;
  capital_charge_units: bigint | null;
  issued_transaction: string | null;
  issued_block: bigint | null;
  insured_units: bigint | null;
  refund_units: bigint;
  observation: bigint | null;
  payout_bps: number | null;
  settled_transaction: string | null;
  settled_at: bigint | null;
  paid_units: bigint | null;
  paid_transaction: string | null;
  paid_at: bigint | null;
  /** What waits for its owner in the pool: of the claim, of cancellations. */
  credit_units: bigint | null;
  refund_credit_units: bigint | null;
  created_at: Date;
  updated_at: Date;
}

const waiting = (of: string) =>
  `(select sum(k.units) from settlement.policy_credits k where k.policy_id = p.id and ${of})`;
const POLICIES = `select p.*, ${waiting('k.is_claim')} as credit_units, ${waiting('not k.is_claim')} as refund_credit_units
   from settlement.policies p`;

/** The policies of these ids, in the order of ids. */
export async function readPolicies(database: Queryable, ids: readonly string[]): Promise<PolicyRow[]> {
  const { rows } = await database.query<PolicyRow>(`${POLICIES} where id = any($1) order by id`, [ids]);
  return rows;
}

/** One of a partner; undefined when there is none, or it is another partner's. */
export async function findPolicy(
  database: Queryable,
  partnerId: string,
  id: string,
): Promise<PolicyRow | undefined> {
  if (!isIdentifier(id)) return undefined;
  const { rows } = await database.query<PolicyRow>(`${POLICIES} where partner_id = $1 and id = $2`, [
    partnerId,
    id,
  ]);
  return rows[0];
}

export interface PolicyFilter {
  limit: number;
  cursor?: string | undefined;
  statuses?: readonly string[] | undefined;
  product?: string | undefined;
  batch?: string | undefined;
}

/** Up to `limit` + 1 of a partner, newest first. */
export async function listPolicies(
  database: Queryable,
  partnerId: string,
  { limit, cursor, statuses, product, batch }: PolicyFilter,
): Promise<PolicyRow[]> {
  const { rows } = await database.query<PolicyRow>(
    `${POLICIES}
      where partner_id = $1 and ($2::text is null or id < $2) and ($3::text[] is null or status = any($3))
        and ($4::text is null or product = $4) and ($5::text is null or batch_id = $5)
      order by id desc limit $6`,
    [partnerId, cursor ?? null, statuses ?? null, product ?? null, batch ?? null, limit + 1],
  );
  return rows;
}

export type PolicyEvent = NonNullable<Policy['events']>[number];

/** The timeline of a policy, oldest first. */
export async function readTimeline(database: Queryable, id: string): Promise<PolicyEvent[]> {
  const { rows } = await database.query<{ at: Date; state: string; detail: PolicyEvent['detail'] }>(
    'select at, state, detail from settlement.policy_events where policy_id = $1 order by id',
    [id],
  );
  return rows.map(({ at, ...event }) => ({ at: at.toISOString(), ...event }));
}
