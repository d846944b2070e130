/**
 * Which lane carries which call. Each has one home among the lanes that work, by a hash of call and signer: every process
 * comes to the same answer without talking, and when a lane stops its calls move.
 */
import type { Queryable, Transaction } from '../../../platform/database.ts';
import { abandonPrepared } from './attempts.ts';
import type { Lane } from './lease.ts';

/** So many calls that were refused before are tried in a round; the others have the lane. */
const TROUBLED_A_ROUND = 4;

/** Lanes that work; for calls it does not matter for whose accounts they may settle. */
const LIVE_SQL = `live as (
    select signer from settlement.lanes
     where chain_id = $1 and state in ('ready', 'not_operator') and lease_until > now()
  )`;

/**
 * Ids of the calls that wait for a signature in this lane and may be tried now: a few that were refused before, those
 * that are due the longest; then up to `limit` of the others, oldest first. So those that cannot go keep nobody waiting.
 */
export async function readCallsToSign(database: Queryable, lane: Lane, limit: number): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    `with ${LIVE_SQL}, due as (
       select c.id, c.failures, c.attempt_after, c.created_at
         from settlement.calls c
         join indexer.cursors i on i.chain_id = c.chain_id
         join indexer.blocks k on k.chain_id = c.chain_id and k.number = i.head_number
        where c.chain_id = $1 and c.state = 'waiting' and c.attempt_after <= now()
          and (c.not_before is null or c.not_before <= k.timestamp_s)
          and $2 = coalesce(c.signer, (select signer from live order by md5(c.id || signer) limit 1))
          and not exists (select from settlement.attempts a
                           where a.call_id = c.id and a.state = 'prepared'
                             and (a.signer = $2 or a.signer in (select signer from live)))
     ), troubled as (
       select * from due where failures > 0 order by attempt_after, id limit $4
     ), sound as (
       select * from due where failures = 0 order by created_at, id limit $3
     )
     select id from (select * from troubled union all select * from sound) as chosen
      order by failures = 0, attempt_after, created_at, id`,
    [lane.chainId, lane.signer, limit, TROUBLED_A_ROUND],
  );
  return rows.map(({ id }) => id);
}

/**
 * False as long as a transaction of a call that its contract would take twice may still come into a block, or back into one:
 * only nonces that were used at a final block say that it cannot.
 */
export async function isOutOfTheWay(
  database: Queryable,
  callId: string,
  finalNonce: number,
): Promise<boolean> {
  const { rowCount } = await database.query(
    `select from settlement.attempts where call_id = $1 and transaction_hash is not null and nonce >= $2 limit 1`,
    [callId, finalNonce],
  );
  return rowCount === 0;
}

/**
 * Locks a waiting call for this lane. What a lane that does not work any more had prepared for it and nobody had signed
 * will only use up its nonce.
 * @returns false when the call is not waiting any more, or a lane that works has prepared it.
 */
export async function claimCall(tx: Transaction, lane: Lane, id: string): Promise<boolean> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('lane of ' || $1, 0))`, [id]);
  const { rowCount } = await tx.query(
    `with ${LIVE_SQL}
     select from settlement.calls c
      where c.id = $3 and c.state = 'waiting'
        and not exists (select from settlement.attempts a
                         where a.call_id = c.id and a.state = 'prepared'
                           and (a.signer = $2 or a.signer in (select signer from live)))
        for update of c skip locked`,
    [lane.chainId, lane.signer, id],
  );
  if (rowCount === 0) return false;
  await abandonPrepared(tx, id);
  return true;
}
