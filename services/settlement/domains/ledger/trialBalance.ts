/** The trial balance: what every account of the ledger stood at, at a time. */
import type { Hex } from 'viem';
import { type Database, oneRow, withTransaction } from '../../../platform/database.ts';

export interface TrialBalanceRow {
  accountId: string;
  kind: 'funds' | 'chain' | 'dust';
  currency: string;
  /** Token units; one of the two is 0. */
  debit: bigint;
  credit: bigint;
}

export interface TrialBalance {
  /** The time, RFC 3339 in UTC, as precise as postings are booked. */
  at: string;
  /** The last posting of the whole ledger by then, and its seal; undefined before the first. */
  lastPosting?: { number: bigint; seal: Hex };
  /** Ledger accounts with postings by then, by currency, account and kind. Debits and credits are equal in each currency. */
  rows: TrialBalanceRow[];
}

/**
 * Reads what was booked by a time that is past. The answer for a time is for ever the same: whoever is posting is waited
 * for, and whoever posts later books later.
 * @param at RFC 3339
 * @returns undefined when `at` is not past by the database's clock.
 */
export async function readTrialBalance(
  database: Database,
  at: string,
  of: { partnerId?: string; currency?: string | undefined } = {},
): Promise<TrialBalance | undefined> {
  return await withTransaction(database, async (tx) => {
    await tx.query('select from settlement.ledger_head for share');
    const time = oneRow(
      await tx.query<{ at: string; is_past: boolean }>(
        `select to_char($1::timestamptz at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
                $1::timestamptz < clock_timestamp() as is_past`,
        [at],
      ),
    );
    if (!time.is_past) return undefined;
    const last = await tx.query<{ number: bigint; hash: Hex }>(
      `select s.number, s.hash from settlement.ledger_postings p join settlement.ledger_seals s on s.posting_id = p.id
        where p.booked_at <= $1 order by p.booked_at desc, s.number desc limit 1`,
      [at],
    );
    const { rows } = await tx.query<{
      account_id: string;
      kind: TrialBalanceRow['kind'];
      currency: string;
      debit: bigint;
      credit: bigint;
    }>(
      `select l.account_id, l.kind, l.currency, greatest(-sum(e.amount), 0) as debit, greatest(sum(e.amount), 0) as credit
         from settlement.accounts a
         join settlement.ledger_accounts l on l.account_id = a.id
         join settlement.ledger_entries e on e.ledger_account_id = l.id
         join settlement.ledger_postings p on p.id = e.posting_id
        where p.booked_at <= $1 and ($2::text is null or a.partner_id = $2) and ($3::text is null or l.currency = $3)
        group by l.id
        order by l.currency, l.account_id, l.kind desc`,
      [at, of.partnerId ?? null, of.currency ?? null],
    );
    const [posting] = last.rows;
    return {
      at: time.at,
      ...(posting && { lastPosting: { number: posting.number, seal: posting.hash } }),
      rows: rows.map(({ account_id: accountId, ...row }) => ({ accountId, ...row })),
    };
  });
}

/** Debits and credits of a trial balance by currency; they are equal as long as the ledger is sound. */
export function totalsOf(
  rows: readonly TrialBalanceRow[],
): { currency: string; debit: bigint; credit: bigint }[] {
  return [...Map.groupBy(rows, ({ currency }) => currency)].map(([currency, ofCurrency]) => ({
    currency,
    debit: ofCurrency.reduce((sum, { debit }) => sum + debit, 0n),
    credit: ofCurrency.reduce((sum, { credit }) => sum + credit, 0n),
  }));
}
