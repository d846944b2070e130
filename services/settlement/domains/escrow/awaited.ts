/** Which observations release rules wait for: the oracle's reporters ask their sources for them, beside those of the cover's risks. */
import { z } from 'zod';
import type { Database } from '../../../platform/database.ts';

/** A partner's windows come one by one between those of others, so that nobody's many push them out. */
const MOST_WINDOWS = 1_000;
/** Windows are listed so long before their end. */
const AHEAD_SECONDS = 3_600;

const word = z.string().meta({ description: '32 bytes, hexadecimal: the text, then zeros.' });
const seconds = z.int().meta({ description: 'Unix seconds.' });

/** As the hub names it. */
const awaitedWindow = z.strictObject({ feed: word, subject: word, windowStart: seconds, windowEnd: seconds });

export const awaitedSchema = z
  .strictObject({ windows: z.array(awaitedWindow) })
  .meta({ id: 'AwaitedObservations' });

type AwaitedWindow = z.output<typeof awaitedWindow>;

/** Of escrows in which money is held, by final blocks; the earliest first. */
export async function readAwaited(database: Database, chainId: number): Promise<AwaitedWindow[]> {
  const { rows } = await database.query<AwaitedWindow>(
    `with awaited as (
       select r.condition ->> 'feed' as feed, r.condition ->> 'subject' as subject,
              (r.condition ->> 'windowStart')::float8 as "windowStart", (r.condition ->> 'windowEnd')::float8 as "windowEnd",
              row_number() over (partition by s.partner_id order by (r.condition ->> 'windowEnd')::bigint) as place
         from settlement.escrow_rules r
         join settlement.escrows s on s.id = r.escrow_id
         join settlement.posted_blocks p on p.chain_id = s.chain_id
         join indexer.blocks k on k.chain_id = p.chain_id and k.number = p.block_number
        where s.chain_id = $1 and s.status = 'authorized' and r.held_block is null and r.condition ->> 'type' = 'observation'
          and (r.condition ->> 'windowEnd')::bigint <= k.timestamp_s + ${AHEAD_SECONDS}
     )
     select feed, subject, "windowStart", "windowEnd" from awaited
      group by 1, 2, 3, 4 order by min(place), 4 limit ${MOST_WINDOWS}`,
    [chainId],
  );
  return rows;
}
