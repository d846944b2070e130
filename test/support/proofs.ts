/** Proofs that somebody changed, and why they are refused. */
import { ProofRefused } from '../../services/core/evm/receiptProof.ts';

/** The code under which something is refused; undefined when it is not. */
export function refusalOf(verify: () => unknown): string | undefined {
  try {
    verify();
  } catch (error) {
    if (error instanceof ProofRefused) return error.code;
    throw error;
  }
  return undefined;
}

export type Place = readonly (string | number)[];

/** Where the value's leaves are. */
export function leavesOf(value: unknown, place: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [place];
  return Object.entries(value).flatMap(([name, member]) => leavesOf(member, [...place, name]));
}

/** The proof with another leaf at `place`; undefined takes it away. */
export function withLeaf(proof: object, place: Place, change: (leaf: unknown) => unknown): unknown {
  // biome-ignore lint/suspicious/noExplicitAny: any place of the proof
  let parent: any = proof;
  for (const step of place.slice(0, -1)) parent = parent[step];
  const last = place.at(-1) as string;
  const leaf = change(parent[last]);
  if (leaf !== undefined) parent[last] = leaf;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return proof;
}

/** Something else of the same form. */
export function changed(leaf: unknown): unknown {
  if (typeof leaf === 'number') return leaf + 1;
  if (typeof leaf === 'boolean') return !leaf;
  if (leaf === 'settled') return 'returned';
  if (leaf === 'returned') return 'settled';
  const text = leaf as string;
  if (text === '0x') return '0x00';
  const last = text.at(-1) === '1' ? '2' : '1';
  return text.slice(0, -1) + last;
}
