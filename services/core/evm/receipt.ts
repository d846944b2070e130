/** A transaction's receipt: as JSON-RPC has it, as the chain has it in bytes. */
import { bytesToHex, fromRlp, type Hex } from 'viem';
import type { RlpWriter } from './rlpWriter.ts';

export interface ReceiptLog {
  address: Hex;
  topics: Hex[];
  data: Hex;
}

/** A receipt as JSON-RPC has it, as far as the chain's root covers it. */
export interface RpcReceipt {
  type?: Hex;
  status?: Hex;
  /** Instead of a status before Byzantium. */
  root?: Hex;
  cumulativeGasUsed: Hex;
  logsBloom: Hex;
  logs: ReceiptLog[];
}

/** What {@link decodeReceipt} reads of a receipt. */
export interface Receipt {
  succeeded: boolean;
  /** In order. */
  logs: ReceiptLog[];
}

/**
 * Writes a receipt in the bytes that the trie of receipts has.
 * Source: Ethereum Yellow Paper, section 4.3.1; EIP-658 (status); EIP-2718 (type).
 * @throws TypeError when something in it is not hex.
 */
export function writeReceipt(
  writer: RlpWriter,
  { type = '0x0', status = '0x0', root, ...receipt }: RpcReceipt,
): void {
  const end = writer.length;
  for (const log of receipt.logs.toReversed()) writeLog(writer, log);
  writer.list(end);
  writer.hex(receipt.logsBloom);
  writer.quantity(receipt.cumulativeGasUsed);
  if (root) writer.hex(root);
  else writer.quantity(status);
  writer.list(end);
  if (Number(type) !== 0) writer.raw(Uint8Array.of(Number(type)));
}

function writeLog(writer: RlpWriter, { address, topics, data }: ReceiptLog): void {
  const end = writer.length;
  writer.hex(data);
  const topicsEnd = writer.length;
  for (const topic of topics.toReversed()) writer.hex(topic);
  writer.list(topicsEnd);
  writer.hex(address);
  writer.list(end);
}

/**
 * Reads what {@link writeReceipt} writes. A receipt from before Byzantium (EIP-658) does not say whether it succeeded,
 * so it counts as failed.
 * @throws Error when the bytes are no receipt.
 */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  const isTyped = (bytes[0] ?? 0) < 0x80; // else it is the prefix of a list
  const fields = fromRlp(isTyped ? bytes.subarray(1) : bytes, 'bytes');
  if (!Array.isArray(fields) || fields.length !== 4) throw new TypeError('These bytes are no receipt.');
  const [status, , , logs] = fields;
  if (!(status instanceof Uint8Array) || !Array.isArray(logs))
    throw new TypeError('These bytes are no receipt.');
  return { succeeded: status.length === 1 && status[0] === 1, logs: logs.map(readLog) };
}

type Rlp = Uint8Array | readonly Rlp[];

function readLog(log: Rlp): ReceiptLog {
  const [address, topics, data] = log as Rlp[];
  if (!(address instanceof Uint8Array) || !(data instanceof Uint8Array) || !Array.isArray(topics))
    throw new TypeError('The receipt has something else than a log among its logs.');
  return {
    address: bytesToHex(address),
    topics: topics.map((topic) => bytesToHex(topic as Uint8Array)),
    data: bytesToHex(data),
  };
}
