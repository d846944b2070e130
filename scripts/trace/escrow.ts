/** The whole way of an escrow, from its terms to its end. */
import { formatMoney } from '../../services/core/money.ts';
import type { Database } from '../../services/platform/database.ts';
import type { Escrow } from '../../services/settlement/domains/escrow/schema.ts';
import { readEscrows } from '../../services/settlement/domains/escrow/store.ts';
import { toEscrow } from '../../services/settlement/domains/escrow/view.ts';
import { signaturesOf } from './calls.ts';
import { observationsOf } from './observations.ts';
import { postingsOf } from './postings.ts';
import { holdsOf, type Moment, requestsOf, type Trace, webhooksOf } from './read.ts';

interface Row {
  id: string;
  partner_id: string;
  partner: string;
  chain_id: bigint;
  contract: string;
  escrow_id: string;
  currency: string;
  units: bigint;
  terms: { payer: string; payee: string };
  authorization_expiry: bigint;
  capture_expiry: bigint;
  refund_expiry: bigint;
  status: string;
}

/** Reads everything that the tables of settlement and indexer know of it; undefined when there is none. */
export async function readEscrowTrace(database: Database, id: string): Promise<Trace | undefined> {
  const { rows } = await database.query<Row>(
    `select s.*, n.name as partner from settlement.escrows s
       join settlement.partners n on n.id = s.partner_id where s.id = $1`,
    [id],
  );
  const [escrow] = rows;
  if (!escrow) return undefined;
  const actions = await database.query<{ id: string; call_id: string }>(
    'select id, call_id from settlement.escrow_actions where escrow_id = $1',
    [id],
  );
  const actionIds = actions.rows.map((action) => action.id);
  const shown = await readEscrows(database, [id]);
  const moments = await Promise.all([
    requestsOf(database, escrow.partner_id, [id, ...actionIds]),
    holdsOf(database, escrow.currency, actionIds),
    states(database, id),
    signaturesOf(
      database,
      actions.rows.map(({ call_id: callId }) => callId),
    ),
    observationsOf(database, id),
    events(database, escrow),
    postingsOf(database, id),
    webhooksOf(database, id),
  ]);
  return {
    summary: summaryOf(
      escrow,
      shown.flatMap((row) => toEscrow(row).credits),
    ),
    moments: moments.flat().sort((a, b) => a.at.getTime() - b.at.getTime()),
  };
}

function summaryOf(escrow: Row, credits: Escrow['credits']): Trace['summary'] {
  const time = (seconds: bigint) => new Date(Number(seconds) * 1_000).toISOString();
  return [
    ['escrow', escrow.id],
    ['on chain', `${escrow.escrow_id} of ${escrow.contract}`],
    ['amount', `${formatMoney({ currency: escrow.currency, units: escrow.units })} ${escrow.currency}`],
    ['partner', escrow.partner],
    ['payer', escrow.terms.payer],
    ['payee', escrow.terms.payee],
    [
      'until',
      `authorized ${time(escrow.authorization_expiry)}, captured ${time(escrow.capture_expiry)}, refunded ${time(escrow.refund_expiry)}`,
    ],
    ['status', escrow.status],
    ...credits
      .filter(({ withdrawnAt }) => withdrawnAt === null)
      .map(({ account, amount: { currency, value } }): [string, string] => [
        'credit',
        `${value} ${currency} wait in the contract for ${account}`,
      ]),
    ['proof', `GET /v1/escrows/${escrow.id}/proof, once something is final`],
  ];
}

async function states(database: Database, id: string): Promise<Moment[]> {
  const { rows } = await database.query<{ at: Date; state: string; detail: Record<string, unknown> }>(
    'select at, state, detail from settlement.escrow_events where escrow_id = $1 order by id',
    [id],
  );
  return rows.map(({ at, state, detail }) => ({
    at,
    what: 'state',
    detail: [state, ...Object.entries(detail).map(([name, value]) => `${name} ${String(value)}`)].join('  '),
  }));
}

/** What the contract did, by whichever transaction. */
async function events(database: Database, { chain_id, contract, escrow_id }: Row): Promise<Moment[]> {
  const { rows } = await database.query<{
    name: string;
    block_number: bigint;
    hash: string;
    timestamp_s: bigint;
    transaction_hash: string;
  }>(
    `select e.name, e.block_number, e.transaction_hash, k.hash, k.timestamp_s
       from (select chain_id, contract, escrow_id, name, block_number, log_index, transaction_hash from indexer.escrow_events
             union all
             select chain_id, contract, id, 'CreditAdded', block_number, log_index, transaction_hash from indexer.credits
             union all
             select distinct chain_id, contract, id, 'CreditWithdrawn', withdrawn_block, withdrawn_log_index,
                    withdrawn_transaction_hash
               from indexer.credits) e
       join indexer.blocks k on k.chain_id = e.chain_id and k.number = e.block_number
      where e.chain_id = $1 and e.contract = $2 and e.escrow_id = $3 order by e.block_number, e.log_index`,
    [chain_id, contract, escrow_id],
  );
  return rows.map((row) => {
    const at = new Date(Number(row.timestamp_s) * 1_000);
    return {
      at,
      what: 'event',
      detail: `${row.name} in block ${row.block_number} ${row.hash}, by the chain's clock ${at.toISOString()}, by ${row.transaction_hash}`,
    };
  });
}
