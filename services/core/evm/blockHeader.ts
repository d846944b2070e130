/** A block's header, and the hash that names it. */
import { bytesToHex, type Hex } from 'viem';
import { portableKeccak } from './keccak.ts';
import { RlpWriter } from './rlpWriter.ts';

/** The fields of a block that its hash covers, as JSON-RPC has them. Those of later forks are left out before them. */
export interface RpcHeader {
  parentHash: Hex;
  sha3Uncles: Hex;
  miner: Hex;
  stateRoot: Hex;
  transactionsRoot: Hex;
  receiptsRoot: Hex;
  logsBloom: Hex;
  difficulty: Hex;
  number: Hex;
  gasLimit: Hex;
  gasUsed: Hex;
  /** Unix seconds. */
  timestamp: Hex;
  extraData: Hex;
  mixHash: Hex;
  nonce: Hex;
  /** London, EIP-1559. */
  baseFeePerGas?: Hex | undefined;
  /** Shanghai, EIP-4895. */
  withdrawalsRoot?: Hex | undefined;
  /** Cancun, EIP-4844. */
  blobGasUsed?: Hex | undefined;
  /** Cancun, EIP-4844. */
  excessBlobGas?: Hex | undefined;
  /** Cancun, EIP-4788. */
  parentBeaconBlockRoot?: Hex | undefined;
  /** Prague, EIP-7685. */
  requestsHash?: Hex | undefined;
}

type Encoding = 'hex' | 'quantity';

/** In the order of the encoding. */
const fields: readonly [keyof RpcHeader, Encoding][] = [
  ['parentHash', 'hex'],
  ['sha3Uncles', 'hex'],
  ['miner', 'hex'],
  ['stateRoot', 'hex'],
  ['transactionsRoot', 'hex'],
  ['receiptsRoot', 'hex'],
  ['logsBloom', 'hex'],
  ['difficulty', 'quantity'],
  ['number', 'quantity'],
  ['gasLimit', 'quantity'],
  ['gasUsed', 'quantity'],
  ['timestamp', 'quantity'],
  ['extraData', 'hex'],
  ['mixHash', 'hex'],
  ['nonce', 'hex'],
  ['baseFeePerGas', 'quantity'],
  ['withdrawalsRoot', 'hex'],
  ['blobGasUsed', 'quantity'],
  ['excessBlobGas', 'quantity'],
  ['parentBeaconBlockRoot', 'hex'],
  ['requestsHash', 'hex'],
];
/** The names of all fields, in the order in which they are hashed. */
export const rpcHeaderNames = fields.map(([name]) => name);

const LAST_OF_FRONTIER = fields.findIndex(([name]) => name === 'nonce');

/**
 * The hash of a block by its header's fields, up to the Prague fork.
 * Source: Ethereum Yellow Paper, section 4.4; the EIPs at {@link RpcHeader}.
 * @throws TypeError when a field is missing or not hex. A chain with fields of its own has another hash than this one.
 */
export function blockHash(header: RpcHeader, keccak = portableKeccak): Hex {
  const writer = new RlpWriter();
  let last = fields.length - 1;
  while (last > LAST_OF_FRONTIER && isMissing(header, last)) last--;
  for (let index = last; index >= 0; index--) {
    const [name, encoding] = fields[index] as (typeof fields)[number];
    if (isMissing(header, index)) throw new TypeError(`The block header has no ${name}.`);
    writer[encoding](header[name] as Hex);
  }
  writer.list();
  return bytesToHex(keccak(writer.take()));
}

/** Nodes leave out a field that the block's fork does not have, or say null. */
function isMissing(header: RpcHeader, index: number): boolean {
  return (header[(fields[index] as (typeof fields)[number])[0]] ?? null) === null;
}
