/** How far the chain is followed: a row of `indexer.cursors`, written in the same commit as the effects. */
import type { Hex } from 'viem';
import { oneRow, type Queryable, type Transaction } from '../platform/database.ts';
import type { BlockReference } from './chainNode.ts';
import { CursorMoved } from './errors.ts';

export interface Cursor {
  startBlock: bigint;
  /** The last block whose effects are in the database; before the first one the parent of the start block. */
  head: BlockReference;
  /** No reorganisation may undo this block. Never falls. */
  finalNumber: bigint;
}

export async function readCursor(database: Queryable, chainId: number): Promise<Cursor | undefined> {
  const { rows } = await database.query<{
    start_block: bigint;
    head_number: bigint;
    head_hash: Hex;
    final_number: bigint;
  }>('select start_block, head_number, head_hash, final_number from indexer.cursors where chain_id = $1', [
    chainId,
  ]);
  const [row] = rows;
  return (
    row && {
      startBlock: row.start_block,
      head: { number: row.head_number, hash: row.head_hash },
      finalNumber: row.final_number,
    }
  );
}

/** Begins before the start block, of which only the hash is known. */
export async function beginCursor(
  tx: Transaction,
  chainId: number,
  parentOfStart: BlockReference,
): Promise<void> {
  await tx.query(
    `insert into indexer.cursors (chain_id, start_block, head_number, head_hash, final_number) values ($1, $2, $3, $4, $3)`,
    [chainId, parentOfStart.number + 1n, parentOfStart.number, parentOfStart.hash],
  );
}

/** Moves the cursor from where `from` says it is. @throws CursorMoved when it is elsewhere. */
export async function moveCursor(
  tx: Transaction,
  chainId: number,
  from: Cursor,
  head: BlockReference,
  finalNumber: bigint,
): Promise<void> {
  const { rowCount } = await tx.query(
    `update indexer.cursors set head_number = $4, head_hash = $5, final_number = greatest(final_number, $6), updated_at = now()
      where chain_id = $1 and head_hash = $2 and final_number = $3`,
    [chainId, from.head.hash, from.finalNumber, head.number, head.hash, finalNumber],
  );
  if (rowCount !== 1)
    throw new CursorMoved(
      `The cursor of chain ${chainId} is not at block ${from.head.number} ${from.head.hash} any more.`,
    );
}

/**
 * The hash that the database has for a block from the cursor's head down to the parent of the start block.
 * Throws when there is none, for such a block is never missing.
 */
export async function storedHash(
  database: Queryable,
  chainId: number,
  cursor: Cursor,
  number: bigint,
): Promise<Hex> {
  if (number === cursor.head.number) return cursor.head.hash;
  const row = oneRow(
    number < cursor.startBlock
      ? await database.query<{ hash: Hex }>(
          'select parent_hash as hash from indexer.blocks where chain_id = $1 and number = $2',
          [chainId, number + 1n],
        )
      : await database.query<{ hash: Hex }>(
          'select hash from indexer.blocks where chain_id = $1 and number = $2',
          [chainId, number],
        ),
  );
  return row.hash;
}
