/** The ledger's postings, and the payments, policies and escrows whose money they book. */
import { formatMoney } from '../../services/core/money.ts';
import type { Database } from '../../services/platform/database.ts';
import type { Moment } from './read.ts';

/** Postings with the transfer that each answers to, and the wallet of their account. */
const transferred = `settlement.ledger_postings g
    join settlement.accounts a on a.id = g.account_id
    join indexer.transfers t on (t.chain_id, t.block_number, t.log_index) = (g.chain_id, g.block_number, g.log_index)`;
const sameTransaction = (row: string) =>
  `(${row}.chain_id, ${row}.block_number, ${row}.transaction_hash) = (g.chain_id, g.block_number, g.transaction_hash)`;

/**
 * Rows of `posting_id` and `subject`: a payment's own; what a wallet signed; what a policy costs and brings; what an escrow's
 * last event before the transfer moved; and credits that are withdrawn, one posting for all of them. Of equal amounts of one wallet
 * in one transaction, each is that of any of its payments and policies there.
 */
export const bookings = `
  select id as posting_id, payment_id as subject from settlement.ledger_postings where payment_id is not null
  union
  select g.id, p.id from ${transferred}
    join indexer.authorizations e on ${sameTransaction('e')}
     and a.payer in (e.authorizer, e.recipient) and (e.token, e.amount) = (t.token, t.amount)
    join settlement.authorized_payments p
      on (p.chain_id, p.token, p.payer, p.nonce) = (e.chain_id, e.token, e.authorizer, e.nonce)
  union
  select g.id, p.id from ${transferred}
    join indexer.other_events e on ${sameTransaction('e')}
     and e.name in ('PolicyIssued', 'PolicyCancelled', 'PolicyPaid', 'PremiumRefunded')
     and coalesce(e.arguments ->> 'buyer', e.arguments ->> 'holder') = a.payer
     and coalesce(e.arguments ->> 'premium', e.arguments ->> 'refund', e.arguments ->> 'amount')::numeric = t.amount
    join settlement.policies p on (p.chain_id, p.policy_number) = (e.chain_id, (e.arguments ->> 'policyId')::numeric)
  union
  select g.id, v.policy_id from ${transferred}
    join indexer.other_events e on ${sameTransaction('e')} and e.name = 'CreditWithdrawn' and e.arguments ->> 'account' = a.payer
    join settlement.policy_events v on v.state = 'credit_withdrawn' and v.detail ->> 'transactionHash' = e.transaction_hash
  union
  select g.id, s.id from ${transferred}
    join indexer.escrow_events e on ${sameTransaction('e')} and e.log_index < g.log_index
     and (e.contract in (t.sender, t.recipient) or e.refunded = t.amount)
     and not exists (select from indexer.escrow_events n
                      where ${sameTransaction('n')} and n.log_index > e.log_index and n.log_index < g.log_index)
     and not exists (select from indexer.other_events w
                      where ${sameTransaction('w')} and w.name = 'CreditWithdrawn' and w.log_index > e.log_index
                        and w.log_index < g.log_index)
    join settlement.escrows s on (s.chain_id, s.contract, s.escrow_id) = (e.chain_id, e.contract, e.escrow_id)
  union
  select g.id, s.id from ${transferred}
    join indexer.credit_withdrawals e on ${sameTransaction('e')} and (e.contract, e.account, e.token) = (t.sender, a.payer, t.token)
    join settlement.escrows s on (s.chain_id, s.contract, s.escrow_id) = (e.chain_id, e.contract, e.id)`;

/** What the ledger booked for a payment, a policy or an escrow, and where the bank's books have it. */
export async function postingsOf(database: Database, id: string): Promise<Moment[]> {
  const { rows } = await database.query<{
    id: string;
    kind: string;
    account_id: string;
    currency: string;
    booked_at: Date;
    block_number: bigint;
    log_index: number;
    entries: string[];
  }>(
    `select p.id, p.kind, p.account_id, min(a.currency) as currency, p.booked_at, p.block_number, p.log_index,
            array_agg(a.kind || ' ' || e.amount order by a.kind) as entries
       from settlement.ledger_postings p
       join settlement.ledger_entries e on e.posting_id = p.id
       join settlement.ledger_accounts a on a.id = e.ledger_account_id
      where p.id in (select posting_id from (${bookings}) as booked where subject = $1)
      group by p.id order by p.block_number, p.log_index`,
    [id],
  );
  return rows.flatMap(({ currency, ...row }) => {
    const entries = row.entries.map((entry) => {
      const [kind = '', units = '0'] = entry.split(' ');
      return `${kind} ${formatMoney({ currency, units: BigInt(units) })} ${currency}`;
    });
    return [
      {
        at: row.booked_at,
        what: 'posting',
        detail: `${row.kind} ${row.id} for block ${row.block_number}, log ${row.log_index}: ${entries.join(', ')}`,
      },
      {
        at: row.booked_at,
        what: 'bank message',
        detail: `entry of the camt.053: GET /v1/accounts/${row.account_id}/statement?date=${row.booked_at.toISOString().slice(0, 10)}`,
      },
    ];
  });
}
