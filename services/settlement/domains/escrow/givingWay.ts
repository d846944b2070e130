/**
 * Actions that wait for what the payer can take back (its allowance, its limit, its signature), or for the one signer that may make
 * them. One of which nothing comes gives way to what is asked for next; one that a final block has decided is closed.
 */
import type { Address, PublicClient } from 'viem';
import {
  type Database,
  type Queryable,
  type Transaction,
  withTransaction,
} from '../../../platform/database.ts';
import type { abandonPrepared } from '../lanes/attempts.ts';
import type { CallListeners, moveCalls } from '../lanes/calls.ts';
import type { EscrowVerb } from './actionSchema.ts';

/** What puts money in, and so needs the payer. */
export const putsIn: readonly EscrowVerb[] = ['authorize', 'charge'];
const PUTS_IN = `a.verb in ('${putsIn.join(`', '`)}')`;

/** The transaction of the call that has put the money in, as far as the index has come. */
const PUT_IN = `
    select t.signer, t.transaction_hash, e.block_number
      from settlement.attempts t
      join indexer.escrow_events e on e.transaction_hash = t.transaction_hash
     where t.call_id = c.id and e.chain_id = s.chain_id and e.contract = s.contract and e.escrow_id = s.escrow_id
       and e.put_in > 0`;

/** The lane of a signer works, as the lanes share out their calls. */
const works = (signer: string) => `exists (
    select from settlement.lanes l
     where l.chain_id = c.chain_id and l.signer = ${signer} and l.state in ('ready', 'not_operator')
       and l.lease_until > now())`;

interface ClosingParts {
  moveCalls: typeof moveCalls;
  callListeners: CallListeners;
}

export interface GivingWayParts extends ClosingParts {
  abandonPrepared: typeof abandonPrepared;
}

/** The call of an action that may give way. */
export interface Stuck {
  callId: string;
  /** The transactions that were sent for it, to be out of the way. */
  lastNonces: { signer: Address; nonce: number }[];
}

/** The call could not go, or one whose place it took, and it waits for its next turn; a lane may have begun it already. */
export const IS_REFUSED = `c.state = 'waiting' and (c.failures > 0 or c.reverts_before > 0)`;

/** Calls that put money into an escrow before, or were to: what the next one of them replaces. */
export async function readPutIns(tx: Transaction, escrowId: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `select a.call_id as id from settlement.escrow_actions a where a.escrow_id = $1 and ${PUTS_IN}`,
    [escrowId],
  );
  return rows.map(({ id }) => id);
}

/**
 * The escrow's action under way, if it puts money in, and the contract has refused it or its one signer does not work; undefined
 * otherwise.
 */
export async function findStuck(database: Queryable, escrowId: string): Promise<Stuck | undefined> {
  const { rows } = await database.query<{ callId: string; lastNonces: Stuck['lastNonces'] | null }>(
    `select c.id as "callId",
            (select json_agg(json_build_object('signer', t.signer, 'nonce', t.nonce))
               from (select signer, max(nonce) as nonce from settlement.attempts
                      where call_id = c.id and transaction_hash is not null group by signer) t) as "lastNonces"
       from settlement.escrow_actions a
       join settlement.calls c on c.id = a.call_id
        and (${IS_REFUSED} or c.state = 'waiting' and c.signer is not null and not ${works('c.signer')})
      where a.escrow_id = $1 and a.state = 'open' and ${PUTS_IN}`,
    [escrowId],
  );
  const [row] = rows;
  return row && { callId: row.callId, lastNonces: row.lastNonces ?? [] };
}

/** True when nothing that was sent for it can come into a block any more, or back into one: its nonces were used at a final block. */
export async function isOutOfTheWay(
  chain: PublicClient,
  { lastNonces }: Stuck,
  finalNumber: bigint | undefined,
): Promise<boolean> {
  if (lastNonces.length === 0) return true;
  if (finalNumber === undefined) return false;
  const counts = await Promise.all(
    lastNonces.map(({ signer: address }) => chain.getTransactionCount({ address, blockNumber: finalNumber })),
  );
  return lastNonces.every(({ nonce }, index) => nonce < (counts[index] as number));
}

