/** Which payments, policies and escrows an id is about: that of whatever happened to them. */
import type { Database } from '../../services/platform/database.ts';
import { observations } from './observations.ts';
import { bookings } from './postings.ts';

export const SUBJECT_LIMIT = 1_000;

/** By what an id begins with: where those are of whose whole way there is a reader. */
const tables = {
  pay_: 'settlement.payments',
  aup_: 'settlement.authorized_payments',
  pol_: 'settlement.policies',
  esc_: 'settlement.escrows',
};
/** No more rows than are shown, where there may be millions. @param query of one select */
const newest = (query: string) => `(${query} order by id desc limit ${SUBJECT_LIMIT})`;
const OF_PARTNER = Object.values(tables)
  .map((table) => newest(`select id from ${table} where partner_id = $1`))
  .join(' union ');
/** What it pays, what its wallet signed, and escrows into or out of its wallet, whichever partner agreed upon them. */
const ofAccount = (account: string) => {
  const owner = `(select * from settlement.accounts where id = ${account}) a`;
  return [
    newest(`select p.id from ${owner}
              join settlement.payments p on (p.partner_id, p.account_id) = (a.partner_id, a.id)`),
    newest(`select p.id from ${owner}
              join settlement.authorized_payments p on (p.chain_id, p.token, p.payer) = (a.chain_id, a.token, a.payer)`),
    newest(`select p.id from ${owner}
              join settlement.policies p on (p.partner_id, p.account_id) = (a.partner_id, a.id)`),
    newest(`select s.id from ${owner}
              join settlement.escrows s on (s.chain_id, s.terms ->> 'token') = (a.chain_id, a.token)
               and a.payer in (s.terms ->> 'payer', s.terms ->> 'payee')`),
  ].join(' union ');
};
/** Payments to its IBAN, as whoever wrote it spaced it, that went to its wallet: the IBAN may have had another one before. */
const OF_BENEFICIARY = newest(`
  select p.id from settlement.beneficiaries b
    join settlement.payments p on (p.partner_id, p.recipient) = (b.partner_id, b.wallet)
     and p.creditor_scheme = 'IBAN' and upper(replace(p.creditor_identification, ' ', '')) = b.iban
   where b.id = $1`);
const ofMessages = (messages: string) =>
  `select payment_id as id from settlement.webhook_messages where payment_id is not null and id = ${messages}`;
const ofPostings = (postings: string) =>
  `select subject as id from (${bookings}) as booked where posting_id = ${postings}`;
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
/**
 * A transaction of ours, or whoever's events it has; the id that the contract knows an escrow by; the nonce and the reference that a
 * wallet signed. The index has payments by their blocks, so those of a batch are looked for where its event is.
 */
