/** Where accounts stand: by our ledger, by the index, and by the chain itself. */
import type { Address, PublicClient } from 'viem';
import { stablecoinAbi } from '../../../core/abi/stablecoin.ts';
import { corridors } from '../../../core/currency.ts';
import { minorUnit } from '../../../core/money.ts';
import type { Queryable } from '../../../platform/database.ts';
import { readInParts } from './reads.ts';

/** Accounts that are asked for in each run though nothing speaks against them, those first that waited longest. */
const ACCOUNTS_IN_TURN = 50;

export interface Position {
  accountId: string;
  currency: string;
  token: Address;
  payer: Address;
  /** What the wallet holds at the block, in token units: by the ledger, and by the indexer. */
  ledgerUnits: bigint;
  indexUnits: bigint;
  /** Of that, by the ledger: what is the partner's, and the parts of a minor unit. */
  fundsUnits: bigint;
  dustUnits: bigint;
  /** What the ledger has reserved, and the sum of the pending holds of payments whose block is not posted yet and of premiums. */
  heldUnits: bigint;
  holdsUnits: bigint;
}

export interface Snapshot {
  blockNumber: bigint;
  blockHash: string;
  /** Those whose balance the chain is to be asked for. */
  positions: Position[];
  /** Of all accounts. */
  tokens: Address[];
}

/**
 * The accounts to ask the chain about, as of the block up to which the ledger has posted; one statement, so one moment.
 * The index is at its head, so what it has beyond that block is taken off. An account is asked about when the chain never
 * was, when ledger or index is not where the chain was then (it moved, or somebody moved the books), when its own numbers
 * do not add up, while it has an open break, and in turn. Undefined before the first posted block.
 *
 * `offset 0` keeps each look-up one by its key: a planner that last counted while nothing was under way would take open
 * payments and pending holds for one row each, and compare all of them with each other.
 */
