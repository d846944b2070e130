/** Single escrows: as settlement shows them, as the index has them, and as the contract does. */
import type { Hex, PublicClient } from 'viem';
import { escrowAbi } from '../../../core/abi/escrow.ts';
import type { Deployment } from '../../../core/deployment.ts';
import type { Queryable } from '../../../platform/database.ts';
import {
  type Compared,
  escrowChanges,
  IN_TURN,
  type Moment,
  namesOf,
  OPEN_BREAKS,
} from './contractMoment.ts';
import { readInParts } from './reads.ts';

/** The contract's status while an arbiter decides. */
const DISPUTED = 2;

/** What is shown of an escrow that an event ended, unless all that was captured went back. */
const statusOfEnding: Record<string, string> = {
  EscrowCharged: 'captured',
  EscrowCaptured: 'captured',
  EscrowCapturedWithPreimage: 'captured',
  AuthorizationCancelled: 'cancelled',
  EscrowVoided: 'voided',
  EscrowReclaimed: 'reclaimed',
  EscrowReleased: 'released',
  DisputeRuled: 'ruled',
  DisputeDefaulted: 'ruled',
};

/** Ids, by the contract, of escrows to compare: changed up to `changedTo`, in turn, and with an open break. */
export async function chooseEscrows(
  database: Queryable,
  { chainId, changedFrom, changedTo, escrowTurn }: Moment,
  { escrow }: Deployment,
): Promise<{ ids: string[]; turn: string }> {
  const { rows } = await database.query<{ id: string; in_turn: boolean }>(
    `with of_index as (
       select distinct arguments ->> 'escrowId' as id from indexer.other_events
        where chain_id = $1 and contract = $2 and arguments ? 'escrowId' and arguments ->> 'escrowId' > $5
        order by 1 limit ${IN_TURN}
     ), of_settlement as (
       select escrow_id::text as id from settlement.escrows
        where chain_id = $1 and contract = $2 and escrow_id > $5 order by 1 limit ${IN_TURN}
     ), in_turn as (
       select id from of_index union select id from of_settlement order by 1 limit ${IN_TURN}
     )
     select id, true as in_turn from in_turn
     union all
     select distinct arguments ->> 'escrowId', false from indexer.other_events
      where chain_id = $1 and contract = $2 and block_number between $3 and $4
        and name in ${namesOf(escrowChanges)}
     union all
     (select split_part(subject, '/', 1), false from settlement.breaks
       where kind = 'escrow' and closed_at is null group by 1 order by min(last_seen_at) limit ${OPEN_BREAKS})`,
    [chainId, escrow.toLowerCase(), changedFrom, changedTo, escrowTurn],
  );
  const inTurn = rows.filter(({ in_turn }) => in_turn).map(({ id }) => id);
  return {
    ids: [...new Set(rows.map(({ id }) => id))],
    turn: inTurn.length < IN_TURN ? '' : (inTurn.toSorted().at(-1) as string),
  };
}

interface EscrowRow {
  id: Hex;
  is_followed: boolean;
  currency: string;
  capturable: bigint;
  captured: bigint;
  refunded: bigint;
  ruling_deadline: bigint | null;
  /** The event that ended it; null as long as none did. */
  ended_by: string | null;
  has_events: boolean;
  partner_id: string | null;
  units: bigint;
  status_shown: string;
  deadline_shown: bigint | null;
}

/**
 * Compares escrows of coins that Corridor knows, but for those with an event that is not final yet: the index has them further than the
 * block. What settlement shows counts when it has taken in all up to the block.
 */
export async function compareEscrows(
  { database, chain, deployment }: { database: Queryable; chain: PublicClient; deployment: Deployment },
  { chainId, number: blockNumber }: Moment,
  ids: readonly string[],
): Promise<Compared[]> {
  const { escrow, stablecoins } = deployment;
  const { rows } = await database.query<EscrowRow>(
    `select s.id, coalesce(f.block_number = $3, false) as is_followed, coalesce(c.currency, p.currency, b.currency) as currency,
            coalesce(v.capturable, 0) as capturable, coalesce(v.captured, 0) as captured, coalesce(v.refunded, 0) as refunded,
            v.ruling_deadline, e.name as ended_by, v.escrow_id is not null as has_events,
            p.partner_id, p.units, p.status as status_shown, p.ruling_deadline as deadline_shown
       from unnest($4::text[]) as s (id)
       left join lateral (
         select * from indexer.escrows v
          where v.chain_id = $1 and v.contract = $2 and v.escrow_id = s.id offset 0) v on true
       left join lateral (
         select e.name from indexer.escrow_events e
          where e.chain_id = $1 and e.contract = $2 and e.escrow_id = s.id
            and (e.to_payee + e.to_payer > 0 or e.name = 'AuthorizationCancelled')
          order by e.block_number desc, e.log_index desc limit 1) e on true
       left join unnest($5::text[], $6::text[]) as c (token, currency) on c.token = v.token
       left join settlement.escrows p on p.chain_id = $1 and p.contract = $2 and p.escrow_id = s.id
       left join lateral (
         select currency from settlement.breaks
          where kind = 'escrow' and closed_at is null and split_part(subject, '/', 1) = s.id limit 1) b on true
       left join settlement.escrow_cursors f on f.chain_id = $1
      where coalesce(v.last_block <= $3, true) and coalesce(c.currency, p.currency, b.currency) is not null`,
    [
      chainId,
      escrow.toLowerCase(),
      blockNumber,
      ids,
      Object.values(stablecoins).map(({ address }) => address.toLowerCase()),
      Object.keys(stablecoins),
    ],
  );
  const states = await readInParts(rows, ({ id }) =>
    chain.readContract({
      ...{ address: escrow, abi: escrowAbi, blockNumber },
      ...{ functionName: 'stateOf', args: [id] },
    }),
  );
  return rows.map((row, at) => {
    const state = states[at] as (typeof states)[number];
    const disputed = state.status === DISPUTED ? state.capturable : 0n;
    const isDisputed = row.capturable > 0n && row.ruling_deadline !== null;
    const isSameDeadline = disputed === 0n || row.ruling_deadline === BigInt(state.rulingDeadline);
    const isShown = row.is_followed;
    const word = (measure: string, isSame: boolean) => ({
      ...{ measure, observed: isSame ? row.units : 0n, expected: row.units },
    });
    return {
      ...{ kind: 'escrow', subject: row.id, currency: row.currency, partnerId: row.partner_id, isShown },
      numbers: [
        { measure: 'capturable', observed: row.capturable, expected: state.capturable },
        { measure: 'refundable', observed: row.captured - row.refunded, expected: state.refundable },
        {
          measure: 'disputed',
          observed: isDisputed && isSameDeadline ? row.capturable : 0n,
          expected: disputed,
        },
        ...(row.partner_id !== null && isShown
          ? [
              // A word that differs has none of the money under it.
              word('status_shown', isStatusOf(row)),
              word('ruling_deadline_shown', row.deadline_shown === row.ruling_deadline),
            ]
          : []),
      ],
    };
  });
}

/** True when the events lead to the status that is shown. */
function isStatusOf(row: EscrowRow): boolean {
  const {
    status_shown: shown,
    capturable,
    captured,
    refunded,
    ruling_deadline: deadline,
    ended_by: ending,
  } = row;
  if (!row.has_events) return ['created', 'authorizing', 'expired'].includes(shown);
  if (capturable > 0n) return shown === (deadline === null ? 'authorized' : 'disputed');
  if (captured > 0n && captured === refunded) return shown === 'refunded';
  return ending !== null && shown === statusOfEnding[ending];
}
