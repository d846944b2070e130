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
 * The transfers by which wallets of ours sent or received money. Each account is looked up by its key, whatever the planner
 * thinks of blocks that came after it counted; a single account's transfers by its wallet.
 */
const movedBy = (wallet: 'sender' | 'recipient', delta: string, { accountId }: BlockRange) =>
  `select a.id as account_id, a.currency, t.block_number, t.log_index, t.transaction_hash,
              t.${wallet} as wallet, ${delta} as delta
         from indexer.transfers t
        cross join lateral (
          select id, currency from settlement.accounts
           where chain_id = $1 and token = t.token and payer = t.${wallet} and ($4::text is null or id = $4) offset 0) a
        where t.chain_id = $1 and t.block_number between $2 and $3 and t.recipient <> t.sender and t.amount <> 0
          ${accountId === undefined ? '' : `and t.${wallet} = (select payer from settlement.accounts where id = $4)`}`;

/**
 * Posts every transfer of the final blocks of the range that touches a wallet of ours: a payment of ours in state
 * `final`; a premium, and what the cover pays or gives back, at once or as a credit that is withdrawn; else a deposit or a withdrawal. The caller sees to it that the
 * blocks are final and each range is posted once; the unique key of the postings refuses a second time.
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
    `with moved as (
       ${movedBy('sender', '-t.amount', range)}
       union all
       ${movedBy('recipient', 't.amount', range)}
     ), running as (
       select m.*, f.balance as funds, p.id as payment_id,
              div(sum(m.delta) over (partition by m.account_id order by m.block_number, m.log_index) - c.balance,
                  u.minor_unit) * u.minor_unit as funds_after
         from moved m
         join unnest($5::text[], $6::numeric[]) as u (currency, minor_unit) using (currency)
        cross join lateral (
          select balance from settlement.ledger_accounts where account_id = m.account_id and kind = 'chain' offset 0) c
        cross join lateral (
          select balance from settlement.ledger_accounts where account_id = m.account_id and kind = 'funds' offset 0) f
         left join lateral (
           select sequence from indexer.payments
            where m.delta < 0 and chain_id = $1 and block_number = m.block_number and log_index = m.log_index
              and outcome = 'settled' offset 0) i on true
         left join lateral (
           select id, state from settlement.current_payments
            where account_id = m.account_id and sequence = i.sequence offset 0) p on p.state = 'final'
     ), stepped as (
       select r.*, r.funds_after - lag(r.funds_after, 1, r.funds)
                over (partition by r.account_id order by r.block_number, r.log_index) as funds_delta,
              settlement.new_id('pst') as posting_id
         from running r
     ), posting as (
       insert into settlement.ledger_postings
         (id, kind, chain_id, block_number, block_hash, log_index, transaction_hash, account_id, payment_id, booked_at)
       select s.posting_id,
              case when s.payment_id is not null then 'payment'
                   else coalesce((select min(c.kind) from indexer.cover_money c
                                   where c.chain_id = $1 and c.transaction_hash = s.transaction_hash
                                     and c.block_number = s.block_number and c.wallet = s.wallet and c.change = s.delta),
                                 case when s.delta > 0 then 'deposit' else 'withdrawal' end) end,
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
