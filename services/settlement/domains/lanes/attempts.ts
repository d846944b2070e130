/** Signed transactions as the database keeps them: the bytes are here before any node has them. */
import type { Address, Hex } from 'viem';
import type { Queryable, Transaction } from '../../../platform/database.ts';
import type { Fees, SignedTransaction, UnsignedTransaction } from '../../../platform/signer.ts';
import type { Lane } from './lease.ts';

export interface Attempt extends Fees {
  id: bigint;
  settlementBatchId: string;
  nonce: number;
  gas: bigint;
  hash: Hex;
  raw: Hex;
  state: 'signed' | 'broadcast' | 'included' | 'reverted' | 'replaced';
  signedAtBlock: bigint;
  lastBroadcastAt: Date | null;
}

export async function insertAttempt(
  tx: Transaction,
  lane: Lane,
  settlementBatchId: string,
  { nonce, gas, maxFeePerGas, maxPriorityFeePerGas }: UnsignedTransaction,
  { hash, raw }: SignedTransaction,
  headNumber: bigint,
): Promise<void> {
  await tx.query(
    `insert into settlement.attempts
       (chain_id, signer, nonce, epoch, settlement_batch_id, transaction_hash, raw_transaction, max_fee_per_gas,
        max_priority_fee_per_gas, gas, signed_at_block)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      lane.chainId,
      lane.signer,
      nonce,
      lane.epoch,
      settlementBatchId,
      hash,
      raw,
      maxFeePerGas,
      maxPriorityFeePerGas,
      gas,
      headNumber,
    ],
  );
}

/**
 * The attempts that want looking after, by nonce: those not known to have ended, and, whatever became of them before,
 * those whose nonce the chain has not used (a reorganisation may take a nonce back, and the lane must have no gap).
 */
export async function readUnfinished(
  database: Queryable,
  { chainId, signer }: Lane,
  chainNonce: number,
): Promise<Attempt[]> {
  const { rows } = await database.query<{
    id: bigint;
    settlement_batch_id: string;
    nonce: bigint;
    gas: bigint;
    transaction_hash: Hex;
    raw_transaction: Hex;
    max_fee_per_gas: bigint;
    max_priority_fee_per_gas: bigint;
    state: Attempt['state'];
    signed_at_block: bigint;
    last_broadcast_at: Date | null;
  }>(
    `select id, settlement_batch_id, nonce, gas, transaction_hash, raw_transaction, max_fee_per_gas,
            max_priority_fee_per_gas, state, signed_at_block, last_broadcast_at
       from settlement.attempts
      where chain_id = $1 and signer = $2 and (state in ('signed', 'broadcast') or nonce >= $3)
      order by nonce, id`,
    [chainId, signer, chainNonce],
  );
  return rows.map((row) => ({
    id: row.id,
    settlementBatchId: row.settlement_batch_id,
    nonce: Number(row.nonce),
    gas: row.gas,
    hash: row.transaction_hash,
    raw: row.raw_transaction,
    maxFeePerGas: row.max_fee_per_gas,
    maxPriorityFeePerGas: row.max_priority_fee_per_gas,
    state: row.state,
    signedAtBlock: row.signed_at_block,
    lastBroadcastAt: row.last_broadcast_at,
  }));
}

export interface SettlementBatch {
  id: string;
  payer: Address;
  token: Address;
  firstSequence: bigint;
  payments: { recipient: Address; units: bigint }[];
}

/** Batches that wait for a signature and may be tried now, oldest first. */
export async function readBatchesToSign(
  database: Queryable,
  chainId: number,
  limit: number,
): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    `select id from settlement.settlement_batches
      where chain_id = $1 and state = 'batched' and attempt_after <= now() order by created_at, id limit $2`,
    [chainId, limit],
  );
  return rows.map((row) => row.id);
}

/** A batch with its payments in the order of their sequences. Throws when they are not what was batched. */
export async function readSettlementBatch(database: Queryable, id: string): Promise<SettlementBatch> {
  const { rows } = await database.query<{
    payer: Address;
    token: Address;
    first_sequence: bigint;
    payment_count: number;
    sequence: bigint;
    recipient: Address;
    units: bigint;
  }>(
    `select b.payer, b.token, b.first_sequence, b.payment_count, p.sequence, p.recipient, p.units
       from settlement.settlement_batches b join settlement.payments p on p.settlement_batch_id = b.id
      where b.id = $1 order by p.sequence`,
    [id],
  );
  const [first] = rows;
  if (!first || rows.length !== first.payment_count)
    throw new Error(`${id} has ${rows.length} payments, expected ${first?.payment_count ?? 'some'}`);
  rows.forEach(({ sequence }, index) => {
    if (sequence !== first.first_sequence + BigInt(index))
      throw new Error(
        `${id} has sequence ${sequence} at place ${index}, expected ${first.first_sequence} and on`,
      );
  });
  return {
    id,
    payer: first.payer,
    token: first.token,
    firstSequence: first.first_sequence,
    payments: rows.map(({ recipient, units }) => ({ recipient, units })),
  };
}
