import { formatMoney } from '../../services/core/money.ts';
import type { Database } from '../../services/platform/database.ts';
import { type PaymentState, transactionStatus } from '../../services/settlement/domains/payments/states.ts';
import { postingsOf } from './postings.ts';

export interface Moment {
  at: Date;
  what: string;
  detail: string;
}

export interface Trace {
  summary: [name: string, value: string][];
  /** In the order in which they happened. */
  moments: Moment[];
}

interface PaymentRow {
  id: string;
  partner_id: string;
  partner: string;
  end_to_end_id: string;
  payment_batch_id: string | null;
  position: number;
  format: string | null;
  message_id: string | null;
  account_id: string | null;
  chain_id: bigint | null;
  payer: string | null;
  currency: string;
  amount_value: string;
  creditor_name: string;
  creditor_scheme: string;
  creditor_identification: string;
  recipient: string | null;
  state: PaymentState;
  reason_code: string | null;
  reason_detail: string | null;
  settlement_batch_id: string | null;
  sequence: bigint | null;
  created_at: Date;
}

/** Reads everything that the tables of settlement and indexer know of a payment; undefined when there is none. */
export async function readTrace(database: Database, id: string): Promise<Trace | undefined> {
  const { rows } = await database.query<PaymentRow>(
    `select p.*, n.name as partner, b.format, b.message_id, a.chain_id, a.payer
       from settlement.current_payments p
       join settlement.partners n on n.id = p.partner_id
       left join settlement.payment_batches b on b.id = p.payment_batch_id
       left join settlement.accounts a on a.id = p.account_id
      where p.id = $1`,
    [id],
  );
  const [payment] = rows;
  if (!payment) return undefined;
  const parts = [states, reserve, signatures, chain, postings, statusReport];
  const moments = [
    await requestsOf(database, payment.partner_id, [payment.id, payment.payment_batch_id]),
    ...(await Promise.all(parts.map((part) => part(database, payment)))),
    await webhooksOf(database, payment.id),
  ].flat();
  // Moments of one instant stay in the order of the parts, which is the order of the way.
  return { summary: summaryOf(payment), moments: moments.sort((a, b) => a.at.getTime() - b.at.getTime()) };
}

function summaryOf(payment: PaymentRow): Trace['summary'] {
  const summary: Trace['summary'] = [
    ['payment', payment.id],
    ['EndToEndId', payment.end_to_end_id],
    ['amount', `${payment.amount_value} ${payment.currency}`],
    [
      'debtor',
      `${payment.partner}${payment.account_id ? `, ${payment.account_id}, wallet ${payment.payer}` : ''}`,
    ],
    ['creditor', `${payment.creditor_name}, ${payment.creditor_scheme} ${payment.creditor_identification}`],
    ['state', payment.state],
  ];
  if (payment.recipient) summary.splice(5, 0, ['recipient', payment.recipient]);
  if (payment.reason_code) summary.push(['reason', `${payment.reason_code} ${payment.reason_detail ?? ''}`]);
  if (['final', 'posted', 'returned'].includes(payment.state))
    summary.push(['proof', `GET /v1/payments/${payment.id}/proof`]);
  if (payment.payment_batch_id)
    summary.push(
      [
        'file',
        `${payment.payment_batch_id}, ${payment.format} ${payment.message_id}, payment ${payment.position}`,
      ],
      ['pain.002', `GET /v1/payment-batches/${payment.payment_batch_id}/pain.002`],
    );
  return summary;
}

/** The requests of a partner that answered with one of these ids. */
export async function requestsOf(
  database: Database,
  partnerId: string,
  ids: readonly (string | null)[],
): Promise<Moment[]> {
  const { rows } = await database.query<{
    key: string;
    method_and_path: string;
    status: number;
    body_sha256: string;
    created_at: Date;
  }>(
    `select key, method_and_path, status, body_sha256, created_at from settlement.idempotency_keys
      where partner_id = $1 and method_and_path like 'POST %' and response_body::jsonb ->> 'id' = any($2)`,
    [partnerId, ids],
  );
  return rows.map((row) => ({
    at: row.created_at,
    what: 'request',
    detail: `${row.method_and_path} answered ${row.status}; Idempotency-Key ${row.key}, body sha-256 ${short(row.body_sha256)}`,
  }));
}

async function states(database: Database, payment: PaymentRow): Promise<Moment[]> {
  const { rows } = await database.query<{ at: Date; state: string; detail: Record<string, unknown> }>(
    'select at, state, detail from settlement.timeline where payment_id = $1 order by id, step',
    [payment.id],
  );
  return rows.map(({ at, state, detail }) => ({
    at,
    what: 'state',
    detail: [state, ...Object.entries(detail).map(([name, value]) => `${name} ${short(String(value))}`)].join(
      '  ',
    ),
  }));
}

const reserve = (database: Database, { id, currency }: PaymentRow) => holdsOf(database, currency, [id]);
const postings = (database: Database, { id }: PaymentRow) => postingsOf(database, id);

/** Money reserved under these ids, and what became of it. */
export async function holdsOf(
  database: Database,
  currency: string,
  ids: readonly string[],
): Promise<Moment[]> {
  const { rows } = await database.query<{
    amount: bigint;
    state: string;
    created_at: Date;
    ended_at: Date | null;
  }>(
    'select amount, state, created_at, ended_at from settlement.holds where payment_id = any($1) order by created_at',
    [ids],
  );
  return rows.flatMap(({ amount, state, created_at, ended_at }) => {
    const money = show({ currency }, amount);
    const moments = [{ at: created_at, what: 'ledger', detail: `${money} held for it` }];
    if (ended_at) moments.push({ at: ended_at, what: 'ledger', detail: `the hold of ${money} is ${state}` });
    return moments;
  });
}

