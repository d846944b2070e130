/**
 * Gives a prepared attempt its bytes. The nonce is taken and the content fixed in one transaction, the signature comes
 * with none open, the bytes are stored in a second one, and only then may anybody have them. Who dies in between leaves
 * a prepared attempt: the next holder signs the same content under the same nonce.
 */
import { withTransaction } from '../../../platform/database.ts';
import { type SignedTransaction, SignerError } from '../../../platform/signer.ts';
import { abandonPrepared, type PreparedAttempt } from './attempts.ts';
import { type Cargo, cargoId, contentOf, moveCargo, noteCargoFailure } from './cargo.ts';
import { guardEpoch, type Lane } from './lease.ts';
import type { LaneParts } from './parts.ts';

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
  const { database, signer, chainId } = parts;
  const { id, settlementBatchId, callId, nonce, gas, maxFeePerGas, maxPriorityFeePerGas } = attempt;
  const content = await contentOf(parts, attempt);
  let signed: SignedTransaction;
  try {
    signed = await signer.sign({ chainId, nonce, gas, maxFeePerGas, maxPriorityFeePerGas, ...content });
  } catch (error) {
    if (error instanceof SignerError) await abandon(parts, lane, attempt, error);
    throw error;
  }
  return withTransaction(database, async (tx) => {
    await guardEpoch(tx, lane);
    const { rowCount } = await tx.query(
      `update settlement.attempts set transaction_hash = $2, raw_transaction = $3, state = 'signed'
        where id = $1 and state = 'prepared'
          and settlement_batch_id is not distinct from $4 and call_id is not distinct from $5`,
      [id, signed.hash, signed.raw, settlementBatchId, callId],
    );
    if (rowCount === 0) return undefined;
    await moveCargo(tx, parts, attempt, ['waiting'], 'signed', { transactionHash: signed.hash, nonce });
    return { ...attempt, ...signed };
  });
}

/**
 * The cargo goes elsewhere, or is tried again after its back-off: whether signer or cargo is at fault will show when the
 * signer is asked to sign the nothing that fills the nonce.
 */
async function abandon(parts: LaneParts, lane: Lane, cargo: Cargo, { code }: SignerError): Promise<void> {
  const id = cargoId(cargo);
  if (!id) return;
  await withTransaction(parts.database, async (tx) => {
    await guardEpoch(tx, lane);
    await abandonPrepared(tx, id);
    await noteCargoFailure(tx, parts, cargo, `${code}: it is signed later, or by another signer`, false);
  });
}
