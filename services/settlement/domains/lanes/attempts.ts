/** Transactions of a lane as the database keeps them: the bytes are here before any node has them. */
import type { Hex } from 'viem';
import type { Queryable, Transaction } from '../../../platform/database.ts';
import type { Fees } from '../../../platform/signer.ts';
import type { Lane } from './lease.ts';

interface Prepared extends Fees {
  id: bigint;
  /** Without batch and call it sends nothing to nobody and only uses up its nonce. */
  settlementBatchId?: string | undefined;
  callId?: string | undefined;
  nonce: number;
  gas: bigint;
}

/** Has its nonce; nobody has signed it, so no bytes of it exist. */
export interface PreparedAttempt extends Prepared {
  state: 'prepared';
}

export interface SignedAttempt extends Prepared {
  hash: Hex;
  raw: Hex;
  state: 'signed' | 'broadcast' | 'included' | 'reverted' | 'replaced';
  signedAtBlock: bigint;
  /** A node was not given the bytes for a while, or never. */
  isQuiet: boolean;
}

export type Attempt = PreparedAttempt | SignedAttempt;

/** A transaction that is not in a block is sent again so often, by the database's clock. */
const RESEND_SECONDS = 5;

/** A transaction that only uses up its nonce: nothing, sent to its own signer (gas: Yellow Paper, Gtransaction). */
export const filler = { gas: 21_000n, data: '0x' } as const;

/** Takes a batch or call away from what nobody has signed: that will only use up its nonce. */
export async function abandonPrepared(tx: Transaction, cargoId: string): Promise<void> {
  await tx.query(
    `update settlement.attempts set settlement_batch_id = null, call_id = null, gas = $2
      where (settlement_batch_id = $1 or call_id = $1) and state = 'prepared'`,
    [cargoId, filler.gas],
  );
}

/** Prepares a transaction under a nonce of the lane: to be signed when no transaction of the database is open. */
export async function insertPrepared(
  tx: Transaction,
  lane: Lane,
  attempt: Omit<Prepared, 'id'>,
  headNumber: bigint,
): Promise<PreparedAttempt> {
  const { settlementBatchId, callId, nonce, gas, maxFeePerGas, maxPriorityFeePerGas } = attempt;
  const { rows } = await tx.query<{ id: bigint }>(
    `insert into settlement.attempts
       (chain_id, signer, nonce, epoch, settlement_batch_id, call_id, state, max_fee_per_gas, max_priority_fee_per_gas,
        gas, signed_at_block)
     values ($1, $2, $3, $4, $5, $6, 'prepared', $7, $8, $9, $10) returning id`,
    [
      lane.chainId,
      lane.signer,
      nonce,
      lane.epoch,
      settlementBatchId,
      callId,
      maxFeePerGas,
      maxPriorityFeePerGas,
      gas,
      headNumber,
    ],
  );
  return { ...attempt, id: (rows[0] as { id: bigint }).id, state: 'prepared' };
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
    settlement_batch_id: string | null;
    call_id: string | null;
    nonce: bigint;
    gas: bigint;
    transaction_hash: Hex | null;
    raw_transaction: Hex | null;
    max_fee_per_gas: bigint;
    max_priority_fee_per_gas: bigint;
    state: Attempt['state'];
    signed_at_block: bigint;
    is_quiet: boolean;
  }>(
    `select id, settlement_batch_id, call_id, nonce, gas, transaction_hash, raw_transaction, max_fee_per_gas,
            max_priority_fee_per_gas, state, signed_at_block,
            coalesce(last_broadcast_at <= now() - $4 * interval '1 second', true) as is_quiet
       from settlement.attempts
      where chain_id = $1 and signer = $2
        and (state in ('prepared', 'signed', 'broadcast') or (nonce >= $3 and raw_transaction is not null))
      order by nonce, id`,
    [chainId, signer, chainNonce, RESEND_SECONDS],
  );
  return rows.map((row) => {
    const prepared = {
      id: row.id,
      settlementBatchId: row.settlement_batch_id ?? undefined,
      callId: row.call_id ?? undefined,
      nonce: Number(row.nonce),
      gas: row.gas,
      maxFeePerGas: row.max_fee_per_gas,
      maxPriorityFeePerGas: row.max_priority_fee_per_gas,
    };
    const { state, transaction_hash: hash, raw_transaction: raw } = row;
    if (state === 'prepared' || hash === null || raw === null) return { ...prepared, state: 'prepared' };
    return { ...prepared, state, hash, raw, signedAtBlock: row.signed_at_block, isQuiet: row.is_quiet };
  });
}
