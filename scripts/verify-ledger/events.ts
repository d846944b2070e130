import { type Hex, type PublicClient, parseEventLogs, TransactionReceiptNotFoundError } from 'viem';
import { stablecoinAbi } from '../../services/core/abi/stablecoin.ts';
import { LedgerDiffers } from './difference.ts';
import type { SealedPosting } from './postings.ts';

interface Transfer {
  logIndex: number;
  blockNumber: bigint;
  blockHash: Hex;
  token: Hex;
  from: Hex;
  to: Hex;
  amount: bigint;
}

/** Verifies that each posting is of a Transfer that the chain has. @throws LedgerDiffers for the first that is not */
export async function verifyEvents(chain: PublicClient, postings: readonly SealedPosting[]): Promise<void> {
  const hashes = [...new Set(postings.map(({ transactionHash }) => transactionHash))];
  const transfers = new Map(
    await Promise.all(hashes.map(async (hash) => [hash, await readTransfers(chain, hash)] as const)),
  );
  for (const posting of postings) {
    const place = transfers.get(posting.transactionHash) ?? [];
    const found = place.find(({ logIndex }) => logIndex === posting.logIndex);
    const expected = transferOf(posting);
    const isThere =
      found && Object.entries(expected).every(([key, value]) => found[key as keyof Transfer] === value);
    if (!isThere)
      throw new LedgerDiffers(
        `The event of posting ${posting.number} (${posting.id}) in transaction ${posting.transactionHash}`,
        show(expected),
        found ? show(found) : 'no such event on the chain',
      );
  }
}

/** None where the chain does not have the transaction. */
async function readTransfers(chain: PublicClient, hash: Hex): Promise<Transfer[]> {
  const receipt = await chain.getTransactionReceipt({ hash }).catch((error: unknown) => {
    if (error instanceof TransactionReceiptNotFoundError) return undefined;
    throw error;
  });
  const logs = parseEventLogs({ abi: stablecoinAbi, eventName: 'Transfer', logs: receipt?.logs ?? [] });
  return logs.map(({ args, address, logIndex, blockNumber, blockHash }) => ({
    logIndex,
    blockNumber,
    blockHash,
    token: lower(address),
    from: lower(args.from),
    to: lower(args.to),
    amount: args.value,
  }));
}

/** What the posting says of its event; who was on the other side is not in the ledger. */
function transferOf({
  logIndex,
  blockNumber,
  blockHash,
  token,
  payer,
  entries,
}: SealedPosting): Partial<Transfer> {
  const out = entries.find(({ kind }) => kind === 'chain')?.amount ?? 0n;
  const side = out > 0n ? { from: payer, amount: out } : { to: payer, amount: -out };
  return { logIndex, blockNumber, blockHash, token, ...side };
}

function show(transfer: Partial<Transfer>): string {
  const parts = Object.entries(transfer).map(([key, value]) => `${key} ${value}`);
  return `a Transfer with ${parts.join(', ')}`;
}

function lower(hex: Hex): Hex {
  return hex.toLowerCase() as Hex;
}
