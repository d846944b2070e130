/** Follows the indexed chain: confirms batches, posts final money to the ledger once, ends the payments. */
import type { ChainWitness } from '../../../platform/chainWitness.ts';
import { type Database, type Transaction, withTransaction } from '../../../platform/database.ts';
import type { postHolds, voidHolds } from '../ledger/holds.ts';
import type { postTransfers } from '../ledger/postings.ts';
import { confirmFinal, confirmIncluded, undoReorganised } from './confirmation.ts';
import { type LargeAmount, lockPosition, type Position, witnessedNumber } from './finality.ts';
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
  /** Ends what waits for blocks in other domains, in the transaction that posts some: holds of money that they have moved. */
  onBlocks?: (tx: Transaction, posted: bigint) => Promise<void>;
  /** Asked before money counts as final. */
  witness?: ChainWitness;
  /** Which payments need more blocks on top of theirs than the index wants. */
  largeAmounts?: readonly LargeAmount[];
  /** Told how far the ledger has come and which payments ended, after the commit of each round. */
  onPosted?: (posted: { blockNumber: bigint; secondsToFinal: number[] }) => void;
}

/**
 * One round, in one transaction. The final block is read first: whatever is final by it is in the index already, so a
 * payment that we know of is confirmed before its transfer is posted. One that we get to know later ends all the same.
 * @returns true when there are more final blocks to post.
 */
export async function followChain(parts: FollowerParts): Promise<boolean> {
  const { database, lifecycle, chainId, witness, largeAmounts = [], onPosted } = parts;
  const witnessed = witness && (await witnessedNumber(database, chainId, witness));
  const round = await withTransaction(database, async (tx) => {
    const position = await lockPosition(tx, chainId, witnessed, largeAmounts);
    if (!position) return undefined;
    await undoReorganised(tx, lifecycle, chainId);
    await confirmIncluded(tx, lifecycle, chainId);
    await confirmFinal(tx, lifecycle, chainId, position.finalNumber);
    const blockNumber = await postBlocks(tx, parts, position);
    if (blockNumber > position.posted) await parts.onBlocks?.(tx, blockNumber);
    const secondsToFinal = await endPayments(tx, parts, blockNumber);
    return { blockNumber, secondsToFinal, isMore: blockNumber < position.finalNumber };
  });
  if (round) onPosted?.(round);
  return round?.isMore ?? false;
}

/** Posts the next final blocks. @returns the block up to which the ledger has posted now. */
async function postBlocks(
  tx: Transaction,
  { ledger, chainId }: FollowerParts,
  { posted, finalNumber }: Position,
): Promise<bigint> {
  if (posted >= finalNumber) return posted;
  const end = posted + BLOCKS_A_ROUND;
  const toBlock = end < finalNumber ? end : finalNumber;
  await ledger.postTransfers(tx, { chainId, fromBlock: posted + 1n, toBlock });
  await tx.query('update settlement.posted_blocks set block_number = $2 where chain_id = $1', [
    chainId,
    toBlock,
  ]);
  return toBlock;
}

/**
 * Ends every final payment whose block is posted: mostly those of the blocks just posted, and those that we took for
 * ours only after their transfer had been posted as a withdrawal, as after a restored backup. The posting stays as it is.
 * @returns how long each payment that was posted took since it was accepted.
 */
async function endPayments(tx: Transaction, parts: FollowerParts, posted: bigint): Promise<number[]> {
  const whole = await endBatches(tx, parts, posted);
  const single = await endSinglePayments(tx, parts, posted);
  return [...whole, ...single];
}

/** Ends the batches whose payments were all settled and posted; one of which that is not true is split. */
async function endBatches(
  tx: Transaction,
  { lifecycle, ledger, chainId }: FollowerParts,
  posted: bigint,
): Promise<number[]> {
  const { rows } = await tx.query<{
    id: string;
    is_posted: boolean;
    payment_ids: string[];
    seconds: number[];
  }>(
    `select b.id, f.*
       from settlement.settlement_batches b
      cross join lateral (
        select bool_and(coalesce(i.outcome = 'settled' and i.block_number = b.block_number and l.id is not null, false))
                 as is_posted,
               array_agg(p.id) as payment_ids, array_agg(extract(epoch from now() - p.created_at)::float8) as seconds
          from settlement.payments p
          left join lateral (
            select outcome, block_number, log_index from indexer.payments
             where chain_id = $1 and payer = b.payer and sequence = p.sequence offset 0) i on true
          left join lateral (
            select id from settlement.ledger_postings
             where chain_id = $1 and block_number = i.block_number and log_index = i.log_index
               and account_id = b.account_id offset 0) l on true
         where p.settlement_batch_id = b.id
      ) f
      where b.chain_id = $1 and b.state = 'final' and not b.is_split and b.block_number <= $2`,
    [chainId, posted],
  );
  const ended = rows.filter(({ is_posted }) => is_posted);
  await ledger.postHolds(
    tx,
    ended.flatMap(({ payment_ids }) => payment_ids),
  );
  await lifecycle.moveBatches(
    tx,
    'posted',
    ['final'],
    ended.map(({ id }) => ({ id })),
  );
  await lifecycle.split(
    tx,
    rows.filter(({ is_posted }) => !is_posted).map(({ id }) => id),
  );
  return ended.flatMap(({ seconds }) => seconds);
}

/** Ends final payments that have a state of their own. */
async function endSinglePayments(
  tx: Transaction,
  { lifecycle, ledger, chainId }: FollowerParts,
  posted: bigint,
): Promise<number[]> {
  const { rows } = await tx.query<{
    id: string;
    outcome: 'settled' | 'returned';
    transaction_hash: string;
    seconds: number;
  }>(
    `with final as materialized (select * from settlement.payments where state = 'final')
     select p.id, i.outcome, i.transaction_hash, extract(epoch from now() - p.created_at)::float8 as seconds
       from final p
       join settlement.accounts a on a.id = p.account_id and a.chain_id = $1
       join indexer.payments i on i.chain_id = $1 and i.payer = a.payer and i.sequence = p.sequence
      where i.block_number <= $2
        and (i.outcome = 'returned'
             or exists (select from settlement.ledger_postings l
                         where l.chain_id = $1 and l.block_number = i.block_number and l.log_index = i.log_index
                           and l.account_id = a.id))`,
    [chainId, posted],
  );
  const settled = rows.filter(({ outcome }) => outcome === 'settled');
  const returned = rows.filter(({ outcome }) => outcome === 'returned');
  await ledger.postHolds(
    tx,
    settled.map(({ id }) => id),
  );
  await lifecycle.transition(
    tx,
    'posted',
    settled.map(({ id }) => ({ id })),
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
  return settled.map(({ seconds }) => seconds);
}
