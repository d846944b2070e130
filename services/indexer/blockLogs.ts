/** The logs of our contracts in given blocks. */
import { BaseError, type Hex, RpcError, RpcRequestError, TimeoutError } from 'viem';
import { createProvenLogs } from './blockReceipts.ts';
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

/**
 * How sure it is that no log is missing. `receipts`: proven for each block, by the receipts root in its header. `bloom`: logs come
 * in ranges by eth_getLogs, and a block of which the node gave too few by its bloom filter is proven; much less to
 * transfer on a busy chain, but a node can leave out one log of several.
 */
export type LogProof = 'receipts' | 'bloom';

export interface LogReader {
  /** The logs of consecutive blocks in the order of the chain. @throws NodeInconsistent when they are of other blocks. */
  logsOf(headers: Header[]): Promise<RpcLog[]>;
  /** The logs of one block, proven whatever the kind of proof is. */
  provenLogsOf(header: Header): Promise<RpcLog[]>;
}

/** @param addresses Of our contracts, in lower case. */
export function createLogReader(ask: Ask, addresses: readonly Hex[], proof: LogProof): LogReader {
  const allLogsOf = createProvenLogs(ask);
  const isOurs = (log: RpcLog) => addresses.includes(log.address.toLowerCase() as Hex);

  const provenLogsOf = async (header: Header) =>
    addresses.some((address) => bloomMayHold(header.logsBloom, address))
      ? (await allLogsOf(header)).filter(isOurs)
      : [];

  const claimedLogsOf = async (headers: Header[]) => {
    const byBlock = new Map<Hex, RpcLog[]>(headers.map(({ hash }) => [hash, []]));
    for (const log of await logsInRange(ask, headers, addresses)) {
      const ofBlock = byBlock.get(log.blockHash);
      if (ofBlock && isOurs(log) && !log.removed) ofBlock.push(log);
      else
        throw new NodeInconsistent(`The node gave a log of block ${log.blockHash} that was not asked for.`);
    }
    const complete = headers.map(async (header) => {
      const logs = byBlock.get(header.hash) ?? [];
      const isSilent = (address: Hex) => !logs.some((log) => log.address.toLowerCase() === address);
      return addresses.some((address) => bloomMayHold(header.logsBloom, address) && isSilent(address))
        ? provenLogsOf(header)
        : inOrder(header, logs);
    });
    return (await Promise.all(complete)).flat();
  };

  return {
    provenLogsOf,
    logsOf: async (headers) =>
      proof === 'bloom' ? claimedLogsOf(headers) : (await Promise.all(headers.map(provenLogsOf))).flat(),
  };
}

function inOrder(header: Header, logs: RpcLog[]): RpcLog[] {
  const isPlaced = ({ blockNumber, transactionHash, transactionIndex }: RpcLog) =>
    BigInt(blockNumber) === header.number &&
    header.transactionHashes[Number(transactionIndex)] === transactionHash;
  const isDouble = new Set(logs.map(({ logIndex }) => Number(logIndex))).size !== logs.length;
  if (isDouble || !logs.every(isPlaced))
    throw new NodeInconsistent(
      `The node's logs of block ${header.number} ${header.hash} contradict the block.`,
    );
  return logs.sort((a, b) => Number(a.logIndex) - Number(b.logIndex));
}

/** Nodes limit what one answer may hold, each in its own way: what is refused is asked for in halves. */
async function logsInRange(ask: Ask, headers: Header[], address: readonly Hex[]): Promise<RpcLog[]> {
  const [first, last] = [headers[0], headers.at(-1)];
  if (!first || !last) return [];
  if (headers.length === 1) return ask<RpcLog[]>('eth_getLogs', [{ blockHash: first.hash, address }]);
  const [fromBlock, toBlock] = [first, last].map(({ number }) => `0x${number.toString(16)}`);
  try {
    return await ask<RpcLog[]>('eth_getLogs', [{ fromBlock, toBlock, address }]);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const middle = headers.length >> 1;
    return [
      ...(await logsInRange(ask, headers.slice(0, middle), address)),
      ...(await logsInRange(ask, headers.slice(middle), address)),
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
