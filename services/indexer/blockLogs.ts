/** The logs of our contracts in given blocks, each proven to belong to the very block, and none left out. */
import { BaseError, type Hex, RpcError, RpcRequestError, TimeoutError } from 'viem';
import { bloomMayHold } from './bloom.ts';
import type { Ask, Header } from './chainNode.ts';
import { NodeInconsistent } from './errors.ts';

/** A log as JSON-RPC has it. */
export interface RpcLog {
  address: Hex;
  topics: Hex[];
  data: Hex;
  blockHash: Hex;
  blockNumber: Hex;
  transactionHash: Hex;
  transactionIndex: Hex;
  logIndex: Hex;
  removed?: boolean;
}

/** Up to here blocks are asked for one by one and by hash, so that the node cannot mean another block. */
const BY_HASH_LIMIT = 16;

/**
 * The logs of `addresses` (lower case) in `headers` (consecutive blocks), in the order of the chain. A log that names
 * another block hash than the header is refused. Where a block's bloom filter says that an address may have logged,
 * and the node gave nothing of it, the block's receipts decide.
 * @throws NodeInconsistent when the node's answers do not belong to these blocks.
 */
export async function logsOf(ask: Ask, headers: Header[], addresses: readonly Hex[]): Promise<RpcLog[]> {
  const logs =
    headers.length <= BY_HASH_LIMIT
      ? await byHash(ask, headers, addresses)
      : await byRange(ask, headers, addresses);
  const byBlock = new Map<Hex, RpcLog[]>(headers.map(({ hash }) => [hash, []]));
  for (const log of logs) {
    const ofBlock = byBlock.get(log.blockHash);
    if (!ofBlock || log.removed || !addresses.includes(log.address.toLowerCase() as Hex))
      throw new NodeInconsistent(
        `The node gave log ${log.logIndex} of ${log.address} in block ${log.blockNumber} ${log.blockHash}, which was not asked for.`,
      );
    ofBlock.push(log);
  }
  const complete = await Promise.all(
    headers.map(async (header) => {
      const ofBlock = byBlock.get(header.hash) ?? [];
      const silent = addresses.some(
        (address) =>
          bloomMayHold(header.logsBloom, address) &&
          !ofBlock.some((log) => log.address.toLowerCase() === address),
      );
      return inOrder(header, silent ? await fromReceipts(ask, header, addresses) : ofBlock);
    }),
  );
  return complete.flat();
}

async function byHash(ask: Ask, headers: Header[], address: readonly Hex[]): Promise<RpcLog[]> {
  return (
    await Promise.all(headers.map(({ hash }) => ask<RpcLog[]>('eth_getLogs', [{ blockHash: hash, address }])))
  ).flat();
}

/** Nodes limit what one answer may hold, each in its own way: what is refused is asked for in halves. */
async function byRange(ask: Ask, headers: Header[], address: readonly Hex[]): Promise<RpcLog[]> {
  if (headers.length <= BY_HASH_LIMIT) return byHash(ask, headers, address);
  const [fromBlock, toBlock] = [headers[0], headers.at(-1)].map(
    (header) => `0x${header?.number.toString(16)}`,
  );
  try {
    return await ask<RpcLog[]>('eth_getLogs', [{ fromBlock, toBlock, address }]);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const middle = headers.length >> 1;
    return [
      ...(await byRange(ask, headers.slice(0, middle), address)),
      ...(await byRange(ask, headers.slice(middle), address)),
    ];
  }
}

/** True when the node answered, but not this; false when it could not be reached. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  const refusal = error.walk(
    (cause) =>
      cause instanceof RpcError ||
      cause instanceof RpcRequestError ||
      cause instanceof TimeoutError ||
      (cause as Error).name === 'ResponseBodyTooLargeError',
  );
  return refusal !== null;
}

/** One by one, because not every node has eth_getBlockReceipts. */
async function fromReceipts(ask: Ask, header: Header, addresses: readonly Hex[]): Promise<RpcLog[]> {
  const receipts = await Promise.all(
    header.transactionHashes.map((hash) =>
      ask<{ blockHash: Hex; logs: RpcLog[] } | null>('eth_getTransactionReceipt', [hash]),
    ),
  );
  if (receipts.some((receipt) => receipt?.blockHash !== header.hash))
    throw new NodeInconsistent(
      `The node does not have all receipts of block ${header.number} ${header.hash}.`,
    );
  return receipts
    .flatMap((receipt) => receipt?.logs ?? [])
    .filter((log) => addresses.includes(log.address.toLowerCase() as Hex));
}

function inOrder(header: Header, logs: RpcLog[]): RpcLog[] {
  const ordered = logs.sort((a, b) => Number(a.logIndex) - Number(b.logIndex));
  if (new Set(logs.map((log) => Number(log.logIndex))).size !== logs.length)
    throw new NodeInconsistent(`The node gave a log of block ${header.number} ${header.hash} twice.`);
  return ordered;
}
