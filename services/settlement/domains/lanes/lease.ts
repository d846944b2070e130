/**
 * Who may use a signer's nonces: the holder of the lane's epoch. The lease only says when another process may take the
 * lane, by the database's clock; what fences a late holder is the epoch, so no clock decides about money.
 */
import type { Database, Transaction } from '../../../platform/database.ts';
import type { LaneState } from './laneState.ts';

/** A lane's lease runs so long after its last renewal; a killed holder's lane is free again after it. */
const LEASE_SECONDS = 5;

export interface Lane {
  chainId: number;
  /** Address of the signer, in lower case. */
  signer: string;
  /** This process. */
  owner: string;
  epoch: bigint;
}

/** The lane has another holder now: what this process knew of it is void. */
export class LaneLost extends Error {
  override readonly name = 'LaneLost';
  readonly code = 'lane_lost';
}

/**
 * Takes or renews the lease. A new holder gets a new epoch, by which everything of an older one is refused.
 * @returns undefined when another process holds it.
 */
export async function takeLease(
  database: Database,
  { chainId, signer, owner }: Omit<Lane, 'epoch'>,
): Promise<Lane | undefined> {
  const { rows } = await database.query<{ epoch: bigint }>(
    `insert into settlement.lanes as l (chain_id, signer, next_nonce, epoch, owner, lease_until)
     values ($1, $2, 0, 1, $3, now() + $4 * interval '1 second')
     on conflict (chain_id, signer) do update
        set epoch = case when l.owner = $3 then l.epoch else l.epoch + 1 end, owner = $3,
            state = case when l.owner = $3 then l.state else 'checking' end, lease_until = excluded.lease_until
      where l.owner = $3 or l.owner is null or l.lease_until < now()
     returning epoch`,
    [chainId, signer, owner, LEASE_SECONDS],
  );
  return rows[0] && { chainId, signer, owner, epoch: rows[0].epoch };
}

/** Gives the lane up, so that another process need not wait for the lease to run out. */
export async function releaseLease(
  database: Database,
  { chainId, signer, owner }: Omit<Lane, 'epoch'>,
): Promise<void> {
  await database.query(
    'update settlement.lanes set owner = null, lease_until = null where chain_id = $1 and signer = $2 and owner = $3',
    [chainId, signer, owner],
  );
}

/** Notes what the holder found of its lane; all processes read it when they share out the batches. */
export async function noteState(
  database: Database,
  { chainId, signer, owner, epoch }: Lane,
  state: LaneState,
): Promise<void> {
  await database.query(
    `update settlement.lanes set state = $5
      where chain_id = $1 and signer = $2 and owner = $3 and epoch = $4 and state <> $5`,
    [chainId, signer, owner, epoch, state],
  );
}

/**
 * Takes the lane's next nonce, in the transaction that stores the attempt which uses it.
 * @throws LaneLost when the epoch is not ours any more.
 */
export async function takeNonce(tx: Transaction, lane: Lane): Promise<number> {
  const { rows } = await tx.query<{ nonce: bigint }>(
    `update settlement.lanes set next_nonce = next_nonce + 1, lease_until = now() + $5 * interval '1 second'
      where chain_id = $1 and signer = $2 and owner = $3 and epoch = $4
     returning next_nonce - 1 as nonce`,
    [lane.chainId, lane.signer, lane.owner, lane.epoch, LEASE_SECONDS],
  );
  if (!rows[0]) throw lost(lane);
  return Number(rows[0].nonce);
}

/** Locks the lane for a change that takes no nonce, and renews the lease. @throws LaneLost */
export async function guardEpoch(tx: Transaction, lane: Lane): Promise<void> {
  const { rowCount } = await tx.query(
    `update settlement.lanes set lease_until = now() + $5 * interval '1 second'
      where chain_id = $1 and signer = $2 and owner = $3 and epoch = $4`,
    [lane.chainId, lane.signer, lane.owner, lane.epoch, LEASE_SECONDS],
  );
  if (rowCount === 0) throw lost(lane);
}

function lost(lane: Lane): LaneLost {
  return new LaneLost(`The lane of ${lane.signer} has another holder since epoch ${lane.epoch}.`);
}
