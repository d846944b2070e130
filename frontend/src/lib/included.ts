import { BaseError, type Hash, type PublicClient, type ReplacementReturnType } from 'viem';

/** The wallet has put another transaction in the place of this one, or cancelled it: what was asked for is not done. */
export class TransactionReplacedError extends Error {
  override readonly name = 'TransactionReplacedError';
}

/**
 * Resolves once a transaction that the wallet has sent is in a block, at whatever price: however long that takes, since whoever believes
 * that it failed would send it twice.
 * @returns its hash, another one where the wallet has sent it again for another fee
 * @throws TransactionReplacedError; BaseError when the chain refused it
 */
export async function untilIncluded(chain: PublicClient, hash: Hash): Promise<Hash> {
  let reason: ReplacementReturnType['reason'] | undefined;
  const { status, transactionHash } = await chain.waitForTransactionReceipt({
    hash,
    timeout: 0,
    onReplaced: (replacement) => {
      reason = replacement.reason;
    },
  });
  if (reason !== undefined && reason !== 'repriced') throw new TransactionReplacedError(`${hash}: ${reason}`);
  if (status !== 'success') throw new BaseError(`The transaction ${hash} was reverted.`);
  return transactionHash;
}
