/** All logs of a block, proven by the receipts root in its header: none is left out, added or changed. */
import { type Hex, numberToHex } from 'viem';
import type { RpcReceipt } from '../core/evm/receipt.ts';
import { receiptsRoot } from '../core/evm/receiptTrie.ts';
import { isUnknownMethod } from '../platform/chain.ts';
import { fastKeccak } from '../platform/keccak.ts';
import type { RpcLog } from './blockLogs.ts';
import type { Ask, Header } from './chainNode.ts';
import { NodeInconsistent } from './errors.ts';

/**
 * Returns how to read the logs of a block from its receipts. Where the node has no eth_getBlockReceipts they are taken
 * one by one, as a batch.
 * The reader throws NodeInconsistent when the node's receipts are not those of the block.
 */
export function createProvenLogs(ask: Ask): (header: Header) => Promise<RpcLog[]> {
  /** The first request tells whether the node has the method; those that come meanwhile wait for it. */
  let known: Promise<boolean> | undefined;
  const blockReceipts = (hash: Hex) => ask<RpcReceipt[] | null>('eth_getBlockReceipts', [hash]);
  const findOut = (hash: Hex) =>
    blockReceipts(hash).then(
      () => true,
      (error: unknown) => {
        if (isUnknownMethod(error)) return false;
        known = undefined;
        throw error;
      },
    );

  const receiptsOf = async ({ hash, transactionHashes }: Header): Promise<(RpcReceipt | null)[]> => {
    known ??= findOut(hash);
    if (await known) return (await blockReceipts(hash)) ?? [];
    return Promise.all(
      transactionHashes.map((transactionHash) =>
        ask<RpcReceipt | null>('eth_getTransactionReceipt', [transactionHash]),
      ),
    );
  };
  return async (header) => {
    const receipts = (await receiptsOf(header)).filter((receipt) => receipt !== null);
    if (
      receipts.length !== header.transactionHashes.length ||
      receiptsRoot(receipts, fastKeccak) !== header.receiptsRoot
    )
      throw new NodeInconsistent(
        `The node's ${receipts.length} receipts of block ${header.number} ${header.hash} do not have the root ${header.receiptsRoot} of its header.`,
      );
    return placed(header, receipts);
  };
}

/** The root covers what a log says and its order; where it stands follows from that, whatever the node claims. */
function placed({ hash, number, transactionHashes }: Header, receipts: RpcReceipt[]): RpcLog[] {
  let position = 0;
  return receipts.flatMap(({ logs }, index) =>
    logs.map((log) => ({
      address: log.address,
      topics: log.topics,
      data: log.data,
      blockHash: hash,
      blockNumber: numberToHex(number),
      transactionHash: transactionHashes[index] as Hex,
      transactionIndex: numberToHex(index),
      logIndex: numberToHex(position++),
    })),
  );
}
