import type { Queryable } from '../../services/platform/database.ts';
import { LedgerDiffers } from './difference.ts';

/** Each of these finds at most one row: where, expected, found. One statement sees one state of a ledger that goes on. */
const checks = [
  `select 'Posting ' || id as "where", 'a seal' as expected, 'none' as found
     from settlement.ledger_postings p
    where not exists (select from settlement.ledger_seals where posting_id = p.id) limit 1`,
  `select 'An entry of ' || amount || ' in posting ' || posting_id as "where", 'a posting and a ledger account' as expected,
          'one of them missing' as found
     from settlement.ledger_entries e
    where not exists (select from settlement.ledger_postings where id = e.posting_id)
       or not exists (select from settlement.ledger_accounts where id = e.ledger_account_id) limit 1`,
  `select 'The balance of ' || l.kind || ' of account ' || l.account_id as "where",
          coalesce(e.sum, 0) || ' ' || l.currency || ' (millionths), the sum of its entries' as expected,
          l.balance::text as found
     from settlement.ledger_accounts l
     left join (select ledger_account_id, sum(amount) as sum from settlement.ledger_entries group by 1) e
       on e.ledger_account_id = l.id
    where l.balance <> coalesce(e.sum, 0) order by l.account_id, l.kind limit 1`,
  `select 'All balances in ' || currency as "where", '0' as expected, sum(balance)::text as found
     from settlement.ledger_accounts group by currency having sum(balance) <> 0 limit 1`,
  `select 'The head of the ledger' as "where", 'posting ' || coalesce(s.number, 0) || ', the last that is sealed' as expected,
          'posting ' || h.number as found
     from settlement.ledger_head h
     left join (select max(number) as number from settlement.ledger_seals) s on true
    where h.number <> coalesce(s.number, 0)`,
];

/**
 * Compares balances with entries, and looks for what belongs to nothing.
 * @returns how many ledger accounts there are.
 * @throws LedgerDiffers at the first difference
 */
export async function verifyBalances(database: Queryable): Promise<number> {
  for (const sql of checks) {
    const { rows } = await database.query<{ where: string; expected: string; found: string }>(sql);
    if (rows[0]) throw new LedgerDiffers(rows[0].where, rows[0].expected, rows[0].found);
  }
  const { rows } = await database.query<{ count: bigint }>(
    'select count(*) as count from settlement.ledger_accounts',
  );
  return Number(rows[0]?.count);
}
