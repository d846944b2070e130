/** A settlement batch changes state together with its payments, in one transaction. */
import type { Queryable, Transaction } from '../../../platform/database.ts';
import type { Detail, Lifecycle } from '../payments/lifecycle.ts';

type Moving = 'batched' | 'signed' | 'broadcast' | 'held';

/** Pause before a batch is tried again after its n-th failure: 1 s, 2 s, 4 s ... at most a minute. */
const BACK_OFF_SQL = `least(60, power(2, least(failures, 10))) * interval '1 second'`;

/**
 * Moves a batch and its payments, if the batch is in one of the states `from`.
 * @returns false when it is not: somebody else, such as the confirmation, was first.
 */
export async function moveBatch(
  tx: Transaction,
  lifecycle: Lifecycle,
  batchId: string,
  from: readonly Moving[],
  to: Moving,
  detail: Detail,
): Promise<boolean> {
  const moved = await lifecycle.moveBatches(tx, to, from, [{ id: batchId, detail }]);
  return moved.length > 0;
}

/**
 * Notes why a batch could not go, and when to try again. The timeline shows each reason once.
 * @param isSetAside true when the reason lies in the batch: those behind it do not wait for it.
 */
export async function noteFailure(
  tx: Transaction,
  lifecycle: Lifecycle,
  batchId: string,
  reason: string,
  isSetAside = false,
): Promise<void> {
  const { rows } = await tx.query<{ isNew: boolean }>(
    `with before as (select id, last_error from settlement.settlement_batches where id = $1 for update)
     update settlement.settlement_batches b
        set failures = failures + 1, last_error = $2, attempt_after = now() + ${BACK_OFF_SQL},
            is_set_aside = $3, updated_at = now()
       from before where b.id = before.id and b.state = 'batched'
     returning before.last_error is distinct from $2 as "isNew"`,
    [batchId, reason, isSetAside],
  );
  if (rows[0]?.isNew) await lifecycle.note(tx, batchId, { reason });
}

/**
 * A batch of the account has passed: the cause of its refusals may be gone, so the others need not wait any more. Rows
 * that somebody is at work on are left alone; they have their turn when their back-off is over.
 */
export async function noteRecovery(database: Queryable, chainId: number, accountId: string): Promise<void> {
  await database.query(
    `update settlement.settlement_batches set failures = 0, attempt_after = now()
      where id in (select id from settlement.settlement_batches
                    where chain_id = $1 and account_id = $2 and state = 'batched' and failures > 0
                      and not is_set_aside
                      for update skip locked)`,
    [chainId, accountId],
  );
}
