/** Where the chain has what happened to a policy and its risk. */
import type { Address } from 'viem';
import type { Database } from '../../../platform/database.ts';
import { TRANSACTIONS_PROVEN } from '../../proofs/events.ts';
import type { Place } from '../../proofs/receipts.ts';
import type { PolicyRow } from './store.ts';

/** The transactions of it that the ledger has passed: what was sold, then others, then transfers alone; each the newest first. */
export async function findPolicyPlaces(
  database: Database,
  { chainId, cover }: { chainId: number; cover: Address },
  policy: Pick<PolicyRow, 'policy_number' | 'risk_number' | 'product_number'>,
): Promise<Place[]> {
  const { rows } = await database.query<Place>(
    `with events as (
       select block_number, log_index, transaction_hash, name
         from indexer.other_events
        where chain_id = $1 and contract = $2 and (arguments ->> 'policyId')::numeric = $3
          and name in ('PolicyIssued', 'OrderFilled', 'PolicyTransferred', 'PolicyCancelled', 'PolicyPaid', 'PremiumRefunded')
       union all
       select block_number, log_index, transaction_hash, name
         from indexer.other_events
        where chain_id = $1 and contract = $2 and (arguments ->> 'riskNumber')::numeric = $4
          and name in ('RiskOpened', 'RiskSettled')
       union all
       select block_number, log_index, transaction_hash, name
         from indexer.other_events
        where chain_id = $1 and contract = $2 and (arguments ->> 'productId')::int = $5 and name = 'ProductCreated'
          and $3::numeric is not null
     )
     select k.hash as block_hash, e.transaction_hash
       from events e
       join settlement.posted_blocks p on p.chain_id = $1 and e.block_number <= p.block_number
       join indexer.blocks k on k.chain_id = $1 and k.number = e.block_number
      group by k.hash, e.transaction_hash, e.block_number
      order by bool_or(e.name in ('PolicyIssued', 'RiskOpened', 'ProductCreated')) desc,
               bool_or(e.name <> 'PolicyTransferred') desc, e.block_number desc, min(e.log_index) desc
      limit ${TRANSACTIONS_PROVEN}`,
    [chainId, cover.toLowerCase(), policy.policy_number, policy.risk_number, policy.product_number],
  );
  return rows;
}
