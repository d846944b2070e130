/** Moves policies on by what is final on the chain, whoever sent the transaction. */
import { type Database, type Transaction, withTransaction } from '../../../platform/database.ts';
import type { postHolds } from '../ledger/holds.ts';
import { takeCredits, takeWithdrawals } from './credits.ts';
import { endOrders, type Span } from './failedOrders.ts';
import type { PolicyLifecycle, PolicyMove } from './lifecycle.ts';
import type { PolicyStatus } from './schema.ts';

/** Blocks that one transaction reads at most. */
const BLOCKS_A_ROUND = 5_000n;

export interface PolicyFollowerParts {
  database: Database;
  chainId: number;
  /** The cover contract and its pool, whose history the index must hold. */
  cover: string;
  pool: string;
  /** From which on the chain has them. */
  startBlock: number;
  lifecycle: PolicyLifecycle;
}

/**
 * One round: the cover's events of the next final blocks, each once, in the order in which a policy can have them. Final is what
 * the ledger has posted: a partner's premium is in its books by then.
 * @returns true when there are more such blocks
 */
export async function followPolicies(parts: PolicyFollowerParts): Promise<boolean> {
  const { database, chainId, lifecycle } = parts;
  const [cover, pool] = [parts.cover.toLowerCase(), parts.pool.toLowerCase()];
  return withTransaction(database, async (tx) => {
    const span = await lockSpan(tx, { ...parts, cover, pool });
    if (!span) return false;
    const at = [chainId, span.from, span.to, cover];
    await issued(tx, lifecycle, at);
    await takeCredits(tx, at, pool);
    await changed(tx, lifecycle, at);
    await settled(tx, lifecycle, at);
    await paid(tx, lifecycle, at);
    await takeWithdrawals(tx, lifecycle, [chainId, span.from, span.to, pool]);
    await endOrders(tx, lifecycle, chainId, span);
    await tx.query('update settlement.cover_followed set block_number = $2 where chain_id = $1', [
      chainId,
      span.to,
    ]);
    return span.isMore;
  });
}

/** The next blocks, held until the end of the transaction; undefined when there are none, or the index lacks their events. */
async function lockSpan(
  tx: Transaction,
  { chainId, cover, pool, startBlock }: PolicyFollowerParts,
): Promise<Span | undefined> {
  await tx.query(
    'insert into settlement.cover_followed (chain_id, block_number) values ($1, $2) on conflict do nothing',
    [chainId, startBlock - 1],
  );
  const { rows } = await tx.query<{ followed: bigint; posted: bigint }>(
    `select f.block_number as followed, p.block_number as posted
       from settlement.cover_followed f join settlement.posted_blocks p using (chain_id)
      where f.chain_id = $1
        and (select count(*) from indexer.coverage where chain_id = $1 and subject in ($2, $3)) = 2
        for update of f`,
    [chainId, cover, pool],
  );
  const [row] = rows;
  if (!row || row.posted <= row.followed) return undefined;
  const end = row.followed + BLOCKS_A_ROUND;
  const to = end < row.posted ? end : row.posted;
  return { from: row.followed + 1n, to, isMore: to < row.posted };
}

/** Whether policy v of risk r is what order p asked for. */
const IS_OURS = `v.first_holder = p.holder and v.sold = p.ordered_units and v.is_transferable = p.is_transferable
                and (r.product_number, r.subject, r.window_start, r.window_end)
                  = (p.product_number, p.subject_word, p.window_start, p.window_end)`;

/**
 * Ends the holds of orders that a posted block has filled. Called in the transaction that posts the blocks, so that no premium
 * counts twice, or not at all, between two commits; the policies follow. `offset 0`: each look-up by its key.
 */
