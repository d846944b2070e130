/**
 * Which lane carries which batch. Each payer has one home among the lanes that work and that may settle for the account,
 * found from payer and signer by hash: every process comes to the same answer without talking, payers spread over the
 * lanes, and when a lane stops only its own payers move. As long as something of a payer is under way in a lane, its
 * next batches go there too: partners expect their order, though the router does not need it.
 */
import type { Queryable, Transaction } from '../../../platform/database.ts';
import { abandonPrepared } from './attempts.ts';
import type { Lane } from './lease.ts';

export interface WaitingBatch {
  id: string;
  accountId: string;
  /** Batches of its account were refused, and none has passed since. */
  isTroubled: boolean;
  /** It was refused for a reason of its own: it says nothing about its account. */
  isSetAside: boolean;
  /** It has an urgent payment, or one of its account waits behind it. */
  isUrgent: boolean;
}

/**
 * Of so many accounts whose batches are refused the first batch is tried in a round, and so many that are set aside; the
 * others have the lane.
 */
const TROUBLED_A_ROUND = 4;

/** Lanes that work, and what each payer has under way in one of them. */
export const LANES_SQL = `
  live as (
    select signer from settlement.lanes where chain_id = $1 and state = 'ready' and lease_until > now()
  ), busy as (
    select distinct b.payer, a.signer
      from settlement.attempts a
      join live on live.signer = a.signer
      join settlement.settlement_batches b on b.id = a.settlement_batch_id
     where a.chain_id = $1 and a.state in ('prepared', 'signed', 'broadcast')
       and b.state in ('batched', 'signed', 'broadcast')
  )`;

/** The lane of each of the accounts in `account`, if any works. */
export const HOME_SQL = `
  home as (
    select distinct on (account.account_id) account.account_id, live.signer
      from account cross join live
      left join busy on busy.payer = account.payer and busy.signer = live.signer
      left join settlement.lane_accounts o
        on o.chain_id = $1 and o.signer = live.signer and o.account_id = account.account_id
     order by account.account_id, busy.signer is not null desc, coalesce(o.is_operator, false) desc,
              md5(account.payer || live.signer)
  )`;

/**
 * Batches that wait for a signature in this lane and may be tried now, fairly by account, and those of an account in the
 * order of their sequences: one that must wait holds those behind it, unless it is set aside. First the oldest batch each
 * of a few troubled accounts, those whose last refusal is the longest ago, and some that are set aside; then up to `limit`
 * of the others, each account's oldest before anybody's second. So a backlog that cannot go keeps nobody else waiting, and
 * nobody waits for ever. What is urgent comes before all else. An account that authorised no lane that works is tried by its home all the same: the refusal says
 * why it waits.
 */
export async function readBatchesToSign(
  database: Queryable,
  lane: Lane,
  limit: number,
): Promise<WaitingBatch[]> {
  const { rows } = await database.query<WaitingBatch>(
    `with ${LANES_SQL}, waiting as (
       select b.id, b.account_id, b.payer, b.first_sequence, b.attempt_after, b.created_at, b.updated_at, b.is_set_aside,
              max(b.updated_at) filter (where b.failures > 0 and not b.is_set_aside) over (partition by b.account_id)
                as refused_at,
              coalesce(bool_or(b.attempt_after > now() and not b.is_set_aside) over (partition by b.account_id
                order by b.first_sequence rows between unbounded preceding and 1 preceding), false) as is_behind,
              b.is_urgent or (not b.is_set_aside and bool_or(b.is_urgent) over (partition by b.account_id
                order by b.first_sequence rows between current row and unbounded following)) as is_urgent
         from settlement.settlement_batches b
        where b.chain_id = $1 and b.state = 'batched'
          and not exists (select from settlement.attempts a
                           where a.settlement_batch_id = b.id and a.state = 'prepared'
                             and (a.signer = $2 or a.signer in (select signer from live)))
     ), account as (
       select distinct account_id, payer from waiting
     ), ${HOME_SQL}, due as (
       select waiting.*, row_number() over (partition by account_id, is_set_aside order by first_sequence) as rank
         from waiting join home using (account_id)
        where home.signer = $2 and attempt_after <= now() and (is_set_aside or not is_behind)
     ), aside as (
       select * from due where is_set_aside order by updated_at, id limit $4
     ), troubled as (
       select * from due where not is_set_aside and refused_at is not null and rank = 1
        order by refused_at, id limit $4
     ), sound as (
       select * from due where not is_set_aside and refused_at is null
        order by is_urgent desc, rank, created_at, id limit $3
     )
     select id, account_id as "accountId", is_set_aside as "isSetAside", is_urgent as "isUrgent",
            not is_set_aside and refused_at is not null as "isTroubled"
       from (select * from troubled union all select * from aside union all select * from sound) as chosen
      order by is_urgent desc, is_set_aside desc, refused_at nulls last, rank, created_at, id`,
    [lane.chainId, lane.signer, limit, TROUBLED_A_ROUND],
  );
  return rows;
}

/**
 * Locks a waiting batch for this lane. What another lane, which does not work any more, had prepared for it and nobody
 * had signed will only use up its nonce.
 * @returns false when the batch is not waiting any more, or its payer has something under way in another lane.
 */
export async function claimBatch(tx: Transaction, lane: Lane, batchId: string): Promise<boolean> {
  await tx.query(
    `select pg_advisory_xact_lock(hashtextextended('lane of ' || chain_id || payer, 0))
       from settlement.settlement_batches where id = $1`,
    [batchId],
  );
  const { rowCount } = await tx.query(
    `with ${LANES_SQL}
     select from settlement.settlement_batches b
      where b.id = $3 and b.state = 'batched'
        and not exists (select from busy where busy.payer = b.payer and busy.signer <> $2)
        for update of b skip locked`,
    [lane.chainId, lane.signer, batchId],
  );
  if (rowCount === 0) return false;
  await abandonPrepared(tx, batchId);
  return true;
}
