/** RLP, written into one buffer. Source: Ethereum Yellow Paper, appendix B. */
import type { Hex } from 'viem';

const FIRST_SIZE = 4096;
const SHORT = 55;
const STRING = 0x80;
const LIST = 0xc0;
const ZERO = '0'.charCodeAt(0);
/** Worth of a hex digit by its character code; more than 15 where it is none. */
const digits = new Uint8Array(128).fill(0xff);
for (let digit = 0; digit < 16; digit++) {
  const character = digit.toString(16);
  digits[character.charCodeAt(0)] = digit;
  digits[character.toUpperCase().charCodeAt(0)] = digit;
}

/**
 * Writes from the end to the beginning, so that a length is known when it is to be written: what comes last is written
 * first. Several times as fast as encoding nested lists of hex strings, which the indexer does for each log of a block.
 */
export class RlpWriter {
  #buffer = new Uint8Array(FIRST_SIZE);
  /** The first byte that is written. */
  #at = FIRST_SIZE;

  /** How much is written: what a list or a prefix is told, from before its last item. */
  get length(): number {
    return this.#buffer.length - this.#at;
  }

  /** A string of bytes. @throws TypeError when `value` is not whole bytes in hex. */
  hex(value: Hex): void {
    if (value.length % 2 !== 0) throw new TypeError(`Not whole bytes in hex: ${value}`);
    const end = this.length;
    this.#digits(value, 2);
    this.string(end);
  }

  /** A whole number as JSON-RPC has it, in as few bytes as it needs. @throws TypeError when `value` is not hex. */
  quantity(value: Hex): void {
    let from = 2;
    while (value.charCodeAt(from) === ZERO) from++;
    const end = this.length;
    this.#digits(value, from);
    this.string(end);
  }

  /** A string of bytes. */
  bytes(value: Uint8Array): void {
    const end = this.length;
    this.raw(value);
    this.string(end);
  }

  /** Bytes as they are: an item that is encoded already, or what stands before one. */
  raw(value: Uint8Array): void {
    this.#need(value.length);
    this.#at -= value.length;
    this.#buffer.set(value, this.#at);
  }

  /** Makes a string of everything written since `length` was `end`; a byte below 0x80 stands for itself. */
  string(end: number): void {
    const size = this.length - end;
    if (size !== 1 || (this.#buffer[this.#at] as number) >= STRING) this.#length(size, STRING);
  }

  /** Makes a list of everything written since `length` was `end`. */
  list(end = 0): void {
    this.#length(this.length - end, LIST);
  }

  /** Takes back what was written since `length` was `end`. The bytes are valid until something else is written. */
  take(end = 0): Uint8Array {
    const to = this.#buffer.length - end;
    const written = this.#buffer.subarray(this.#at, to);
    this.#at = to;
    return written;
  }

  #digits(value: Hex, from: number): void {
    const size = (value.length - from + 1) >> 1;
    this.#need(size);
    const buffer = this.#buffer;
    let seen = 0;
    let at = this.#at;
    for (let end = value.length - 1; end >= from; end -= 2) {
      const low = digits[value.charCodeAt(end)] ?? 0xff;
      const high = end > from ? (digits[value.charCodeAt(end - 1)] ?? 0xff) : 0;
      seen |= low | high;
      buffer[--at] = (high << 4) | low;
    }
    if (seen > 15 || !value.startsWith('0x')) throw new TypeError(`Not hex: ${value}`);
    this.#at = at;
  }

  #length(size: number, kind: number): void {
    this.#need(5);
    if (size <= SHORT) {
      this.#buffer[--this.#at] = kind + size;
      return;
    }
    const end = this.#at;
    for (let rest = size; rest > 0; rest >>>= 8) this.#buffer[--this.#at] = rest & 255;
    const sizeOfSize = end - this.#at;
    this.#buffer[--this.#at] = kind + SHORT + sizeOfSize;
  }

  #need(size: number): void {
    if (size <= this.#at) return;
    const written = this.#buffer.subarray(this.#at);
    const larger = new Uint8Array(2 * (this.#buffer.length + size));
    larger.set(written, larger.length - written.length);
    this.#at = larger.length - written.length;
    this.#buffer = larger;
  }
}
