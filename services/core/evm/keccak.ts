import { keccak256 } from 'viem';

/** Keccak-256. Its result is 32 bytes that stay as they are. */
export type Keccak = (bytes: Uint8Array) => Uint8Array;

/** In plain JavaScript, for the browser and for the odd hash. */
export const portableKeccak: Keccak = (bytes) => keccak256(bytes, 'bytes');
