/** From final Transfer events to double entries. */
import { corridors } from '../../../core/currency.ts';
import { minorUnit } from '../../../core/money.ts';
import { oneRow, type Queryable, type Transaction } from '../../../platform/database.ts';

/** The ledger accounts of one funding account, all at zero. */
export async function openLedgerAccounts(
  tx: Transaction,
  accountId: string,
  currency: string,
): Promise<void> {
  await tx.query(
    `insert into settlement.ledger_accounts (kind, account_id, currency)
     select kind, $1, $2 from unnest(array['funds', 'chain', 'dust']) as kind`,
    [accountId, currency],
  );
}

export interface BlockRange {
  chainId: number;
  fromBlock: bigint;
  toBlock: bigint;
  /** Only this account; every account when left out. */
  accountId?: string;
}

/**
 * Posts every transfer of the final blocks of the range that touches a wallet of ours: a payment of ours in state
 * `final`, else a deposit or a withdrawal. The caller sees to it that the blocks are final and each range is posted once;
 * the unique key of the postings refuses a second time.
 *
 * Partners' funds are whole minor units: they are the wallet's balance rounded down, what is left over waits as
 * `dust` until it makes up a minor unit. So a deposit is rounded down and a withdrawal up, and nothing gets lost.
 */
export async function postTransfers(tx: Transaction, range: BlockRange): Promise<void> {
  const currencies = Object.keys(corridors);
  // A statement of its own: the next one sees what others posted while this one waited for them.
  const { booked_at: bookedAt } = oneRow(
    await tx.query<{ booked_at: string }>('select settlement.open_books()::text as booked_at'),
  );
  await tx.query(
    `with account as (
       select a.id as account_id, a.token, a.payer, -l.balance as on_chain, f.balance as funds, m.minor_unit
         from settlement.accounts a
         join settlement.ledger_accounts l on l.account_id = a.id and l.kind = 'chain'
         join settlement.ledger_accounts f on f.account_id = a.id and f.kind = 'funds'
         join unnest($5::text[], $6::numeric[]) as m (currency, minor_unit) on m.currency = a.currency
        where a.chain_id = $1 and ($4::text is null or a.id = $4)
     ), moved as (
       select a.*, t.block_number, t.log_index, t.transaction_hash, -t.amount as delta
         from account a
         join indexer.transfers t on t.chain_id = $1 and t.sender = a.payer and t.block_number between $2 and $3
          and t.token = a.token and t.recipient <> t.sender
       union all
       select a.*, t.block_number, t.log_index, t.transaction_hash, t.amount
         from account a
         join indexer.transfers t on t.chain_id = $1 and t.recipient = a.payer and t.block_number between $2 and $3
          and t.token = a.token and t.recipient <> t.sender
     ), running as (
       select m.*, p.id as payment_id,
              div(m.on_chain + sum(m.delta) over (partition by m.account_id order by m.block_number, m.log_index),
                  m.minor_unit) * m.minor_unit as funds_after
         from moved m
         left join indexer.payments i on i.chain_id = $1 and i.block_number = m.block_number
          and i.log_index = m.log_index and i.outcome = 'settled' and m.delta < 0
         left join settlement.current_payments p on p.account_id = m.account_id and p.sequence = i.sequence
          and p.state = 'final'
        where m.delta <> 0
     ), stepped as (
       select r.*, r.funds_after - lag(r.funds_after, 1, r.funds)
                over (partition by r.account_id order by r.block_number, r.log_index) as funds_delta,
              settlement.new_id('pst') as posting_id
         from running r
     ), posting as (
       insert into settlement.ledger_postings
         (id, kind, chain_id, block_number, block_hash, log_index, transaction_hash, account_id, payment_id, booked_at)
       select s.posting_id,
              case when s.payment_id is not null then 'payment' when s.delta > 0 then 'deposit' else 'withdrawal' end,
              $1, s.block_number, b.hash, s.log_index, s.transaction_hash, s.account_id, s.payment_id, $7
         from stepped s
         join indexer.blocks b on b.chain_id = $1 and b.number = s.block_number
        order by s.block_number, s.log_index
     )
     insert into settlement.ledger_entries (posting_id, ledger_account_id, amount)
     select s.posting_id, l.id, e.amount
       from stepped s
      cross join lateral (values ('funds', s.funds_delta), ('chain', -s.delta), ('dust', s.delta - s.funds_delta))
            as e (kind, amount)
       join settlement.ledger_accounts l on l.account_id = s.account_id and l.kind = e.kind
      where e.amount <> 0`,
    [
      range.chainId,
      range.fromBlock,
      range.toBlock,
      range.accountId ?? null,
      currencies,
      currencies.map((currency) => minorUnit(currency)),
      bookedAt,
    ],
  );
}

export interface Balance {
  accountId: string;
  /** Whole token units that the partner owns, as posted. */
  posted: bigint;
  /** Of these, reserved for payments under way. */
  held: bigint;
}

/** The balances of accounts. */
export async function readBalances(
  database: Queryable,
  accountIds: readonly string[],
): Promise<Map<string, Balance>> {
  const { rows } = await database.query<{ account_id: string; balance: bigint; held: bigint }>(
    `select account_id, balance, held from settlement.ledger_accounts where kind = 'funds' and account_id = any($1)`,
    [accountIds],
  );
  return new Map(
    rows.map((row) => [row.account_id, { accountId: row.account_id, posted: row.balance, held: row.held }]),
  );
}
