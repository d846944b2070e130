/** The Merkle Patricia trie of a block's receipts: its root is in the block's header. */
import { bytesToHex, type Hex } from 'viem';
import { type Keccak, portableKeccak } from './keccak.ts';
import { type RpcReceipt, writeReceipt } from './receipt.ts';
import { RlpWriter } from './rlpWriter.ts';
import { nibbleAt } from './trieProof.ts';

/** A node that is shorter stands within its parent, any other by its hash. */
const HASH_BYTES = 32;
const NOTHING = new Uint8Array();

/**
 * The root of a block's receipts, in the order of its transactions.
 * Source: Ethereum Yellow Paper, sections 4.3.1 and appendix D; EIP-2718 for receipts with a type.
 * @throws TypeError when something in a receipt is not hex.
 */
export function receiptsRoot(receipts: readonly RpcReceipt[], keccak = portableKeccak): Hex {
  return bytesToHex(keccak(rootNode(receipts, keccak)));
}

/**
 * What proves that the receipt at `index` is one of the block's.
 * @returns the nodes of the trie from the root to the receipt, for `verifyTrieProof` with {@link receiptKey}.
 * @throws RangeError when there is no receipt at `index`, TypeError when something in a receipt is not hex.
 */
export function receiptProof(receipts: readonly RpcReceipt[], index: number, keccak = portableKeccak): Hex[] {
  if (!receipts[index]) throw new RangeError(`There is no receipt ${index} among ${receipts.length}.`);
  const below: Hex[] = [];
  const root = bytesToHex(rootNode(receipts, keccak, { index, below }));
  return [root, ...below.reverse()];
}

/** The key of a receipt in the trie: the RLP of its transaction's index in the block. */
export function receiptKey(index: number): Uint8Array {
  const key = new RlpWriter();
  key.quantity(`0x${index.toString(16)}`);
  return key.take();
}

/** Collects the nodes on the way to a receipt, the lowest first, without the root. */
interface Way {
  index: number;
  below: Hex[];
}

interface Leaf {
  key: Uint8Array;
  index: number;
  receipt: RpcReceipt;
}

interface Trie {
  /** In the order of their keys. */
  leaves: readonly Leaf[];
  writer: RlpWriter;
  keccak: Keccak;
  way: Way | undefined;
}

function rootNode(receipts: readonly RpcReceipt[], keccak: Keccak, way?: Way): Uint8Array {
  const trie: Trie = { leaves: inOrderOfKeys(receipts), writer: new RlpWriter(), keccak, way };
  if (receipts.length === 0) trie.writer.bytes(NOTHING);
  else writeNode(trie, 0, receipts.length, 0);
  return trie.writer.take();
}

/** As RLP 0 is 0x80: it comes after 1 to 127, and before 128, which is 0x8180. */
function inOrderOfKeys(receipts: readonly RpcReceipt[]): Leaf[] {
  const leaves = receipts.map((receipt, index) => ({ key: receiptKey(index), index, receipt }));
  leaves.splice(127, 0, ...leaves.splice(0, 1));
  return leaves;
}

/** Writes the node over the leaves from `from` to before `to`, which have the first `depth` nibbles in common. */
function writeNode(trie: Trie, from: number, to: number, depth: number): void {
  const { leaves, writer } = trie;
  const end = writer.length;
  const [first, last] = [leaves[from] as Leaf, leaves[to - 1] as Leaf];
  if (first === last) {
    writeReceipt(writer, first.receipt);
    writer.string(end);
    writePath(writer, first.key, depth, 2 * first.key.length, true);
    writer.list(end);
    return;
  }
  let shared = depth;
  while (nibbleAt(first.key, shared) === nibbleAt(last.key, shared)) shared++;
  if (shared > depth) {
    writeChild(trie, from, to, shared);
    writePath(writer, first.key, depth, shared, false);
  } else {
    // No key of RLP-encoded numbers is the beginning of another, so a branch never has a value of its own.
    writer.bytes(NOTHING);
    for (let nibble = 15, until = to; nibble >= 0; nibble--) {
      let start = until;
      while (start > from && nibbleAt((leaves[start - 1] as Leaf).key, depth) === nibble) start--;
      if (start === until) writer.bytes(NOTHING);
      else writeChild(trie, start, until, depth + 1);
      until = start;
    }
  }
  writer.list(end);
}

/** Writes a node as its parent has it. */
function writeChild(trie: Trie, from: number, to: number, depth: number): void {
  const { leaves, writer, way } = trie;
  const end = writer.length;
  writeNode(trie, from, to, depth);
  if (writer.length - end < HASH_BYTES) return;
  const node = writer.take(end);
  if (way && leaves.slice(from, to).some(({ index }) => index === way.index))
    way.below.push(bytesToHex(node));
  writer.bytes(trie.keccak(node));
}

/** Hex-prefix encoding: whether it is a leaf, whether the number of nibbles is odd, and the nibbles. */
function writePath(writer: RlpWriter, key: Uint8Array, from: number, to: number, isLeaf: boolean): void {
  const isOdd = (to - from) % 2;
  const nibbles = [(isLeaf ? 2 : 0) + isOdd, ...(isOdd ? [] : [0])];
  for (let at = from; at < to; at++) nibbles.push(nibbleAt(key, at) ?? 0);
  const path = new Uint8Array(nibbles.length / 2);
  for (const at of path.keys())
    path[at] = ((nibbles[2 * at] as number) << 4) | (nibbles[2 * at + 1] as number);
  writer.bytes(path);
}
