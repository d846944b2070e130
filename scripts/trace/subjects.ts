/** Which payments, policies and escrows an id is about: that of a batch, an action, a call, a posting, a message or a transaction. */
import type { Database } from '../../services/platform/database.ts';

const ofCalls = (calls: string) =>
  `select id from settlement.authorized_payments where call_id in (${calls})
   union select escrow_id from settlement.escrow_actions where call_id in (${calls})
   union select id from settlement.policies where call_id in (${calls})
   union select p.id from settlement.policy_payments y
           join settlement.policies p on (p.chain_id, p.policy_number) = (y.chain_id, y.policy_number)
          where y.call_id in (${calls})
   union select p.id from settlement.risk_settlements r
           join settlement.policies p on (p.chain_id, p.risk_number) = (r.chain_id, r.risk_number)
          where r.call_id in (${calls})
   union select p.id from settlement.risk_openings r
           join settlement.policies p
             on (p.chain_id, p.product_number, p.subject_word, p.window_start, p.window_end)
              = (r.chain_id, r.product_number, r.subject_word, r.window_start, r.window_end)
          where r.call_id in (${calls})`;
const ofSettlementBatches = (batches: string) =>
  `select id from settlement.payments where settlement_batch_id in (${batches})`;

/** By what an id begins with; each gives the ids for that id. */
const queries: Record<string, string> = {
  bat_: 'select id from settlement.payments where payment_batch_id = $1',
  stl_: ofSettlementBatches('$1'),
  pob_: 'select id from settlement.policies where batch_id = $1',
  esa_: 'select escrow_id as id from settlement.escrow_actions where id = $1',
  call_: ofCalls('$1'),
  pst_: 'select payment_id as id from settlement.ledger_postings where id = $1 and payment_id is not null',
  msg_: 'select payment_id as id from settlement.webhook_messages where id = $1 and payment_id is not null',
  dlv_: `select m.payment_id as id from settlement.webhook_deliveries d
           join settlement.webhook_messages m on m.id = d.message_id where d.id = $1 and m.payment_id is not null`,
  '0x': [
    ofSettlementBatches(
      'select settlement_batch_id from settlement.attempts where transaction_hash = lower($1)',
    ),
    ofCalls('select call_id from settlement.attempts where transaction_hash = lower($1)'),
  ].join(' union '),
};
export const SUBJECT_LIMIT = 1_000;

/**
 * Up to {@link SUBJECT_LIMIT} ids, in the order in which they came; undefined for an id of none of these kinds.
 */
export async function subjectsOf(database: Database, id: string): Promise<string[] | undefined> {
  const [, query] = Object.entries(queries).find(([beginning]) => id.startsWith(beginning)) ?? [];
  if (!query) return undefined;
  const { rows } = await database.query<{ id: string }>(
    `select id from (${query}) as subjects order by id limit ${SUBJECT_LIMIT}`,
    [id],
  );
  return rows.map((row) => row.id);
}
