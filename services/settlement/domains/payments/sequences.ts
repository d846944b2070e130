/**
 * Which sequence of its payer a payment gets. The router accepts each once, which is what makes a payment take effect once:
 * so a payment that the chain has already must get the sequence that it has there.
 */
import type { Transaction } from '../../../platform/database.ts';

/** A payer may use any sequence itself; those from here on are none that we would come to. */
const HIGHEST = 2n ** 52n;

export interface Payer {
  chainId: bigint;
  payer: string;
  /** All below were given out here. */
  nextSequence: bigint;
}

export interface Given {
  id: string;
  sequence: bigint;
}

/**
 * Gives each payment its sequence, and the payer's row the next one. The row must be locked.
 *
 * Mostly that is one after the other. But when the chain has payments under sequences that were never given out here, the
 * database has forgotten them: it was restored from a backup (or the payer settled them itself). A payment of the same
 * recipient and amount is then taken for the forgotten one and gets its sequence; the others go behind all that is used. The
 * payer's next sequence stays until nothing is forgotten any more, so that what comes again later is found too.
 * @param ids in the order in which they came
 * @returns `found`: those that the chain has already. `fresh`: the others, with sequences one after the other.
 */
export async function giveSequences(
  tx: Transaction,
  payer: Payer,
  ids: readonly string[],
): Promise<{ found: Given[]; fresh: Given[] }> {
  const used = await firstUnused(tx, payer);
  const isForgetful = used > payer.nextSequence;
  const found = isForgetful ? await findForgotten(tx, payer, ids) : [];
  const known = new Set(found.map(({ id }) => id));
  const fresh = ids
    .filter((id) => !known.has(id))
    .map((id, index) => ({ id, sequence: used + BigInt(index) }));
  const isForgettingMore = isForgetful && (await isAnyForgotten(tx, payer, found));
  if (!isForgettingMore)
    await tx.query('update settlement.payers set next_sequence = $3 where chain_id = $1 and payer = $2', [
      payer.chainId,
      payer.payer,
      used + BigInt(fresh.length),
    ]);
  return { found, fresh };
}

/** Behind everything that was given out here or is used on the chain. */
async function firstUnused(tx: Transaction, { chainId, payer, nextSequence }: Payer): Promise<bigint> {
  const { rows } = await tx.query<{ indexed: bigint; given: bigint }>(
    `select coalesce((select max(sequence) + 1 from indexer.payments
                       where chain_id = $1 and payer = $2 and sequence < $3), 0) as indexed,
            coalesce((select first_sequence + payment_count from settlement.settlement_batches
                       where chain_id = $1 and payer = $2 order by first_sequence desc limit 1), 0) as given`,
    [chainId, payer, HIGHEST],
  );
  const { indexed = 0n, given = 0n } = rows[0] ?? {};
  return [nextSequence, indexed, given].reduce((a, b) => (a > b ? a : b));
}

/** What the chain has of a payer beyond what was given out, and no payment of ours has. */
const FORGOTTEN = `
  from indexer.payments i
 where i.chain_id = $1 and i.payer = $2 and i.sequence >= $3 and i.sequence < ${HIGHEST}
   and not exists (select from settlement.payments p
                     join settlement.accounts a on a.id = p.account_id and a.chain_id = $1 and a.payer = $2
                    where p.sequence = i.sequence)`;

/** Payments of the same token, recipient and amount, each for one that is forgotten. */
async function findForgotten(
  tx: Transaction,
  { chainId, payer, nextSequence }: Payer,
  ids: readonly string[],
): Promise<Given[]> {
  const { rows } = await tx.query<Given>(
    `with due as (
       select p.id, a.token, p.recipient, p.units,
              row_number() over (partition by a.token, p.recipient, p.units order by p.id) as place
         from settlement.payments p join settlement.accounts a on a.id = p.account_id
        where p.id = any($4)
     ), forgotten as (
       select i.sequence, i.token, i.recipient, i.amount as units,
              row_number() over (partition by i.token, i.recipient, i.amount order by i.sequence) as place
       ${FORGOTTEN} and i.recipient in (select recipient from due)
     )
     select due.id, forgotten.sequence from due join forgotten using (token, recipient, units, place)`,
    [chainId, payer, nextSequence, ids],
  );
  return rows;
}

async function isAnyForgotten(
  tx: Transaction,
  { chainId, payer, nextSequence }: Payer,
  found: readonly Given[],
): Promise<boolean> {
  const { rowCount } = await tx.query(`select ${FORGOTTEN} and i.sequence <> all($4) limit 1`, [
    chainId,
    payer,
    nextSequence,
    found.map(({ sequence }) => sequence),
  ]);
  return rowCount !== 0;
}
