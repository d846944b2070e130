/**
 * Contract calls that domains want made: each takes effect once, because its contract refuses the second time. The lanes
 * carry them as they carry batches; the domain of a call's kind is told of every move, in the move's own transaction.
 */
import type { Address, Hex } from 'viem';
import { oneRow, type Queryable, type Transaction } from '../../../platform/database.ts';

/**
 * `waiting`: for a signature, for its time, or for its contract to take it. `included` goes back to `broadcast` when its
 * block is reorganised away; `signed` and `broadcast` go back to `waiting` when their transaction had no effect. `failed`:
 * the contract will never take it. `expired`: its time is over.
 */
export const callStates = [
  'waiting',
  'signed',
  'broadcast',
  'included',
  'final',
  'failed',
  'expired',
] as const;
export type CallState = (typeof callStates)[number];

export interface NewCall {
  chainId: number;
  kind: string;
  to: Address;
  data: Hex;
  /** Unix seconds of the first and the last block in which the contract takes it; whoever leaves one out sets no limit. */
  notBefore?: bigint;
  notAfter?: bigint;
  /** A call that takes more gas waits: what others put into it must not cost us whatever they like. */
  mostGas?: bigint;
  /** Custom errors of the contract after which it will never take this call. */
  hopelessErrors: readonly string[];
  /** The only signer that the contract takes it from. */
  signer?: Address;
  /** For a call that the contract would take twice; it needs a signer. */
  guard?: CallGuard;
  /** Calls of the same purpose that ended: it waits as if their transactions that reverted had been its own. */
  replaces?: readonly string[];
}

/** A view of the call's contract, and what it answers as long as the call has not taken effect; else the refusal `StateChanged`. */
export interface CallGuard {
  data: Hex;
  result: Hex;
}

/** What is shown of a move: hash, block, nonce, reason. */
export type CallDetail = Record<string, string | number>;

export interface CallMove {
  id: string;
  detail: CallDetail;
}

/** Told of the calls of one kind that have come to a state, and of reasons why one waits (`waiting` again). */
export type CallListener = (tx: Transaction, state: CallState, moves: readonly CallMove[]) => Promise<void>;

/** By kind. */
export type CallListeners = Readonly<Record<string, CallListener>>;

/**
 * Pause in seconds after so many transactions of a call that we paid for and that reverted: 4 s, 16 s, 64 s ... at most a day. Who
 * makes a call revert after it was tried, each time again, costs us a fee, and the limit of calls does not bound how often.
 */
const pauseAfterReverts = (count: string) =>
  `(select case when n = 0 then 0 else least(86400, power(4, least(n, 10))) end from (select ${count} as n) as reverts)`;

/** Asks for a call, in the transaction of whatever wants it. @returns its id, `call_...` */
export async function insertCall(tx: Transaction, call: NewCall): Promise<string> {
  const { chainId, kind, to, data, notBefore, notAfter, mostGas, hopelessErrors, signer, guard } = call;
  const revertsBefore = await countReverts(tx, call.replaces ?? []);
  const found = await tx.query<{ id: string }>(
    `insert into settlement.calls (chain_id, kind, to_address, data, not_before, not_after, most_gas, hopeless_errors, signer,
                                   guard_data, guard_result, reverts_before, attempt_after)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, now() + ${pauseAfterReverts('$12::int')} * interval '1 second')
     returning id`,
    [
      chainId,
      kind,
      to.toLowerCase(),
      data.toLowerCase(),
      notBefore,
      notAfter,
      mostGas,
      hopelessErrors,
      signer?.toLowerCase(),
      guard?.data,
      guard?.result,
      revertsBefore,
    ],
  );
  return oneRow(found).id;
}

async function countReverts(tx: Transaction, callIds: readonly string[]): Promise<number> {
  if (callIds.length === 0) return 0;
  const { rowCount } = await tx.query(
    `select from settlement.attempts where call_id = any($1) and state = 'reverted'`,
    [callIds],
  );
  return rowCount ?? 0;
}

/** A call as it goes to its contract. */
export interface Call {
  id: string;
  to: Address;
  data: Hex;
  notAfter: bigint | null;
  mostGas: bigint | null;
  hopelessErrors: readonly string[];
  guard: CallGuard | null;
}

/** @throws when there is none of this id */
export async function readCall(database: Queryable, id: string): Promise<Call> {
  const found = await database.query<Call>(
    `select id, to_address as "to", data, not_after as "notAfter", most_gas as "mostGas", hopeless_errors as "hopelessErrors",
            case when guard_data is not null then json_build_object('data', guard_data, 'result', guard_result) end as guard
       from settlement.calls where id = $1`,
    [id],
  );
  return oneRow(found);
}

/**
 * Moves the calls that are in one of the states `from`, and tells their domains. `included` needs block and transaction
 * in the detail, `failed` and `expired` the reason.
 * @returns the ids of those that moved
 */
export async function moveCalls(
  tx: Transaction,
  listeners: CallListeners | undefined,
  to: CallState,
  from: readonly CallState[],
  moves: readonly CallMove[],
): Promise<string[]> {
  if (moves.length === 0) return [];
  const { rows } = await tx.query<CallMove & { kind: string }>(
    `update settlement.calls k
        set state = $2, updated_at = now(),
            transaction_hash = coalesce(m.detail->>'transactionHash', k.transaction_hash),
            block_number = case $2 when 'included' then (m.detail->>'blockNumber')::bigint
                                   when 'final' then k.block_number end,
            block_hash = case $2 when 'included' then m.detail->>'blockHash' when 'final' then k.block_hash end,
            last_error = coalesce(m.detail->>'reason', k.last_error)
       from json_to_recordset($1) as m (id text, detail jsonb)
      where k.id = m.id and k.state = any($3)
     returning k.id, k.kind, m.detail`,
    [JSON.stringify(moves), to, from],
  );
  for (const [kind, moved] of Map.groupBy(rows, (row) => row.kind)) await listeners?.[kind]?.(tx, to, moved);
  return rows.map(({ id }) => id);
}

/**
 * Pause before a call is tried again after its n-th failure: 1 s, 2 s, 4 s ... at most a minute. Failures that we paid for count
 * more.
 */
const BACK_OFF_SQL = `greatest(
    least(60, power(2, least(k.failures, 10))),
    ${pauseAfterReverts(`k.reverts_before + (select count(*) from settlement.attempts a
                                              where a.call_id = k.id and a.state = 'reverted')`)}) * interval '1 second'`;

/** Notes why a waiting call could not go, and when to try again. Its domain is told of each reason once. */
export async function noteCallFailure(
  tx: Transaction,
  listeners: CallListeners | undefined,
  id: string,
  reason: string,
): Promise<void> {
  const { rows } = await tx.query<{ kind: string; isNew: boolean }>(
    `with before as (select id, last_error from settlement.calls where id = $1 for update)
     update settlement.calls k
        set failures = k.failures + 1, last_error = $2, attempt_after = now() + ${BACK_OFF_SQL}, updated_at = now()
       from before where k.id = before.id and k.state = 'waiting'
     returning k.kind, before.last_error is distinct from $2 as "isNew"`,
    [id, reason],
  );
  const [row] = rows;
  if (row?.isNew) await listeners?.[row.kind]?.(tx, 'waiting', [{ id, detail: { reason } }]);
}
