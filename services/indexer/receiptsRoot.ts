/** Whether receipts are all of a block's receipts, unchanged: by the Merkle root in the block's header. */
import { concatHex, type Hex, keccak256, numberToHex, toRlp } from 'viem';

/** A receipt as JSON-RPC has it, as far as the root covers it. */
export interface RpcReceipt {
  type?: Hex;
  status?: Hex;
  /** Instead of a status before Byzantium. */
  root?: Hex;
  cumulativeGasUsed: Hex;
  logsBloom: Hex;
  logs: { address: Hex; topics: Hex[]; data: Hex }[];
}

/**
 * The root of a block's receipts, in the order of its transactions.
 * Source: Ethereum Yellow Paper, sections 4.3.1 and appendix D; EIP-2718 for receipts with a type.
 */
export function receiptsRoot(receipts: RpcReceipt[]): Hex {
  const leaves = receipts.map((receipt, index) => ({
    path: nibbles(toRlp(quantity(BigInt(index)), 'bytes')),
    value: encoded(receipt),
  }));
  return keccak256(leaves.length === 0 ? '0x80' : toRlp(node(leaves)));
}

interface Leaf {
  /** What is left of the key, half a byte each. */
  path: number[];
  value: Hex;
}
type Rlp = Hex | Rlp[];

function encoded({ type = '0x0', status, root, cumulativeGasUsed, logsBloom, logs }: RpcReceipt): Hex {
  const payload = toRlp([
    root ?? quantity(BigInt(status ?? 0)),
    quantity(BigInt(cumulativeGasUsed)),
    logsBloom,
    logs.map(({ address, topics, data }) => [address, topics, data]),
  ]);
  return Number(type) === 0 ? payload : concatHex([numberToHex(Number(type), { size: 1 }), payload]);
}

/** A node of the Merkle Patricia trie over at least one leaf. */
function node(leaves: Leaf[]): Rlp {
  const [first] = leaves as [Leaf];
  if (leaves.length === 1) return [compact(first.path, true), first.value];
  const shared = first.path.findIndex((nibble, depth) => leaves.some(({ path }) => path[depth] !== nibble));
  if (shared > 0)
    return [
      compact(first.path.slice(0, shared), false),
      reference(node(leaves.map(({ path, value }) => ({ path: path.slice(shared), value })))),
    ];
  // No key of RLP-encoded numbers is the beginning of another, so a branch never has a value of its own.
  const children = Array.from({ length: 16 }, (_, nibble): Rlp => {
    const below = leaves.filter(({ path }) => path[0] === nibble);
    return below.length === 0
      ? '0x'
      : reference(node(below.map(({ path, value }) => ({ path: path.slice(1), value }))));
  });
  return [...children, '0x'];
}

/** A node of 32 bytes and more is stored by its hash. */
function reference(child: Rlp): Rlp {
  const rlp = toRlp(child);
  return rlp.length - 2 < 64 ? child : keccak256(rlp);
}

/** Hex-prefix encoding: whether it is a leaf, whether the number of nibbles is odd, and the nibbles. */
function compact(path: number[], isLeaf: boolean): Hex {
  const flag = (isLeaf ? 2 : 0) + (path.length % 2);
  return `0x${[flag, ...(path.length % 2 === 0 ? [0] : []), ...path].map((nibble) => nibble.toString(16)).join('')}`;
}

function nibbles(bytes: Uint8Array): number[] {
  return [...bytes].flatMap((byte) => [byte >> 4, byte & 15]);
}

function quantity(value: bigint): Hex {
  return value === 0n ? '0x' : numberToHex(value);
}
