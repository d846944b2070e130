import { Router } from 'express';
import { z } from 'zod';
import { formatMoney } from '../../../core/money.ts';
import type { DomainApi, SettlementContext } from '../../context.ts';
import { partnerOf } from '../../http/partner.ts';

const time = z.iso.datetime();
const amount = z.strictObject({ currency: z.string(), value: z.string() });

export const reconciliationSchema = z
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
    breaks: z.array(
      z.strictObject({
        id: z.string(),
        kind: z.enum(['missing_inside', 'missing_outside', 'amount', 'index', 'holds']),
        accountId: z.string(),
        observed: amount,
        expected: amount,
        blockNumber: z.number().int(),
        openedAt: time,
        ageSeconds: z.number().int(),
      }),
    ),
  })
  .meta({ id: 'Reconciliation' });

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
        'At each final block the ledger is compared with the balances of the wallets on the chain. A difference is a break; it stays open until the books agree again.',
      answer: {
        status: 200,
        description: 'The latest run, and breaks, oldest first.',
        body: { 'application/json': reconciliationSchema },
      },
    },
  ],
};

interface LatestRow {
  block_number: bigint;
  block_hash: string;
  at: Date;
  accounts: bigint;
}

interface BreakRow {
  id: string;
  kind: z.output<typeof reconciliationSchema>['breaks'][number]['kind'];
  account_id: string;
  currency: string;
  observed_units: bigint;
  expected_units: bigint;
  block_number: bigint;
  opened_at: Date;
}

function routes({ database, deployment }: SettlementContext): Router {
  const router = Router();

  router.get('/v1/reconciliation', async (request, response) => {
    const partnerId = partnerOf(request).id;
    const { rows: runs } = await database.query<LatestRow>(
      `select block_number, block_hash, at, (select count(*) from settlement.accounts where partner_id = $2) as accounts
         from settlement.reconciliations where chain_id = $1 order by id desc limit 1`,
      [deployment.chainId, partnerId],
    );
    const { rows } = await database.query<BreakRow>(
      `select b.id, b.kind, b.account_id, a.currency, b.observed_units, b.expected_units, b.block_number, b.opened_at
         from settlement.breaks b join settlement.accounts a on a.id = b.account_id
        where a.partner_id = $1 and b.closed_at is null order by b.opened_at, b.id`,
      [partnerId],
    );
    const [run] = runs;
    response.json({
      latest: run
        ? {
            blockNumber: Number(run.block_number),
            blockHash: run.block_hash,
            accountsChecked: Number(run.accounts),
            breaks: rows.length,
            at: run.at.toISOString(),
          }
        : null,
      breaks: rows.map(toBreak),
    });
  });

  return router;
}

function toBreak(row: BreakRow) {
  const money = (units: bigint) => ({
    currency: row.currency,
    value: formatMoney({ currency: row.currency, units }),
  });
  return {
    id: row.id,
    kind: row.kind,
    accountId: row.account_id,
    observed: money(row.observed_units),
    expected: money(row.expected_units),
    blockNumber: Number(row.block_number),
    openedAt: row.opened_at.toISOString(),
    ageSeconds: Math.floor((Date.now() - row.opened_at.getTime()) / 1000),
  };
}
