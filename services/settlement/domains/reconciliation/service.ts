/** Ledger against chain, at a final block. A difference becomes a break that somebody sees; nothing is put right here. */
import type { PublicClient } from 'viem';
import type { ChainWitness } from '../../../platform/chainWitness.ts';
import { type Database, type Queryable, withTransaction } from '../../../platform/database.ts';
import { readChainUnits, readPositions, type Snapshot } from './positions.ts';

export const breakKinds = ['missing_inside', 'missing_outside', 'amount', 'index', 'holds'] as const;
export type BreakKind = (typeof breakKinds)[number];

interface Difference {
  kind: BreakKind;
  accountId: string;
  observed: bigint;
  expected: bigint;
}

export interface ReconciliationParts {
  database: Database;
  chain: PublicClient;
  chainId: number;
  /** Asked whether the chain has the block under the hash that we have. */
  witness?: ChainWitness;
}

/**
 * Compares every account at the block up to which the ledger has posted. Opens a break for each new difference and
 * closes those that are gone. No transaction is open while the chain is asked.
 * @returns the block, or undefined when nothing is posted yet, that block has been reconciled already, or the nodes
 * disagree about it.
 */
export async function reconcile({
  database,
  chain,
  chainId,
  witness,
}: ReconciliationParts): Promise<bigint | undefined> {
  const snapshot = await readPositions(database, chainId);
  if (!snapshot || (await isReconciled(database, chainId, snapshot.blockNumber))) return undefined;
  const { blockNumber: number, blockHash: hash } = snapshot;
  if (await witness?.doubtBlock({ number, hash })) return undefined; // nobody knows what to compare with
  const chainUnits = await readChainUnits(chain, snapshot);
  const differences = await findDifferences(database, chainId, snapshot, chainUnits);
  await record(database, chainId, snapshot, differences);
  return snapshot.blockNumber;
}

async function isReconciled(database: Queryable, chainId: number, blockNumber: bigint): Promise<boolean> {
  const { rowCount } = await database.query(
    'select from settlement.reconciliations where chain_id = $1 and block_number >= $2 limit 1',
    [chainId, blockNumber],
  );
  return rowCount !== 0;
}

async function findDifferences(
  database: Queryable,
  chainId: number,
  { blockNumber, positions }: Snapshot,
  chainUnits: readonly bigint[],
): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const [index, position] of positions.entries()) {
    const { accountId, ledgerUnits, indexUnits, heldUnits, holdsUnits } = position;
    const expected = chainUnits[index] as bigint;
    if (ledgerUnits !== expected) {
      const kind = await kindOf(database, chainId, accountId, blockNumber);
      differences.push({ kind, accountId, observed: ledgerUnits, expected });
    }
    if (indexUnits !== expected)
      differences.push({ kind: 'index', accountId, observed: indexUnits, expected });
    if (heldUnits !== holdsUnits)
      differences.push({ kind: 'holds', accountId, observed: heldUnits, expected: holdsUnits });
  }
  return differences;
}

/** Why ledger and chain differ, by comparing postings and transfers one by one. */
async function kindOf(
  database: Queryable,
  chainId: number,
  accountId: string,
  blockNumber: bigint,
): Promise<BreakKind> {
  const { rows } = await database.query<{ missing_inside: boolean; missing_outside: boolean }>(
    `with moved as (
       select t.block_number, t.log_index
         from settlement.accounts a
         join indexer.transfers t on t.chain_id = a.chain_id and t.token = a.token and a.payer in (t.sender, t.recipient)
        where a.id = $2 and t.chain_id = $1 and t.block_number <= $3 and t.amount > 0 and t.sender <> t.recipient
     ), posted as (
       select block_number, log_index from settlement.ledger_postings where account_id = $2 and block_number <= $3
     )
     select exists (select * from moved except select * from posted) as missing_inside,
            exists (select * from posted except select * from moved) as missing_outside`,
    [chainId, accountId, blockNumber],
  );
  if (rows[0]?.missing_inside) return 'missing_inside';
  return rows[0]?.missing_outside ? 'missing_outside' : 'amount';
}

function record(
  database: Database,
  chainId: number,
  { blockNumber, blockHash, positions }: Snapshot,
  differences: readonly Difference[],
): Promise<void> {
  return withTransaction(database, async (tx) => {
    await tx.query(
      `insert into settlement.reconciliations (chain_id, block_number, block_hash, accounts_checked, breaks)
       values ($1, $2, $3, $4, $5)`,
      [chainId, blockNumber, blockHash, positions.length, differences.length],
    );
    await tx.query(
      `with found as (
         select * from unnest($2::text[], $3::text[], $4::numeric[], $5::numeric[])
                    as f (kind, account_id, observed_units, expected_units)
       ), closed as (
         update settlement.breaks b set closed_at = now()
           from settlement.accounts a
          where a.id = b.account_id and a.chain_id = $1 and b.closed_at is null
            and not exists (select from found f where f.kind = b.kind and f.account_id = b.account_id)
       )
       insert into settlement.breaks (kind, account_id, observed_units, expected_units, block_number)
       select f.*, $6 from found f
       on conflict (account_id, kind) where closed_at is null
       do update set observed_units = excluded.observed_units, expected_units = excluded.expected_units,
                     block_number = excluded.block_number`,
      [
        chainId,
        differences.map((difference) => difference.kind),
        differences.map((difference) => difference.accountId),
        differences.map((difference) => difference.observed),
        differences.map((difference) => difference.expected),
        blockNumber,
      ],
    );
  });
}

/** Open breaks by kind, and how long the oldest has been open; for the metrics. */
export async function readOpenBreaks(
  database: Queryable,
): Promise<{ kind: BreakKind; count: bigint; oldest_seconds: number }[]> {
  const { rows } = await database.query<{ kind: BreakKind; count: bigint; oldest_seconds: number }>(
    `select kind, count(*) as count, extract(epoch from now() - min(opened_at))::float8 as oldest_seconds
       from settlement.breaks where closed_at is null group by kind`,
  );
  return rows;
}
