/** What became of the calls that are in a block: undone by a reorganisation, or final. That one is in a block, its lane finds. */
import { type Database, type Transaction, withTransaction } from '../../../platform/database.ts';
import { type CallListeners, moveCalls } from './calls.ts';

export interface CallConfirmationParts {
  database: Database;
  chainId: number;
  callListeners?: CallListeners;
}

/**
 * One round. A block counts by its hash. Final is what the ledger has posted: there the nodes leave no doubt.
 */
export async function confirmCalls({
  database,
  chainId,
  callListeners,
}: CallConfirmationParts): Promise<void> {
  await withTransaction(database, async (tx) => {
    await undoReorganised(tx, chainId, callListeners);
    const { rows } = await tx.query<{ id: string; blockNumber: number }>(
      `select c.id, c.block_number::int as "blockNumber"
         from settlement.calls c
         join settlement.posted_blocks p on p.chain_id = c.chain_id and c.block_number <= p.block_number
         join indexer.blocks k on k.chain_id = c.chain_id and k.number = c.block_number and k.hash = c.block_hash
        where c.chain_id = $1 and c.state = 'included'`,
      [chainId],
    );
    const final = rows.map(({ id, blockNumber }) => ({ id, detail: { blockNumber } }));
    await moveCalls(tx, callListeners, 'final', ['included'], final);
  });
}

/** The calls are broadcast again, by the lane: the same bytes. Their contracts see to it that each takes effect once. */
async function undoReorganised(
  tx: Transaction,
  chainId: number,
  listeners: CallListeners | undefined,
): Promise<void> {
  const { rows } = await tx.query<{ id: string; block_hash: string }>(
    `with gone as (
       select c.id, c.block_hash from settlement.calls c
        where c.chain_id = $1 and c.state = 'included'
          and not exists (select from indexer.blocks k
                           where k.chain_id = $1 and k.number = c.block_number and k.hash = c.block_hash)
          for update
     ), attempt as (
       update settlement.attempts a set state = 'broadcast', last_broadcast_at = null
         from gone where a.call_id = gone.id and a.state = 'included'
     )
     select id, block_hash from gone`,
    [chainId],
  );
  const gone = rows.map(({ id, block_hash }) => ({ id, detail: { reorganisedBlockHash: block_hash } }));
  await moveCalls(tx, listeners, 'broadcast', ['included'], gone);
}
