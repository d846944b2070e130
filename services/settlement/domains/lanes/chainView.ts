/** What the node says about the chain and the signer at the beginning of a round, and whether it makes sense. */
import { quoteFees } from '../../../platform/signer.ts';
import type { ChainView, LaneParts } from './parts.ts';

/** Undefined as long as the index has nothing of the chain. @throws when an answer cannot be true */
export async function viewChain({
  database,
  chain,
  chainId,
  signer,
}: LaneParts): Promise<ChainView | undefined> {
  const { rows } = await database.query<{ final_number: bigint }>(
    'select final_number from indexer.cursors where chain_id = $1',
    [chainId],
  );
  if (!rows[0]) return undefined;
  const finalNumber = rows[0].final_number;
  const { address } = signer;
  const [head, latestNonce, finalNonce, balance] = await Promise.all([
    chain.getBlock(),
    chain.getTransactionCount({ address }),
    chain.getTransactionCount({ address, blockNumber: finalNumber }),
    chain.getBalance({ address }),
  ]);
  const baseFeePerGas = head.baseFeePerGas ?? 0n;
  const fees = await quoteFees(chain, baseFeePerGas);
  const view = {
    headNumber: head.number,
    fees,
    baseFeePerGas,
    blockGasLimit: head.gasLimit,
    finalNumber,
    latestNonce,
    finalNonce,
    balance,
  };
  const isSound =
    [head.number, head.gasLimit, baseFeePerGas, balance, fees.maxFeePerGas].every(
      (amount) => typeof amount === 'bigint' && amount >= 0n,
    ) && [latestNonce, finalNonce].every((count) => Number.isSafeInteger(count) && count >= 0);
  if (!isSound)
    throw new Error(
      `The node at RPC_URL answers what cannot be: head ${view.headNumber}, nonces ${latestNonce} and ${finalNonce}, balance ${balance}; expected whole numbers`,
    );
  return view;
}