const ofHash = (hash: string) => {
  const events = `(select * from indexer.other_events
                    where chain_id in (select chain_id from indexer.cursors) and transaction_hash = ${hash})`;
  return [
    ofSettlementBatches(
      `select settlement_batch_id from settlement.attempts where transaction_hash = ${hash}`,
    ),
    `select p.id from ${events} e
       join indexer.payments i
         on (i.chain_id, i.block_number, i.transaction_hash) = (e.chain_id, e.block_number, e.transaction_hash)
       join settlement.accounts a on (a.chain_id, a.payer) = (i.chain_id, i.payer)
       join settlement.payments p on (p.account_id, p.sequence) = (a.id, i.sequence)
      where e.name = 'BatchSettled'`,
    ofCalls(`select call_id from settlement.attempts where transaction_hash = ${hash}`),
    `select a.id from ${events} e
       join settlement.authorized_payments a
         on (a.chain_id, a.token, a.payer, a.nonce)
          = (e.chain_id, e.contract, e.arguments ->> 'authorizer', e.arguments ->> 'nonce')`,
    `select id from settlement.authorized_payments where nonce = ${hash} or payment_reference = ${hash}`,
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
/** Entries of the reserve's bank: escrows with a rule for a payout under the EndToEndId, and the transaction that is named. */
const ofEntries = (entries: string) =>
  `select r.escrow_id as id from settlement.escrow_rules r
    where r.condition ->> 'type' = 'bank_payout'
      and r.bank_reference = any(array(select end_to_end_id from (${entries}) as entry))
   union ${ofHash(`any(array(select transaction_hash::text from (${entries}) as entry))`)}`;
/** A break's is the event, the escrow or the policy, before the slash; the bank's is a statement, slash, the entry's position. */
const BREAK = "(select split_part(subject, '/', 1) from settlement.breaks where id = $1)";
const BREAK_ENTRY = `
  select e.* from settlement.breaks b
    join settlement.bank_statements s on s.currency = b.currency and s.statement_id = regexp_replace(b.subject, '/[0-9]+$', '')
    join settlement.bank_entries e on e.bank_statement_id = s.id and s.statement_id || '/' || e.position = b.subject
   where b.id = $1 and b.kind like 'bank\\_%'`;

/** By what an id begins with; each gives the ids for that id. */
const queries: Record<string, string> = {
  ptn_: OF_PARTNER,
  acc_: ofAccount('$1'),
  ben_: OF_BENEFICIARY,
  bat_: 'select id from settlement.payments where payment_batch_id = $1',
  stl_: ofSettlementBatches('$1'),
  quo_: 'select id from settlement.policies where quote_id = $1',
  pob_: 'select id from settlement.policies where batch_id = $1',
  esa_: 'select escrow_id as id from settlement.escrow_actions where id = $1',
  call_: ofCalls('$1'),
  pst_: ofPostings('$1'),
  lac_: ofPostings(`any(array(select posting_id from settlement.ledger_entries where ledger_account_id = $1
                               order by posting_id desc limit ${SUBJECT_LIMIT}))`),
  bst_: ofEntries('select * from settlement.bank_entries where bank_statement_id = $1'),
  brk_: `${ofHash(BREAK)} union ${ofEntries(BREAK_ENTRY)} union
         select p.id from settlement.policies p
           join settlement.breaks b on b.kind = 'policy' and split_part(b.subject, '/', 1) = p.policy_number::text
          where b.id = $1`,
  whe_: ofMessages(`any(array(select d.message_id from settlement.webhook_deliveries d
                               where d.partner_id = (select partner_id from settlement.webhook_endpoints where id = $1)
                                 and d.endpoint_id = $1 order by d.id desc limit ${SUBJECT_LIMIT}))`),
  msg_: ofMessages('$1'),
  dlv_: ofMessages('(select message_id from settlement.webhook_deliveries where id = $1)'),
  // a break's event or subject has more after a slash
  '0x': ofHash("split_part($1, '/', 1)"),
};
/** What the request with this Idempotency-Key brought about. */
const ANSWERED =
  "array(select response_body::jsonb ->> 'id' from settlement.idempotency_keys where key = $1)";
/**
 * An id without what it begins with, as banks carry it (`bankReference`), of either case; what partners call payments and their files,
 * policies and requests; and what the bank calls its statements. Most of it has no index: every payment there is is looked at.
 */
const REFERENCES = [
  ...Object.entries(tables).map(
    ([beginning, table]) =>
      `select id from ${table} where id = '${beginning}' || lower($1) or id = any(${ANSWERED})`,
  ),
  ofPostings("'pst_' || lower($1)"),
  ofAccount("'acc_' || lower($1)"),
  `select id from settlement.payments
    where $1 <> 'NOTPROVIDED'
      and ($1 in (end_to_end_id, instruction_id, payment_information_id) or lower(uetr) = lower($1))`,
  `select p.id from settlement.payment_batches b join settlement.payments p on p.payment_batch_id = b.id
    where b.message_id = $1 or b.id = any(${ANSWERED})`,
  `select id from settlement.policies
    where $1 in (reference, policy_number::text) or batch_id = any(${ANSWERED})`,
  "select escrow_id from settlement.escrow_rules where bank_reference = $1 and condition ->> 'type' = 'bank_payout'",
  ofEntries(`select e.* from settlement.bank_statements s join settlement.bank_entries e on e.bank_statement_id = s.id
              where $1 in (s.statement_id, s.statement_id || '/' || e.position, e.reference, e.end_to_end_id)`),
].join(' union ');

/** One of ours, or a word of the chain, whole: what partners call things has at most 35 characters, and may begin like one. */
const ID = /^(?:[a-z]{3,4}_[0-9a-f]{32}|0x[0-9a-f]{64}(?:\/\w+)?)$/i;

/**
 * The newest {@link SUBJECT_LIMIT} ids at most, in the order in which they came; of a webhook endpoint or a ledger account, what so many
 * of its newest deliveries or postings are about. Undefined for what is no id of these kinds and no reference of anything; the id
 * itself for that of a payment, a policy or an escrow, whether or not there is one.
 */
export async function subjectsOf(database: Database, given: string): Promise<string[] | undefined> {
  const text = given.trim();
  const id = ID.test(text) ? text.toLowerCase() : '';
  if (Object.keys(tables).some((beginning) => id.startsWith(beginning))) return [id];
  const [, query] = Object.entries(queries).find(([beginning]) => id.startsWith(beginning)) ?? [];
  if (query) return newestOf(database, query, id);
  const found = await newestOf(database, REFERENCES, text);
  return found.length > 0 ? found : undefined;
}

async function newestOf(database: Database, query: string, id: string): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(
    // What follows an id's kind is a UUID of version 7 (RFC 9562): in order of time, whatever the kind.
    `select id from (${query}) as subjects order by right(id, 32) desc limit ${SUBJECT_LIMIT}`,
    [id],
  );
  return rows.map((row) => row.id).reverse();
}
