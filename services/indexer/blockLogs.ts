/** The logs of our contracts in given blocks. */
import type { Hex } from 'viem';
import { type BlockLog, lowerCase } from './blockLog.ts';
import { createProvenLogs } from './blockReceipts.ts';
import { bloomMayHold } from './bloom.ts';
import type { ChainNode, Header } from './chainNode.ts';
import { NodeInconsistent } from './errors.ts';

/** A log as eth_getLogs gives it. */
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
 * How sure it is that no log is missing. `receipts`: proven for each block, by the receipts root in its header.
 * `headers`: logs come in ranges by eth_getLogs, and only a block of which the header's bloom filter says that one of our
 * contracts may have logged, while no log of it was given, is proven; a node can leave out one log of several.
 */
export type LogProof = 'receipts' | 'headers';

export interface LogReader {
  /** The logs of consecutive blocks in the order of the chain. @throws NodeInconsistent when they are of other blocks. */
  logsOf(headers: readonly Header[]): Promise<BlockLog[]>;
  /** The logs of blocks, proven whatever the kind of proof is. */
  provenLogsOf(headers: readonly Header[]): Promise<BlockLog[]>;
}

/** @param addresses Of our contracts, in lower case. */
export function createLogReader(node: ChainNode, addresses: readonly Hex[], proof: LogProof): LogReader {
  const ours = new Set(addresses);
  const allLogsOf = createProvenLogs(node, (address) => ours.has(address));

  /** A block whose filter excludes our contracts has no log of them. */
  const provenLogsOf = (headers: readonly Header[]) =>
    allLogsOf(
      headers.filter(({ logsBloom }) => addresses.some((address) => bloomMayHold(logsBloom, address))),
    );

  const claimedLogsOf = async (headers: readonly Header[]) => {
    const byBlock = new Map<Hex, BlockLog[]>(headers.map(({ hash }) => [hash, []]));
    const headerOf = new Map<Hex, Header>(headers.map((header) => [header.hash, header]));
    for (const log of await logsInRange(node, headers, addresses)) {
      const [header, ofBlock] = [headerOf.get(log.blockHash), byBlock.get(log.blockHash)];
      const address = lowerCase(log.address);
      if (!header || !ofBlock || !ours.has(address) || log.removed)
        throw new NodeInconsistent(`The node gave a log of block ${log.blockHash} that was not asked for.`);
      ofBlock.push(placed(header, address, log));
    }
    const isDoubtful = (header: Header) => {
      const heard = new Set(byBlock.get(header.hash)?.map(({ address }) => address));
      return addresses.some((address) => !heard.has(address) && bloomMayHold(header.logsBloom, address));
    };
    const doubtful = headers.filter(isDoubtful);
    for (const { hash } of doubtful) byBlock.set(hash, []);
    const proven = Map.groupBy(await allLogsOf(doubtful), ({ blockNumber }) => blockNumber);
    return headers.flatMap(
      ({ number, hash }) => proven.get(number) ?? inOrder(byBlock.get(hash) ?? [], number),
    );
  };
  return { provenLogsOf, logsOf: proof === 'headers' ? claimedLogsOf : provenLogsOf };
}

function placed(header: Header, address: Hex, log: RpcLog): BlockLog {
  const transactionIndex = Number(log.transactionIndex);
  const isPlaced =
    BigInt(log.blockNumber) === header.number &&
    header.transactionHashes[transactionIndex] === log.transactionHash;
  if (!isPlaced)
    throw new NodeInconsistent(
      `The node's logs of block ${header.number} ${header.hash} contradict the block.`,
    );
  return {
    address,
    topics: log.topics,
    data: log.data,
    blockNumber: header.number,
    transactionHash: lowerCase(log.transactionHash),
    transactionIndex,
    logIndex: Number(log.logIndex),
  };
}

function inOrder(logs: BlockLog[], number: bigint): BlockLog[] {
  logs.sort((a, b) => a.logIndex - b.logIndex);
  if (logs.some(({ logIndex }, index) => logIndex === logs[index - 1]?.logIndex))
    throw new NodeInconsistent(`The node gave a log of block ${number} twice.`);
  return logs;
}

async function logsInRange(
  node: ChainNode,
  headers: readonly Header[],
  address: readonly Hex[],
): Promise<RpcLog[]> {
  const [first, last] = [headers[0], headers.at(-1)];
  if (!first || !last) return [];
  if (headers.length === 1) return node.ask<RpcLog[]>('eth_getLogs', [{ blockHash: first.hash, address }]);
  const [fromBlock, toBlock] = [first, last].map(({ number }) => `0x${number.toString(16)}`);
  return node.ask<RpcLog[]>('eth_getLogs', [{ fromBlock, toBlock, address }]);
}
