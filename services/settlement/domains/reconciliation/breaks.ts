/** Breaks: differences that stay open until the books agree again, and grow more severe while they last. */
import { formatMoney } from '../../../core/money.ts';
import type { Queryable, Transaction } from '../../../platform/database.ts';
import type { Logger } from '../../../platform/log.ts';

/** Of an account: between ledger, index and chain. */
export const accountBreakKinds = ['missing_inside', 'missing_outside', 'amount', 'index', 'holds'] as const;
/** Of a currency's reserve: between chain and bank. */
export const bankBreakKinds = [
  'bank_missing_inside',
  'bank_missing_outside',
  'bank_amount',
  'bank_duplicate',
  'bank_return',
  'bank_timing',
  'bank_sequence',
  'bank_reserve',
] as const;
/** Of a policy or an escrow: between index and contract, and between settlement and index. */
export const coverAndEscrowBreakKinds = ['policy', 'escrow'] as const;
/** And of what a contract holds: between index and contract. */
export const contractBreakKinds = [...coverAndEscrowBreakKinds, 'custody'] as const;
/** Those that partners see. */
export const partnerBreakKinds = [...accountBreakKinds, ...coverAndEscrowBreakKinds] as const;
export const breakKinds = [...accountBreakKinds, ...bankBreakKinds, ...contractBreakKinds] as const;
export type BreakKind = (typeof breakKinds)[number];

export const severities = ['notice', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** What a run found: what was observed, and what it should have been, in token units. */
export interface Difference {
  kind: BreakKind;
  accountId: string | null;
  /** Whose policy or escrow it is about. */
  partnerId?: string | null;
  currency: string;
  /** The event or entry that it is about; '' for a balance as a whole. Of contracts: see `Compared`. */
  subject: string;
  observed: bigint;
  expected: bigint;
  blockNumber: bigint | null;
}

/** Opens a break for each difference that has none, and sees the others again. */
export async function openBreaks(tx: Transaction, differences: readonly Difference[]): Promise<void> {
  const column = <Key extends keyof Difference>(key: Key) =>
    differences.map((difference) => difference[key] ?? null);
  await tx.query(
    `insert into settlement.breaks
       (kind, account_id, currency, subject, observed_units, expected_units, block_number, partner_id)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::numeric[], $6::numeric[], $7::bigint[], $8::text[])
     on conflict (kind, account_id, currency, subject) where closed_at is null
     do update set observed_units = excluded.observed_units, expected_units = excluded.expected_units,
                   block_number = excluded.block_number, last_seen_at = now()`,
    [
      column('kind'),
      column('accountId'),
      column('currency'),
      column('subject'),
      column('observed'),
      column('expected'),
      column('blockNumber'),
      column('partnerId'),
    ],
  );
}

export interface Ageing {
  warningMinutes: number;
  criticalMinutes: number;
}

/** Lets open breaks rise with their age, by the database's clock, and tells of each rise once, whichever process sees it. */
export async function ageBreaks(
  database: Queryable,
  { warningMinutes, criticalMinutes }: Ageing,
  log: Logger,
): Promise<void> {
  const { rows } = await database.query<{
    id: string;
    kind: BreakKind;
    severity: Severity;
    account_id: string | null;
    currency: string;
    subject: string;
    observed_units: bigint;
    expected_units: bigint;
    age_seconds: number;
  }>(
    `with aged as (
       select id, case
                when kind = 'bank_timing' then 'notice' -- it becomes another kind when it lasts
                when opened_at <= now() - make_interval(mins => $2) then 'critical'
                when opened_at <= now() - make_interval(mins => $1) then 'warning'
                else 'notice'
              end as severity
         from settlement.breaks where closed_at is null
     )
     update settlement.breaks b set severity = a.severity
       from aged a
      where a.id = b.id and b.closed_at is null and b.severity is distinct from a.severity
     returning b.id, b.kind, b.severity, b.account_id, b.currency, b.subject, b.observed_units, b.expected_units,
               extract(epoch from now() - b.opened_at)::float8 as age_seconds`,
    [warningMinutes, criticalMinutes],
  );
  for (const { severity, currency, observed_units, expected_units, age_seconds, ...row } of rows) {
    const observed = formatMoney({ currency, units: observed_units });
    const expected = formatMoney({ currency, units: expected_units });
    const told = { ...row, currency, severity, observed, expected, ageSeconds: Math.floor(age_seconds) };
    log[severity === 'critical' ? 'error' : 'warn'](told, 'the books do not agree');
  }
}

/** Open breaks by kind and severity, and how long the oldest has been open; for the metrics. */
export async function readOpenBreaks(
  database: Queryable,
): Promise<{ kind: BreakKind; severity: Severity; count: bigint; oldest_seconds: number }[]> {
  const { rows } = await database.query<{
    kind: BreakKind;
    severity: Severity;
    count: bigint;
    oldest_seconds: number;
  }>(
    `select kind, coalesce(severity, 'notice') as severity, count(*) as count,
            extract(epoch from now() - min(opened_at))::float8 as oldest_seconds
       from settlement.breaks where closed_at is null group by 1, 2`,
  );
  return rows;
}

export interface BreakFilter {
  isOpen?: boolean | undefined;
  limit: number;
  cursor?: string | undefined;
}

export interface PartnerBreak {
  id: string;
  kind: (typeof partnerBreakKinds)[number];
  severity: Severity;
  account_id: string | null;
  currency: string;
  subject: string;
  observed_units: bigint;
  expected_units: bigint;
  block_number: bigint;
  opened_at: Date;
  last_seen_at: Date;
  closed_at: Date | null;
  age_seconds: number;
}

/** By SQL, the breaks `b` of partner $1: of its accounts, policies and escrows. */
export const OF_PARTNER = `
  (b.partner_id = $1 or b.account_id in (select id from settlement.accounts where partner_id = $1))`;

/** Up to `limit` of a partner's breaks, newest first; the open ones, the closed ones, or all. */
export async function listBreaks(
  database: Queryable,
  partnerId: string,
  { isOpen, limit, cursor }: BreakFilter,
): Promise<PartnerBreak[]> {
  const { rows } = await database.query<PartnerBreak>(
    `select b.id, b.kind, coalesce(b.severity, 'notice') as severity, b.account_id, b.currency, b.subject, b.observed_units,
            b.expected_units, b.block_number, b.opened_at, b.last_seen_at, b.closed_at,
            extract(epoch from coalesce(b.closed_at, now()) - b.opened_at)::float8 as age_seconds
       from settlement.breaks b
      where ${OF_PARTNER} and ($2::boolean is null or (b.closed_at is null) = $2) and ($3::text is null or b.id < $3)
      order by b.id desc limit $4`,
    [partnerId, isOpen ?? null, cursor ?? null, limit],
  );
  return rows;
}
