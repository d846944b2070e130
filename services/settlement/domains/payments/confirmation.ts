/** What the chain says of our batches: included by block hash, undone by a reorganisation, final. */
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
}

/**
 * Takes back what is in a block that is gone. The batches are broadcast again, by the lane; their sequences see to it
 * that each takes effect once wherever it lands.
 */
export async function undoReorganised(tx: Transaction, lifecycle: Lifecycle, chainId: number): Promise<void> {
  const { rows } = await tx.query<{ payment_id: string; block_hash: string }>(
    `with gone as (
       select b.id, b.block_hash from settlement.settlement_batches b
        where b.chain_id = $1 and b.state = 'included'
          and not exists (select from indexer.blocks k where k.chain_id = $1 and k.number = b.block_number and k.hash = b.block_hash)
          for update
     ), batch as (
       update settlement.settlement_batches b set state = 'broadcast', block_number = null, block_hash = null, updated_at = now()
         from gone where b.id = gone.id
     ), attempt as (
       update settlement.attempts a set state = 'broadcast', last_broadcast_at = null
         from gone where a.settlement_batch_id = gone.id and a.state = 'included'
     )
     select p.id as payment_id, gone.block_hash from gone join settlement.payments p on p.settlement_batch_id = gone.id`,
    [chainId],
  );
  await lifecycle.transition(
    tx,
    'broadcast',
    rows.map(({ payment_id, block_hash }) => ({
      id: payment_id,
      detail: { reorganisedBlockHash: block_hash },
    })),
  );
}

/**
 * Finds the batches that the chain has, by payer and sequence, whichever transactions brought them. A payment whose
 * event differs from what we instructed, or that is still missing when others of its batch are final, is held for a
 * person.
 */
export async function confirmIncluded(
  tx: Transaction,
  lifecycle: Lifecycle,
  chainId: number,
  finalNumber: bigint,
): Promise<void> {
  const { rows: found } = await tx.query<OnChainRow>(
    `select b.id as batch_id, p.id as payment_id, i.block_number, k.hash as block_hash, i.transaction_hash,
            i.token = b.token and i.recipient = p.recipient and i.amount = p.units as matches
       from settlement.settlement_batches b
       join settlement.payments p on p.settlement_batch_id = b.id
       left join indexer.payments i on i.chain_id = b.chain_id and i.payer = b.payer and i.sequence = p.sequence
       left join indexer.blocks k on k.chain_id = i.chain_id and k.number = i.block_number
      where b.chain_id = $1 and b.state in ('batched', 'signed', 'broadcast')
        and exists (select from indexer.payments x where x.chain_id = b.chain_id and x.payer = b.payer
                       and x.sequence >= b.first_sequence and x.sequence < b.first_sequence + b.payment_count)
      order by b.id, p.sequence
        for update of b`,
    [chainId],
  );
  const rows = [...Map.groupBy(found, (row) => row.batch_id).values()]
    .filter((batch) => !mayBeCompleted(batch, finalNumber))
    .flat();
  const included = rows.filter((row) => row.matches === true);
  const strange = rows.filter((row) => row.matches !== true);
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
  // Found before its broadcast was noted, after a crash between sending and noting, or after a restored backup.
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
        reason: transaction_hash
          ? 'The chain has another payment under this sequence'
          : 'The chain has other payments of this batch, not this one',
        ...(transaction_hash && { transactionHash: transaction_hash }),
      },
    })),
  );
  const batches = new Map<string, OnChainRow | undefined>(rows.map((row) => [row.batch_id, undefined]));
  // The latest block stands for the batch: when a reorganisation takes any payment of it, it takes that block.
  for (const row of included.toSorted((a, b) => Number((a.block_number ?? 0n) - (b.block_number ?? 0n))))
    batches.set(row.batch_id, row);
  await noteIncluded(tx, batches);
}

/** Payments that others settled one by one may come in several blocks: what is missing may come as long as none is final. */
function mayBeCompleted(batch: readonly OnChainRow[], finalNumber: bigint): boolean {
  const blocks = batch.flatMap(({ block_number }) => block_number ?? []);
  return blocks.length < batch.length && blocks.every((block) => block > finalNumber);
}

async function noteIncluded(
  tx: Transaction,
  batches: ReadonlyMap<string, OnChainRow | undefined>,
): Promise<void> {
  if (batches.size === 0) return;
  const included = [...batches.values()];
  await tx.query(
    `with seen as (
       select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[])
                  as s (id, block_number, block_hash, transaction_hash)
     ), batch as (
       update settlement.settlement_batches b
          set state = case when s.block_hash is null then 'held' else 'included' end, block_number = s.block_number,
              block_hash = s.block_hash, transaction_hash = coalesce(s.transaction_hash, b.transaction_hash),
              updated_at = now()
         from seen s where b.id = s.id
     ), winner as (
       select a.* from settlement.attempts a join seen s on a.transaction_hash = s.transaction_hash
     )
     update settlement.attempts a
        set state = case when a.transaction_hash = w.transaction_hash then 'included' else 'replaced' end
       from winner w
      where a.chain_id = w.chain_id and a.signer = w.signer and a.nonce = w.nonce
        and (a.transaction_hash = w.transaction_hash or a.state in ('prepared', 'signed', 'broadcast'))`,
    [
      [...batches.keys()],
      included.map((row) => row?.block_number ?? null),
      included.map((row) => row?.block_hash ?? null),
      included.map((row) => row?.transaction_hash ?? null),
    ],
  );
}

/** Makes final what stands in a block that no reorganisation can undo any more: each payment by its own block. */
export async function confirmFinal(
  tx: Transaction,
  lifecycle: Lifecycle,
  chainId: number,
  finalNumber: bigint,
): Promise<void> {
  const { rows } = await tx.query<{ payment_id: string; block_number: bigint }>(
    `with final as (
       update settlement.settlement_batches b set state = 'final', updated_at = now()
         from indexer.blocks k
        where b.chain_id = $1 and b.state = 'included' and b.block_number <= $2
          and k.chain_id = $1 and k.number = b.block_number and k.hash = b.block_hash
     )
     select p.id as payment_id, i.block_number
       from settlement.settlement_batches b
       join settlement.payments p on p.settlement_batch_id = b.id and p.state = 'included'
       join indexer.payments i on i.chain_id = b.chain_id and i.payer = b.payer and i.sequence = p.sequence
      where b.chain_id = $1 and b.state = 'included' and i.block_number <= $2`,
    [chainId, finalNumber],
  );
  await lifecycle.transition(
    tx,
    'final',
    rows.map(({ payment_id, block_number }) => ({
      id: payment_id,
      detail: { blockNumber: Number(block_number) },
    })),
  );
}
