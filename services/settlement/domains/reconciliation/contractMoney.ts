/** What pool and escrow contract hold: by the index's events, by their own getters, and by the coins. */
import type { Address, PublicClient } from 'viem';
import { coverPoolAbi } from '../../../core/abi/coverPool.ts';
import { stablecoinAbi } from '../../../core/abi/stablecoin.ts';
import type { Deployment } from '../../../core/deployment.ts';
import { COVER_CURRENCY } from '../../../core/insurance/product.ts';
import type { Queryable, Transaction } from '../../../platform/database.ts';
import type { Compared, Moment } from './contractMoment.ts';

/** Sums that change by one stretch of blocks; one block may have more. */
const CHANGES_A_STRETCH = 2_000;

/** What the pool counts, as the index sums it up, and by which getter. */
const poolGetters = {
  total_assets: 'totalAssets',
  locked_capital: 'lockedCapital',
  unearned_premiums: 'unearnedPremiums',
  payout_reserve: 'payoutReserve',
  credits: 'totalCredits',
} as const;
type PoolMeasure = keyof typeof poolGetters;
const poolMeasures = Object.keys(poolGetters) as PoolMeasure[];

/** Of a contract and a coin, in token units. */
interface Sum {
  contract: string;
  token: string;
  measure: string;
  units: bigint;
}

export interface ContractMoney {
  sums: readonly Sum[];
  /** Stretches that were added up, to be kept. */
  stretches: readonly { toBlock: bigint; sums: readonly Sum[] }[];
  /** The old one among them, whose turn it was; none when there is no old one. */
  swept: bigint | undefined;
}

/**
 * What all events up to the block amount to. Those of the newest stretch, and of an old one in turn, are added up; of the others it
 * is known what they amounted to.
 */
export async function sumContractMoney(
  database: Queryable,
  { chainId, number, stretchTurn }: Moment,
  { escrow, parametricCover, coverPool, stablecoins }: Deployment,
): Promise<ContractMoney> {
  const { rows: bounds } = await database.query<{ known: bigint; before: bigint; swept: bigint | null }>(
    `with stretch as (select distinct to_block from settlement.contract_stretches where chain_id = $1),
          turn as (select coalesce(min(to_block) filter (where to_block > $2), min(to_block)) as swept from stretch)
     select t.swept, coalesce((select max(to_block) from stretch), -1) as known,
            coalesce((select max(to_block) from stretch where to_block < t.swept), -1) as before
       from turn t`,
    [chainId, stretchTurn],
  );
  const { known, before, swept } = bounds[0] as (typeof bounds)[number];
  const { rows } = await database.query<Sum & { is_new: boolean; to_block: bigint }>(
    `with change as (
       select r.is_new, m.block_number, m.measure, m.units, case c.contract when $4 then $5 else c.contract end as contract,
              coalesce(m.token, $6) as token,
              case when r.is_new
                   then (count(*) over (partition by r.is_new order by m.block_number) - 1) / ${CHANGES_A_STRETCH} end as stretch
         from (values (true, $2::bigint, $3::bigint), (false, $8::bigint, $9::bigint)) as r (is_new, first, last)
        cross join unnest(array[$4, $5, $10]) as c (contract)
        cross join lateral (
          select block_number, token, measure, units from indexer.contract_money
           where chain_id = $1 and contract = c.contract and block_number between r.first and r.last offset 0) m
        where coalesce(m.token, $6) = any($7)
     )
     select is_new, contract, token, measure, sum(units) as units,
            case when is_new then max(max(block_number)) over (partition by is_new, stretch) else $9 end as to_block
       from change group by is_new, stretch, contract, token, measure order by to_block`,
    [
      chainId,
      known + 1n,
      number,
      parametricCover.toLowerCase(),
      coverPool.toLowerCase(),
      stablecoins[COVER_CURRENCY].address.toLowerCase(),
      Object.values(stablecoins).map(({ address }) => address.toLowerCase()),
      before + 1n,
      swept ?? before, // no block, when there is no old stretch
      escrow.toLowerCase(),
    ],
  );
  const { rows: others } = await database.query<Sum>(
    `select contract, token, measure, sum(units) as units from settlement.contract_stretches
      where chain_id = $1 and to_block <> $2 group by contract, token, measure`,
    [chainId, swept ?? -1n],
  );
  const newest = rows.findLast(({ is_new }) => is_new)?.to_block; // more may still come into it
  const full = rows.filter(({ to_block }) => to_block !== newest);
  return {
    sums: [...others, ...rows],
    stretches: [...Map.groupBy(full, (row) => row.to_block)].map(([toBlock, sums]) => ({ toBlock, sums })),
    swept: swept ?? undefined,
  };
}

