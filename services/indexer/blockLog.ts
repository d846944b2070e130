import type { Hex } from 'viem';

/** A log and where it stands. */
export interface BlockLog {
  /** Lower case. */
  address: Hex;
  topics: Hex[];
  data: Hex;
  blockNumber: bigint;
  transactionHash: Hex;
  transactionIndex: number;
  /** Position in the block. */
  logIndex: number;
}

export function lowerCase(hex: string): Hex {
  return hex.toLowerCase() as Hex;
}
