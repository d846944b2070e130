/** Sends orders: what nobody has opened is opened first, then the contract fills them. */
import { encodeFunctionData, type Hex } from 'viem';
import { parametricCoverAbi } from '../../../core/abi/parametricCover.ts';
import { type Transaction, withTransaction } from '../../../platform/database.ts';
import type { KeeperParts } from './keeper.ts';

/** The kinds of the calls. */
export const POLICY_ORDER = 'policy_order';
export const RISK_OPENING = 'risk_opening';

/** Orders and openings that one transaction asks for at most. */
const A_ROUND = 200;

/** One round. @returns true when there may be more */
export async function sendOrders(parts: KeeperParts): Promise<boolean> {
  return withTransaction(parts.database, async (tx) => {
    const opened = await openRisks(tx, parts);
    const ordered = await orderPolicies(tx, parts);
    return opened === A_ROUND || ordered === A_ROUND;
  });
}

/** Asks for the opening of risks that an order wants and the chain does not have. The contract refuses the second time. */
async function openRisks(tx: Transaction, parts: KeeperParts): Promise<number> {
  const { chainId, cover, insertCall } = parts;
  await lock(tx, chainId);
  const { rows } = await tx.query<{
    product_number: number;
    subject_word: Hex;
    window_start: bigint;
    window_end: bigint;
    sale_closes_at: bigint;
  }>(
    `select distinct p.product_number, p.subject_word, p.window_start, p.window_end, p.sale_closes_at
       from settlement.policies p
      where p.chain_id = $1 and p.status = 'accepted' and p.call_id is null
        and not exists (select from indexer.risks r
                         where r.chain_id = p.chain_id and r.cover = $2 and r.subject = p.subject_word
                           and r.product_number = p.product_number and r.window_start = p.window_start
                           and r.window_end = p.window_end)
        and not exists (select from settlement.risk_openings o
                         where (o.chain_id, o.product_number, o.subject_word, o.window_start, o.window_end)
                             = (p.chain_id, p.product_number, p.subject_word, p.window_start, p.window_end))
      limit $3`,
    [chainId, cover.toLowerCase(), A_ROUND],
  );
  for (const risk of rows) {
    const callId = await insertCall(tx, {
      chainId,
      kind: RISK_OPENING,
      to: cover,
      data: encodeFunctionData({
        abi: parametricCoverAbi,
        functionName: 'openRisk',
        args: [BigInt(risk.product_number), risk.subject_word, risk.window_start, risk.window_end],
      }),
      notAfter: risk.sale_closes_at,
      hopelessErrors: ['RiskExists', 'WindowStartsTooSoon'],
    });
    await tx.query('insert into settlement.risk_openings values ($1, $2, $3, $4, $5, $6)', [
      chainId,
      risk.product_number,
      risk.subject_word,
      risk.window_start,
      risk.window_end,
      callId,
    ]);
  }
  return rows.length;
}

/** Asks for the policies whose risk is open. Each order has a number that the contract fills once. */
async function orderPolicies(tx: Transaction, parts: KeeperParts): Promise<number> {
  const { chainId, cover, insertCall } = parts;
  const { rows } = await tx.query<{
    id: string;
    product_number: number;
    subject_word: Hex;
    window_start: bigint;
    window_end: bigint;
    ordered_units: bigint;
    max_premium_units: bigint;
    buyer: Hex;
    sequence: bigint;
    deadline: bigint;
    holder: Hex;
    is_transferable: boolean;
  }>(
    `select p.* from settlement.policies p
      where p.chain_id = $1 and p.status = 'accepted' and p.call_id is null
        and exists (select from indexer.risks r
                     where r.chain_id = p.chain_id and r.cover = $2 and r.subject = p.subject_word
                       and r.product_number = p.product_number and r.window_start = p.window_start
                       and r.window_end = p.window_end)
      order by p.id limit $3 for update of p`,
    [chainId, cover.toLowerCase(), A_ROUND],
  );
  for (const order of rows) {
    const callId = await insertCall(tx, {
      chainId,
      kind: POLICY_ORDER,
      to: cover,
      data: encodeFunctionData({
        abi: parametricCoverAbi,
        functionName: 'issueFor',
        args: [
          order.buyer,
          order.sequence,
          order.deadline,
          {
            productId: BigInt(order.product_number),
            subject: order.subject_word,
            windowStart: order.window_start,
            windowEnd: order.window_end,
            insured: order.ordered_units,
            maxPremium: order.max_premium_units,
            holder: order.holder,
            transferable: order.is_transferable,
          },
        ],
      }),
      notAfter: order.deadline,
      hopelessErrors: ['SequenceAlreadyUsed', 'OrderExpired', 'WindowStartsTooSoon'],
    });
    await tx.query('update settlement.policies set call_id = $2 where id = $1', [order.id, callId]);
  }
  return rows.length;
}

/** One keeper at a time asks for calls; which one does not matter. Until the end of the transaction. */
export async function lock(tx: Transaction, chainId: number): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('insurance keeper ' || $1::text, 0))`, [
    chainId,
  ]);
}
