/** A batch as it goes to the router. */
import type { Address } from 'viem';
import type { Queryable } from '../../../platform/database.ts';

export interface SettlementBatch {
  id: string;
  payer: Address;
  token: Address;
  firstSequence: bigint;
  /** How often running it was refused. */
  failures: number;
  payments: { recipient: Address; units: bigint }[];
}

/** A batch with its payments in the order of their sequences. Throws when they are not what was batched. */
export async function readSettlementBatch(database: Queryable, id: string): Promise<SettlementBatch> {
  const { rows } = await database.query<{
    payer: Address;
    token: Address;
    first_sequence: bigint;
    payment_count: number;
    failures: number;
    sequence: bigint;
    recipient: Address;
    units: bigint;
  }>(
    `select b.payer, b.token, b.first_sequence, b.payment_count, b.failures, p.sequence, p.recipient, p.units
       from settlement.settlement_batches b join settlement.payments p on p.settlement_batch_id = b.id
      where b.id = $1 order by p.sequence`,
    [id],
  );
  const [first] = rows;
  if (!first || rows.length !== first.payment_count)
    throw new Error(`${id} has ${rows.length} payments, expected ${first?.payment_count ?? 'some'}`);
  rows.forEach(({ sequence }, index) => {
    if (sequence !== first.first_sequence + BigInt(index))
      throw new Error(
        `${id} has sequence ${sequence} at place ${index}, expected ${first.first_sequence} and on`,
      );
  });
  return {
    id,
    payer: first.payer,
    token: first.token,
    firstSequence: first.first_sequence,
    failures: first.failures,
    payments: rows.map(({ recipient, units }) => ({ recipient, units })),
  };
}
