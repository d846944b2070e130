/** Did an account sign exactly this? Decided as the contracts decide it (`Signatures.isValid`). */
import {
  type Address,
  BaseError,
  decodeFunctionResult,
  encodeFunctionData,
  type Hex,
  HttpRequestError,
  isAddressEqual,
  type PublicClient,
  recoverAddress,
  size,
  slice,
  TimeoutError,
} from 'viem';

/** From here on lies the second form of each signature (EIP-2): half the order of secp256k1, and one. */
const HIGH_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1n;

/** What ERC-1271's isValidSignature answers for a signature that is good. */
const ERC1271_VALID = '0x1626ba7e';
const erc1271Abi = [
  {
    type: 'function',
    name: 'isValidSignature',
    stateMutability: 'view',
    inputs: [
      { name: 'hash', type: 'bytes32' },
      { name: 'signature', type: 'bytes' },
    ],
    outputs: [{ name: '', type: 'bytes4' }],
  },
] as const;

/** How a contract account is asked: it may run whatever code it likes. */
export interface SignatureLimits {
  /** On the state after this block. */
  blockNumber: bigint;
  /** Whoever needs more has not signed. */
  mostGas: bigint;
}

/**
 * True for an ECDSA signature of the account (65 bytes, v of 27 or 28, low s), and for what a contract account accepts.
 * @throws when the node does not answer
 */
export async function isSigned(
  chain: PublicClient,
  signer: Address,
  digest: Hex,
  signature: Hex,
  limits: SignatureLimits,
): Promise<boolean> {
  if (await isOfWallet(signer, digest, signature)) return true;
  const code = await chain.getCode({ address: signer, blockNumber: limits.blockNumber });
  return code !== undefined && acceptsSignature(chain, signer, digest, signature, limits);
}

async function isOfWallet(signer: Address, hash: Hex, signature: Hex): Promise<boolean> {
  if (size(signature) !== 65) return false;
  const v = Number(slice(signature, 64));
  if ((v !== 27 && v !== 28) || BigInt(slice(signature, 32, 64)) >= HIGH_S) return false;
  try {
    return isAddressEqual(await recoverAddress({ hash, signature }), signer);
  } catch {
    return false; // r or s is no number of the curve
  }
}

async function acceptsSignature(
  chain: PublicClient,
  address: Address,
  digest: Hex,
  signature: Hex,
  { blockNumber, mostGas }: SignatureLimits,
): Promise<boolean> {
  try {
    const { data = '0x' } = await chain.call({
      to: address,
      data: encodeFunctionData({ abi: erc1271Abi, args: [digest, signature] }),
      blockNumber,
      gas: mostGas,
    });
    return decodeFunctionResult({ abi: erc1271Abi, data }) === ERC1271_VALID;
  } catch (error) {
    const isSilence = (cause: unknown) => cause instanceof HttpRequestError || cause instanceof TimeoutError;
    if (!(error instanceof BaseError) || error.walk(isSilence)) throw error;
    return false; // it reverted, or answered something else
  }
}