/** Keeps what full stretches amounted to. */
export async function keepStretches(
  tx: Transaction,
  chainId: number,
  { stretches, swept }: ContractMoney,
): Promise<void> {
  await tx.query('delete from settlement.contract_stretches where chain_id = $1 and to_block = $2', [
    chainId,
    swept ?? -1n,
  ]);
  const kept = stretches.flatMap(({ toBlock, sums }) => sums.map((sum) => ({ ...sum, toBlock })));
  await tx.query(
    `insert into settlement.contract_stretches (chain_id, to_block, contract, token, measure, units)
     select $1, * from unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::numeric[])`,
    [
      chainId,
      kept.map(({ toBlock }) => toBlock),
      kept.map(({ contract }) => contract),
      kept.map(({ token }) => token),
      kept.map(({ measure }) => measure),
      kept.map(({ units }) => units),
    ],
  );
}

/** The sums against what the contracts say at the block, and what they owe against what they have of each coin. */
export async function compareContractMoney(
  chain: PublicClient,
  { number: blockNumber }: Moment,
  { escrow, coverPool, stablecoins }: Deployment,
  { sums }: ContractMoney,
): Promise<Compared[]> {
  const unitsOf = (contract: Address, token: Address, measure: string) =>
    sums
      .filter((sum) => sum.contract === contract.toLowerCase() && sum.token === token.toLowerCase())
      .reduce((units, sum) => (sum.measure === measure ? units + sum.units : units), 0n);
  const balanceOf = (contract: Address, token: Address) =>
    chain.readContract({
      ...{ address: token, abi: stablecoinAbi, blockNumber },
      ...{ functionName: 'balanceOf', args: [contract] },
    });
  /** Anybody may give more. */
  const enough = async (contract: Address, token: Address, owed: bigint) => {
    const balance = await balanceOf(contract, token);
    return { measure: 'balance', observed: balance < owed ? balance : owed, expected: owed };
  };
  const coin = stablecoins[COVER_CURRENCY].address;
  const counted = await Promise.all(
    poolMeasures.map(async (measure) => ({
      measure,
      observed: unitsOf(coverPool, coin, measure),
      expected: await chain.readContract({
        ...{ address: coverPool, abi: coverPoolAbi, blockNumber },
        functionName: poolGetters[measure],
      }),
    })),
  );
  const owed = counted.reduce(
    (units, { measure, expected }) => (measure === 'locked_capital' ? units : units + expected), // part of the assets
    0n,
  );
  const common = { kind: 'custody', partnerId: null } as const;
  return [
    {
      ...{ ...common, subject: coverPool.toLowerCase(), currency: COVER_CURRENCY },
      numbers: [...counted, await enough(coverPool, coin, owed)],
    },
    ...(await Promise.all(
      Object.entries(stablecoins).map(async ([currency, { address }]) => {
        const held = unitsOf(escrow, address, 'capturable') + unitsOf(escrow, address, 'credits');
        return {
          ...common,
          subject: escrow.toLowerCase(),
          currency,
          numbers: [await enough(escrow, address, held)],
        };
      }),
    )),
  ];
}
