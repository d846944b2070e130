/** Funding accounts: a partner's wallet and token that the router may debit, and their position in the ledger. */
import { isIdentifier } from '../../../core/identifier.ts';
import { formatMoney } from '../../../core/money.ts';
import type { Queryable } from '../../../platform/database.ts';
import type { Account } from './schema.ts';

export interface AccountRow {
  id: string;
  partner_id: string;
  partner_name: string;
  currency: string;
  chain_id: bigint;
  token: string;
  payer: string;
  created_at: Date;
  balance: bigint;
  held: bigint;
}

const select = `
  select a.id, a.partner_id, n.name as partner_name, a.currency, a.chain_id, a.token, a.payer, a.created_at,
         l.balance, l.held
    from settlement.accounts a
    join settlement.partners n on n.id = a.partner_id
    join settlement.ledger_accounts l on l.account_id = a.id and l.kind = 'funds'`;

/** One account of a partner; undefined when there is none, or it is another partner's. */
export async function findAccount(
  database: Queryable,
  partnerId: string,
  id: string,
): Promise<AccountRow | undefined> {
  if (!isIdentifier(id)) return undefined;
  const { rows } = await database.query<AccountRow>(`${select} where a.partner_id = $1 and a.id = $2`, [
    partnerId,
    id,
  ]);
  return rows[0];
}

/** Up to `limit` accounts of a partner, newest first, after the id `cursor`. */
export async function listAccounts(
  database: Queryable,
  partnerId: string,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<AccountRow[]> {
  const { rows } = await database.query<AccountRow>(
    `${select} where a.partner_id = $1 and ($2::text is null or a.id < $2) order by a.id desc limit $3`,
    [partnerId, cursor, limit],
  );
  return rows;
}

/** An account as the API shows it. */
export function toAccount(row: AccountRow): Account {
  const amount = (units: bigint) => ({
    currency: row.currency,
    value: formatMoney({ currency: row.currency, units }),
  });
  return {
    id: row.id,
    currency: row.currency,
    wallet: row.payer,
    chainId: Number(row.chain_id),
    token: row.token,
    balance: {
      posted: amount(row.balance),
      held: amount(row.held),
      available: amount(row.balance - row.held),
    },
    createdAt: row.created_at.toISOString(),
  };
}
