/** Which blocks a run compares: the new ones, and a stretch of the older ones, so that all come round. */
import type { Queryable } from '../../../platform/database.ts';

/** Events of one stretch of blocks; one block may have more. */
const EVENTS_A_STRETCH = 2_000;
/** New blocks in one run: more is more than some nodes tell the logs of at once. */
const BLOCKS_A_RUN = 500n;

/** Blocks from `first` to `last`; none when `last` is before `first`. */
export interface Blocks {
  first: bigint;
  last: bigint;
}

export interface Span {
  /** Blocks whose events were never compared with the chain's. */
  fresh: Blocks;
  /** Older blocks, compared again. */
  swept: Blocks;
}

/** @returns undefined before the first posted block, and when there is none after the last run. */
export async function nextSpan(database: Queryable, chainId: number): Promise<Span | undefined> {
  const { rows } = await database.query<{
    posted: bigint;
    start_block: bigint;
    compared: bigint;
    fresh_from: bigint;
    swept_to: bigint | null;
  }>(
    `select p.block_number as posted, c.start_block, coalesce(r.block_number, -1) as compared,
            coalesce(r.events_to_block + 1, c.start_block) as fresh_from, r.swept_to_block as swept_to
       from settlement.posted_blocks p
       join indexer.cursors c on c.chain_id = p.chain_id
       join indexer.blocks k on k.chain_id = p.chain_id and k.number = p.block_number
       left join lateral (select * from settlement.reconciliations r where r.chain_id = p.chain_id
                           order by r.block_number desc, r.id desc limit 1) r on true
      where p.chain_id = $1`,
    [chainId],
  );
  const [row] = rows;
  if (!row || (row.posted <= row.compared && row.posted < row.fresh_from)) return undefined;
  const { posted, start_block: start, fresh_from: first } = row;
  const limit = first + BLOCKS_A_RUN - 1n;
  const fresh = { first, last: await stretchEnd(database, chainId, first, posted < limit ? posted : limit) };
  const sweptFirst = row.swept_to === null ? start : row.swept_to + 1n;
  const swept = { first: sweptFirst, last: await stretchEnd(database, chainId, sweptFirst, first - 1n) };
  return { fresh, swept };
}

/** The last block, up to `limit`, of so many events of index or ledger from `first` on. */
async function stretchEnd(
  database: Queryable,
  chainId: number,
  first: bigint,
  limit: bigint,
): Promise<bigint> {
  const { rows } = await database.query<{ last: bigint }>(
    `select least($3::bigint,
              (select block_number from indexer.transfers where chain_id = $1 and block_number between $2 and $3
                order by block_number offset $4 limit 1),
              (select block_number from settlement.ledger_postings where chain_id = $1 and block_number between $2 and $3
                order by block_number offset $4 limit 1)) as last`,
    [chainId, first, limit, EVENTS_A_STRETCH],
  );
  return rows[0]?.last ?? limit;
}
