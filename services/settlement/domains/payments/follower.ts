/** Follows the indexed chain: confirms batches, posts final money to the ledger once, ends the payments. */
import { type Database, type Transaction, withTransaction } from '../../../platform/database.ts';
import type { postHolds, voidHolds } from '../ledger/holds.ts';
import type { postTransfers } from '../ledger/postings.ts';
import { confirmFinal, confirmIncluded, undoReorganised } from './confirmation.ts';
import type { Lifecycle } from './lifecycle.ts';

/** Blocks that one transaction posts at most. */
const BLOCKS_A_ROUND = 100n;

export interface FollowerParts {
  database: Database;
  lifecycle: Lifecycle;
  chainId: number;
  ledger: {
    postTransfers: typeof postTransfers;
    postHolds: typeof postHolds;
    voidHolds: typeof voidHolds;
  };
  /** Told when final blocks were posted, after the commit. */
  onPosted?: (posted: { blockNumber: bigint; secondsToFinal: number[] }) => void;
}

/**
 * One round, in one transaction. The final block is read first: whatever is final by it is in the index already, so a
 * payment is always confirmed before its transfer is posted.
 * @returns true when there are more final blocks to post.
 */
export async function followChain(parts: FollowerParts): Promise<boolean> {
  const { database, lifecycle, chainId, onPosted } = parts;
  const round = await withTransaction(database, async (tx) => {
    const position = await lockPosition(tx, chainId);
    if (!position) return undefined;
    await undoReorganised(tx, lifecycle, chainId);
    await confirmIncluded(tx, lifecycle, chainId);
    await confirmFinal(tx, lifecycle, chainId, position.finalNumber);
    if (position.posted >= position.finalNumber) return undefined;
    const end = position.posted + BLOCKS_A_ROUND;
    const toBlock = end < position.finalNumber ? end : position.finalNumber;
    const secondsToFinal = await postBlocks(tx, parts, position.posted + 1n, toBlock);
    return { toBlock, secondsToFinal, isMore: toBlock < position.finalNumber };
  });
  if (round) onPosted?.({ blockNumber: round.toBlock, secondsToFinal: round.secondsToFinal });
  return round?.isMore ?? false;
}

/** How far we have posted and how far the chain is final. The row's lock keeps a second follower out. */
async function lockPosition(
  tx: Transaction,
  chainId: number,
): Promise<{ posted: bigint; finalNumber: bigint } | undefined> {
  await tx.query(
    `insert into settlement.posted_blocks (chain_id, block_number)
     select chain_id, start_block - 1 from indexer.cursors where chain_id = $1 on conflict do nothing`,
    [chainId],
  );
  const { rows } = await tx.query<{ posted: bigint; final_number: bigint }>(
    `select p.block_number as posted, c.final_number
       from settlement.posted_blocks p join indexer.cursors c on c.chain_id = p.chain_id
      where p.chain_id = $1 for update of p`,
    [chainId],
  );
  const [row] = rows;
  return row && { posted: row.posted, finalNumber: row.final_number };
}

/** @returns how long each payment that was posted took since it was accepted. */
async function postBlocks(
  tx: Transaction,
  { lifecycle, ledger, chainId }: FollowerParts,
  fromBlock: bigint,
  toBlock: bigint,
): Promise<number[]> {
  const settled = await ledger.postTransfers(tx, { chainId, fromBlock, toBlock });
  await ledger.postHolds(tx, settled);
  await lifecycle.transition(
    tx,
    'posted',
    settled.map((id) => ({ id })),
  );
  const { rows: returned } = await tx.query<{ id: string; transaction_hash: string }>(
    `select p.id, i.transaction_hash
       from indexer.payments i
       join settlement.accounts a on a.chain_id = i.chain_id and a.payer = i.payer and a.token = i.token
       join settlement.payments p on p.account_id = a.id and p.sequence = i.sequence and p.state = 'final'
      where i.chain_id = $1 and i.block_number between $2 and $3 and i.outcome = 'returned'`,
    [chainId, fromBlock, toBlock],
  );
  const reason = {
    code: 'AC06',
    detail: 'The wallet of the creditor takes no money; it stayed with the payer',
  } as const;
  await ledger.voidHolds(
    tx,
    returned.map(({ id }) => id),
  );
  await lifecycle.transition(
    tx,
    'returned',
    returned.map(({ id, transaction_hash }) => ({
      id,
      reason,
      detail: { transactionHash: transaction_hash },
    })),
  );
  await tx.query('update settlement.posted_blocks set block_number = $2 where chain_id = $1', [
    chainId,
    toBlock,
  ]);
  const { rows: durations } = await tx.query<{ seconds: number }>(
    'select extract(epoch from now() - created_at)::float8 as seconds from settlement.payments where id = any($1)',
    [settled],
  );
  return durations.map(({ seconds }) => seconds);
}
