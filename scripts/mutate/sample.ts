import { seededRandom } from '../iso20022/random.ts';
import type { Mutant } from './mutants.ts';

/** Which mutants are tried, and in which order. */
export interface Plan {
  /** How many will count at most. */
  size: number;
  /** The next one to try; undefined when no more are needed as far as is known now. */
  next(): Mutant | undefined;
  /** Says that a mutant does not count, because it does not compile or changes nothing: another takes its place. */
  discard(mutant: Mutant): void;
}

/** Every mutant, contract by contract. */
export function planAll(mutants: readonly Mutant[]): Plan {
  const waiting = [...mutants];
  return { size: mutants.length, next: () => waiting.shift(), discard() {} };
}

/**
 * A sample that is the same for the same seed, whatever runs beside: each contract gives its share of `size` by its number of
 * mutants, at least one, from an order drawn by the seed.
 */
export function planSample(mutants: readonly Mutant[], size: number, seed: number): Plan {
  const random = seededRandom(seed);
  const lots = [...Map.groupBy(mutants, ({ contract }) => contract)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([contract, own]) => {
      const quota = Math.ceil((size * own.length) / mutants.length);
      return { contract, quota, waiting: shuffled(own, random.below) };
    });
  return {
    size: lots.reduce((sum, { quota }) => sum + quota, 0),
    next() {
      const lot = lots.find(({ quota, waiting }) => quota > 0 && waiting.length > 0);
      if (lot) lot.quota--;
      return lot?.waiting.shift();
    },
    discard({ contract }) {
      const lot = lots.find((lot) => lot.contract === contract);
      if (lot) lot.quota++;
    },
  };
}

function shuffled<T>(list: readonly T[], below: (limit: number) => number): T[] {
  const rest = [...list];
  return list.map(() => rest.splice(below(rest.length), 1)[0] as T);
}
