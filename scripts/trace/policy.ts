/** The whole way of a policy: request, order, risk, observation, settlement, payment, postings, and the transactions that carried them. */
import { COVER_CURRENCY } from '../../services/core/insurance/product.ts';
import { formatMoney } from '../../services/core/money.ts';
import type { Database } from '../../services/platform/database.ts';
import { signaturesOf } from './calls.ts';
import { observationsOf } from './observations.ts';
import { postingsOf } from './postings.ts';
import { holdsOf, type Moment, requestsOf, type Trace, webhooksOf } from './read.ts';

interface Row {
  id: string;
  partner_id: string;
  partner: string;
  batch_id: string | null;
  quote_id: string | null;
  account_id: string;
  chain_id: bigint;
  product: string;
  product_number: number;
  subject: string;
  subject_word: string;
  window_start: bigint;
  window_end: bigint;
  ordered_units: bigint;
  insured_units: bigint | null;
  max_premium_units: bigint;
  premium_units: bigint | null;
  buyer: string;
  sequence: bigint;
  deadline: bigint;
  holder: string;
  call_id: string | null;
  status: string;
  reason_code: string | null;
  reason_detail: string | null;
  policy_number: bigint | null;
  risk_number: bigint | null;
  /** What waits in the pool: an account and its token units each. */
  credits: string[];
}

/** Reads everything that the tables of settlement and indexer know of it; undefined when there is none. */
export async function readPolicyTrace(database: Database, id: string): Promise<Trace | undefined> {
  const { rows } = await database.query<Row>(
    `select p.*, n.name as partner,
            array(select account || ' ' || sum(units) from settlement.policy_credits where policy_id = p.id
                   group by account order by account) as credits
       from settlement.policies p
       join settlement.partners n on n.id = p.partner_id where p.id = $1`,
    [id],
  );
  const [policy] = rows;
  if (!policy) return undefined;
  const calls = await callsOf(database, policy);
  const moments = await Promise.all([
    requestsOf(database, policy.partner_id, [policy.id, policy.batch_id, policy.quote_id]),
    holdsOf(database, COVER_CURRENCY, [id]),
    states(database, policy),
    Promise.resolve(calls.map(({ moment }) => moment)),
    signaturesOf(
      database,
      calls.map(({ id: callId }) => callId),
    ),
    observationsOf(database, id),
    events(database, policy),
    postingsOf(database, id),
    webhooksOf(database, policy.id),
  ]);
  return {
    summary: summaryOf(policy),
    moments: moments.flat().sort((a, b) => a.at.getTime() - b.at.getTime()),
  };
}

function summaryOf(policy: Row): Trace['summary'] {
  const time = (seconds: bigint) => new Date(Number(seconds) * 1_000).toISOString();
  const money = (units: bigint) => `${formatMoney({ currency: COVER_CURRENCY, units })} ${COVER_CURRENCY}`;
  const summary: Trace['summary'] = [
    ['policy', policy.id],
    ['product', `${policy.product}, ${policy.subject}`],
    ['window', `${time(policy.window_start)} to ${time(policy.window_end)}`],
    ['insured', money(policy.insured_units ?? policy.ordered_units)],
    [
      'premium',
      policy.premium_units === null
        ? `at most ${money(policy.max_premium_units)}`
        : money(policy.premium_units),
    ],
    ['partner', policy.partner],
    ['buyer', `${policy.buyer}, order ${policy.sequence}, until ${time(policy.deadline)}`],
    ['holder', policy.holder],
    ['status', policy.status],
  ];
  if (policy.quote_id) summary.push(['quote', policy.quote_id]);
  if (policy.policy_number !== null)
    summary.push(
      ['contract', `policy ${policy.policy_number} on risk ${policy.risk_number}`],
      ['proof', `GET /v1/policies/${policy.id}/proof`],
    );
  for (const credit of policy.credits) {
    const [account, units = ''] = credit.split(' ');
    summary.push(['credit', `${money(BigInt(units))} wait in the pool for ${account}`]);
  }
  if (policy.reason_code) summary.push(['reason', `${policy.reason_code} ${policy.reason_detail ?? ''}`]);
  return summary;
}

async function states(database: Database, { id }: Row): Promise<Moment[]> {
  const { rows } = await database.query<{ at: Date; state: string; detail: Record<string, unknown> }>(
    'select at, state, detail from settlement.policy_events where policy_id = $1 order by id',
    [id],
  );
  return rows.map(({ at, state, detail }) => ({
    at,
    what: 'state',
    detail: [state, ...Object.entries(detail).map(([name, value]) => `${name} ${String(value)}`)].join('  '),
  }));
}

/** What keepers asked for on its account. */
async function callsOf(database: Database, policy: Row): Promise<{ id: string; moment: Moment }[]> {
  const { rows } = await database.query<{
    id: string;
    kind: string;
    state: string;
    created_at: Date;
    last_error: string | null;
  }>(
    `select c.id, c.kind, c.state, c.created_at, c.last_error from settlement.calls c
      where c.id = $1
         or c.id in (select call_id from settlement.risk_openings
                      where (chain_id, product_number, subject_word, window_start, window_end) = ($2, $3, $4, $5, $6))
         or c.id in (select call_id from settlement.risk_settlements where chain_id = $2 and risk_number = $7)
         or c.id in (select call_id from settlement.policy_payments where chain_id = $2 and policy_number = $8)
      order by c.created_at`,
    [
      policy.call_id,
      policy.chain_id,
      policy.product_number,
      policy.subject_word,
      policy.window_start,
      policy.window_end,
      policy.risk_number,
      policy.policy_number,
    ],
  );
  return rows.map(({ id, kind, state, created_at: at, last_error: error }) => ({
    id,
    moment: {
      at,
      what: 'call',
      detail: `${kind} ${id} was asked for; now ${state}${error ? `, last refused with ${error}` : ''}`,
    },
  }));
}

/** What the chain said of policy and risk, by whichever transaction; in the order of the chain's clock. */
async function events(database: Database, policy: Row): Promise<Moment[]> {
  if (policy.policy_number === null) return [];
  const { rows } = await database.query<{
    name: string;
    arguments: Record<string, unknown>;
    block_number: bigint;
    hash: string;
    timestamp_s: bigint;
    transaction_hash: string;
  }>(
    `select e.name, e.arguments, e.block_number, b.hash, b.timestamp_s, e.transaction_hash
       from indexer.other_events e
       join indexer.blocks b on b.chain_id = e.chain_id and b.number = e.block_number
      where e.chain_id = $1
        and ((e.name in ('PolicyIssued', 'PolicyTransferred', 'PolicyCancelled', 'PolicyPaid', 'PremiumRefunded')
              and (e.arguments ->> 'policyId')::numeric = $2)
             or (e.name in ('RiskOpened', 'RiskSettled') and (e.arguments ->> 'riskNumber')::numeric = $3))
      order by e.block_number, e.log_index`,
    [policy.chain_id, policy.policy_number, policy.risk_number],
  );
  return rows.map((row) => {
    const at = new Date(Number(row.timestamp_s) * 1_000);
    const values = Object.entries(row.arguments).map(([name, value]) => `${name} ${String(value)}`);
    return {
      at,
      what: 'event',
      detail: `${row.name} in block ${row.block_number} ${row.hash}, by ${row.transaction_hash}: ${values.join(', ')}`,
    };
  });
}
