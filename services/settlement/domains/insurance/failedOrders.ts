/** Orders that the contract will never fill: a final block is past their deadline, and none has filled them. */
import type { Transaction } from '../../../platform/database.ts';
import type { PolicyLifecycle } from './lifecycle.ts';
import type { FailureCode } from './schema.ts';

/** Final blocks, both included. */
export interface Span {
  from: bigint;
  to: bigint;
  isMore: boolean;
}

/** Errors of the contracts by which an order waited in vain. */
const codes: Record<string, FailureCode> = {
  CapacityExceeded: 'capacity_exceeded',
  RiskLimitExceeded: 'risk_limit_exceeded',
  ClusterLimitExceeded: 'cluster_limit_exceeded',
  WindowStartsTooSoon: 'sale_closed',
  ProductIsPaused: 'product_paused',
  PoolIsPaused: 'pool_paused',
  PremiumAboveMaximum: 'premium_above_maximum',
  OperatorLimitExceeded: 'operator_limit_exceeded',
  ERC20InsufficientBalance: 'buyer_cannot_pay',
  ERC20InsufficientAllowance: 'buyer_cannot_pay',
  TransferFailed: 'buyer_cannot_pay',
  AccountIsFrozen: 'buyer_cannot_pay',
  TokenIsPaused: 'buyer_cannot_pay',
};

/** Call it when the filled orders of the span are written. */
export async function endOrders(
  tx: Transaction,
  lifecycle: PolicyLifecycle,
  chainId: number,
  { to }: Span,
): Promise<void> {
  const { rows } = await tx.query<{ id: string; last_error: string | null }>(
    `select p.id, coalesce(c.last_error, o.last_error) as last_error
       from settlement.policies p
       join indexer.blocks k on k.chain_id = p.chain_id and k.number = $2
       left join settlement.calls c on c.id = p.call_id
       left join settlement.risk_openings r
         on (r.chain_id, r.product_number, r.subject_word, r.window_start, r.window_end)
          = (p.chain_id, p.product_number, p.subject_word, p.window_start, p.window_end)
       left join settlement.calls o on o.id = r.call_id
      where p.chain_id = $1 and p.status in ('accepted', 'processing') and p.deadline < k.timestamp_s
      order by p.id for update of p`,
    [chainId, to],
  );
  await lifecycle.fail(
    tx,
    rows.map(({ id, last_error: error }) => ({
      id,
      code: codes[/^\w+/.exec(error ?? '')?.[0] ?? ''] ?? 'not_issued_in_time',
      detail: error
        ? `Block ${to}, which is final, is past its deadline. Until then: ${error}`
        : `Block ${to}, which is final, is past its deadline`,
    })),
  );
}