export async function postPremiums(
  tx: Transaction,
  ledger: { postHolds: typeof postHolds },
  { chainId, cover }: { chainId: number; cover: string },
  posted: bigint,
): Promise<void> {
  const { rows } = await tx.query<{ id: string }>(
    `select p.id
       from settlement.policies p
      cross join lateral (
        select (e.arguments ->> 'policyId')::numeric as policy_number
          from indexer.other_events e
         where e.chain_id = p.chain_id and e.contract = $2 and e.name = 'OrderFilled'
           and e.arguments ->> 'buyer' = p.buyer and (e.arguments ->> 'sequence')::numeric = p.sequence
           and e.block_number <= $3 offset 0) f
      where p.chain_id = $1 and p.status in ('accepted', 'processing')
        and exists (
          select from indexer.policies v
            join indexer.risks r on r.chain_id = v.chain_id and r.cover = v.cover and r.risk_number = v.risk_number
           where v.chain_id = p.chain_id and v.cover = $2 and v.policy_number = f.policy_number and ${IS_OURS} offset 0)`,
    [chainId, cover.toLowerCase(), posted],
  );
  await ledger.postHolds(
    tx,
    rows.map(({ id }) => id),
  );
}

/** Orders that the contract filled. One that it filled otherwise than we asked for is somebody else's. */
async function issued(tx: Transaction, lifecycle: PolicyLifecycle, at: readonly unknown[]): Promise<void> {
  const { rows } = await tx.query<{
    id: string;
    is_ours: boolean;
    policy_number: bigint;
    transaction_hash: string;
    block_number: bigint;
  }>(
    `with filled as (
       select p.id, v.policy_number, v.risk_number, v.premium, v.capital_charge, v.sold, v.transaction_hash, v.block_number,
              ${IS_OURS} as is_ours
         from indexer.policies v
         join settlement.policies p on p.chain_id = v.chain_id and p.buyer = v.buyer and p.sequence = v.sequence
         join indexer.risks r on r.chain_id = v.chain_id and r.cover = v.cover and r.risk_number = v.risk_number
        where v.chain_id = $1 and v.block_number between $2 and $3 and v.cover = $4
          and p.status in ('accepted', 'processing')
     ), moved as (
       update settlement.policies p
          set status = 'issued', updated_at = now(), policy_number = f.policy_number, risk_number = f.risk_number,
              premium_units = f.premium, capital_charge_units = f.capital_charge, insured_units = f.sold,
              issued_transaction = f.transaction_hash, issued_block = f.block_number
         from filled f where p.id = f.id and f.is_ours
     )
     select id, is_ours, policy_number, transaction_hash, block_number from filled order by id`,
    [...at],
  );
  const ours = rows.filter(({ is_ours }) => is_ours);
  await lifecycle.issue(
    tx,
    ours.map(({ id, policy_number, transaction_hash, block_number }) => ({
      id,
      detail: {
        policyNumber: String(policy_number),
        transactionHash: transaction_hash,
        blockNumber: Number(block_number),
      },
    })),
  );
  await lifecycle.fail(
    tx,
    rows
      .filter(({ is_ours }) => !is_ours)
      .map(({ id, transaction_hash: hash }) => ({
        id,
        code: 'sequence_used_elsewhere',
        detail: `The transaction ${hash} filled another order with this one's number`,
      })),
  );
}

/** Policies that got another holder, or were cancelled, in part or whole. */
async function changed(tx: Transaction, lifecycle: PolicyLifecycle, at: readonly unknown[]): Promise<void> {
  const transfers = await tx.query<{ id: string; holder: string; transaction_hash: string }>(
    `with moved as (
       select distinct on (1) (e.arguments ->> 'policyId')::numeric as policy_number, e.arguments ->> 'to' as holder,
              e.transaction_hash
         from indexer.other_events e
        where e.chain_id = $1 and e.block_number between $2 and $3 and e.contract = $4 and e.name = 'PolicyTransferred'
        order by 1, e.block_number desc, e.log_index desc
     )
     update settlement.policies p set holder = m.holder, updated_at = now()
       from moved m where p.chain_id = $1 and p.policy_number = m.policy_number
     returning p.id, p.holder, m.transaction_hash`,
    [...at],
  );
  await lifecycle.arrive(
    tx,
    'transferred',
    transfers.rows.map(({ id, holder, transaction_hash: transactionHash }) => ({
      id,
      detail: { holder, transactionHash },
    })),
  );
  const cancelled = await tx.query<{ id: string; isWhole: boolean; refund: bigint; hash: string }>(
    `with gone as (
       select (e.arguments ->> 'policyId')::numeric as policy_number, sum((e.arguments ->> 'insured')::numeric) as insured,
              sum((e.arguments ->> 'refund')::numeric) as refund, max(e.transaction_hash) as hash
         from indexer.other_events e
        where e.chain_id = $1 and e.block_number between $2 and $3 and e.contract = $4 and e.name = 'PolicyCancelled'
        group by 1
     )
     update settlement.policies p
        set insured_units = p.insured_units - g.insured, refund_units = p.refund_units + g.refund, updated_at = now(),
            status = case when p.insured_units = g.insured then 'cancelled' else p.status end
       from gone g where p.chain_id = $1 and p.policy_number = g.policy_number
     returning p.id, p.status = 'cancelled' as "isWhole", g.refund, g.hash`,
    [...at],
  );
  for (const state of ['reduced', 'cancelled'] as const)
    await lifecycle.arrive(
      tx,
      state,
      cancelled.rows
        .filter(({ isWhole }) => isWhole === (state === 'cancelled'))
        .map(({ id, refund, hash }) => ({
          id,
          detail: { refundUnits: String(refund), transactionHash: hash },
        })),
    );
}

