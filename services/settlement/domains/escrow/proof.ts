/** Where the chain has what was done to an escrow. */
import type { Database } from '../../../platform/database.ts';
import { TRANSACTIONS_PROVEN } from '../../proofs/events.ts';
import type { Place } from '../../proofs/receipts.ts';
import type { EscrowRow } from './store.ts';

/** The transactions of it that the ledger has passed: how the money came in, then others, then evidence alone; each the newest first. */
export async function findEscrowPlaces(
  database: Database,
  { chain_id, contract, escrow_id }: Pick<EscrowRow, 'chain_id' | 'contract' | 'escrow_id'>,
): Promise<Place[]> {
  const { rows } = await database.query<Place>(
    `select k.hash as block_hash, e.transaction_hash
       from indexer.escrow_events e
       join settlement.posted_blocks p on p.chain_id = e.chain_id and e.block_number <= p.block_number
       join indexer.blocks k on k.chain_id = e.chain_id and k.number = e.block_number
      where e.chain_id = $1 and e.contract = $2 and e.escrow_id = $3
      group by k.hash, e.transaction_hash, e.block_number
      order by bool_or(e.put_in > 0) desc, bool_or(e.name <> 'EvidenceSubmitted') desc, e.block_number desc,
               min(e.log_index) desc
      limit ${TRANSACTIONS_PROVEN}`,
    [chain_id, contract, escrow_id],
  );
  return rows;
}
