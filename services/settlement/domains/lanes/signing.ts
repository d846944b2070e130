/**
 * Gives a prepared attempt its bytes. The nonce is taken and the content fixed in one transaction, the signature comes
 * with none open, the bytes are stored in a second one, and only then may anybody have them. Who dies in between leaves
 * a prepared attempt: the next holder signs the same content under the same nonce.
 */
import type { Address, Hex } from 'viem';
import { withTransaction } from '../../../platform/database.ts';
import { type SignedTransaction, SignerError } from '../../../platform/signer.ts';
import { abandonPrepared, filler, type PreparedAttempt } from './attempts.ts';
import { moveBatch, noteFailure } from './batchStates.ts';
import { guardEpoch, type Lane } from './lease.ts';
import type { LaneParts } from './parts.ts';
import { settleBatchData } from './routerCall.ts';
import { readSettlementBatch } from './settlementBatch.ts';

/**
 * @returns the stored bytes; undefined when the attempt is not what it was: nothing of it was sent.
 * @throws SignerError
 * @throws LaneLost
 */
export async function signAttempt(
  parts: LaneParts,
  lane: Lane,
  attempt: PreparedAttempt,
): Promise<(SignedTransaction & PreparedAttempt) | undefined> {
  const { database, signer, chainId, lifecycle } = parts;
  const { id, settlementBatchId, nonce, gas, maxFeePerGas, maxPriorityFeePerGas } = attempt;
  const call = await callOf(parts, settlementBatchId);
  let signed: SignedTransaction;
  try {
    signed = await signer.sign({ chainId, nonce, gas, maxFeePerGas, maxPriorityFeePerGas, ...call });
  } catch (error) {
    if (error instanceof SignerError && settlementBatchId)
      await abandon(parts, lane, settlementBatchId, error);
    throw error;
  }
  return withTransaction(database, async (tx) => {
    await guardEpoch(tx, lane);
    const { rowCount } = await tx.query(
      `update settlement.attempts set transaction_hash = $2, raw_transaction = $3, state = 'signed'
        where id = $1 and state = 'prepared' and settlement_batch_id is not distinct from $4`,
      [id, signed.hash, signed.raw, settlementBatchId],
    );
    if (rowCount === 0) return undefined;
    if (settlementBatchId)
      await moveBatch(tx, lifecycle, settlementBatchId, ['batched'], 'signed', {
        transactionHash: signed.hash,
        nonce,
      });
    return { ...attempt, ...signed };
  });
}

/**
 * The batch goes elsewhere, or is tried again after its back-off: whether signer or batch is at fault will show when the
 * signer is asked to sign the nothing that fills the nonce.
 */
function abandon(
  { database, lifecycle }: LaneParts,
  lane: Lane,
  settlementBatchId: string,
  { code }: SignerError,
) {
  return withTransaction(database, async (tx) => {
    await guardEpoch(tx, lane);
    await abandonPrepared(tx, settlementBatchId);
    await noteFailure(tx, lifecycle, settlementBatchId, `${code}: it is signed later, or by another signer`);
  });
}

/** Where the transaction goes and what it says; the same for an attempt whenever it is asked. */
async function callOf(
  { database, router, signer }: LaneParts,
  settlementBatchId: string | undefined,
): Promise<{ to: Address; data: Hex }> {
  if (!settlementBatchId) return { to: signer.address, data: filler.data };
  return { to: router, data: settleBatchData(await readSettlementBatch(database, settlementBatchId)) };
}
