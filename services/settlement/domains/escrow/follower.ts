/** Takes in what the contract did to escrows, at blocks that are final, whoever sent the transactions. */
import type { Address } from 'viem';
import { formatMoney } from '../../../core/money.ts';
import { type Database, type Transaction, withTransaction } from '../../../platform/database.ts';
import type { ChainMove, EscrowLifecycle } from './lifecycle.ts';

export interface EscrowFollowerParts {
  database: Database;
  chainId: number;
  /** The escrow contract. */
  escrow: Address;
  lifecycle: EscrowLifecycle;
}

/** A final block, and the chain's time there, Unix seconds. */
export interface FinalBlock {
  number: bigint;
  time: bigint;
}

/** One round: what became final since the last one, then what can happen to nobody any more. */
export async function followEscrows({
  database,
  chainId,
  escrow,
  lifecycle,
}: EscrowFollowerParts): Promise<void> {
  await withTransaction(database, async (tx) => {
    const from = await lockCursor(tx, chainId, 'update');
    const posted = await readPosted(tx, chainId, escrow);
    if (from === undefined || !posted) return;
    await tx.query('update settlement.escrow_cursors set block_number = $2 where chain_id = $1', [
      chainId,
      posted.number,
    ]);
    if (posted.number > from) await lifecycle.record(tx, await readMoves(tx, chainId, from, posted.number));
    await lifecycle.expire(tx, await readExpired(tx, chainId, posted.time), {
      blockNumber: Number(posted.number),
    });
  });
}

/**
 * Locks the cursor: to move it, or so that it stays. It begins where the ledger is: an escrow is written only when the chain has
 * nothing of it.
 * @returns the last block that was taken in; undefined before anything is final.
 */
export async function lockCursor(
  tx: Transaction,
  chainId: number,
  mode: 'share' | 'update',
): Promise<bigint | undefined> {
  await tx.query(
    `insert into settlement.escrow_cursors (chain_id, block_number)
     select chain_id, block_number from settlement.posted_blocks where chain_id = $1 on conflict do nothing`,
    [chainId],
  );
  const { rows } = await tx.query<{ number: bigint }>(
    `select block_number as number from settlement.escrow_cursors where chain_id = $1 for ${mode}`,
    [chainId],
  );
  return rows[0]?.number;
}

/** Final is what the ledger has posted: there the nodes leave no doubt. None while the index does not hold the contract's history. */
export async function readPosted(
  tx: Transaction,
  chainId: number,
  escrow: Address,
): Promise<FinalBlock | undefined> {
  const { rows } = await tx.query<FinalBlock>(
    `select k.number, k.timestamp_s as time
       from settlement.posted_blocks p
       join indexer.blocks k on k.chain_id = p.chain_id and k.number = p.block_number
       join indexer.coverage v on v.chain_id = p.chain_id and v.subject = $2
      where p.chain_id = $1`,
    [chainId, escrow.toLowerCase()],
  );
  return rows[0];
}

interface EventRow {
  id: string;
  currency: string;
  name: string;
  to_payee: bigint;
  to_payer: bigint;
  put_in: bigint;
  refunded: bigint;
  fee: bigint;
  credit: bigint;
  owner: string | null;
  block_number: bigint;
  block_hash: string;
  transaction_hash: string;
  arguments: Record<string, unknown>;
}

async function readMoves(
  tx: Transaction,
  chainId: number,
  after: bigint,
  upTo: bigint,
): Promise<ChainMove[]> {
  const { rows } = await tx.query<EventRow>(
    `with moved as (
       select chain_id, contract, escrow_id, name, to_payee, to_payer, put_in, refunded, fee, 0 as credit, null as owner,
              block_number, log_index, transaction_hash, arguments
         from indexer.escrow_events
       union all
       select chain_id, contract, arguments ->> 'id', name, 0, 0, 0, 0, 0, (arguments ->> 'amount')::numeric,
              arguments ->> 'account', block_number, log_index, transaction_hash, arguments
         from indexer.other_events where name = 'CreditAdded'
       union all
       select chain_id, contract, id, 'CreditWithdrawn', 0, 0, 0, 0, 0, sum(amount), account, block_number, log_index,
              transaction_hash, '{}'
         from indexer.credit_withdrawals group by chain_id, contract, id, account, block_number, log_index, transaction_hash
     )
     select s.id, s.currency, e.name, e.to_payee, e.to_payer, e.put_in, e.refunded, e.fee, e.credit, e.owner, e.block_number,
            k.hash as block_hash, e.transaction_hash, e.arguments
       from moved e
       join settlement.escrows s on s.chain_id = e.chain_id and s.contract = e.contract and s.escrow_id = e.escrow_id
       join indexer.blocks k on k.chain_id = e.chain_id and k.number = e.block_number
      where e.chain_id = $1 and e.block_number > $2 and e.block_number <= $3
      order by e.block_number, e.log_index, s.id`,
    [chainId, after, upTo],
  );
  return rows.map((row) => ({ id: row.id, name: row.name, detail: detailOf(row) }));
}

/** Words of events that say more than amounts. */
const told = [
  'evidenceHash',
  'openedBy',
  'submittedBy',
  'payeeBps',
  'rulingHash',
  'preimage',
  'rulingDeadline',
];

function detailOf(row: EventRow): ChainMove['detail'] {
  const amounts = {
    putIn: row.put_in,
    toPayee: row.to_payee,
    toPayer: row.to_payer,
    refunded: row.refunded,
    fee: row.fee,
    credit: row.credit,
  };
  const shown = Object.entries(amounts).flatMap(([name, units]) =>
    units > 0n ? [[name, formatMoney({ currency: row.currency, units })] as const] : [],
  );
  const words = told.flatMap((name) =>
    row.arguments[name] === undefined ? [] : [[name, String(row.arguments[name])] as const],
  );
  return {
    ...Object.fromEntries([...shown, ...words]),
    ...(row.owner !== null && { owner: row.owner }),
    transactionHash: row.transaction_hash,
    blockNumber: Number(row.block_number),
    blockHash: row.block_hash,
  };
}

/** All events up to the block were taken in, so what has none yet never will. */
async function readExpired(tx: Transaction, chainId: number, time: bigint): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from settlement.escrows
      where chain_id = $1 and status in ('created', 'authorizing') and authorization_expiry < $2 order by id for update`,
    [chainId, time],
  );
  return rows.map(({ id }) => id);
}
