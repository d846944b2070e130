/** All logs of a block, proven by the receipts root in its header: none is left out, added or changed. */
import type { Hex } from 'viem';
import type { RpcReceipt } from '../core/evm/receipt.ts';
import { receiptsRoot } from '../core/evm/receiptTrie.ts';
import { RpcError } from '../platform/jsonRpc.ts';
import { fastKeccak } from '../platform/keccak.ts';
import { type BlockLog, lowerCase } from './blockLog.ts';
import type { ChainNode, Header } from './chainNode.ts';
import { NodeInconsistent } from './errors.ts';

/**
 * Returns how to read the logs of blocks from their receipts, those of contracts that `isOurs` holds for. Where the node has no
 * eth_getBlockReceipts the receipts are taken one by one, many in a batch.
 * The reader throws NodeInconsistent when the node's receipts are not those of the block.
 */
export function createProvenLogs(
  { ask, askEach }: ChainNode,
  isOurs: (address: Hex) => boolean,
): (headers: readonly Header[]) => Promise<BlockLog[]> {
  /** The first request tells whether the node has the method; those that come meanwhile wait for it. */
  let known: Promise<boolean> | undefined;
  const findOut = (hash: Hex) =>
    ask('eth_getBlockReceipts', [hash]).then(
      () => true,
      (error: unknown) => {
        if (error instanceof RpcError && error.code === 'rpc_unknown_method') return false;
        known = undefined;
        throw error;
      },
    );

  const receiptsOf = async (headers: readonly Header[]): Promise<((RpcReceipt | null)[] | null)[]> => {
    const [first] = headers;
    if (!first) return [];
    known ??= findOut(first.hash);
    if (await known)
      return askEach(
        'eth_getBlockReceipts',
        headers.map(({ hash }) => [hash]),
      );
    const receipts = await askEach<RpcReceipt | null>(
      'eth_getTransactionReceipt',
      headers.flatMap(({ transactionHashes }) => transactionHashes.map((hash) => [hash])),
    );
    let next = 0;
    return headers.map(({ transactionHashes: { length } }) => {
      next += length;
      return receipts.slice(next - length, next);
    });
  };
  return async (headers) => {
    const receipts = await receiptsOf(headers);
    return headers.flatMap((header, index) => provenLogs(header, receipts[index] ?? [], isOurs));
  };
}

/** The root covers what a log says and its order; where it stands follows from that, whatever the node claims. */
function provenLogs(
  header: Header,
  claimed: (RpcReceipt | null)[],
  isOurs: (address: Hex) => boolean,
): BlockLog[] {
  const receipts = claimed.filter((receipt) => receipt !== null);
  if (receipts.length !== header.transactionHashes.length || rootOf(receipts) !== header.receiptsRoot)
    throw new NodeInconsistent(
      `The node's ${receipts.length} receipts of block ${header.number} ${header.hash} do not have the root ${header.receiptsRoot} of its header.`,
    );
  const logs: BlockLog[] = [];
  let logIndex = 0;
  for (const [transactionIndex, receipt] of receipts.entries())
    for (const log of receipt.logs) {
      const address = lowerCase(log.address);
      if (isOurs(address))
        logs.push({
          address,
          topics: log.topics,
          data: log.data,
          blockNumber: header.number,
          transactionHash: lowerCase(header.transactionHashes[transactionIndex] as Hex),
          transactionIndex,
          logIndex,
        });
      logIndex++;
    }
  return logs;
}

function rootOf(receipts: RpcReceipt[]): string {
  try {
    return receiptsRoot(receipts, fastKeccak);
  } catch (error) {
    return `none: ${(error as Error).message}`; // what is no receipt has no root
  }
}
