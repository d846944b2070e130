/**
 * Which risks keepers look at: those that were opened, until nobody is owed anything any more. So a round takes as long as what there is
 * to do, and not as long as all that there ever was.
 */
import { withTransaction } from '../../../platform/database.ts';
import type { KeeperParts } from './keeper.ts';

/**
 * Watched risks `w` whose window is over at the index's head; $1 is the chain. What the index has of them is looked up risk by risk
 * (`offset 0`): joined otherwise, every policy that there ever was is read.
 */
export const OVER_SQL = `settlement.watched_risks w
       where w.chain_id = $1
         and w.window_end <= (select k.timestamp_s from indexer.cursors c
                                join indexer.blocks k on k.chain_id = c.chain_id and k.number = c.head_number
                               where c.chain_id = $1)`;

/**
 * Takes in the risks of the blocks that have become final. That is early enough: between a risk's opening and its window there is a
 * waiting period of a day or more.
 */
export async function watchRisks({ database, chainId, cover }: KeeperParts): Promise<void> {
  await withTransaction(database, async (tx) => {
    await tx.query(
      'insert into settlement.risk_cursors (chain_id, block_number) values ($1, -1) on conflict do nothing',
      [chainId],
    );
    const { rows } = await tx.query<{ taken: bigint; final: bigint }>(
      `select r.block_number as taken, i.final_number as final
         from settlement.risk_cursors r
         join indexer.cursors i on i.chain_id = r.chain_id
         join indexer.coverage v on v.chain_id = r.chain_id and v.subject = $2
        where r.chain_id = $1 for update of r`,
      [chainId, cover.toLowerCase()],
    );
    const [row] = rows;
    if (!row || row.final <= row.taken) return;
    await tx.query(
      `insert into settlement.watched_risks (chain_id, risk_number, window_end)
       select r.chain_id, r.risk_number, r.window_end from indexer.risks r
        where r.chain_id = $1 and r.cover = $2 and r.opened_block > $3 and r.opened_block <= $4
       on conflict do nothing`,
      [chainId, cover.toLowerCase(), row.taken, row.final],
    );
    await tx.query('update settlement.risk_cursors set block_number = $2 where chain_id = $1', [
      chainId,
      row.final,
    ]);
  });
}

/**
 * Forgets the risks that are over for good by final blocks: nobody is insured, or they are settled and nobody is owed anything more.
 */
export async function closeRisks({ database, chainId, cover }: KeeperParts): Promise<void> {
  await database.query(
    `delete from settlement.watched_risks w
      using settlement.posted_blocks p, indexer.blocks k
      where w.chain_id = $1 and p.chain_id = $1 and k.chain_id = $1 and k.number = p.block_number
        and w.window_end <= k.timestamp_s
        and (not exists (select from indexer.policies v
                          where v.chain_id = $1 and v.cover = $2 and v.risk_number = w.risk_number and v.insured > 0
                        offset 0)
             or exists (select from indexer.risks r
                         where r.chain_id = $1 and r.cover = $2 and r.risk_number = w.risk_number
                           and r.settled_block <= p.block_number
                           and (r.owed = 0
                                or not exists (select from indexer.policies v
                                                where v.chain_id = $1 and v.cover = $2 and v.risk_number = r.risk_number
                                                  and v.insured > 0
                                                  and (v.paid_block is null or v.paid_block > p.block_number)
                                                offset 0))
                       offset 0))`,
    [chainId, cover.toLowerCase()],
  );
}
