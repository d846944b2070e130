/** The lane's nonces against those of the chain: which comes next, and which nobody uses. */
import { withTransaction } from '../../../platform/database.ts';
import { filler } from './attempts.ts';
import { guardEpoch, type Lane } from './lease.ts';
import type { ChainView, LaneParts } from './parts.ts';

/** Gaps that are filled in one round. */
const FILLERS_A_ROUND = 16;

/**
 * Sets the lane's next nonce: after the last that an attempt of ours has, and never below the chain's. Nonce and attempt
 * are one commit, so what lies above the last attempt was never used by us: it came from outside, or from a database
 * that knew more before it was restored.
 * @returns how many nonces the chain has used that we had not taken.
 */
export async function alignNonce({ database }: LaneParts, lane: Lane, view: ChainView): Promise<number> {
  const { rows } = await database.query<{ before: bigint; after: bigint }>(
    `with lane as (
       select chain_id, signer, next_nonce as before,
              greatest($5, coalesce((select max(nonce) + 1 from settlement.attempts where chain_id = $1 and signer = $2), 0))
                as after
         from settlement.lanes where chain_id = $1 and signer = $2 and owner = $3 and epoch = $4 for update
     )
     update settlement.lanes l set next_nonce = lane.after
       from lane where l.chain_id = lane.chain_id and l.signer = lane.signer and lane.before <> lane.after
     returning lane.before, lane.after`,
    [lane.chainId, lane.signer, lane.owner, lane.epoch, view.latestNonce],
  );
  const [moved] = rows;
  return moved && moved.after > moved.before ? Number(moved.after - moved.before) : 0;
}

/**
 * Prepares a transaction that does nothing for each nonce from the chain's on that no attempt of ours can use, as after
 * a reorganisation that took back what somebody else had sent: else everything behind it would wait for ever.
 */
export async function fillGaps({ database, log }: LaneParts, lane: Lane, view: ChainView): Promise<void> {
  const { chainId, signer, epoch } = lane;
  const { rows } = await database.query<{ nonce: bigint }>(
    `select g.nonce from settlement.lanes l cross join lateral generate_series($3::bigint, l.next_nonce - 1) as g (nonce)
      where l.chain_id = $1 and l.signer = $2
        and not exists (select from settlement.attempts a
                         where a.chain_id = $1 and a.signer = $2 and a.nonce = g.nonce
                           and (a.state = 'prepared' or a.raw_transaction is not null))
      order by g.nonce limit $4`,
    [chainId, signer, view.latestNonce, FILLERS_A_ROUND],
  );
  if (rows.length === 0) return;
  const nonces = rows.map(({ nonce }) => nonce);
  const { maxFeePerGas, maxPriorityFeePerGas } = view.fees;
  await withTransaction(database, async (tx) => {
    await guardEpoch(tx, lane);
    await tx.query(
      `insert into settlement.attempts (chain_id, signer, nonce, epoch, state, max_fee_per_gas, max_priority_fee_per_gas,
                                        gas, signed_at_block)
       select $1, $2, nonce, $3, 'prepared', $5, $6, $7, $8 from unnest($4::bigint[]) as g (nonce)`,
      [chainId, signer, epoch, nonces, maxFeePerGas, maxPriorityFeePerGas, filler.gas, view.headNumber],
    );
  });
  log.warn(
    { signer, nonces: nonces.map(Number) },
    'nonces that nobody uses are filled, so that the lane goes on',
  );
}
