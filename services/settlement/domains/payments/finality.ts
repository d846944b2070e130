/** Up to where the chain is final for the ledger: by the index, by the nodes' agreement, and by the amounts in it. */
import type { ChainWitness } from '../../../platform/chainWitness.ts';
import type { Database, Transaction } from '../../../platform/database.ts';

/** Payments of at least so much are final only when so many blocks stand on theirs. */
export interface LargeAmount {
  currency: string;
  /** Whole token units. */
  units: bigint;
  blocks: number;
}

export interface Position {
  posted: bigint;
  finalNumber: bigint;
}

/**
 * Up to where the nodes leave no doubt that the chain is as the index says; what is posted stays posted. Asked with no
 * transaction open. Final blocks are not undone, so it holds in the transaction too.
 */
export async function witnessedNumber(
  database: Database,
  chainId: number,
  witness: ChainWitness,
): Promise<bigint> {
  const { rows } = await database.query<{ posted: bigint; number: bigint; hash: string }>(
    `select coalesce(p.block_number, c.start_block - 1) as posted, k.number, k.hash
       from indexer.cursors c
       join indexer.blocks k on k.chain_id = c.chain_id and k.number = c.final_number
       left join settlement.posted_blocks p on p.chain_id = c.chain_id
      where c.chain_id = $1`,
    [chainId],
  );
  const [final] = rows;
  if (!final) return -1n; // nothing is final yet
  return (await witness.doubtBlock(final)) ? final.posted : final.number;
}

/**
 * How far we have posted and how far the chain is final without a doubt. The row's lock keeps a second follower out.
 * A block with a large payment of ours that is not deep enough keeps the later ones waiting too, as the ledger is written in
 * the order of blocks. So no block waits for more than the most `blocks` of `largeAmounts` on top of itself.
 */
export async function lockPosition(
  tx: Transaction,
  chainId: number,
  witnessed: bigint | undefined,
  largeAmounts: readonly LargeAmount[],
): Promise<Position | undefined> {
  await tx.query(
    `insert into settlement.posted_blocks (chain_id, block_number)
     select chain_id, start_block - 1 from indexer.cursors where chain_id = $1 on conflict do nothing`,
    [chainId],
  );
  const { rows } = await tx.query<{ posted: bigint; final_number: bigint; head_number: bigint }>(
    `select p.block_number as posted, c.final_number, c.head_number
       from settlement.posted_blocks p join indexer.cursors c on c.chain_id = p.chain_id
      where p.chain_id = $1 for update of p`,
    [chainId],
  );
  const [row] = rows;
  if (!row) return undefined;
  const isDoubtful = witnessed !== undefined && witnessed < row.final_number;
  const position = { posted: row.posted, finalNumber: isDoubtful ? witnessed : row.final_number };
  const waiting = await firstLargeWaiting(tx, chainId, position, row.head_number, largeAmounts);
  return waiting === undefined ? position : { ...position, finalNumber: waiting - 1n };
}

/** The first block, not posted yet, with a payment of ours that needs more blocks on top of it. */
async function firstLargeWaiting(
  tx: Transaction,
  chainId: number,
  { posted, finalNumber }: Position,
  head: bigint,
  largeAmounts: readonly LargeAmount[],
): Promise<bigint | undefined> {
  if (largeAmounts.length === 0 || posted >= finalNumber) return undefined;
  const { rows } = await tx.query<{ block_number: bigint | null }>(
    `with large as (
       select * from unnest($5::text[], $6::numeric[], $7::bigint[]) as l (currency, units, blocks)
     ), settled as (
       select i.block_number, large.blocks
         from large
         join settlement.accounts a on a.chain_id = $1 and a.currency = large.currency
         join indexer.payments i on i.chain_id = a.chain_id and i.payer = a.payer and i.token = a.token
        where i.outcome = 'settled' and i.amount >= large.units and i.block_number > $2 and i.block_number <= $3
       union all
       select i.block_number, large.blocks
         from large
         join settlement.authorized_payments p
           on p.chain_id = $1 and p.currency = large.currency and p.units >= large.units
          and p.status in ('accepted', 'processing')
         join indexer.authorizations i
           on i.chain_id = p.chain_id and i.token = p.token and i.authorizer = p.payer and i.nonce = p.nonce
        where i.outcome = 'used' and i.block_number > $2 and i.block_number <= $3
     )
     select min(block_number) as block_number from settled where block_number > $4::bigint - blocks`,
    [
      chainId,
      posted,
      finalNumber,
      head,
      largeAmounts.map(({ currency }) => currency),
      largeAmounts.map(({ units }) => units),
      largeAmounts.map(({ blocks }) => blocks),
    ],
  );
  return rows[0]?.block_number ?? undefined;
}
