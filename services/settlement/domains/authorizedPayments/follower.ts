/** Ends authorised payments by what is final on the chain, whoever sent the transaction. */
import { type Database, type Transaction, withTransaction } from '../../../platform/database.ts';
import type { AuthorizedPaymentLifecycle, Failed, Settled } from './lifecycle.ts';

export interface AuthorizedPaymentFollowerParts {
  database: Database;
  chainId: number;
  lifecycle: AuthorizedPaymentLifecycle;
}

/**
 * One round. Final is what the ledger has posted: there the nodes leave no doubt, and an account of a partner that the
 * payment touches has it in its books already.
 */
export async function followAuthorizedPayments({
  database,
  chainId,
  lifecycle,
}: AuthorizedPaymentFollowerParts): Promise<void> {
  await withTransaction(database, async (tx) => {
    const ended = await readEnded(tx, chainId);
    await lifecycle.settle(tx, ended.flatMap(settledOf));
    await lifecycle.fail(tx, ended.flatMap(failedOf));
  });
}

interface Ended {
  id: string;
  /** Null: its time is over, and nothing used it. */
  outcome: 'used' | 'cancelled' | null;
  is_paid: boolean;
  transaction_hash: string;
  block_number: bigint;
  block_hash: string;
  posted_number: bigint;
}

/**
 * Open payments whose authorisation is used or cancelled at a final block, or can be used in none any more because a final
 * block's time is past it. The coin takes a nonce once, so what is found is the only thing that there is; that there is
 * nothing counts only where the index holds all of the coin's and the router's events.
 */
async function readEnded(tx: Transaction, chainId: number): Promise<Ended[]> {
  const { rows } = await tx.query<Ended>(
    `with posted as (
       select k.number, k.timestamp_s
         from settlement.posted_blocks p
         join indexer.blocks k on k.chain_id = p.chain_id and k.number = p.block_number
        where p.chain_id = $1
     ), open as (
       select p.*, c.to_address as router
         from settlement.authorized_payments p join settlement.calls c on c.id = p.call_id
        where p.chain_id = $1 and p.status in ('accepted', 'processing')
          for update of p
     )
     select o.id, a.outcome, a.transaction_hash, a.block_number, k.hash as block_hash, posted.number as posted_number,
            coalesce(a.recipient = o.recipient and a.payment_reference = o.payment_reference and a.amount = o.units,
                     false) as is_paid
       from open o
      cross join posted
       left join indexer.authorizations a
         on a.chain_id = o.chain_id and a.token = o.token and a.authorizer = o.payer and a.nonce = o.nonce
        and a.block_number <= posted.number
       left join indexer.blocks k on k.chain_id = a.chain_id and k.number = a.block_number
      where (a.nonce is not null or posted.timestamp_s >= o.valid_before)
        and (select count(*) from indexer.coverage v
              where v.chain_id = o.chain_id and v.subject in (o.token, o.router)) = 2
      order by o.id`,
    [chainId],
  );
  return rows;
}

function settledOf({ id, outcome, is_paid, ...place }: Ended): Settled[] {
  if (outcome !== 'used' || !is_paid) return [];
  const { transaction_hash: transactionHash, block_number: blockNumber, block_hash: blockHash } = place;
  return [{ id, transactionHash, blockNumber, blockHash }];
}

function failedOf({ id, outcome, is_paid, transaction_hash: hash, posted_number: posted }: Ended): Failed[] {
  if (outcome === null)
    return [{ id, code: 'expired', detail: `Block ${posted}, which is final, is past its time` }];
  if (outcome === 'cancelled')
    return [{ id, code: 'cancelled', detail: `The payer cancelled it by the transaction ${hash}` }];
  if (is_paid) return [];
  return [{ id, code: 'used_elsewhere', detail: `The transaction ${hash} used it for another payment` }];
}
