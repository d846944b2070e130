/** Gathers reserved payments of an account into one transaction to the router, and gives each its sequence. */
import { type Database, oneRow, type Transaction, withTransaction } from '../../../platform/database.ts';
import type { Lifecycle, Placed } from './lifecycle.ts';
import { type Given, giveSequences, type Payer } from './sequences.ts';

/** How much may be settled for an account now. */
export interface Room {
  /** Units that are left for new batches. */
  left: bigint;
  /** The most that there ever is: a payment above it can never go. */
  limit: bigint;
  /** Nothing of the account is under way. */
  isIdle: boolean;
}

/** What the lanes know of the chain; read with no transaction open. */
export interface BatchLimits {
  /** Payments in a batch, at most 256, by token; of each that an account has. */
  readSizes(): Promise<ReadonlyMap<string, number>>;
  /** By account; one that is left out has no limit that is known. */
  readRooms(accountIds: readonly string[]): Promise<ReadonlyMap<string, Room>>;
}

export interface BatcherParts {
  database: Database;
  lifecycle: Lifecycle;
  chainId: number;
  limits: BatchLimits;
  /** A payment waits so long for company. */
  maxAgeMs: number;
  /** Told of the size of each batch. */
  onBatch?: (size: number) => void;
}

/**
 * Batches what is due: a full batch at once, as one with an urgent payment, with all that came before it in its account;
 * a smaller one when its oldest payment has waited long enough. An account
 * whose first batch waits for limit, money or permission gets no more batches: they would wait behind it.
 * @returns true when there may be more to do at once.
 */
export async function batchDuePayments(parts: BatcherParts): Promise<boolean> {
  const sizes = await parts.limits.readSizes();
  const { rows } = await parts.database.query<{ account_id: string; size: number }>(
    `select a.id as account_id, s.size
       from settlement.accounts a
       join unnest($2::text[], $3::int[]) as s (token, size) on s.token = a.token
      cross join lateral (
        select count(*) as count, min(updated_at) as oldest, bool_or(is_urgent) as is_urgent
          from (select p.updated_at, p.is_urgent from settlement.payments p
                 where p.account_id = a.id and p.state = 'reserved'
                   and p.requested_execution_date <= (now() at time zone 'utc')::date
                 order by p.requested_execution_date, p.id limit s.size) as part
      ) due
      where a.chain_id = $1
        and (due.count >= s.size or due.is_urgent or due.oldest <= now() - $4 * interval '1 millisecond')
        and not exists (select from settlement.settlement_batches b
                         where b.chain_id = $1 and b.account_id = a.id and b.state = 'batched'
                           and b.failures > 0 and not b.is_set_aside)`,
    [parts.chainId, [...sizes.keys()], [...sizes.values()], parts.maxAgeMs],
  );
  if (rows.length === 0) return false;
  const rooms = await parts.limits.readRooms(rows.map(({ account_id }) => account_id));
  let isMore = false;
  for (const { account_id, size } of rows) {
    const batches = await batchAccount(parts, account_id, size, rooms.get(account_id));
    for (const count of batches) parts.onBatch?.(count);
    isMore ||= batches.reduce((sum, count) => sum + count, 0) === size;
  }
  return isMore;
}

interface Due {
  id: string;
  units: bigint;
  is_urgent: boolean;
}

/**
 * Batches of an account, in the order of execution date and arrival: one of what there is room for, one for each payment
 * that is above the limit, and one for each that the chain turns out to have already. Sequences, batches and states are one commit.
 * @returns how many payments each batch took.
 */
function batchAccount(
  { database, lifecycle }: BatcherParts,
  accountId: string,
  size: number,
  room: Room | undefined,
): Promise<number[]> {
  return withTransaction(database, async (tx) => {
    // The payer's row is the lock: its sequences are given out one batch after the other.
    const payer = oneRow(
      await tx.query<Payer>(
        `select p.chain_id as "chainId", p.payer, p.next_sequence as "nextSequence" from settlement.payers p
           join settlement.accounts a on a.chain_id = p.chain_id and a.payer = p.payer
          where a.id = $1 for update of p`,
        [accountId],
      ),
    );
    const { rows } = await tx.query<Due>(
      `select id, units, is_urgent from settlement.payments
        where account_id = $1 and state = 'reserved' and requested_execution_date <= (now() at time zone 'utc')::date
        order by requested_execution_date, id limit $2 for update skip locked`,
      [accountId, size],
    );
    const groups = room ? fitting(rows, room) : [rows];
    const due = groups.flat();
    if (due.length === 0) return [];
    const known = new Map(due.map((payment) => [payment.id, payment]));
    const { found, fresh } = await giveSequences(
      tx,
      payer,
      due.map(({ id }) => id),
    );
    const sequenceOf = new Map(fresh.map((given) => [given.id, given]));
    const batches = [
      ...found.map((one) => [one]),
      ...groups.map((group) => group.flatMap(({ id }) => sequenceOf.get(id) ?? [])),
    ].filter(({ length }) => length > 0);
    const moved = await lifecycle.placeInBatches(tx, await insertBatches(tx, accountId, batches, known));
    if (moved !== due.length)
      throw new Error(`${accountId}: took ${moved} of ${due.length} payments that were locked`);
    return batches.map(({ length }) => length);
  });
}

/**
 * The first payments, as long as there is room for their sum: what is behind the first that does not fit waits with it.
 * One that is above the limit itself goes alone and keeps nobody waiting. Where nothing fits and nothing is under way, the
 * first goes alone too: its refusal says why the account waits.
 */
function fitting(due: readonly Due[], room: Room): Due[][] {
  const groups: Due[][] = [];
  let { left } = room;
  let current: Due[] = [];
  let isFirst = room.isIdle;
  for (const payment of due) {
    const isNeverPaid = room.limit > 0n && payment.units > room.limit;
    if (isNeverPaid) {
      groups.push(current, [payment]);
      current = [];
      continue;
    }
    if (payment.units > left && !isFirst) break;
    current.push(payment);
    left -= payment.units;
    isFirst = false;
    if (left < 0n) break;
  }
  return [...groups, current];
}

/** @param batches each with its payments in the order of their sequences */
async function insertBatches(
  tx: Transaction,
  accountId: string,
  batches: readonly (readonly Given[])[],
  known: ReadonlyMap<string, Due>,
): Promise<Placed[]> {
  const { rows } = await tx.query<{ id: string; first_sequence: bigint }>(
    `insert into settlement.settlement_batches (account_id, chain_id, payer, token, first_sequence, payment_count, units, is_urgent)
     select a.id, a.chain_id, a.payer, a.token, b.first_sequence, b.payment_count, b.units, b.is_urgent
       from settlement.accounts a, unnest($2::numeric[], $3::int[], $4::numeric[], $5::boolean[])
              as b (first_sequence, payment_count, units, is_urgent)
      where a.id = $1
     returning id, first_sequence`,
    [
      accountId,
      batches.map((batch) => batch[0]?.sequence),
      batches.map((batch) => batch.length),
      batches.map((batch) => batch.reduce((sum, { id }) => sum + (known.get(id)?.units ?? 0n), 0n)),
      batches.map((batch) => batch.some(({ id }) => known.get(id)?.is_urgent)),
    ],
  );
  const idOf = new Map(rows.map(({ id, first_sequence }) => [first_sequence, id]));
  return batches.flatMap((batch) => {
    const settlementBatchId = idOf.get((batch[0] as Given).sequence) as string;
    return batch.map(({ id, sequence }) => ({ id, settlementBatchId, sequence }));
  });
}
