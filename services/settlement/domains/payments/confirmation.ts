/** What the chain says of our batches: included by block hash, undone by a reorganisation, final. */
import type { Transaction } from '../../../platform/database.ts';
import type { Lifecycle } from './lifecycle.ts';
import { confirmSplit } from './splitBatches.ts';

/**
 * Takes back what is in a block that is gone. The batches are broadcast again, by the lane, or signed, where nothing of
 * ours is under way, as others had settled them; their sequences see to it that each takes effect once wherever it lands.
 */
export async function undoReorganised(tx: Transaction, lifecycle: Lifecycle, chainId: number): Promise<void> {
  const { rows } = await tx.query<{ id: string; block_hash: string }>(
    `with gone as (
       select b.id, b.block_hash from settlement.settlement_batches b
        where b.chain_id = $1 and b.state = 'included'
          and not exists (select from indexer.blocks k where k.chain_id = $1 and k.number = b.block_number and k.hash = b.block_hash)
          for update
     ), attempt as (
       update settlement.attempts a set state = 'broadcast', last_broadcast_at = null
         from gone where a.settlement_batch_id = gone.id and a.state = 'included'
     )
     select id, block_hash from gone`,
    [chainId],
  );
  await lifecycle.moveBatches(
    tx,
    'broadcast',
    ['included'],
    rows.map(({ id, block_hash }) => ({ id, detail: { reorganisedBlockHash: block_hash } })),
  );
  const { rows: unsent } = await tx.query<{ id: string }>(
    `select id from unnest($1::text[]) as gone (id)
      where not exists (select from settlement.attempts a
                         where a.settlement_batch_id = gone.id and a.state in ('prepared', 'signed', 'broadcast'))`,
    [rows.map(({ id }) => id)],
  );
  await lifecycle.moveBatches(tx, 'batched', ['broadcast'], unsent);
}

interface FoundBatch {
  id: string;
  /** One transaction has all payments of the batch, each as we instructed it. */
  is_whole: boolean;
  block_number: bigint;
  block_hash: string;
  transaction_hash: string;
}

/**
 * Finds the batches that the chain has, by payer and sequence, whichever transactions brought them. What one
 * transaction settled as we instructed it moves as one; a batch of which that is not true is split.
 */
export async function confirmIncluded(tx: Transaction, lifecycle: Lifecycle, chainId: number): Promise<void> {
  const { rows: found } = await tx.query<FoundBatch>(
    `with batch as (
       select b.* from settlement.settlement_batches b
        where b.chain_id = $1 and b.state in ('batched', 'signed', 'broadcast')
          and exists (select from indexer.payments x where x.chain_id = b.chain_id and x.payer = b.payer
                         and x.sequence >= b.first_sequence and x.sequence < b.first_sequence + b.payment_count)
        order by b.id for update
     )
     select b.id, f.block_number, k.hash as block_hash, f.transaction_hash, not b.is_split and f.is_whole as is_whole
       from batch b
      cross join lateral (
        select min(i.block_number) as block_number, min(i.transaction_hash) as transaction_hash,
               min(i.transaction_hash) = max(i.transaction_hash)
                 and bool_and(coalesce(i.token = b.token and i.recipient = p.recipient and i.amount = p.units, false)) as is_whole
          from settlement.payments p
          left join indexer.payments i on i.chain_id = b.chain_id and i.payer = b.payer and i.sequence = p.sequence
           and i.sequence >= b.first_sequence and i.sequence < b.first_sequence + b.payment_count
         where p.settlement_batch_id = b.id
      ) f
       left join indexer.blocks k on k.chain_id = b.chain_id and k.number = f.block_number
      order by b.id`,
    [chainId],
  );
  const whole = found.filter(({ is_whole }) => is_whole);
  // Found before its broadcast was noted, after a crash between sending and noting, or after a restored backup.
  await lifecycle.moveBatches(
    tx,
    'broadcast',
    ['batched', 'signed'],
    whole.map(({ id, transaction_hash }) => ({ id, detail: { transactionHash: transaction_hash } })),
  );
  await lifecycle.moveBatches(
    tx,
    'included',
    ['broadcast'],
    whole.map(({ id, transaction_hash, block_number, block_hash }) => ({
      id,
      detail: {
        transactionHash: transaction_hash,
        blockNumber: Number(block_number),
        blockHash: block_hash,
      },
    })),
  );
  const others = found.filter(({ is_whole }) => !is_whole).map(({ id }) => id);
  const split = await confirmSplit(tx, lifecycle, others);
  await endAttempts(tx, [...whole.map(({ transaction_hash }) => transaction_hash), ...split]);
}

/** Ends the attempts of the nonces that these transactions have used. */
async function endAttempts(tx: Transaction, transactionHashes: readonly string[]): Promise<void> {
  if (transactionHashes.length === 0) return;
  await tx.query(
    `update settlement.attempts a
        set state = case when a.transaction_hash = w.transaction_hash then 'included' else 'replaced' end
       from settlement.attempts w
      where w.transaction_hash = any($1)
        and a.chain_id = w.chain_id and a.signer = w.signer and a.nonce = w.nonce
        and (a.transaction_hash = w.transaction_hash or a.state in ('prepared', 'signed', 'broadcast'))`,
    [transactionHashes],
  );
}

/** Makes final what stands in a block that no reorganisation can undo any more; in a split batch each payment by its own block. */
export async function confirmFinal(
  tx: Transaction,
  lifecycle: Lifecycle,
  chainId: number,
  finalNumber: bigint,
): Promise<void> {
  const { rows: batches } = await tx.query<{ id: string; block_number: bigint; is_split: boolean }>(
    `select b.id, b.block_number, b.is_split
       from settlement.settlement_batches b
       join indexer.blocks k on k.chain_id = $1 and k.number = b.block_number and k.hash = b.block_hash
      where b.chain_id = $1 and b.state = 'included' and (b.is_split or b.block_number <= $2)`,
    [chainId, finalNumber],
  );
  await lifecycle.moveBatches(
    tx,
    'final',
    ['included'],
    batches
      .filter(({ is_split }) => !is_split)
      .map(({ id, block_number }) => ({ id, detail: { blockNumber: Number(block_number) } })),
  );
  if (!batches.some(({ is_split }) => is_split)) return;
  const { rows } = await tx.query<{ payment_id: string; block_number: bigint }>(
    `with final as (
       update settlement.settlement_batches b set state = 'final', updated_at = now()
         from indexer.blocks k
        where b.chain_id = $1 and b.state = 'included' and b.is_split and b.block_number <= $2
          and k.chain_id = $1 and k.number = b.block_number and k.hash = b.block_hash
     )
     select p.id as payment_id, i.block_number
       from settlement.settlement_batches b
       join settlement.payments p on p.settlement_batch_id = b.id and p.state = 'included'
       join indexer.payments i on i.chain_id = b.chain_id and i.payer = b.payer and i.sequence = p.sequence
      where b.chain_id = $1 and b.state = 'included' and b.is_split and i.block_number <= $2`,
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
