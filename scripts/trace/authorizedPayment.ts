/** The whole way of a payment that a wallet signed and a partner handed in. */
import type { Database } from '../../services/platform/database.ts';
import { signaturesOf } from './calls.ts';
import { postingsOf } from './postings.ts';
import { type Moment, requestsOf, type Trace, webhooksOf } from './read.ts';

interface Row {
  id: string;
  partner_id: string;
  partner: string;
  call_id: string;
  chain_id: bigint;
  currency: string;
  amount_value: string;
  token: string;
  payer: string;
  recipient: string;
  payment_reference: string;
  nonce: string;
  valid_after: bigint;
  valid_before: bigint;
  status: string;
  reason_code: string | null;
  reason_detail: string | null;
}

/** Reads everything that the tables of settlement and indexer know of it; undefined when there is none. */
export async function readAuthorizedTrace(database: Database, id: string): Promise<Trace | undefined> {
  const { rows } = await database.query<Row>(
    `select p.*, n.name as partner from settlement.authorized_payments p
       join settlement.partners n on n.id = p.partner_id where p.id = $1`,
    [id],
  );
  const [payment] = rows;
  if (!payment) return undefined;
  const moments = await Promise.all([
    requestsOf(database, payment.partner_id, [payment.id]),
    states(database, payment),
    signaturesOf(database, [payment.call_id]),
    events(database, payment),
    postingsOf(database, id),
    webhooksOf(database, payment.id),
  ]);
  return {
    summary: summaryOf(payment),
    moments: moments.flat().sort((a, b) => a.at.getTime() - b.at.getTime()),
  };
}

function summaryOf(payment: Row): Trace['summary'] {
  const time = (seconds: bigint) => new Date(Number(seconds) * 1_000).toISOString();
  const summary: Trace['summary'] = [
    ['payment', `${payment.id}, signed by the wallet`],
    ['amount', `${payment.amount_value} ${payment.currency}`],
    ['partner', payment.partner],
    ['payer', payment.payer],
    ['recipient', payment.recipient],
    ['reference', payment.payment_reference],
    ['nonce', payment.nonce],
    ['valid', `after ${time(payment.valid_after)}, before ${time(payment.valid_before)}`],
    ['status', payment.status],
  ];
  if (payment.reason_code) summary.push(['reason', `${payment.reason_code} ${payment.reason_detail ?? ''}`]);
  return summary;
}

async function states(database: Database, { id }: Row): Promise<Moment[]> {
  const { rows } = await database.query<{ at: Date; state: string; detail: Record<string, unknown> }>(
    `select at, state, detail from settlement.authorized_payment_events
      where authorized_payment_id = $1 order by id`,
    [id],
  );
  return rows.map(({ at, state, detail }) => ({
    at,
    what: 'state',
    detail: [state, ...Object.entries(detail).map(([name, value]) => `${name} ${String(value)}`)].join('  '),
  }));
}

/** What the chain did with the authorisation, by whichever transaction. */
async function events(database: Database, { chain_id, token, payer, nonce }: Row): Promise<Moment[]> {
  const { rows } = await database.query<{
    block_number: bigint;
    hash: string;
    timestamp_s: bigint;
    transaction_hash: string;
    outcome: string;
    payment_log_index: number | null;
  }>(
    `select a.*, b.hash, b.timestamp_s from indexer.authorizations a
       join indexer.blocks b on b.chain_id = a.chain_id and b.number = a.block_number
      where a.chain_id = $1 and a.token = $2 and a.authorizer = $3 and a.nonce = $4`,
    [chain_id, token, payer, nonce],
  );
  return rows.map((row) => {
    const at = new Date(Number(row.timestamp_s) * 1_000);
    const paid = row.payment_log_index === null ? '' : `, PaymentSettled is log ${row.payment_log_index}`;
    return {
      at,
      what: 'event',
      detail: `the authorisation is ${row.outcome} in block ${row.block_number} ${row.hash}, by the chain's clock ${at.toISOString()}, by ${row.transaction_hash}${paid}`,
    };
  });
}
