import { type Hex, keccak256 } from 'viem';

const positions = new Map<Hex, number[]>();

/**
 * False when the block with this `logsBloom` has certainly no log of the address or topic `value`; true when it may
 * have. Source: Ethereum Yellow Paper, section 4.3.1 (three bits of 2048 by the Keccak-256 of the value).
 */
export function bloomMayHold(logsBloom: Hex, value: Hex): boolean {
  const bits = positions.get(value) ?? bitsOf(value);
  positions.set(value, bits);
  return bits.every((bit) => {
    const digit = logsBloom.length - 1 - (bit >> 2);
    return (Number.parseInt(logsBloom.charAt(digit), 16) >> (bit & 3)) & 1;
  });
}

function bitsOf(value: Hex): number[] {
  const hash = keccak256(value, 'bytes');
  return [0, 2, 4].map((at) => (((hash[at] ?? 0) << 8) | (hash[at + 1] ?? 0)) & 2047);
}
