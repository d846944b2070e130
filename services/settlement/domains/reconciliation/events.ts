/** Transfers of our wallets, one by one: as the chain has them, as the index has them, and as the ledger posted them. */
import { type Address, getAbiItem, type Hex, type PublicClient } from 'viem';
import { stablecoinAbi } from '../../../core/abi/stablecoin.ts';
import type { Queryable } from '../../../platform/database.ts';
import type { Blocks } from './span.ts';

/** What one comparison tells at most: the earliest ones; the rest comes when these are put right. */
const FINDINGS = 100;

const transferEvent = getAbiItem({ abi: stablecoinAbi, name: 'Transfer' });

/** A Transfer log. */
export interface TransferLog {
  token: Address;
  sender: Address;
  recipient: Address;
  amount: bigint;
  blockNumber: bigint;
  blockHash: Hex;
  transactionHash: Hex;
  logIndex: number;
}

/** The Transfer logs of tokens in blocks, by the chain itself. */
export async function readTransferLogs(
  chain: PublicClient,
  tokens: readonly Address[],
  { first, last }: Blocks,
): Promise<TransferLog[]> {
  if (tokens.length === 0 || last < first) return [];
  const logs = await chain.getLogs({
    address: [...tokens],
    event: transferEvent,
    strict: true,
    fromBlock: first,
    toBlock: last,
  });
  return logs.map(({ address, args: { from, to, value }, ...log }) => ({
    token: address.toLowerCase() as Address,
    sender: from.toLowerCase() as Address,
    recipient: to.toLowerCase() as Address,
    amount: value,
    blockNumber: log.blockNumber,
    blockHash: log.blockHash,
    transactionHash: log.transactionHash,
    logIndex: log.logIndex,
  }));
}

/** An event of an account that two sides do not have alike; null on the side that has not got it. Units: into the wallet. */
export interface EventFinding {
  accountId: string;
  currency: string;
  blockNumber: bigint;
  transactionHash: string;
  logIndex: number;
  observed: bigint | null;
  expected: bigint | null;
}

export interface EventQuestion {
  chainId: number;
  /** Which do not overlap. */
  blocks: readonly Blocks[];
  /** Only these accounts; all when left out. */
  accounts?: readonly { accountId: string; payer: Address }[];
  /** The chain's logs in these blocks, for whom `expected` is the chain. */
  logs?: readonly TransferLog[];
}

/** Rows of transfers, turned into what they moved in each account of ours. */
const moved = (transfers: string) =>
  `select a.id as account_id, t.block_number, t.block_hash, t.transaction_hash, t.log_index, -t.amount as units, -t.amount as counter
     from ${transfers} t
     join settlement.accounts a on a.chain_id = $1 and a.token = t.token and a.payer = t.sender
    where t.amount > 0 and t.sender <> t.recipient
   union all
   select a.id, t.block_number, t.block_hash, t.transaction_hash, t.log_index, t.amount, t.amount
     from ${transfers} t
     join settlement.accounts a on a.chain_id = $1 and a.token = t.token and a.payer = t.recipient
    where t.amount > 0 and t.sender <> t.recipient`;

/** Each side by its own statement: `units` into the wallet, and `counter`, what was booked against it. */
const sides = {
  ledger: `
     select p.account_id, p.block_number, p.block_hash, p.transaction_hash, p.log_index,
            coalesce(-sum(e.amount) filter (where l.kind = 'chain'), 0) as units,
            coalesce(sum(e.amount) filter (where l.kind <> 'chain'), 0) as counter
       from range r
       join settlement.ledger_postings p on p.chain_id = $1 and p.block_number between r.first and r.last
       left join settlement.ledger_entries e on e.posting_id = p.id
       left join settlement.ledger_accounts l on l.id = e.ledger_account_id and l.account_id = p.account_id
      where $4::text[] is null or p.account_id = any($4)
      group by p.id`,
  index: moved('indexed'),
  chain: moved('logged'),
} as const;
type Side = keyof typeof sides;

/**
 * The events in which `observed` is not as `expected`, the earliest first: one that only one side has, and one with
 * another amount. An event is known by block, transaction and place. A posting whose entries do not balance differs too.
 */
export async function compareEvents(
  database: Queryable,
  observed: Exclude<Side, 'chain'>,
  expected: Exclude<Side, 'ledger'>,
  { chainId, blocks, accounts, logs = [] }: EventQuestion,
): Promise<EventFinding[]> {
  const log = <Key extends keyof TransferLog>(key: Key) => logs.map((each) => each[key]);
  const { rows } = await database.query<{
    account_id: string;
    currency: string;
    block_number: bigint;
    transaction_hash: string;
    log_index: number;
    observed: bigint | null;
    expected: bigint | null;
  }>(
    `with range as materialized (
       select * from unnest($2::bigint[], $3::bigint[]) as r (first, last) where first <= last
     ), indexed as (
       select t.token, t.sender, t.recipient, t.amount, t.block_number, k.hash as block_hash, t.transaction_hash, t.log_index
         from range r
         join indexer.transfers t on t.chain_id = $1 and t.block_number between r.first and r.last
         join indexer.blocks k on k.chain_id = $1 and k.number = t.block_number
        where $5::text[] is null or t.sender = any($5) or t.recipient = any($5)
     ), logged as (
       select * from unnest($6::text[], $7::text[], $8::text[], $9::numeric[], $10::bigint[], $11::text[], $12::text[], $13::int[])
                  as l (token, sender, recipient, amount, block_number, block_hash, transaction_hash, log_index)
     ), observed as (${sides[observed]}), expected as (${sides[expected]})
     select account_id, a.currency, block_number, transaction_hash, log_index,
            case when o.units is distinct from e.units then o.units else o.counter end as observed, e.units as expected
       from observed o
       full join expected e using (account_id, block_number, block_hash, transaction_hash, log_index)
       join settlement.accounts a on a.id = account_id
      where (o.units is distinct from e.units or o.counter is distinct from e.counter)
        and ($4::text[] is null or account_id = any($4))
      order by block_number, log_index, account_id, transaction_hash, block_hash
      limit ${FINDINGS}`,
    [
      chainId,
      blocks.map(({ first }) => first),
      blocks.map(({ last }) => last),
      accounts?.map(({ accountId }) => accountId) ?? null,
      accounts?.map(({ payer }) => payer) ?? null,
      log('token'),
      log('sender'),
      log('recipient'),
      log('amount'),
      log('blockNumber'),
      log('blockHash'),
      log('transactionHash'),
      log('logIndex'),
    ],
  );
  return rows.map((row) => ({
    accountId: row.account_id,
    currency: row.currency,
    blockNumber: row.block_number,
    transactionHash: row.transaction_hash,
    logIndex: row.log_index,
    observed: row.observed,
    expected: row.expected,
  }));
}
