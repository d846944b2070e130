import { type Address, hexToString, isAddressEqual, stringToHex, zeroAddress, zeroHash } from 'viem';
import { parseEvmAddress } from '../../../../services/core/evmAddress.ts';
import type { Checked } from '../../lib/amountInput.ts';
import type { Dictionary } from '../../lib/i18n/en.ts';

export type Fault = keyof Dictionary['pay']['faults'];

interface RecipientContext {
  own: Address;
  /** Contracts of Corridor: money sent to them would be lost. */
  contracts: Address[];
}

/** Reads the recipient; the address comes back with its EIP-55 checksum. */
export function checkRecipient(text: string, { own, contracts }: RecipientContext): Checked<Address, Fault> {
  const trimmed = text.trim();
  if (trimmed === '') return { fault: 'recipientMissing' };
  const address = parseEvmAddress(trimmed);
  if (!address) {
    return { fault: /^0x[0-9a-f]{40}$/i.test(trimmed) ? 'recipientChecksum' : 'recipientInvalid' };
  }
  if (isAddressEqual(address, zeroAddress)) return { fault: 'recipientZero' };
  if (isAddressEqual(address, own)) return { fault: 'recipientSelf' };
  if (contracts.some((contract) => isAddressEqual(contract, address))) return { fault: 'recipientToken' };
  return { value: address };
}

const REFERENCE_BYTES = 32;

/** Bytes that are left for the reference, which the chain keeps in 32 bytes of UTF-8. Below zero: too long. */
export function referenceBytesLeft(text: string): number {
  return REFERENCE_BYTES - new TextEncoder().encode(text.trim()).length;
}

/** A reference as the contract takes it: UTF-8, filled up with zeros. */
export function encodeReference(text: string): `0x${string}` {
  return text.trim() === '' ? zeroHash : stringToHex(text.trim(), { size: REFERENCE_BYTES });
}

/** The text of a reference; what is no readable text comes back as hex, and nothing as undefined. */
export function decodeReference(reference: `0x${string}`): string | undefined {
  if (reference === zeroHash) return undefined;
  const text = hexToString(reference, { size: REFERENCE_BYTES });
  return /^[^\p{C}\ufffd]+$/u.test(text) ? text : reference;
}
