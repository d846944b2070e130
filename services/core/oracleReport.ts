/** The bytes of a report to `OracleHub`: what each reporter signs, and what puts their values together. */
import { concat, type Hex, hexToString, numberToHex, stringToHex, toHex } from 'viem';

/** Bytes of a value: an int96, highest byte first. */
const VALUE_BYTES = 12;

/** What a reporter signs, by EIP-712: its own values of a round. */
export const pricesTypes = {
  Prices: [
    { name: 'setVersion', type: 'uint32' },
    { name: 'round', type: 'uint32' },
    { name: 'observedAt', type: 'uint40' },
    { name: 'feeds', type: 'bytes32[]' },
    { name: 'values', type: 'bytes' },
  ],
};

/** What a reporter signs, by EIP-712: its own values of windows that are over. */
export const observationsTypes = {
  Observations: [
    { name: 'setVersion', type: 'uint32' },
    { name: 'observedAt', type: 'uint40' },
    { name: 'windows', type: 'Window[]' },
    { name: 'values', type: 'bytes' },
  ],
  Window: [
    { name: 'feed', type: 'bytes32' },
    { name: 'subject', type: 'bytes32' },
    { name: 'windowStart', type: 'uint40' },
    { name: 'windowEnd', type: 'uint40' },
  ],
};

/** What an observation is of. Times are Unix seconds, both within. */
export interface ObservationWindow {
  feed: Hex;
  subject: Hex;
  windowStart: number;
  windowEnd: number;
}

/** How many reporters of a set speak for all of it: 2f + 1 of 3f + 1. */
export function quorumOf(reporterCount: number): number {
  return Math.floor((2 * reporterCount + 1) / 3);
}

/** How many reporters of a set may be faulty: f of 3f + 1. */
export function faultyOf(reporterCount: number): number {
  return Math.floor((reporterCount - 1) / 3);
}

/** A feed's name or a subject as the contract has it. Throws when it has more than 32 bytes. */
export function toBytes32(text: string): Hex {
  return stringToHex(text, { size: 32 });
}

/** The text of a name or a subject, which it was written from by {@link toBytes32}; undefined for what is none. */
export function fromBytes32(word: Hex): string | undefined {
  const text = hexToString(word, { size: 32 });
  return text !== '' && toBytes32(text) === word.toLowerCase() ? text : undefined;
}

/** Values in units of 10^-decimals of their feeds. Throws when one does not fit in 96 bits with its sign. */
export function packValues(values: readonly bigint[]): Hex {
  return concat(values.map((value) => numberToHex(value, { size: VALUE_BYTES, signed: true })));
}

/**
 * Which reporter's value is the median of each feed, a byte a feed: the lower of the two in the middle when they are even.
 * @param rows A row of values for each reporter that signed, in the order of their indices.
 */
export function packMedians(rows: readonly (readonly bigint[])[]): Hex {
  const [first = []] = rows;
  const medians = first.map((_, column) => {
    const values = rows.map((row, index) => ({ index, value: row[column] ?? 0n }));
    values.sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
    return values[Math.floor((values.length - 1) / 2)]?.index ?? 0;
  });
  return toHex(Uint8Array.from(medians));
}
