import type { Hex } from 'viem';
import type { Queryable } from '../../services/platform/database.ts';
import type { PostingRecord } from '../../services/settlement/domains/ledger/seal.ts';

/** A posting with its seal, and what its event must look like on the chain. */
export interface SealedPosting extends PostingRecord {
  seal: Hex;
  token: Hex;
  payer: Hex;
}

interface Row {
  number: bigint;
  hash: Hex;
  id: string;
  kind: string;
  chain_id: bigint;
  block_number: bigint;
  block_hash: Hex;
  log_index: number;
  transaction_hash: Hex;
  account_id: string;
  payment_id: string | null;
  booked_at: string;
  partner_id: string;
  token: Hex;
  payer: Hex;
  entries: { account: string; kind: string; currency: string; amount: string }[] | null;
}

/** The next postings after a number, in the order of their numbers, at most `limit`. */
export async function readPostings(
  database: Queryable,
  after: bigint,
  limit: number,
): Promise<SealedPosting[]> {
  const { rows } = await database.query<Row>(
    `select s.number, s.hash, p.id, p.kind, p.chain_id, p.block_number, p.block_hash, p.log_index, p.transaction_hash,
            p.account_id, p.payment_id, a.partner_id, a.token, a.payer, e.entries,
            to_char(p.booked_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as booked_at
       from (select * from settlement.ledger_seals where number > $1 order by number limit $2) s
       join settlement.ledger_postings p on p.id = s.posting_id
       join settlement.accounts a on a.id = p.account_id
      cross join lateral (
              select json_agg(json_build_object('account', l.account_id, 'kind', l.kind, 'currency', l.currency,
                                                'amount', e.amount::text)) as entries
                from settlement.ledger_entries e join settlement.ledger_accounts l on l.id = e.ledger_account_id
               where e.posting_id = p.id) e
      order by s.number`,
    [after, limit],
  );
  return rows.map((row) => ({
    number: row.number,
    seal: row.hash,
    id: row.id,
    kind: row.kind,
    chainId: row.chain_id,
    blockNumber: row.block_number,
    blockHash: row.block_hash,
    logIndex: row.log_index,
    transactionHash: row.transaction_hash,
    accountId: row.account_id,
    partnerId: row.partner_id,
    paymentId: row.payment_id,
    bookedAt: row.booked_at,
    token: row.token,
    payer: row.payer,
    entries: (row.entries ?? []).map(({ account, kind, currency, amount }) => ({
      accountId: account,
      kind,
      currency,
      amount: BigInt(amount),
    })),
  }));
}
