/** Every deadline of an escrow: a reminder before it, and after it what anybody may call, called by us. The chain's time decides. */
import type { Address } from 'viem';
import { type Database, type Transaction, withTransaction } from '../../../platform/database.ts';
import { Problem } from '../../../platform/http/problem.ts';
import type { ActionRequest } from './actionSchema.ts';
import type { EscrowActionService } from './actionService.ts';
import { type FinalBlock, readPosted } from './follower.ts';
import type { EscrowLifecycle } from './lifecycle.ts';
import { readEscrows } from './store.ts';

export type Deadline = 'authorization' | 'capture' | 'ruling' | 'refund' | 'release';

/** So many in a round; the others have the next. */
const A_ROUND = 100;

export interface KeeperParts {
  database: Database;
  chainId: number;
  /** The escrow contract. */
  escrow: Address;
  lifecycle: EscrowLifecycle;
  actions: EscrowActionService;
  /** How long before a deadline the partner is told. */
  reminderSeconds: number;
}

/** Tells partners of deadlines that come; each once, with any number of keepers. */
export async function remind({
  database,
  chainId,
  escrow,
  lifecycle,
  reminderSeconds,
}: KeeperParts): Promise<void> {
  await withTransaction(database, async (tx) => {
    const posted = await readPosted(tx, chainId, escrow);
    if (!posted) return;
    await lifecycle.remind(tx, await takeDue(tx, chainId, posted.time, reminderSeconds));
    await lifecycle.remind(tx, await takeDueReleases(tx, chainId, posted.time, reminderSeconds));
  });
}

interface Reminder {
  id: string;
  deadline: Deadline;
  /** Unix seconds. */
  at: bigint;
}

async function takeDue(
  tx: Transaction,
  chainId: number,
  now: bigint,
  reminderSeconds: number,
): Promise<Reminder[]> {
  const { rows } = await tx.query<Reminder>(
    `with due (escrow_id, deadline, at) as (
       select id, 'authorization', authorization_expiry from settlement.escrows
        where chain_id = $1 and status in ('created', 'authorizing') and authorization_expiry between $2::bigint and $2 + $3::bigint
       union all
       select id, 'capture', capture_expiry from settlement.escrows
        where chain_id = $1 and status = 'authorized' and capture_expiry between $2 and $2 + $3
       union all
       select id, 'ruling', ruling_deadline from settlement.escrows
        where chain_id = $1 and status = 'disputed' and ruling_deadline between $2 and $2 + $3
       union all
       select s.id, 'refund', s.refund_expiry from settlement.escrows s
        where s.chain_id = $1 and s.status in ('authorized', 'disputed', 'captured', 'released', 'ruled')
          and s.refund_expiry between $2 and $2 + $3
          and exists (select from indexer.escrow_events e
                       where e.chain_id = s.chain_id and e.contract = s.contract and e.escrow_id = s.escrow_id and e.to_payee > 0)
     ), told as (
       insert into settlement.escrow_reminders (escrow_id, deadline)
       select escrow_id, deadline from due order by escrow_id, deadline
       on conflict do nothing returning escrow_id, deadline
     )
     select escrow_id as id, deadline, at from told join due using (escrow_id, deadline) order by at, escrow_id`,
    [chainId, now, reminderSeconds],
  );
  return rows;
}

/** Of splits that one party has signed, and the other not yet. */
async function takeDueReleases(
  tx: Transaction,
  chainId: number,
  now: bigint,
  reminderSeconds: number,
): Promise<Reminder[]> {
  const { rows } = await tx.query<Reminder>(
    `with told as (
       update settlement.escrow_releases r set is_reminded = true
         from settlement.escrows s
        where s.id = r.escrow_id and s.chain_id = $1 and s.status in ('authorized', 'disputed')
          and not r.is_reminded and r.deadline between $2::bigint and $2 + $3::bigint
       returning r.escrow_id, r.deadline as at
     )
     select escrow_id as id, 'release' as deadline, min(at) as at from told group by escrow_id order by at, escrow_id`,
    [chainId, now, reminderSeconds],
  );
  return rows;
}

/** Sends back what was not captured in time, and ends disputes of which the arbiter said nothing. */
export async function enforceDeadlines(parts: KeeperParts): Promise<void> {
  const { database, chainId, escrow } = parts;
  const posted = await withTransaction(database, (tx) => readPosted(tx, chainId, escrow));
  if (!posted) return;
  for (const { id, deadline } of await readOver(database, chainId, posted)) {
    const request: ActionRequest = { action: deadline === 'ruling' ? 'resolve' : 'reclaim' };
    await act(parts, id, request, { askedBy: 'deadline', step: deadline });
  }
}

/** Any of them, so that none waits for others that the contract refuses. */
async function readOver(database: Database, chainId: number, { time }: FinalBlock) {
  const { rows } = await database.query<{ id: string; deadline: Deadline }>(
    `select s.id, case s.status when 'disputed' then 'ruling' else 'capture' end as deadline
       from settlement.escrows s
      where s.chain_id = $1
        and (s.status = 'authorized' and s.capture_expiry < $2 or s.status = 'disputed' and s.ruling_deadline < $2)
        and not exists (select from settlement.escrow_actions a where a.escrow_id = s.id and a.state = 'open')
      order by random() limit $3`,
    [chainId, time, A_ROUND],
  );
  return rows;
}

/**
 * Asks for an action, unless another keeper or the partner was first, or the contract says no: then the next round looks again.
 * @returns false when it was not asked for.
 * @throws Problem `chain_unavailable`
 */
export async function act(
  { database, actions }: Pick<KeeperParts, 'database' | 'actions'>,
  id: string,
  request: ActionRequest,
  asking: { askedBy: 'rule' | 'deadline'; step: string },
): Promise<boolean> {
  const [row] = await readEscrows(database, [id]);
  if (!row) throw new Error(`There is no escrow ${id}.`);
  try {
    const assessed = await actions.assess(database, row, request);
    const { intent } = assessed;
    if (!intent) throw new Error(`${request.action} of ${id} is no call`);
    const begun = await withTransaction(database, (tx) => actions.begin(tx, assessed, intent, asking));
    return begun !== undefined;
  } catch (error) {
    if (error instanceof Problem && error.code !== 'chain_unavailable') return false;
    throw error;
  }
}
