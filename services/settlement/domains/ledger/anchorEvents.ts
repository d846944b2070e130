import type { Address, Hex, PublicClient } from 'viem';
import { ledgerAnchorAbi } from '../../../core/abi/ledgerAnchor.ts';

/** Nodes refuse to look through many more at once. */
const BLOCKS_AT_ONCE = 5_000n;

export interface AnchorEvent {
  ledgerId: Hex;
  /** The posting whose seal is anchored. */
  number: bigint;
  head: Hex;
  blockNumber: bigint;
  blockHash: Hex;
  transactionHash: Hex;
}

/** What was anchored in a range of blocks, both ends included, in its order; of every ledger if `of` does not name one. */
export async function readAnchorEvents(
  chain: PublicClient,
  address: Address,
  [from, to]: readonly [from: bigint, to: bigint],
  of: { ledgerId?: Hex; number?: bigint } = {},
): Promise<AnchorEvent[]> {
  const found: AnchorEvent[] = [];
  for (let fromBlock = from; fromBlock <= to; fromBlock += BLOCKS_AT_ONCE) {
    const last = fromBlock + BLOCKS_AT_ONCE - 1n;
    const events = await chain.getContractEvents({
      address,
      abi: ledgerAnchorAbi,
      eventName: 'LedgerAnchored',
      args: of,
      fromBlock,
      toBlock: last < to ? last : to,
      strict: true,
    });
    for (const { args, blockNumber, blockHash, transactionHash } of events)
      found.push({ ...args, blockNumber, blockHash, transactionHash });
  }
  return found;
}
