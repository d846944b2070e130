/** Where each account stands: by our ledger, by the index, and by the chain itself. */
import type { Address, PublicClient } from 'viem';
import { stablecoinAbi } from '../../../core/abi/stablecoin.ts';
import type { Queryable } from '../../../platform/database.ts';

/** Reads of balances that are under way at once. */
const READS_AT_ONCE = 25;

export interface Position {
  accountId: string;
  token: Address;
  payer: Address;
  /** What the wallet holds at the block, in token units: by the ledger, and by the indexer. */
  ledgerUnits: bigint;
  indexUnits: bigint;
  /** What the ledger has reserved, and the sum of the pending holds of payments whose block is not posted yet. */
  heldUnits: bigint;
  holdsUnits: bigint;
}

export interface Snapshot {
  blockNumber: bigint;
  blockHash: string;
  positions: Position[];
}

/**
 * Every account as of the block up to which the ledger has posted; one statement, so one moment. The index is at its
 * head, so what it has beyond that block is taken off. Undefined before the first posted block.
 */
export async function readPositions(database: Queryable, chainId: number): Promise<Snapshot | undefined> {
  const { rows } = await database.query<{
    block_number: bigint;
    block_hash: string;
    account_id: string | null;
    token: Address;
    payer: Address;
    ledger_units: bigint;
    index_units: bigint;
    held_units: bigint;
    holds_units: bigint;
  }>(
    `with final as materialized (
       select id, sequence from settlement.payments where state = 'final'
       union all
       select p.id, p.sequence
         from settlement.settlement_batches b join settlement.payments p on p.settlement_batch_id = b.id
        where b.chain_id = $1 and b.state = 'final' and not b.is_split
     )
     select p.block_number, k.hash as block_hash, a.id as account_id, a.token, a.payer,
            -c.balance as ledger_units, f.held as held_units,
            coalesce((select sum(h.amount) from settlement.holds h
                       where h.ledger_account_id = f.id and h.state = 'pending'
                         and not exists (
                           select from final y
                             join indexer.payments i on i.chain_id = a.chain_id and i.payer = a.payer and i.sequence = y.sequence
                            where y.id = h.payment_id and i.block_number <= p.block_number)), 0)
              as holds_units,
            coalesce((select i.amount from indexer.balances i
                       where i.chain_id = a.chain_id and i.token = a.token and i.account = a.payer), 0)
            - coalesce((select sum(t.amount) from indexer.transfers t
                         where t.chain_id = a.chain_id and t.recipient = a.payer and t.token = a.token
                           and t.block_number > p.block_number), 0)
            + coalesce((select sum(t.amount) from indexer.transfers t
                         where t.chain_id = a.chain_id and t.sender = a.payer and t.token = a.token
                           and t.block_number > p.block_number), 0) as index_units
       from settlement.posted_blocks p
       join indexer.blocks k on k.chain_id = p.chain_id and k.number = p.block_number
       left join settlement.accounts a on a.chain_id = p.chain_id
       left join settlement.ledger_accounts c on c.account_id = a.id and c.kind = 'chain'
       left join settlement.ledger_accounts f on f.account_id = a.id and f.kind = 'funds'
      where p.chain_id = $1`,
    [chainId],
  );
  const [first] = rows;
  if (!first) return undefined;
  return {
    blockNumber: first.block_number,
    blockHash: first.block_hash,
    positions: rows.flatMap((row) =>
      row.account_id === null
        ? []
        : [
            {
              accountId: row.account_id,
              token: row.token,
              payer: row.payer,
              ledgerUnits: row.ledger_units,
              indexUnits: row.index_units,
              heldUnits: row.held_units,
              holdsUnits: row.holds_units,
            },
          ],
    ),
  };
}

/** The wallets' balances at the block, by the chain itself, in the order of `positions`. */
export async function readChainUnits(
  chain: PublicClient,
  { blockNumber, positions }: Snapshot,
): Promise<bigint[]> {
  const units: bigint[] = [];
  for (let start = 0; start < positions.length; start += READS_AT_ONCE) {
    const reads = positions.slice(start, start + READS_AT_ONCE).map(({ token, payer }) =>
      chain.readContract({
        address: token,
        abi: stablecoinAbi,
        functionName: 'balanceOf',
        args: [payer],
        blockNumber,
      }),
    );
    units.push(...(await Promise.all(reads)));
  }
  return units;
}
