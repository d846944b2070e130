import { seededRandom } from '../../../scripts/iso20022/random.ts';

/** Chances of a model test, the same for the same seed. */
export function seeded(seed: number) {
  const { next, below, pick } = seededRandom(seed);
  const wide = wideOf(next);
  return {
    below,
    pick,
    /** Of any magnitude: from 1 to `bits` bits. */
    amount: (bits: number) => (wide() & ((1n << BigInt(1 + below(bits))) - 1n)) + 1n,
  };
}

/** The same for large numbers: from 0 up to, not including, a limit of at most 128 bits. */
export function seededBelow(seed: number): (limit: bigint) => bigint {
  const wide = wideOf(seededRandom(seed).next);
  return (limit) => wide() % limit;
}

/** Numbers of 128 bits from numbers in [0, 1), which have 32. */
function wideOf(next: () => number): () => bigint {
  const word = () => BigInt(next() * 2 ** 32);
  return () => (word() << 96n) | (word() << 64n) | (word() << 32n) | word();
}