async function signatures(database: Database, payment: PaymentRow): Promise<Moment[]> {
  const { rows } = await database.query<{
    signer: string;
    nonce: bigint;
    epoch: bigint;
    transaction_hash: string;
    state: string;
    created_at: Date;
    last_broadcast_at: Date | null;
    first_sequence: bigint;
    payment_count: number;
  }>(
    `select a.*, b.first_sequence, b.payment_count from settlement.attempts a
       join settlement.settlement_batches b on b.id = a.settlement_batch_id
      where a.settlement_batch_id = $1 and a.transaction_hash is not null order by a.id`,
    [payment.settlement_batch_id],
  );
  return rows.flatMap((row) => {
    const moments = [
      {
        at: row.created_at,
        what: 'signature',
        detail: `${row.transaction_hash} by ${row.signer}, nonce ${row.nonce}, epoch ${row.epoch}; sequence ${payment.sequence} of ${row.first_sequence} to ${row.first_sequence + BigInt(row.payment_count) - 1n}`,
      },
    ];
    if (row.last_broadcast_at)
      moments.push({
        at: row.last_broadcast_at,
        what: 'transaction',
        detail: `${row.transaction_hash} sent; now ${row.state}`,
      });
    return moments;
  });
}

async function chain(database: Database, payment: PaymentRow): Promise<Moment[]> {
  const { rows } = await database.query<{
    block_number: bigint;
    log_index: number;
    transaction_hash: string;
    outcome: string;
    amount: bigint;
    recipient: string;
    hash: string;
    timestamp_s: bigint;
    final_number: bigint;
    included_at: Date | null;
    final_at: Date | null;
    events: string;
  }>(
    `select p.*, b.hash, b.timestamp_s, c.final_number,
            (select max(at) from settlement.timeline where payment_id = $4 and state = 'included') as included_at,
            (select max(at) from settlement.timeline where payment_id = $4 and state = 'final') as final_at,
            (select string_agg(name || case when n > 1 then ' x ' || n else '' end, ', ' order by name)
               from (select name, count(*) as n from indexer.events e
                      where e.chain_id = p.chain_id and e.block_number = p.block_number and e.transaction_hash = p.transaction_hash group by name) as names) as events
       from indexer.payments p
       join indexer.blocks b on b.chain_id = p.chain_id and b.number = p.block_number
       join indexer.cursors c on c.chain_id = p.chain_id
      where p.chain_id = $1 and p.payer = $2 and p.sequence = $3`,
    [payment.chain_id, payment.payer, payment.sequence, payment.id],
  );
  return rows.flatMap((row) => {
    // A chain has a clock of its own, so its moments stand where they were noticed here.
    const timestamp = new Date(Number(row.timestamp_s) * 1000);
    const at = row.included_at ?? timestamp;
    const isFinal = row.block_number <= row.final_number;
    return [
      {
        at,
        what: 'block',
        detail: `${row.block_number} ${row.hash}, by the chain's clock ${timestamp.toISOString()}`,
      },
      {
        at,
        what: 'event',
        detail: `${row.outcome === 'settled' ? 'Transfer' : 'PaymentReturned'}, log ${row.log_index}: ${show(payment, row.amount)} to ${row.recipient} (the transaction has ${row.events})`,
      },
      {
        at: row.final_at ?? at,
        what: 'confirmation',
        detail: isFinal
          ? `block ${row.block_number} is final: the chain is final up to ${row.final_number}`
          : `block ${row.block_number} is not final yet: the chain is final up to ${row.final_number}`,
      },
    ];
  });
}

/** Where the money did not move there is no statement entry: the report on the file tells it. */
async function statusReport(database: Database, payment: PaymentRow): Promise<Moment[]> {
  const { id, payment_batch_id: batchId, state, reason_code: reason } = payment;
  if (!batchId || !reason) return [];
  const { rows } = await database.query<{ at: Date }>(
    'select at from settlement.timeline where payment_id = $1 and state = $2 order by id desc limit 1',
    [id, state],
  );
  return rows.map(({ at }) => ({
    at,
    what: 'bank message',
    detail: `${transactionStatus(state)} ${reason} in the pain.002: GET /v1/payment-batches/${batchId}/pain.002`,
  }));
}

/** Every attempt to tell of a payment. */
export async function webhooksOf(database: Database, paymentId: string): Promise<Moment[]> {
  const { rows } = await database.query<{
    type: string;
    id: string;
    at: Date;
    status: number | null;
    error: string | null;
    url: string;
  }>(
    `select m.type, m.id, t.at, t.status, t.error, e.url
       from settlement.webhook_messages m
       join settlement.webhook_deliveries d on d.message_id = m.id
       join settlement.webhook_endpoints e on e.id = d.endpoint_id
       join settlement.webhook_attempts t on t.delivery_id = d.id
      where m.payment_id = $1 order by t.id`,
    [paymentId],
  );
  return rows.map(({ at, type, id, status, error, url }) => ({
    at,
    what: 'webhook',
    detail: `${type} ${id} to ${url}: ${status ?? ''}${error ? ` ${error}` : ''}`,
  }));
}

function show({ currency }: Pick<PaymentRow, 'currency'>, units: bigint): string {
  return `${formatMoney({ currency, units })} ${currency}`;
}

function short(text: string): string {
  return text.length > 24 ? `${text.slice(0, 18)}…` : text;
}
