/** Single policies: as settlement shows them, as the index has them, and as the cover does. */
import type { PublicClient } from 'viem';
import { parametricCoverAbi } from '../../../core/abi/parametricCover.ts';
import type { Deployment } from '../../../core/deployment.ts';
import { payoutOf } from '../../../core/insurance/premium.ts';
import { COVER_CURRENCY } from '../../../core/insurance/product.ts';
import type { Queryable } from '../../../platform/database.ts';
import { undefinedIfReverted } from '../../../platform/reverted.ts';
import {
  type Compared,
  IN_TURN,
  type Moment,
  namesOf,
  OPEN_BREAKS,
  policyChanges,
} from './contractMoment.ts';
import { readInParts } from './reads.ts';

/** The cover counts sums insured in steps. */
const COVER_STEP = 10_000n;

/** Events that name a policy. */
const NAMES = namesOf(['OrderFilled', ...policyChanges]);

/** Numbers of policies to compare: changed up to `changedTo`, in turn, and with an open break. */
export async function choosePolicies(
  database: Queryable,
  { chainId, changedFrom, changedTo, policyTurn }: Moment,
  { parametricCover }: Deployment,
): Promise<{ numbers: bigint[]; turn: bigint }> {
  const { rows } = await database.query<{ number: bigint; in_turn: boolean }>(
    `with of_index as (
       select distinct (arguments ->> 'policyId')::numeric as number from indexer.other_events
        where chain_id = $1 and contract = $2 and name in ${NAMES} and (arguments ->> 'policyId')::numeric > $5
        order by 1 limit ${IN_TURN}
     ), of_settlement as (
       select policy_number as number from settlement.policies
        where chain_id = $1 and policy_number > $5 order by 1 limit ${IN_TURN}
     ), in_turn as (
       select number from of_index union select number from of_settlement order by 1 limit ${IN_TURN}
     )
     select number, true as in_turn from in_turn
     union all
     select distinct (arguments ->> 'policyId')::numeric, false from indexer.other_events
      where chain_id = $1 and contract = $2 and block_number between $3 and $4
        and name in ${namesOf(policyChanges)}
     union all
     (select split_part(subject, '/', 1)::numeric, false from settlement.breaks
       where kind = 'policy' and closed_at is null group by 1 order by min(last_seen_at) limit ${OPEN_BREAKS})`,
    [chainId, parametricCover.toLowerCase(), changedFrom, changedTo, policyTurn],
  );
  const inTurn = rows.filter(({ in_turn }) => in_turn).map(({ number }) => number);
  return {
    numbers: [...new Set(rows.map(({ number }) => number))],
    turn:
      inTurn.length < IN_TURN ? -1n : inTurn.reduce((last, number) => (number > last ? number : last), -1n),
  };
}

interface PolicyRow {
  number: bigint;
  is_followed: boolean;
  holder: string | null;
  insured: bigint;
  premium: bigint;
  capital_charge: bigint;
  refund: bigint;
  outcome: 'paid' | 'refunded' | null;
  amount: bigint;
  state: 'open' | 'observed' | 'silent';
  payout_bps: number | null;
  partner_id: string | null;
  status_shown: string;
  holder_shown: string;
  ordered_units: bigint;
  insured_shown: bigint;
  premium_shown: bigint;
  charge_shown: bigint;
  refund_shown: bigint;
  payout_bps_shown: number | null;
  paid_shown: bigint;
}

/**
 * Compares policies, but for those with an event that is not final yet: the index has them further than the block. What settlement
 * shows counts when it has taken in all up to the block.
 */
