/** Orders that the chain has filled and the database does not know, as after a restored backup. */
import type { Deployment } from '../../../core/deployment.ts';
import type { Database } from '../../../platform/database.ts';
import type { Fault } from '../../../platform/http/problem.ts';
import type { Order } from './orders.ts';

/**
 * A fault for each order that would buy once more what such an order has bought: whoever repeats a request after the restore is
 * not to pay twice. The policy itself is on chain, and is paid as any.
 */
export async function forgottenFaults(
  { database, deployment }: { database: Database; deployment: Deployment },
  orders: readonly Order[],
): Promise<Fault[]> {
  const { rows } = await database.query<{ position: number; policy_number: bigint; hash: string }>(
    `select distinct on (o.position) o.position::int, (i.arguments ->> 'policyId')::numeric as policy_number, i.transaction_hash as hash
       from unnest($3::text[], $4::text[], $5::int[], $6::text[], $7::bigint[], $8::bigint[], $9::numeric[], $10::boolean[])
              with ordinality as o (buyer, holder, product_number, subject, window_start, window_end, insured, is_transferable, position)
       join indexer.risks r
         on r.chain_id = $1 and r.cover = $2 and r.subject = o.subject and r.product_number = o.product_number
        and r.window_start = o.window_start and r.window_end = o.window_end
       join indexer.other_events i
         on i.chain_id = $1 and i.contract = $2 and i.name = 'PolicyIssued'
        and (i.arguments ->> 'riskNumber')::numeric = r.risk_number and i.arguments ->> 'buyer' = o.buyer
        and i.arguments ->> 'holder' = o.holder and (i.arguments ->> 'insured')::numeric = o.insured
        and (i.arguments ->> 'transferable')::boolean = o.is_transferable
       join indexer.other_events f
         on f.chain_id = $1 and f.contract = $2 and f.name = 'OrderFilled'
        and (f.arguments ->> 'policyId')::numeric = (i.arguments ->> 'policyId')::numeric
      where not exists (select from settlement.policies p
                         where p.chain_id = $1 and p.buyer = o.buyer and p.sequence = (f.arguments ->> 'sequence')::numeric)
      order by o.position, policy_number`,
    [
      deployment.chainId,
      deployment.parametricCover.toLowerCase(),
      orders.map(({ buyer }) => buyer.toLowerCase()),
      orders.map(({ holder }) => holder.toLowerCase()),
      orders.map(({ product }) => product.productNumber),
      orders.map(({ subjectWord }) => subjectWord),
      orders.map(({ windowStart }) => windowStart),
      orders.map(({ windowEnd }) => windowEnd),
      orders.map(({ insured }) => insured),
      orders.map(({ isTransferable }) => isTransferable),
    ],
  );
  return rows.map(({ position, policy_number: number, hash }) => ({
    code: 'bought_already',
    pointer: orders[position - 1]?.pointer ?? '',
    detail: `Policy ${number} on chain is the same, bought from this wallet in the transaction ${hash} by an order that is not in our records`,
    expected:
      'nothing, when it is this one that you ask for: its holder is covered. For another one a sum insured that differs',
  }));
}
