/** A key that signs transactions on this machine, and what a transaction should pay. */
import { type Address, type Hex, keccak256, type PublicClient } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

/** EIP-1559 prices in wei per gas. */
export interface Fees {
  maxFeePerGas: bigint;
  maxPriorityFeePerGas: bigint;
}

export interface UnsignedTransaction extends Fees {
  chainId: number;
  nonce: number;
  to: Address;
  data: Hex;
  gas: bigint;
}

export interface SignedTransaction {
  hash: Hex;
  raw: Hex;
}

export interface Signer {
  readonly address: Address;
  /** Signs without any network call; the same input gives the same bytes (RFC 6979). */
  sign(transaction: UnsignedTransaction): Promise<SignedTransaction>;
}

/** A signer of a private key in memory. */
export function createSigner(privateKey: Hex): Signer {
  const account = privateKeyToAccount(privateKey);
  return {
    address: account.address,
    async sign(transaction) {
      const raw = await account.signTransaction({ type: 'eip1559', ...transaction });
      return { hash: keccak256(raw), raw };
    },
  };
}

/** What to pay now: room for the base fee to double, and the tip that the node suggests. */
export async function quoteFees(chain: PublicClient, baseFeePerGas: bigint): Promise<Fees> {
  const maxPriorityFeePerGas = await chain.estimateMaxPriorityFeePerGas();
  return { maxFeePerGas: 2n * baseFeePerGas + maxPriorityFeePerGas, maxPriorityFeePerGas };
}

/** A quarter more of both prices: nodes want at least a tenth more of a transaction that replaces another. */
export function raiseFees({ maxFeePerGas, maxPriorityFeePerGas }: Fees, floor: Fees): Fees {
  const raised = (price: bigint, least: bigint) => {
    const more = (price * 5n) / 4n + 1n;
    return more > least ? more : least;
  };
  return {
    maxFeePerGas: raised(maxFeePerGas, floor.maxFeePerGas),
    maxPriorityFeePerGas: raised(maxPriorityFeePerGas, floor.maxPriorityFeePerGas),
  };
}
