import { Router } from 'express';
import { z } from 'zod';
import { formatMoney } from '../../../core/money.ts';
import type { DomainApi, SettlementContext } from '../../context.ts';
import { partnerOf } from '../../http/partner.ts';
import { pageOf, pageQuery, pageSchema, readQuery } from '../../http/requests.ts';
import { listBreaks, OF_PARTNER, type PartnerBreak, partnerBreakKinds, severities } from './breaks.ts';

/** Breaks that the overview shows; the list has all of them. */
const SHOWN = 200;

const time = z.iso.datetime();
const amount = z.strictObject({ currency: z.string(), value: z.string() });

const breakSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(partnerBreakKinds),
    severity: z.enum(severities).meta({ description: 'Rises while the break lasts.' }),
    accountId: z.string().nullable().meta({ description: 'Null: it is about a policy or an escrow.' }),
    event: z.string().nullable().meta({
      description: 'The Transfer that it is about: transaction hash, slash, log index. Null: a balance.',
    }),
    subject: z.string().nullable().meta({
      description:
        'The policyNumber or the escrowId that it is about, slash, what differs: by the index against the contract, or, ending in _shown, by the API against the index. Null: an account.',
    }),
    observed: amount,
    expected: amount,
    blockNumber: z.number().int(),
    openedAt: time,
    lastSeenAt: time,
    closedAt: time.nullable(),
    ageSeconds: z.number().int().meta({ description: 'How long it has been open, or was.' }),
  })
  .meta({ id: 'Break' });

const reconciliationSchema = z
  .strictObject({
    latest: z
      .strictObject({
        blockNumber: z.number().int(),
        blockHash: z.string(),
        accountsChecked: z.number().int().meta({ description: 'Your accounts.' }),
        breaks: z.number().int().meta({ description: 'Your open breaks.' }),
        at: time,
      })
      .nullable(),
    breaks: z.array(breakSchema),
  })
  .meta({ id: 'Reconciliation' });

const breakQuery = pageQuery.extend({ state: z.enum(['open', 'closed']).optional() });

/** `/v1/reconciliation` */
export const reconciliationApi: DomainApi = {
  routes,
  problems: {},
  operations: [
    {
      method: 'get',
      path: '/v1/reconciliation',
      tag: 'Reconciliation',
      summary: 'The latest comparison of ledger and chain, and your open breaks',
      description:
        'At each final block the ledger is compared with the Transfer events and the balances of the wallets on the chain, and what is shown of policies and escrows with their contracts. A difference is a break; it stays open until the books agree again, and grows more severe while it lasts.',
      answer: {
        status: 200,
        description: `The latest run, and up to ${SHOWN} open breaks, oldest first.`,
        body: { 'application/json': reconciliationSchema },
      },
    },
    {
      method: 'get',
      path: '/v1/reconciliation/breaks',
      tag: 'Reconciliation',
      summary: 'List your breaks, closed ones too, newest first',
      query: breakQuery,
      answer: {
        status: 200,
        description: 'A page of breaks.',
        body: { 'application/json': pageSchema(breakSchema) },
      },
    },
  ],
};

interface LatestRow {
  block_number: bigint;
  block_hash: string;
  at: Date;
  accounts: bigint;
  breaks: bigint;
}

function routes({ database, deployment }: SettlementContext): Router {
  const router = Router();

  router.get('/v1/reconciliation', async (request, response) => {
    const partnerId = partnerOf(request).id;
    const { rows: runs } = await database.query<LatestRow>(
      `select block_number, block_hash, at,
              (select count(*) from settlement.accounts where partner_id = $1) as accounts,
              (select count(*) from settlement.breaks b where ${OF_PARTNER} and b.closed_at is null) as breaks
         from settlement.reconciliations where chain_id = $2 order by block_number desc, id desc limit 1`,
      [partnerId, deployment.chainId],
    );
    const rows = await listBreaks(database, partnerId, { isOpen: true, limit: SHOWN });
    const [run] = runs;
    response.json({
      latest: run
        ? {
            blockNumber: Number(run.block_number),
            blockHash: run.block_hash,
            accountsChecked: Number(run.accounts),
            breaks: Number(run.breaks),
            at: run.at.toISOString(),
          }
        : null,
      breaks: rows.reverse().map(toBreak),
    });
  });

  router.get('/v1/reconciliation/breaks', async (request, response) => {
    const { limit, cursor, state } = readQuery(request, breakQuery);
    const isOpen = state && state === 'open';
    const rows = await listBreaks(database, partnerOf(request).id, { isOpen, cursor, limit: limit + 1 });
    response.json(pageOf(rows.map(toBreak), limit));
  });

  return router;
}

function toBreak(row: PartnerBreak): z.output<typeof breakSchema> {
  const { currency } = row;
  const money = (units: bigint) => ({ currency, value: formatMoney({ currency, units }) });
  return {
    id: row.id,
    kind: row.kind,
    severity: row.severity,
    accountId: row.account_id,
    event: (row.account_id !== null && row.subject) || null,
    subject: row.account_id === null ? row.subject : null,
    observed: money(row.observed_units),
    expected: money(row.expected_units),
    blockNumber: Number(row.block_number),
    openedAt: row.opened_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    closedAt: row.closed_at?.toISOString() ?? null,
    ageSeconds: Math.floor(row.age_seconds),
  };
}