export async function readPositions(database: Queryable, chainId: number): Promise<Snapshot | undefined> {
  const currencies = Object.keys(corridors);
  const { rows } = await database.query<{
    block_number: bigint;
    block_hash: string;
    tokens: Address[] | null;
    account_id: string | null;
    currency: string;
    token: Address;
    payer: Address;
    ledger_units: bigint;
    index_units: bigint;
    funds_units: bigint;
    dust_units: bigint;
    held_units: bigint;
    holds_units: bigint;
  }>(
    `with posted as materialized (
       select p.block_number, k.hash as block_hash
         from settlement.posted_blocks p
         join indexer.blocks k on k.chain_id = p.chain_id and k.number = p.block_number
        where p.chain_id = $1
     ), beyond as materialized (
       select token, account, sum(amount) as units
         from (select t.token, t.recipient as account, t.amount from indexer.transfers t
                where t.chain_id = $1 and t.block_number > (select block_number from posted)
               union all
               select t.token, t.sender, -t.amount from indexer.transfers t
                where t.chain_id = $1 and t.block_number > (select block_number from posted)) moved
        group by token, account
     ), open as (
       select id, account_id, sequence, state from settlement.payments
        where state not in ('batched', 'posted', 'rejected', 'cancelled', 'returned')
       union all
       select y.id, y.account_id, y.sequence, case when b.is_split then y.state else b.state end
         from settlement.settlement_batches b
        cross join lateral (
          select id, account_id, sequence, state from settlement.payments
           where settlement_batch_id = b.id and state = 'batched' offset 0) y
        where b.state <> 'posted' and (not b.is_split or b.state not in ('held', 'final'))
     ), reserved as materialized (
       select ledger_account_id, sum(amount) as units
         from (select h.ledger_account_id, h.amount
                 from open y
                cross join lateral (
                  select ledger_account_id, amount from settlement.holds
                   where payment_id = y.id and state = 'pending' offset 0) h
                 join settlement.accounts a on a.id = y.account_id
                 left join lateral (
                   select block_number from indexer.payments
                    where y.state = 'final' and chain_id = $1 and payer = a.payer and sequence = y.sequence offset 0) i on true
                where i.block_number is null or i.block_number > (select block_number from posted)
               union all
               select h.ledger_account_id, h.amount
                 from settlement.policies y
                cross join lateral (
                  select ledger_account_id, amount from settlement.holds
                   where payment_id = y.id and state = 'pending' offset 0) h
                where y.chain_id = $1 and y.status in ('accepted', 'processing')
               union all
               select h.ledger_account_id, h.amount
                 from settlement.escrow_actions y
                 join settlement.escrows s on s.id = y.escrow_id and s.chain_id = $1
                cross join lateral (
                  select ledger_account_id, amount from settlement.holds
                   where payment_id = y.id and state = 'pending' offset 0) h
                where y.state = 'open'
                  and not exists (select from indexer.escrow_events e
                                   where e.chain_id = s.chain_id and e.contract = s.contract and e.escrow_id = s.escrow_id
                                     and e.put_in > 0 and e.block_number <= (select block_number from posted))) as held
        group by ledger_account_id
     ), in_turn as (
       select account_id from settlement.reconciled_balances order by block_number, account_id limit ${ACCOUNTS_IN_TURN}
     ), stand as (
       select a.id as account_id, a.currency, a.token, a.payer, -c.balance as ledger_units, f.balance as funds_units,
              d.balance as dust_units, f.held as held_units, coalesce(h.units, 0) as holds_units,
              coalesce(b.amount, 0) - coalesce(m.units, 0) as index_units, r.units as chain_units,
              mod(r.units, u.minor_unit) as dust_expected
         from settlement.accounts a
         join unnest($2::text[], $3::numeric[]) as u (currency, minor_unit) on u.currency = a.currency
         join settlement.ledger_accounts c on c.account_id = a.id and c.kind = 'chain'
         join settlement.ledger_accounts f on f.account_id = a.id and f.kind = 'funds'
         join settlement.ledger_accounts d on d.account_id = a.id and d.kind = 'dust'
         left join indexer.balances b on b.chain_id = a.chain_id and b.token = a.token and b.account = a.payer
         left join beyond m on m.token = a.token and m.account = a.payer
         left join reserved h on h.ledger_account_id = f.id
         left join settlement.reconciled_balances r on r.account_id = a.id
        where a.chain_id = $1
     )
     select p.block_number, p.block_hash, s.*,
            (select array_agg(distinct token::text) from settlement.accounts where chain_id = $1) as tokens
       from posted p
       left join stand s
         on s.chain_units is null or s.ledger_units <> s.chain_units or s.index_units <> s.chain_units
         or s.funds_units + s.dust_units <> s.ledger_units or s.dust_units <> s.dust_expected
         or s.held_units <> s.holds_units
         or exists (select from settlement.breaks b where b.account_id = s.account_id and b.closed_at is null)
         or s.account_id in (select account_id from in_turn)`,
    [chainId, currencies, currencies.map(minorUnit)],
  );
  const [first] = rows;
  if (!first) return undefined;
  return {
    blockNumber: first.block_number,
    blockHash: first.block_hash,
    tokens: first.tokens ?? [],
    positions: rows.flatMap((row) =>
      row.account_id === null
        ? []
        : [
            {
              accountId: row.account_id,
              currency: row.currency,
              token: row.token,
              payer: row.payer,
              ledgerUnits: row.ledger_units,
              indexUnits: row.index_units,
              fundsUnits: row.funds_units,
              dustUnits: row.dust_units,
              heldUnits: row.held_units,
              holdsUnits: row.holds_units,
            },
          ],
    ),
  };
}

/** The wallets' balances at the block, by the chain itself, in the order of `positions`. */
export function readChainUnits(chain: PublicClient, { blockNumber, positions }: Snapshot): Promise<bigint[]> {
  return readInParts(positions, ({ token, payer }) =>
    chain.readContract({
      address: token,
      abi: stablecoinAbi,
      functionName: 'balanceOf',
      args: [payer],
      blockNumber,
    }),
  );
}