/** Lets it give way, in the transaction that asks for the next, unless a lane has taken it up meanwhile. */
export async function giveWay(
  tx: Transaction,
  { moveCalls: move, abandonPrepared: abandon, callListeners }: GivingWayParts,
  { callId, lastNonces }: Stuck,
): Promise<void> {
  // The call first, as a lane locks it that takes it up, then what hangs on it. A lane that has signed, or ends a nonce, has its attempts
  // first (`signAttempt`, `endNonce`): whom PostgreSQL picks out of such a deadlock begins again, by `withTransaction`.
  const { rowCount } = await tx.query(
    `select from settlement.calls where id = $1 and state = 'waiting' for update`,
    [callId],
  );
  if (rowCount === 0) return;
  const { rowCount: newer } = await tx.query(
    `select from settlement.calls c
       join settlement.escrow_actions a on a.call_id = c.id
       join settlement.escrows s on s.id = a.escrow_id
       join settlement.attempts t on t.call_id = c.id
      where c.id = $1
        and (exists (${PUT_IN})
             or t.state = 'prepared' and ${works('t.signer')}
             or t.transaction_hash is not null
                and t.nonce > coalesce((select max(l.nonce) from json_to_recordset($2) as l (signer text, nonce bigint)
                                         where l.signer = t.signer), -1))
      limit 1`,
    [callId, JSON.stringify(lastNonces)],
  );
  if (newer !== 0) return;
  await abandon(tx, callId);
  const reason = 'Nothing came of it, and another action was asked for';
  await move(tx, callListeners, 'failed', ['waiting'], [{ id: callId, detail: { reason } }]);
}

/**
 * Actions that a final block has decided; where a transaction of the call has put the money in, only those that no lane will end soon:
 * the transaction's own has stopped, or thought it gone.
 */
const DECIDED = `
     from settlement.escrow_actions a
     join settlement.escrows s on s.id = a.escrow_id
     join settlement.calls c on c.id = a.call_id
     left join lateral (${PUT_IN} limit 1) p on true
    where s.chain_id = $1 and a.state = 'open' and ${PUTS_IN} and s.status not in ('created', 'authorizing')
      and (p.block_number is null or c.state = 'waiting' or c.state in ('signed', 'broadcast') and not ${works('p.signer')})`;

/**
 * Ends what a final block has decided: our own transaction has put the money in, or it never can any more, as something was put in by
 * another way, or the time for it is over. What the escrow's own follower has taken in decides; call it afterwards, in no transaction
 * of it. A call that a lane has taken up stays that lane's, and neither the escrow nor the account's money waits for it: the lane may
 * have stopped.
 */
export async function closeDecided(
  database: Database,
  { moveCalls: move, callListeners }: ClosingParts,
  chainId: number,
): Promise<void> {
  await withTransaction(database, async (tx) => {
    // The call first, then what hangs on it but its attempts, which are only read: a lane may have those first (`signAttempt`, `endNonce`).
    const { rows: locked } = await tx.query<{ id: string }>(
      `select c.id ${DECIDED} order by c.id for update of c skip locked`,
      [chainId],
    );
    if (locked.length === 0) return;
    // Again, as it is now that no lane can change it.
    const { rows } = await tx.query<DecidedRow>(
      `select c.id, c.kind, s.status, c.last_error as reason, p.block_number as "blockNumber", p.transaction_hash as "transactionHash",
              c.state = 'waiting'
                and not exists (select from settlement.attempts t where t.call_id = c.id and t.state = 'prepared') as "isIdle"
         ${DECIDED} and c.id = any($2) order by c.id`,
      [chainId, locked.map(({ id }) => id)],
    );
    for (const { id, kind, status, reason, blockNumber, transactionHash, isIdle } of rows) {
      const tell = callListeners[kind];
      if (blockNumber !== null && transactionHash !== null) {
        await tell?.(tx, 'final', [{ id, detail: { transactionHash, blockNumber: Number(blockNumber) } }]);
        continue;
      }
      const moves = [{ id, detail: { reason: reason ?? `The escrow is ${status}` } }];
      const end = status === 'expired' ? 'expired' : 'failed';
      await tell?.(tx, end, moves);
      if (isIdle) await move(tx, undefined, end, ['waiting'], moves);
    }
  });
}

interface DecidedRow {
  id: string;
  kind: string;
  status: string;
  reason: string | null;
  /** Of our own transaction that has put the money in. */
  blockNumber: bigint | null;
  transactionHash: string | null;
  isIdle: boolean;
}
