/** Who signs transactions, wherever the key is, and what a transaction should pay. */
import {
  type Address,
  type Hex,
  keccak256,
  type PublicClient,
  serializeTransaction,
  type TransactionSerializableEIP1559,
} from 'viem';
import { privateKeyToAccount, sign as signHash } from 'viem/accounts';

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

/**
 * A key that signs, here or on another machine: a KMS fits behind it. Two calls may give different bytes for the same
 * input; whoever needs the same bytes again stores them.
 */
export interface Signer {
  readonly address: Address;
  /**
   * May take seconds and go over the network: never inside a database transaction.
   * @throws SignerError
   */
  sign(transaction: UnsignedTransaction): Promise<SignedTransaction>;
  /**
   * Signs the keccak256 of the bytes; s is in the lower half (EIP-2).
   * @throws SignerError
   */
  signBytes(data: Hex): Promise<Signature>;
}

/** Of secp256k1. */
export interface Signature {
  r: Hex;
  s: Hex;
  yParity: number;
}

export type SignerProblem = 'signer_unavailable' | 'signer_refused' | 'signer_garbage' | 'signer_mismatch';

/** The signer gave no signature that can be used. Nothing was sent; the same may be asked again. */
export class SignerError extends Error {
  override readonly name = 'SignerError';
  readonly code: SignerProblem;
  constructor(code: SignerProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A signer of a private key in memory; the same input gives the same bytes (RFC 6979). */
export function createSigner(privateKey: Hex): Signer {
  const account = privateKeyToAccount(privateKey);
  return {
    address: account.address,
    async sign(transaction) {
      const raw = await account.signTransaction(eip1559(transaction));
      return { hash: keccak256(raw), raw };
    },
    signBytes: (data) => signHash({ hash: keccak256(data), privateKey }) as Promise<Signature>,
  };
}

/** The bytes whose keccak256 is signed (EIP-2718, EIP-1559). */
export function unsignedBytes(transaction: UnsignedTransaction): Hex {
  return serializeTransaction(eip1559(transaction));
}

/** The transaction with its signature, as a node takes it. */
export function signedTransaction(transaction: UnsignedTransaction, signature: Signature): SignedTransaction {
  const raw = serializeTransaction(eip1559(transaction), signature);
  return { hash: keccak256(raw), raw };
}

function eip1559(transaction: UnsignedTransaction): TransactionSerializableEIP1559 {
  return { type: 'eip1559', ...transaction };
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
