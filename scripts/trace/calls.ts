/** The way of contract calls, from the signature to the node. */
import type { Database } from '../../services/platform/database.ts';
import type { Moment } from './read.ts';

/** Signatures and sendings of calls. */
export async function signaturesOf(database: Database, callIds: readonly string[]): Promise<Moment[]> {
  const { rows } = await database.query<{
    call_id: string;
    signer: string;
    nonce: bigint;
    epoch: bigint;
    transaction_hash: string;
    state: string;
    created_at: Date;
    last_broadcast_at: Date | null;
  }>(
    'select * from settlement.attempts where call_id = any($1) and transaction_hash is not null order by id',
    [callIds],
  );
  return rows.flatMap((row) => [
    {
      at: row.created_at,
      what: 'signature',
      detail: `${row.transaction_hash} by ${row.signer}, nonce ${row.nonce}, epoch ${row.epoch}; carries ${row.call_id}`,
    },
    ...(row.last_broadcast_at
      ? [
          {
            at: row.last_broadcast_at,
            what: 'transaction',
            detail: `${row.transaction_hash} sent; now ${row.state}`,
          },
        ]
      : []),
  ]);
}
