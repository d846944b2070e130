/** Proofs that a Merkle Patricia trie has a value under a key. Source: Ethereum Yellow Paper, appendices C and D. */
import { bytesToHex, fromRlp, type Hex, keccak256 } from 'viem';

const HASH_BYTES = 32;
const BRANCH_ITEMS = 17;

/** A node, or what a node refers to: a hash, a value, or a short node that stands within it. */
type Item = Uint8Array | readonly Item[];

/**
 * Returns the value that the trie with this root has under `key`. For tries where no key is the beginning of another.
 * @param proof The nodes from the root to the value, without those that stand within their parent; no more, no fewer.
 * @throws Error when the nodes do not prove a value: another root, another key, a node too many, too few, changed or
 * out of its place.
 */
export function verifyTrieProof(root: Hex, key: Uint8Array, proof: readonly Hex[]): Uint8Array {
  let taken = 0;
  const nodeOf = (hash: Hex): Item => {
    const node = proof[taken++];
    if (node === undefined) throw new Error(`The proof ends before the node ${hash}.`);
    if (keccak256(node) !== hash)
      throw new Error(`Node ${taken} of the proof does not have the hash ${hash}.`);
    return fromRlp(node, 'bytes');
  };

  let node = nodeOf(root);
  for (let depth = 0; ; ) {
    const step = follow(node, key, depth);
    if (step.isEnd) {
      if (taken < proof.length) throw new Error(`The proof has ${proof.length - taken} nodes too many.`);
      return step.value;
    }
    depth = step.depth;
    node = isBytes(step.child) ? nodeOf(hashOf(step.child)) : step.child;
  }
}

/** The half byte of `key` at `depth`; undefined past its end. */
export function nibbleAt(key: Uint8Array, depth: number): number | undefined {
  const byte = key[depth >> 1];
  if (byte === undefined) return undefined;
  return depth % 2 === 0 ? byte >> 4 : byte & 15;
}

type Step = { isEnd: true; value: Uint8Array } | { isEnd: false; child: Item; depth: number };

/** Where the first `depth` nibbles of the key led to this node: where the next ones lead. */
function follow(node: Item, key: Uint8Array, depth: number): Step {
  if (isBytes(node)) throw new Error('The proof has something else than a node of a trie.');
  if (node.length === BRANCH_ITEMS) {
    const child = node[nibbleAt(key, depth) ?? BRANCH_ITEMS];
    if (!child) throw new Error('The trie has nothing under this key.');
    return { isEnd: false, child, depth: depth + 1 };
  }
  const [path, next] = node;
  if (node.length !== 2 || !path || !isBytes(path) || !next)
    throw new Error('The proof has something else than a node of a trie.');
  const { isLeaf, nibbles } = readPath(path);
  if (nibbles.some((nibble, index) => nibble !== nibbleAt(key, depth + index)))
    throw new Error('The trie has nothing under this key.');
  const end = depth + nibbles.length;
  if (!isLeaf) return { isEnd: false, child: next, depth: end };
  if (end !== 2 * key.length || !isBytes(next)) throw new Error('The trie has nothing under this key.');
  return { isEnd: true, value: next };
}

/** Hex-prefix encoding: in the first nibble, whether it is a leaf (2) and whether the number of nibbles is odd (1). */
function readPath(path: Uint8Array): { isLeaf: boolean; nibbles: number[] } {
  const [flag = 0, ...nibbles] = [...path].flatMap((byte) => [byte >> 4, byte & 15]);
  return { isLeaf: flag >= 2, nibbles: flag % 2 === 1 ? nibbles : nibbles.slice(1) };
}

function hashOf(reference: Uint8Array): Hex {
  if (reference.length !== HASH_BYTES) throw new Error('The trie has nothing under this key.');
  return bytesToHex(reference);
}

function isBytes(item: Item): item is Uint8Array {
  return item instanceof Uint8Array;
}
