/** What a transaction of a lane carries: a batch to the router, a call that a domain wants made, or nothing. */
import type { Address, Hex, TransactionReceipt } from 'viem';
import type { Transaction } from '../../../platform/database.ts';
import { filler } from './attempts.ts';
import { moveBatch, noteFailure } from './batchStates.ts';
import { type CallState, moveCalls, noteCallFailure, readCall } from './calls.ts';
import type { LaneParts } from './parts.ts';
import { settleBatchData } from './routerCall.ts';
import { readSettlementBatch } from './settlementBatch.ts';

export interface Cargo {
  settlementBatchId?: string | undefined;
  callId?: string | undefined;
}

/** What waits under the name `batched` in one and `waiting` in the other, and is else the same. */
type Step = 'waiting' | 'signed' | 'broadcast';

/** The id of what is carried; undefined when nothing is. */
export function cargoId({ settlementBatchId, callId }: Cargo): string | undefined {
  return settlementBatchId ?? callId;
}

/** Where the transaction goes and what it says; the same for an attempt whenever it is asked. */
export async function contentOf(
  { database, router, signer }: LaneParts,
  { settlementBatchId, callId }: Cargo,
): Promise<{ to: Address; data: Hex }> {
  if (settlementBatchId)
    return { to: router, data: settleBatchData(await readSettlementBatch(database, settlementBatchId)) };
  if (!callId) return { to: signer.address, data: filler.data };
  const { to, data } = await readCall(database, callId);
  return { to, data };
}

/** Moves what is carried on, or back. @returns false when it is not in one of the states `from`, or nothing is carried */
export async function moveCargo(
  tx: Transaction,
  { lifecycle, callListeners }: LaneParts,
  { settlementBatchId, callId }: Cargo,
  from: readonly Step[],
  to: Step,
  detail: Record<string, string | number>,
): Promise<boolean> {
  const asBatch = (step: Step) => (step === 'waiting' ? 'batched' : step);
  if (settlementBatchId)
    return moveBatch(tx, lifecycle, settlementBatchId, from.map(asBatch), asBatch(to), detail);
  if (!callId) return false;
  return (await moveCalls(tx, callListeners, to, from, [{ id: callId, detail }])).length > 0;
}

/** Notes why what is carried could not go, and when to try again; of a batch, whether those behind it need not wait. */
export async function noteCargoFailure(
  tx: Transaction,
  { lifecycle, callListeners }: LaneParts,
  { settlementBatchId, callId }: Cargo,
  reason: string,
  isSetAside: boolean,
): Promise<void> {
  if (settlementBatchId) await noteFailure(tx, lifecycle, settlementBatchId, reason, isSetAside);
  else if (callId) await noteCallFailure(tx, callListeners, callId, reason);
}

/** Locks what is carried. @returns its state; undefined when nothing is carried */
export async function lockCargo(
  tx: Transaction,
  { settlementBatchId, callId }: Cargo,
): Promise<string | undefined> {
  if (!settlementBatchId && !callId) return undefined;
  const { rows } = await tx.query<{ state: string }>(
    settlementBatchId
      ? 'select state from settlement.settlement_batches where id = $1 for update'
      : 'select state from settlement.calls where id = $1 for update',
    [settlementBatchId ?? callId],
  );
  return rows[0]?.state;
}

const OPEN: readonly CallState[] = ['waiting', 'signed', 'broadcast'];

/** A call's transaction has succeeded in a block that the index has. */
export async function includeCall(
  tx: Transaction,
  { callListeners }: LaneParts,
  callId: string,
  { transactionHash, blockNumber, blockHash }: TransactionReceipt,
): Promise<void> {
  const detail = { transactionHash, blockNumber: Number(blockNumber), blockHash };
  await moveCalls(tx, callListeners, 'included', OPEN, [{ id: callId, detail }]);
}
