/** The queue of webhooks to be sent: claimed under short leases, each with a token that fences a late sender. */
import type { Database } from '../../../platform/database.ts';

/** A delivery that this process may try once until its lease ends. */
export interface ClaimedDelivery {
  id: string;
  leaseToken: string;
  /** Attempts before this one. */
  attempts: number;
  messageId: string;
  body: string;
  url: string;
  /** The endpoint's secret, and the previous one while that is still good. */
  secrets: string[];
  /** When it was claimed, by the database's clock: receivers refuse a time that is minutes off. */
  claimedAt: Date;
}

export interface ClaimLimits {
  /** At most this many now. */
  count: number;
  /** At most this many of one endpoint under way at a time, so that a slow receiver delays only itself. */
  perEndpoint: number;
  /** At most this many of one partner, over all its endpoints, so that it delays nobody else. */
  perPartner: number;
  leaseSeconds: number;
}

/**
 * Claims deliveries that are due: first those of whoever would have the least under way, partners and then endpoints of
 * a partner taking turns; among these the longest waiting. A message waits for the first attempt of an earlier one
 * about the same payment to the same endpoint; failures may still change the order, hence the time in the body.
 */
export async function claimDeliveries(database: Database, limits: ClaimLimits): Promise<ClaimedDelivery[]> {
  const { rows } = await database.query<ClaimedDelivery>(
    `with candidate as (
       select due.id, due.next_attempt_at, endpoint.partner_id,
              busy.count + row_number() over (partition by endpoint.id order by due.next_attempt_at, due.id) as place
         from settlement.webhook_endpoints endpoint
        cross join lateral (
          select count(*) from settlement.webhook_deliveries d
           where d.endpoint_id = endpoint.id and d.lease_until > now()
        ) busy
        cross join lateral (
          select d.id, d.next_attempt_at
            from settlement.webhook_deliveries d
            join settlement.webhook_messages m on m.id = d.message_id
           where d.endpoint_id = endpoint.id and d.state = 'pending' and d.next_attempt_at <= now()
             and (d.lease_until is null or d.lease_until < now())
             and not exists (
               select from settlement.webhook_messages earlier
                 join settlement.webhook_deliveries first_try on first_try.message_id = earlier.id
                where earlier.payment_id = m.payment_id and earlier.id < m.id
                  and first_try.endpoint_id = endpoint.id and first_try.state = 'pending' and first_try.attempts = 0)
           order by d.next_attempt_at, d.id
           limit greatest(0, $2 - busy.count)
        ) due
        where endpoint.deleted_at is null
     ), ranked as (
       select id, next_attempt_at, coalesce(busy.count, 0)
              + row_number() over (partition by partner_id order by place, next_attempt_at, id) as place
         from candidate
         left join (
           -- deleted endpoints count: what goes to them is still under way
           select partner_id, count(*) from settlement.webhook_deliveries where lease_until > now() group by partner_id
         ) busy using (partner_id)
     ), due as (
       select id from ranked where place <= $4 order by place, next_attempt_at, id limit $1
     ), claimable as (
       select d.id from settlement.webhook_deliveries d
        where d.id in (select id from due) and d.state = 'pending'
          and (d.lease_until is null or d.lease_until < now())
          for update skip locked
     )
     update settlement.webhook_deliveries d
        set lease_until = now() + $3 * interval '1 second', lease_token = gen_random_uuid()
       from claimable, settlement.webhook_messages m, settlement.webhook_endpoints e
      where d.id = claimable.id and m.id = d.message_id and e.id = d.endpoint_id
     returning d.id, d.lease_token as "leaseToken", d.attempts, m.id as "messageId", m.body, e.url,
               case when e.previous_secret_until > now() then array[e.secret, e.previous_secret]
                    else array[e.secret] end as secrets, now() as "claimedAt"`,
    [limits.count, limits.perEndpoint, limits.leaseSeconds, limits.perPartner],
  );
  return rows;
}

/** How one attempt ended. `status` is the receiver's answer, if there was one. */
export interface AttemptOutcome {
  delivered: boolean;
  status: number | null;
  error: string | null;
  durationMs: number;
}

/**
 * Writes the attempt into the log and, unless another process has claimed the delivery since, moves it on: delivered,
 * due again in `retryInSeconds`, or exhausted when that is undefined.
 * @returns the state that the delivery moves to
 */
export async function recordAttempt(
  database: Database,
  { id, leaseToken }: ClaimedDelivery,
  { delivered, status, error, durationMs }: AttemptOutcome,
  retryInSeconds: number | undefined,
): Promise<'delivered' | 'pending' | 'exhausted'> {
  const next = delivered ? 'delivered' : retryInSeconds === undefined ? 'exhausted' : 'pending';
  await database.query(
    `with logged as (
       insert into settlement.webhook_attempts (delivery_id, status, error, duration_ms) values ($1, $4, $5, $6)
     )
     update settlement.webhook_deliveries
        set state = $3, attempts = attempts + 1, last_status = $4, last_error = $5,
            next_attempt_at = now() + $7 * interval '1 second',
            delivered_at = case when $3 = 'delivered' then now() end,
            lease_until = null, lease_token = null
      where id = $1 and lease_token = $2 and state = 'pending'`,
    [id, leaseToken, next, status, error, durationMs, retryInSeconds ?? 0],
  );
  return next;
}