/** Policies whose risk was settled: something is owed, or nothing. */
async function settled(tx: Transaction, lifecycle: PolicyLifecycle, at: readonly unknown[]): Promise<void> {
  const { rows } = await tx.query<{
    id: string;
    status: PolicyStatus;
    observation: bigint | null;
    hash: string;
  }>(
    `update settlement.policies p
        set status = case when s.state = '2' or s.payout_bps > 0 then 'payable' else 'expired' end,
            observation = case s.state when '1' then s.observation end, payout_bps = case s.state when '1' then s.payout_bps end,
            settled_transaction = s.transaction_hash, settled_at = s.timestamp_s, updated_at = now()
       from (select (e.arguments ->> 'riskNumber')::numeric as risk_number, e.arguments ->> 'state' as state,
                    (e.arguments ->> 'observation')::numeric as observation, (e.arguments ->> 'payoutBps')::int as payout_bps,
                    e.transaction_hash, k.timestamp_s
               from indexer.other_events e
               join indexer.blocks k on k.chain_id = e.chain_id and k.number = e.block_number
              where e.chain_id = $1 and e.block_number between $2 and $3 and e.contract = $4 and e.name = 'RiskSettled') s
      where p.chain_id = $1 and p.risk_number = s.risk_number and p.status = 'issued'
     returning p.id, p.status, p.observation, s.transaction_hash as hash`,
    [...at],
  );
  for (const [status, moved] of Map.groupBy(rows, (row) => row.status))
    await lifecycle.arrive(
      tx,
      status,
      moved.map(({ id, observation, hash }) => ({
        id,
        detail: {
          ...(observation === null ? { outcome: 'silent' } : { observation: String(observation) }),
          transactionHash: hash,
        },
      })),
    );
}

/** Policies that were paid, or whose premium went back. */
async function paid(tx: Transaction, lifecycle: PolicyLifecycle, at: readonly unknown[]): Promise<void> {
  const { rows } = await tx.query<{ id: string; status: PolicyStatus; units: bigint; hash: string }>(
    `update settlement.policies p
        set status = case e.name when 'PolicyPaid' then 'paid' else 'refunded' end,
            paid_units = (e.arguments ->> 'amount')::numeric, paid_transaction = e.transaction_hash,
            paid_at = k.timestamp_s, updated_at = now()
       from indexer.other_events e
       join indexer.blocks k on k.chain_id = e.chain_id and k.number = e.block_number
      where e.chain_id = $1 and e.block_number between $2 and $3 and e.contract = $4
        and e.name in ('PolicyPaid', 'PremiumRefunded')
        and p.chain_id = $1 and p.policy_number = (e.arguments ->> 'policyId')::numeric and p.status = 'payable'
     returning p.id, p.status, p.paid_units as units, e.transaction_hash as hash`,
    [...at],
  );
  for (const [status, moved] of Map.groupBy(rows, (row) => row.status))
    await lifecycle.arrive(
      tx,
      status,
      moved.map(
        ({ id, units, hash }): PolicyMove => ({
          id,
          detail: { units: String(units), transactionHash: hash },
        }),
      ),
    );
}
