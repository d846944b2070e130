/** Settles risks as soon as the oracle has their window, or has been silent for too long. */
import { encodeFunctionData, type Hex } from 'viem';
import { oracleHubAbi } from '../../../core/abi/oracleHub.ts';
import { parametricCoverAbi } from '../../../core/abi/parametricCover.ts';
import { oneRow, type Transaction, withTransaction } from '../../../platform/database.ts';
import { lock } from './issuing.ts';
import type { KeeperParts } from './keeper.ts';
import { assignPayments, PAYMENTS_A_CALL, payData, RISK_SETTLEMENT } from './paying.ts';
import { OVER_SQL } from './watching.ts';

/** Risks that one round looks at: any of those that are over, so that none waits for others on which the oracle is silent. */
const A_ROUND = 100;

interface DueRisk {
  risk_number: bigint;
  product_number: number;
  feed: Hex;
  subject: Hex;
  window_start: bigint;
  window_end: bigint;
  /** After the grace period: silence settles it, too. */
  is_silent: boolean;
}

/** One round. @returns true when risks were settled, and there may be more */
export async function settleRisks(parts: KeeperParts): Promise<boolean> {
  const due = await readDue(parts);
  const findings = await Promise.all(due.map((risk) => findingOf(parts, risk)));
  const settled = due.flatMap((risk, index) => {
    const owes = findings[index];
    return owes === undefined ? [] : [{ risk, owes }];
  });
  if (settled.length > 0) await withTransaction(parts.database, (tx) => ask(tx, parts, settled));
  return settled.length === A_ROUND;
}

/**
 * Open risks whose window is over at the index's head, on which somebody is insured: nothing is locked for the others. Those for
 * which a settlement is under way, or has succeeded, are left out.
 */
async function readDue({ database, chainId, cover }: KeeperParts): Promise<DueRisk[]> {
  const { rows } = await database.query<DueRisk>(
    `with head as (
       select k.timestamp_s as time from indexer.cursors c
         join indexer.blocks k on k.chain_id = c.chain_id and k.number = c.head_number where c.chain_id = $1
     ), over as materialized (
       select w.risk_number from ${OVER_SQL}
     )
     select r.risk_number, r.product_number, p.feed, r.subject, r.window_start, r.window_end,
            r.window_end + p.grace_seconds < head.time as is_silent
       from over
      cross join head
      cross join lateral (
        select risk_number, product_number, subject, window_start, window_end from indexer.risks
         where chain_id = $1 and cover = $2 and risk_number = over.risk_number and state = 'open' offset 0) r
       join indexer.cover_products p on p.chain_id = $1 and p.cover = $2 and p.product_number = r.product_number
      where exists (select from indexer.policies v
                     where v.chain_id = $1 and v.cover = $2 and v.risk_number = r.risk_number and v.insured > 0 offset 0)
        and not exists (select from settlement.risk_settlements s join settlement.calls c on c.id = s.call_id
                         where s.chain_id = $1 and s.risk_number = r.risk_number
                           and c.state not in ('failed', 'expired') offset 0)
      order by random() limit $3`,
    [chainId, cover.toLowerCase(), A_ROUND],
  );
  return rows;
}

/** Whether a settlement now would owe anything; undefined while it would be refused. */
async function findingOf(
  { chain, oracleHub, cover }: KeeperParts,
  risk: DueRisk,
): Promise<boolean | undefined> {
  const [isFound, observation] = await chain.readContract({
    address: oracleHub,
    abi: oracleHubAbi,
    functionName: 'tryReadObservation',
    args: [risk.feed, risk.subject, risk.window_start, risk.window_end],
  });
  if (!isFound) return risk.is_silent ? true : undefined;
  const bps = await chain.readContract({
    address: cover,
    abi: parametricCoverAbi,
    functionName: 'payoutBpsFor',
    args: [BigInt(risk.product_number), observation],
  });
  return bps > 0n;
}

/** The settlement and the first payments are one transaction on the chain: who is owed something has it in the same block. */
async function ask(
  tx: Transaction,
  parts: KeeperParts,
  settled: readonly { risk: DueRisk; owes: boolean }[],
): Promise<void> {
  const { chainId, cover, insertCall } = parts;
  await lock(tx, chainId);
  const taken = await tx.query<{ risk_number: bigint }>(
    `select s.risk_number from settlement.risk_settlements s join settlement.calls c on c.id = s.call_id
      where s.chain_id = $1 and s.risk_number = any($2) and c.state not in ('failed', 'expired')`,
    [chainId, settled.map(({ risk }) => risk.risk_number)],
  );
  const isTaken = new Set(taken.rows.map(({ risk_number }) => risk_number));
  for (const { risk, owes } of settled) {
    const riskNumber = risk.risk_number;
    if (isTaken.has(riskNumber)) continue;
    const first = owes ? await unpaid(tx, parts, riskNumber) : [];
    const settle = encodeFunctionData({
      abi: parametricCoverAbi,
      functionName: 'settleRisk',
      args: [riskNumber],
    });
    const callId = await insertCall(tx, {
      chainId,
      kind: RISK_SETTLEMENT,
      to: cover,
      data:
        first.length === 0
          ? settle
          : encodeFunctionData({
              abi: parametricCoverAbi,
              functionName: 'multicall',
              args: [[settle, payData(riskNumber, first)]],
            }),
      // The last: another observation than the one that was found came first. Then it is asked for again, without payments.
      hopelessErrors: ['RiskIsSettled', 'RiskNotFound', 'NothingIsOwed'],
    });
    await tx.query(
      `insert into settlement.risk_settlements values ($1, $2, $3)
       on conflict (chain_id, risk_number) do update set call_id = excluded.call_id`,
      [chainId, riskNumber, callId],
    );
    await assignPayments(tx, chainId, riskNumber, first, callId);
  }
}

async function unpaid(
  tx: Transaction,
  { chainId, cover }: KeeperParts,
  riskNumber: bigint,
): Promise<bigint[]> {
  const { numbers } = oneRow(
    await tx.query<{ numbers: bigint[] }>(
      `select coalesce(array_agg(policy_number order by policy_number), '{}')::text[] as numbers
         from (select policy_number from indexer.policies
                where chain_id = $1 and cover = $2 and risk_number = $3 and insured > 0
                order by policy_number limit $4) first`,
      [chainId, cover.toLowerCase(), riskNumber, PAYMENTS_A_CALL],
    ),
  );
  return numbers.map(BigInt);
}
