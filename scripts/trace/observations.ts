/** What the oracle recorded of what policies insure and release rules of escrows wait for. */
import type { Database } from '../../services/platform/database.ts';
import type { Moment } from './read.ts';

/** Rows of `subject` and the event: each policy and escrow with the observations of its own feed, subject and window. */
export const observations = `
  select p.id as subject, o.*
    from indexer.other_events o
    join indexer.cover_products f on f.chain_id = o.chain_id and f.feed = o.arguments ->> 'feed'
    join settlement.policies p
      on (p.chain_id, p.product_number, p.subject_word, p.window_start, p.window_end)
       = (o.chain_id, f.product_number, o.arguments ->> 'subject', (o.arguments ->> 'windowStart')::bigint,
          (o.arguments ->> 'windowEnd')::bigint)
   where o.name = 'ObservationRecorded'
  union
  select r.escrow_id, o.*
    from indexer.other_events o
    join settlement.escrow_rules r
      on (r.condition ->> 'feed', r.condition ->> 'subject', r.condition ->> 'windowStart', r.condition ->> 'windowEnd')
       = (o.arguments ->> 'feed', o.arguments ->> 'subject', o.arguments ->> 'windowStart', o.arguments ->> 'windowEnd')
   where o.name = 'ObservationRecorded'`;

/** Those of a policy or an escrow, by whichever transaction; values are the feed's whole numbers. */
export async function observationsOf(database: Database, id: string): Promise<Moment[]> {
  const { rows } = await database.query<{
    value: string;
    window_start: bigint;
    window_end: bigint;
    block_number: bigint;
    hash: string;
    timestamp_s: bigint;
    transaction_hash: string;
  }>(
    `select o.arguments ->> 'value' as value, (o.arguments ->> 'windowStart')::bigint as window_start,
            (o.arguments ->> 'windowEnd')::bigint as window_end, o.block_number, b.hash, b.timestamp_s, o.transaction_hash
       from (${observations}) o
       join indexer.blocks b on b.chain_id = o.chain_id and b.number = o.block_number
      where o.subject = $1 order by o.block_number, o.log_index`,
    [id],
  );
  const time = (seconds: bigint) => new Date(Number(seconds) * 1_000).toISOString();
  return rows.map((row) => ({
    at: new Date(Number(row.timestamp_s) * 1_000),
    what: 'observation',
    detail: `${row.value} for ${time(row.window_start)} to ${time(row.window_end)}, recorded in block ${row.block_number} ${row.hash}, by ${row.transaction_hash}`,
  }));
}
