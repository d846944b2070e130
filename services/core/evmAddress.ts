import { getAddress, isAddress } from 'viem';

/**
 * Reads a wallet address and gives it with its EIP-55 checksum, or undefined when it is none: not `0x` and 40 hex
 * digits, or mixed upper and lower case that fails the checksum (all lower or all upper case carries none).
 */
export function parseEvmAddress(text: string): `0x${string}` | undefined {
  if (!isAddress(text, { strict: false })) return undefined;
  const digits = text.slice(2);
  const checksummed = getAddress(text.toLowerCase());
  const carriesChecksum = digits !== digits.toLowerCase() && digits !== digits.toUpperCase();
  return carriesChecksum && text !== checksummed ? undefined : checksummed;
}