export async function comparePolicies(
  { database, chain, deployment }: { database: Queryable; chain: PublicClient; deployment: Deployment },
  { chainId, number: blockNumber }: Moment,
  numbers: readonly bigint[],
): Promise<Compared[]> {
  const cover = deployment.parametricCover;
  const { rows } = await database.query<PolicyRow>(
    `select s.number, coalesce(f.block_number = $3, false) as is_followed, v.holder, coalesce(v.insured, 0) as insured,
            coalesce(v.premium, 0) as premium, coalesce(v.capital_charge, 0) as capital_charge, coalesce(v.refund, 0) as refund,
            v.outcome, coalesce(v.amount, 0) as amount,
            case when r.settled_block <= $3 then r.state else 'open' end as state, r.payout_bps,
            p.partner_id, p.status as status_shown, p.holder as holder_shown, p.ordered_units,
            coalesce(p.insured_units, 0) as insured_shown, coalesce(p.premium_units, 0) as premium_shown,
            coalesce(p.capital_charge_units, 0) as charge_shown, p.refund_units as refund_shown,
            p.payout_bps as payout_bps_shown, coalesce(p.paid_units, 0) as paid_shown
       from unnest($4::numeric[]) as s (number)
       left join lateral (
         select * from indexer.policies v
          where v.chain_id = $1 and v.cover = $2 and v.policy_number = s.number offset 0) v on true
       left join lateral (
         select * from indexer.risks r
          where r.chain_id = $1 and r.cover = $2 and r.risk_number = v.risk_number offset 0) r on true
       left join settlement.policies p on p.chain_id = $1 and p.policy_number = s.number
       left join settlement.cover_followed f on f.chain_id = $1
      where not exists (
        select from indexer.other_events e
         where e.chain_id = $1 and e.contract = $2 and e.name in ${NAMES}
           and (e.arguments ->> 'policyId')::numeric = s.number and e.block_number > $3)`,
    [chainId, cover.toLowerCase(), blockNumber, numbers],
  );
  const found = await readInParts(rows, ({ number }) =>
    chain
      .readContract({
        ...{ address: cover, abi: parametricCoverAbi, blockNumber },
        ...{ functionName: 'policyOf', args: [number] },
      })
      .catch(undefinedIfReverted('PolicyNotFound')),
  );
  return rows.map((row, at) => {
    const [policy, purchase] = found[at] ?? [];
    const insured = BigInt(policy?.insuredSteps ?? 0) * COVER_STEP;
    const isOpen = row.outcome === null && row.insured > 0n;
    const isShown = row.is_followed;
    return {
      ...{
        kind: 'policy',
        subject: String(row.number),
        currency: COVER_CURRENCY,
        partnerId: row.partner_id,
        isShown,
      },
      numbers: [
        { measure: 'insured', observed: isOpen ? row.insured : 0n, expected: insured },
        {
          measure: 'unearned_premium',
          observed: isOpen ? row.premium - row.capital_charge - row.refund : 0n,
          expected: purchase?.unearnedPremium ?? 0n,
        },
        // Of the sum insured, what is the holder's.
        {
          measure: 'holder',
          observed: policy && row.holder !== policy.holder.toLowerCase() ? 0n : insured,
          expected: insured,
        },
        ...(row.partner_id !== null && isShown ? shownOf(row) : []),
      ],
    };
  });
}

/** What settlement shows, and what it should by the index. A word that differs has none of the sum insured under it. */
function shownOf(row: PolicyRow): Compared['numbers'] {
  const word = (measure: string, isSame: boolean) => ({
    ...{ measure, observed: isSame ? row.ordered_units : 0n, expected: row.ordered_units },
  });
  const observedBps = row.state === 'observed' ? BigInt(row.payout_bps ?? 0) : 0n;
  return [
    word('status_shown', row.status_shown === statusOf(row)),
    word('holder_shown', row.holder_shown === row.holder),
    { measure: 'insured_shown', observed: row.insured_shown, expected: row.insured },
    { measure: 'premium_shown', observed: row.premium_shown, expected: row.premium },
    { measure: 'capital_charge_shown', observed: row.charge_shown, expected: row.capital_charge },
    { measure: 'refund_shown', observed: row.refund_shown, expected: row.refund },
    {
      measure: 'payout_shown',
      observed: payoutOf(row.insured_shown, BigInt(row.payout_bps_shown ?? 0)),
      expected: payoutOf(row.insured, observedBps),
    },
    { measure: 'paid_shown', observed: row.paid_shown, expected: row.amount },
  ];
}

function statusOf({ outcome, insured, state, payout_bps: payoutBps }: PolicyRow): string {
  if (outcome) return outcome;
  if (insured === 0n) return 'cancelled';
  if (state === 'open') return 'issued';
  return state === 'silent' || (payoutBps ?? 0) > 0 ? 'payable' : 'expired';
}
