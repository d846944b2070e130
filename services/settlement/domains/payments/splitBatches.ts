/** Batches whose payments go ways of their own: others settled some of them, or the chain has something else. */
import type { Transaction } from '../../../platform/database.ts';
import type { Change, Lifecycle } from './lifecycle.ts';

interface OnChainRow {
  batch_id: string;
  payment_id: string;
  /** Null where the chain has nothing of this sequence. */
  block_number: bigint | null;
  block_hash: string | null;
  transaction_hash: string | null;
  /** Token, recipient and amount of the event are those of the payment. */
  matches: boolean | null;
  /** It has not ended, nor is it held. */
  is_open: boolean;
}

/**
 * Moves the payments of batches that not one transaction settled as a whole. A payment whose event differs from what we
 * instructed is held for a person. A batch of which the chain has only a part is left to the lane, which divides it.
 * @param batchIds batches of which the chain has something, locked
 * @returns the transactions that settled them
 */
export async function confirmSplit(
  tx: Transaction,
  lifecycle: Lifecycle,
  batchIds: readonly string[],
): Promise<string[]> {
  if (batchIds.length === 0) return [];
  const { rows: found } = await tx.query<OnChainRow>(
    `select b.id as batch_id, p.id as payment_id, i.block_number, k.hash as block_hash, i.transaction_hash,
            i.token = b.token and i.recipient = p.recipient and i.amount = p.units as matches,
            not b.is_split or p.state in ('batched', 'signed', 'broadcast') as is_open
       from settlement.settlement_batches b
       join settlement.payments p on p.settlement_batch_id = b.id
       left join indexer.payments i on i.chain_id = b.chain_id and i.payer = b.payer and i.sequence = p.sequence
       left join indexer.blocks k on k.chain_id = i.chain_id and k.number = i.block_number
      where b.id = any($1)
      order by b.id, p.sequence`,
    [batchIds],
  );
  const rows = [...Map.groupBy(found, (row) => row.batch_id).values()]
    .filter((batch) => !batch.some(({ is_open, block_number }) => is_open && block_number === null))
    .flat();
  await lifecycle.split(tx, [...new Set(rows.map(({ batch_id }) => batch_id))]);
  const included = rows.filter((row) => row.matches === true);
  const strange = rows.filter((row) => row.matches === false);
  const changes = included.map(
    ({ payment_id, transaction_hash, block_number, block_hash }): Change => ({
      id: payment_id,
      detail: {
        transactionHash: transaction_hash ?? '',
        blockNumber: Number(block_number),
        blockHash: block_hash ?? '',
      },
    }),
  );
  // Their broadcast was not ours to note.
  await lifecycle.transition(
    tx,
    'broadcast',
    included.map(({ payment_id, transaction_hash }) => ({
      id: payment_id,
      detail: { transactionHash: transaction_hash ?? '' },
    })),
  );
  await lifecycle.transition(tx, 'included', changes);
  await lifecycle.transition(
    tx,
    'held',
    strange.map(({ payment_id, transaction_hash }) => ({
      id: payment_id,
      detail: {
        reason: 'The chain has another payment under this sequence',
        transactionHash: transaction_hash ?? '',
      },
    })),
  );
  const batches = new Map<string, OnChainRow | undefined>(rows.map((row) => [row.batch_id, undefined]));
  // The latest block stands for the batch: when a reorganisation takes any payment of it, it takes that block.
  for (const row of included.toSorted((a, b) => Number((a.block_number ?? 0n) - (b.block_number ?? 0n))))
    batches.set(row.batch_id, row);
  await noteIncluded(tx, batches);
  return [...batches.values()].flatMap((row) => row?.transaction_hash ?? []);
}

async function noteIncluded(
  tx: Transaction,
  batches: ReadonlyMap<string, OnChainRow | undefined>,
): Promise<void> {
  const included = [...batches.values()];
  await tx.query(
    `with seen as (
       select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[])
                  as s (id, block_number, block_hash, transaction_hash)
     )
     update settlement.settlement_batches b
        set state = case when s.block_hash is null then 'held' else 'included' end, block_number = s.block_number,
            block_hash = s.block_hash, transaction_hash = coalesce(s.transaction_hash, b.transaction_hash),
            updated_at = now()
       from seen s where b.id = s.id`,
    [
      [...batches.keys()],
      included.map((row) => row?.block_number ?? null),
      included.map((row) => row?.block_hash ?? null),
      included.map((row) => row?.transaction_hash ?? null),
    ],
  );
}
