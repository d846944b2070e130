/** Which payments, policies and escrows an id is about: that of whatever happened to them. */
import type { Database } from '../../services/platform/database.ts';
import { observations } from './observations.ts';
import { bookings } from './postings.ts';

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
/** A transaction of ours, or whoever's events it has; and the id that the contract knows an escrow by. */
const ofHash = (hash: string) => {
  const events = `(select * from indexer.other_events
                    where chain_id in (select chain_id from indexer.cursors) and transaction_hash = ${hash})`;
  return [
    ofSettlementBatches(
      `select settlement_batch_id from settlement.attempts where transaction_hash = ${hash}`,
    ),
    ofCalls(`select call_id from settlement.attempts where transaction_hash = ${hash}`),
    `select a.id from ${events} e
       join settlement.authorized_payments a
         on (a.chain_id, a.token, a.payer, a.nonce)
          = (e.chain_id, e.contract, e.arguments ->> 'authorizer', e.arguments ->> 'nonce')`,
    `select s.id from settlement.escrows s where s.escrow_id = ${hash}`,
    `select s.id from ${events} e
       join settlement.escrows s
         on (s.chain_id, s.contract, s.escrow_id) = (e.chain_id, e.contract, e.arguments ->> 'escrowId')`,
    `select s.id from indexer.credit_withdrawals w
       join settlement.escrows s on (s.chain_id, s.contract, s.escrow_id) = (w.chain_id, w.contract, w.id)
      where w.chain_id in (select chain_id from indexer.cursors) and w.transaction_hash = ${hash}`,
    `select p.id from ${events} e
       join settlement.policies p on (p.chain_id, p.policy_number) = (e.chain_id, (e.arguments ->> 'policyId')::numeric)`,
    `select p.id from ${events} e
       join settlement.policies p on (p.chain_id, p.risk_number) = (e.chain_id, (e.arguments ->> 'riskNumber')::numeric)
      where e.name in ('RiskOpened', 'RiskSettled')`,
    `select policy_id from settlement.policy_events
      where state = 'credit_withdrawn' and detail ->> 'transactionHash' = ${hash}`,
    `select subject from (${observations}) o
      where chain_id in (select chain_id from indexer.cursors) and transaction_hash = ${hash}`,
  ].join(' union ');
};
/** A break's is the event, the escrow or the policy, before the slash. */
const BREAK = "(select split_part(subject, '/', 1) from settlement.breaks where id = $1)";

/** By what an id begins with; each gives the ids for that id. */
const queries: Record<string, string> = {
  bat_: 'select id from settlement.payments where payment_batch_id = $1',
  stl_: ofSettlementBatches('$1'),
  quo_: 'select id from settlement.policies where quote_id = $1',
  pob_: 'select id from settlement.policies where batch_id = $1',
  esa_: 'select escrow_id as id from settlement.escrow_actions where id = $1',
  call_: ofCalls('$1'),
  pst_: `select subject as id from (${bookings}) as booked where posting_id = $1`,
  brk_: `${ofHash(BREAK)} union
         select p.id from settlement.policies p
           join settlement.breaks b on b.kind = 'policy' and split_part(b.subject, '/', 1) = p.policy_number::text
          where b.id = $1`,
  msg_: 'select payment_id as id from settlement.webhook_messages where id = $1 and payment_id is not null',
  dlv_: `select m.payment_id as id from settlement.webhook_deliveries d
           join settlement.webhook_messages m on m.id = d.message_id where d.id = $1 and m.payment_id is not null`,
  '0x': ofHash('lower($1)'),
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
