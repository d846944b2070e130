import type { ContractTransactionResponse } from 'ethers';
import hre from 'hardhat';

/** When the chain of every measurement begins, Unix seconds: times are calldata, and their bytes cost gas. */
export const STARTS_AT = 1_900_000_000;

/** A chain of its own for a measurement. */
export function openChain() {
  return hre.network.create({ override: { initialDate: new Date(STARTS_AT * 1_000) } });
}

/** What a whole transaction used. */
export async function gasOf(transaction: Promise<ContractTransactionResponse>): Promise<number> {
  const receipt = await (await transaction).wait();
  if (!receipt) throw new Error('The in-process chain did not mine the transaction.');
  return Number(receipt.gasUsed);
}
