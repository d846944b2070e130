/** What came of a policy and its owner could not receive: it waits in the pool. By final blocks, each event once. */
import type { Transaction } from '../../../platform/database.ts';
import type { PolicyLifecycle } from './lifecycle.ts';

/**
 * What could not be received: the pool credits it in the transaction of the policy's own event, in the same order. Of equal amounts to
 * one account it is the same which one waits.
 */
export async function takeCredits(tx: Transaction, at: readonly unknown[], pool: string): Promise<void> {
  await tx.query(
    `with due as (
       select transaction_hash, (arguments ->> 'policyId')::numeric as policy_number, name <> 'PolicyCancelled' as is_claim,
              coalesce(arguments ->> 'holder', arguments ->> 'buyer') as account,
              coalesce(arguments ->> 'amount', arguments ->> 'refund')::numeric as units, log_index
         from indexer.other_events
        where chain_id = $1 and block_number between $2 and $3 and contract = $4
          and name in ('PolicyCancelled', 'PolicyPaid', 'PremiumRefunded')
     ), kept as (
       select transaction_hash, arguments ->> 'account' as account, (arguments ->> 'amount')::numeric as units, block_number, log_index
         from indexer.other_events
        where chain_id = $1 and block_number between $2 and $3 and contract = $5 and name = 'CreditAdded'
     )
     insert into settlement.policy_credits (chain_id, block_number, log_index, policy_id, account, units, is_claim)
     select $1, k.block_number, k.log_index, p.id, k.account, k.units, d.is_claim
       from (select *, row_number() over (partition by transaction_hash, account, units order by log_index) as place from kept) k
       join (select *, row_number() over (partition by transaction_hash, account, units order by log_index) as place from due) d
         using (transaction_hash, account, units, place)
       join settlement.policies p on p.chain_id = $1 and p.policy_number = d.policy_number
      where k.units > 0`,
    [...at, pool],
  );
}

/** Credits that their owners have by now. */
export async function takeWithdrawals(
  tx: Transaction,
  lifecycle: PolicyLifecycle,
  at: readonly unknown[],
): Promise<void> {
  const { rows } = await tx.query<{ id: string; units: bigint; hash: string }>(
    `with gone as (
       delete from settlement.policy_credits k
        using indexer.other_events w, indexer.credits c
        where w.chain_id = $1 and w.block_number between $2 and $3 and w.contract = $4 and w.name = 'CreditWithdrawn'
          and k.chain_id = $1 and k.account = w.arguments ->> 'account'
          and c.chain_id = $1 and c.block_number = k.block_number and c.log_index = k.log_index
          and c.withdrawn_block = w.block_number and c.withdrawn_log_index = w.log_index
       returning k.policy_id, k.units, w.transaction_hash
     ), changed as (
       update settlement.policies set updated_at = now() where id in (select policy_id from gone)
     )
     select policy_id as id, sum(units) as units, transaction_hash as hash from gone group by 1, 3 order by 1`,
    [...at],
  );
  await lifecycle.arrive(
    tx,
    'credit_withdrawn',
    rows.map(({ id, units, hash }) => ({ id, detail: { units: String(units), transactionHash: hash } })),
  );
}
