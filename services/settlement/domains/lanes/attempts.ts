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

export interface WaitingBatch {
  id: string;
  accountId: string;
  /** Batches of its account were refused, and none has passed since. */
  isTroubled: boolean;
}

/** Of so many accounts whose batches are refused one batch each is tried in a round; the others have the lane. */
const TROUBLED_A_ROUND = 4;

/**
 * Batches that wait for a signature and may be tried now, fairly by account. First one batch each of a few troubled
 * accounts, those whose last refusal is the longest ago; then up to `limit` of the others, each account's oldest before
 * anybody's second. So a backlog that cannot go keeps nobody else waiting, and nobody waits for ever.
 */
export async function readBatchesToSign(
  database: Queryable,
  chainId: number,
  limit: number,
): Promise<WaitingBatch[]> {
  const { rows } = await database.query<{ id: string; account_id: string; is_troubled: boolean }>(
    `with waiting as (
       select id, account_id, attempt_after, created_at,
              max(updated_at) filter (where failures > 0) over (partition by account_id) as refused_at
         from settlement.settlement_batches where chain_id = $1 and state = 'batched'
     ), due as (
       select *, row_number() over (partition by account_id
                                    order by case when refused_at is not null then attempt_after end, created_at, id) as rank
         from waiting where attempt_after <= now()
     ), troubled as (
       select * from due where refused_at is not null and rank = 1 order by refused_at, id limit $3
     ), sound as (
       select * from due where refused_at is null order by rank, created_at, id limit $2
     )
     select id, account_id, refused_at is not null as is_troubled
       from (select * from troubled union all select * from sound) as chosen
      order by refused_at nulls last, rank, created_at, id`,
    [chainId, limit, TROUBLED_A_ROUND],
  );
  return rows.map((row) => ({ id: row.id, accountId: row.account_id, isTroubled: row.is_troubled }));
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
