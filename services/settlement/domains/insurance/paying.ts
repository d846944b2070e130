/** Pays the policies of settled risks, in batches: each by one call at a time, and by the contract once. */
import { encodeFunctionData, type Hex } from 'viem';
import { parametricCoverAbi } from '../../../core/abi/parametricCover.ts';
import { type Queryable, type Transaction, withTransaction } from '../../../platform/database.ts';
import { lock } from './issuing.ts';
import type { KeeperParts } from './keeper.ts';
import { OVER_SQL } from './watching.ts';

export const POLICY_PAYMENT = 'policy_payment';
export const RISK_SETTLEMENT = 'risk_settlement';

/** Policies of one call. 100 new holders take some three million gas. */
export const PAYMENTS_A_CALL = 100;
/** Calls that are under way at a time at most: with more to pay, the order is what matters. */
const CALLS_OPEN = 16;

export interface PayableBatch {
  riskNumber: bigint;
  policyNumbers: bigint[];
}

/**
 * One round: as many batches as there is room for. While gas is dear, those that cost the least for each policy come first, which
 * are the fullest; otherwise those of the risk that was settled first.
 */
export async function payPolicies(parts: KeeperParts): Promise<void> {
  const { database, chainId, cover, insertCall } = parts;
  const isDear = await isGasDear(parts);
  await withTransaction(database, async (tx) => {
    await lock(tx, chainId);
    const room = CALLS_OPEN - (await countOpen(tx, chainId));
    if (room <= 0) return;
    const batches = await readPayable(tx, { chainId, cover }, isDear, room);
    for (const { riskNumber, policyNumbers } of batches) {
      const callId = await insertCall(tx, {
        chainId,
        kind: POLICY_PAYMENT,
        to: cover,
        data: payData(riskNumber, policyNumbers),
        hopelessErrors: ['NothingIsOwed'],
      });
      await assignPayments(tx, chainId, riskNumber, policyNumbers, callId);
    }
  });
}

export function payData(riskNumber: bigint, policyNumbers: readonly bigint[]): Hex {
  return encodeFunctionData({
    abi: parametricCoverAbi,
    functionName: 'payPolicies',
    args: [riskNumber, [...policyNumbers]],
  });
}

/** From then on these policies are this call's. */
export async function assignPayments(
  tx: Transaction,
  chainId: number,
  riskNumber: bigint,
  policyNumbers: readonly bigint[],
  callId: string,
): Promise<void> {
  await tx.query(
    `insert into settlement.policy_payments (chain_id, policy_number, risk_number, call_id)
     select $1, number, $3, $4 from unnest($2::numeric[]) as number
     on conflict (chain_id, policy_number) do update set risk_number = excluded.risk_number, call_id = excluded.call_id`,
    [chainId, policyNumbers, riskNumber, callId],
  );
}

/**
 * Batches of policies that the chain owes and no call is carrying. What a call that succeeded passed over, and what one that
 * failed had, is taken up again once that is final.
 */
export async function readPayable(
  tx: Queryable,
  { chainId, cover }: Pick<KeeperParts, 'chainId' | 'cover'>,
  cheapestFirst: boolean,
  limit: number,
): Promise<PayableBatch[]> {
  const { rows } = await tx.query<{ risk_number: bigint; numbers: string[] }>(
    `with over as materialized (
       select w.risk_number from ${OVER_SQL}
     ), payable as (
       select r.risk_number, r.settled_block, v.policy_number
         from over
        cross join lateral (
          select risk_number, settled_block from indexer.risks
           where chain_id = $1 and cover = $2 and risk_number = over.risk_number and state <> 'open' and owed > 0 offset 0) r
        cross join lateral (
          select policy_number from indexer.policies
           where chain_id = $1 and cover = $2 and risk_number = r.risk_number and outcome is null and insured > 0 offset 0) v
        where not exists (select from settlement.policy_payments a join settlement.calls c on c.id = a.call_id
                           where a.chain_id = $1 and a.policy_number = v.policy_number
                             and c.state not in ('final', 'failed', 'expired')
                             -- others settled the risk before us: our settlement will never pay them
                             and not (c.kind = '${RISK_SETTLEMENT}' and c.state = 'waiting' and c.failures > 0) offset 0)
     ), numbered as (
       select *, (row_number() over (partition by risk_number order by policy_number) - 1) / $3 as batch from payable
     )
     select risk_number, array_agg(policy_number::text order by policy_number) as numbers
       from numbered
      group by risk_number, settled_block, batch
      order by case when $4 then -count(*) end, settled_block, risk_number, batch
      limit $5`,
    [chainId, cover.toLowerCase(), PAYMENTS_A_CALL, cheapestFirst, limit],
  );
  return rows.map(({ risk_number: riskNumber, numbers }) => ({
    riskNumber,
    policyNumbers: numbers.map(BigInt),
  }));
}

async function countOpen(tx: Transaction, chainId: number): Promise<number> {
  const { rowCount } = await tx.query(
    `select from settlement.calls
      where chain_id = $1 and kind = $2 and state not in ('included', 'final', 'failed', 'expired')`,
    [chainId, POLICY_PAYMENT],
  );
  return rowCount ?? 0;
}

/** The chain's own price of the next block; without one (no EIP-1559) gas is never dear. */
async function isGasDear({ chain, dearGasWei }: KeeperParts): Promise<boolean> {
  if (dearGasWei === undefined) return false;
  const { baseFeePerGas } = await chain.getBlock();
  return (baseFeePerGas ?? 0n) > dearGasWei;
}
