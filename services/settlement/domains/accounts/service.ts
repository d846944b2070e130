/** Opening accounts. */
import type { Address, PublicClient } from 'viem';
import { paymentRouterAbi } from '../../../core/abi/paymentRouter.ts';
import type { CorridorCurrency } from '../../../core/currency.ts';
import type { Deployment } from '../../../core/deployment.ts';
import { type Database, oneRow, type Transaction, withTransaction } from '../../../platform/database.ts';
import type { openLedgerAccounts, postTransfers } from '../ledger/postings.ts';

/** Sequences tried before giving up; one word of the router's bitmap each. */
const PROBES = 64;
const BITMAP_WORD = 256n;
/** The API shows sequences as JSON numbers, exact below 2^53; half of that is left for the payments to come. */
const HIGHEST_START = 2n ** 52n;

export interface AccountParts {
  database: Database;
  chain: PublicClient;
  deployment: Deployment;
  ledger: { openLedgerAccounts: typeof openLedgerAccounts; postTransfers: typeof postTransfers };
}

export interface NewAccount {
  partnerId: string;
  currency: CorridorCurrency;
  /** The partner's wallet; it must authorise the settlement operator on chain before payments can settle. */
  payer: Address;
}

/**
 * Opens an account: the ledger then follows the wallet's balance of the currency's token, beginning with all that is
 * final already. The same account again gives the one there is.
 * @returns `acc_...`
 * @throws when the wallet's account belongs to another partner (unique violation).
 */
export async function openAccount(
  { database, chain, deployment, ledger }: AccountParts,
  { partnerId, currency, payer }: NewAccount,
): Promise<string> {
  const wallet = payer.toLowerCase() as Address;
  const token = deployment.stablecoins[currency].address.toLowerCase();
  const firstSequence = await freeSequence(database, chain, deployment, wallet);
  return withTransaction(database, async (tx) => {
    // Held until the end: no block is posted between the backfill and the account's being there.
    const posted = await lockPostedBlocks(tx, deployment);
    await tx.query(
      `insert into settlement.payers (chain_id, payer, next_sequence) values ($1, $2, $3) on conflict do nothing`,
      [deployment.chainId, wallet, firstSequence],
    );
    const { rows } = await tx.query<{ id: string }>(
      `insert into settlement.accounts (partner_id, currency, chain_id, token, payer) values ($1, $2, $3, $4, $5)
       on conflict (partner_id, currency, payer) do nothing returning id`,
      [partnerId, currency, deployment.chainId, token, wallet],
    );
    const accountId = rows[0]?.id;
    if (!accountId) return existingAccount(tx, { partnerId, currency, payer: wallet });
    await ledger.openLedgerAccounts(tx, accountId, currency);
    const { chainId } = deployment;
    await ledger.postTransfers(tx, { chainId, fromBlock: 0n, toBlock: posted, accountId });
    return accountId;
  });
}

/** The row is made where the follower has not made it yet: both wait for each other, whoever comes first. */
async function lockPostedBlocks(tx: Transaction, { chainId, startBlock }: Deployment): Promise<bigint> {
  await tx.query(
    'insert into settlement.posted_blocks (chain_id, block_number) values ($1, $2) on conflict do nothing',
    [chainId, startBlock - 1],
  );
  const { block_number } = oneRow(
    await tx.query<{ block_number: bigint }>(
      'select block_number from settlement.posted_blocks where chain_id = $1 for update',
      [chainId],
    ),
  );
  return block_number;
}

async function existingAccount(tx: Transaction, account: NewAccount): Promise<string> {
  const found = await tx.query<{ id: string }>(
    'select id from settlement.accounts where partner_id = $1 and currency = $2 and payer = $3',
    [account.partnerId, account.currency, account.payer],
  );
  return oneRow(found).id;
}

/**
 * A sequence of the payer that the router has not seen: behind those that are indexed, and unused on chain. Those that the
 * payer used beyond `HIGHEST_START`, up to the last there is, are no beginning.
 */
async function freeSequence(
  database: Database,
  chain: PublicClient,
  deployment: Deployment,
  payer: Address,
): Promise<bigint> {
  const { next } = oneRow(
    await database.query<{ next: bigint }>(
      `select coalesce(max(sequence) + 1, 0) as next
         from indexer.payments where chain_id = $1 and payer = $2 and sequence < $3`,
      [deployment.chainId, payer, HIGHEST_START],
    ),
  );
  let sequence = next;
  for (let probe = 0; probe < PROBES; probe++) {
    const isUsed = await chain.readContract({
      address: deployment.paymentRouter,
      abi: paymentRouterAbi,
      functionName: 'isSequenceUsed',
      args: [payer, sequence],
    });
    if (!isUsed) return sequence;
    sequence = (sequence / BITMAP_WORD + 1n) * BITMAP_WORD;
  }
  throw new Error(
    `${payer} has used every sequence tried from ${next} to ${sequence}; start it elsewhere by hand`,
  );
}
