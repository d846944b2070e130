/**
 * What a release adds, a contract or a projection, is not in the tables of the blocks before it. Its history is read beside,
 * as a chain of its own with the negative chain id and by the same code, while the rest is followed as ever. When both stand at the
 * same block its rows are joined to the others in one commit.
 */
import type { Hex } from 'viem';
import type { Transaction } from '../platform/database.ts';
import type { WatchedContracts } from './contractEvents.ts';
import type { Writer } from './writer.ts';

/** Raise the version of a projection when it is to be made anew from the chain; name one that is added. */
const projections: readonly string[] = ['payments 1'];

/** Whose rows the tables are to hold. */
export function subjectsOf({ addresses }: WatchedContracts): string[] {
  return [...addresses, ...projections];
}

/** Says that the tables hold these subjects from the start block on. */
export async function cover(tx: Transaction, chainId: number, subjects: readonly string[]): Promise<void> {
  await tx.query(
    `insert into indexer.coverage (chain_id, subject) select $1, unnest($2::text[]) on conflict do nothing`,
    [chainId, subjects],
  );
}

/** The chain id under which a history is read beside. */
export function besideOf(chainId: number): number {
  return -chainId;
}

/**
 * Which of `wanted` the tables of the chain do not hold; none before anything was read. A history that was begun beside for
 * other subjects is given up. What is not wanted any more is not held from now on.
 */
export async function missingSubjects(
  writer: Writer,
  chainId: number,
  wanted: readonly string[],
): Promise<string[]> {
  return writer.transaction(async (tx) => {
    const { rowCount } = await tx.query('select from indexer.cursors where chain_id = $1', [chainId]);
    if (rowCount === 0) return [];
    // A database that was begun before this table was: its release read the same contracts.
    const isKnown = await tx.query('select from indexer.coverage where chain_id = $1 limit 1', [chainId]);
    if (isKnown.rowCount === 0) await cover(tx, chainId, wanted);
    await tx.query('delete from indexer.coverage where chain_id = $1 and subject <> all($2)', [
      chainId,
      wanted,
    ]);
    const held = await subjects(tx, chainId);
    const missing = wanted.filter((subject) => !held.has(subject));
    const begun = await subjects(tx, besideOf(chainId));
    const isBegun = begun.size === missing.length && missing.every((subject) => begun.has(subject));
    if (begun.size > 0 && !isBegun) await dropBeside(tx, chainId);
    return missing;
  });
}

async function subjects(tx: Transaction, chainId: number): Promise<Set<string>> {
  const { rows } = await tx.query<{ subject: string }>(
    'select subject from indexer.coverage where chain_id = $1',
    [chainId],
  );
  return new Set(rows.map(({ subject }) => subject));
}

/** The contracts that must be read for these subjects: a token's payments need the router's events too, a projection needs all. */
export function contractsFor(contracts: WatchedContracts, missing: readonly string[]): WatchedContracts {
  const { router, tokens } = contracts;
  if (!missing.every((subject) => contracts.eventsByAddress.has(subject) && subject !== router))
    return contracts;
  return {
    ...contracts,
    addresses: [...new Set<Hex>([...(missing as Hex[]), router])],
    tokens: new Set(missing.filter((subject) => tokens.has(subject))),
  };
}

/** The contracts that are followed while these subjects are missing: nobody is to see a part of them. */
export function contractsWithout(contracts: WatchedContracts, missing: readonly string[]): WatchedContracts {
  const isPaymentsMissing = projections.some((projection) => missing.includes(projection));
  const tokens = isPaymentsMissing ? [] : [...contracts.tokens];
  return {
    ...contracts,
    addresses: contracts.addresses.filter((address) => !missing.includes(address)),
    tokens: new Set(tokens.filter((token) => !missing.includes(token))),
  };
}

const keys = {
  other_events: 'block_number, log_index',
  transfers: 'block_number, log_index',
  payments: 'block_number, log_index',
  balances: 'token, account',
} as const;

/** Joins what was read beside to the chain's rows, if both stand at the same block. True when they did. */
export async function joinBeside(writer: Writer, chainId: number): Promise<boolean> {
  const beside = besideOf(chainId);
  return writer.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `select from indexer.cursors c join indexer.cursors b on b.head_hash = c.head_hash
        where c.chain_id = $1 and b.chain_id = $2`,
      [chainId, beside],
    );
    if (rowCount !== 1) return false;
    // A release that did not know a token left the balances where they were then; those beside are of now.
    await tx.query(
      `delete from indexer.balances
        where chain_id = $1 and token in (select subject from indexer.coverage where chain_id = $2)`,
      [chainId, beside],
    );
    for (const [table, key] of Object.entries(keys)) {
      // What the chain has already was only read again because something else needs it.
      await tx.query(
        `delete from indexer.${table} where chain_id = $2 and (${key}) in (select ${key} from indexer.${table} where chain_id = $1)`,
        [chainId, beside],
      );
      await tx.query(`update indexer.${table} set chain_id = $1 where chain_id = $2`, [chainId, beside]);
    }
    await tx.query(
      `insert into indexer.coverage (chain_id, subject) select $1, subject from indexer.coverage where chain_id = $2`,
      [chainId, beside],
    );
    await dropBeside(tx, chainId);
    await tx.query(`select pg_notify('indexer_head', $1)`, [String(chainId)]);
    return true;
  });
}

async function dropBeside(tx: Transaction, chainId: number): Promise<void> {
  for (const table of ['transfers', 'balances', 'blocks', 'coverage', 'cursors'])
    await tx.query(`delete from indexer.${table} where chain_id = $1`, [besideOf(chainId)]);
}
