import { Router } from 'express';
import { formatMoney } from '../../../core/money.ts';
import type { DomainApi, SettlementContext } from '../../context.ts';
import { partnerOf } from '../../http/partner.ts';
import { problemsOf } from '../../http/problems.ts';
import { readQuery } from '../../http/requests.ts';
import { ledgerProblems } from './errors.ts';
import { type TrialBalanceAnswer, trialBalanceQuery, trialBalanceSchema } from './schema.ts';
import { readTrialBalance, type TrialBalance, totalsOf } from './trialBalance.ts';

const problem = problemsOf(ledgerProblems);

/** `/v1/trial-balance` */
export const trialBalanceApi: DomainApi = {
  routes,
  problems: ledgerProblems,
  operations: [
    {
      method: 'get',
      path: '/v1/trial-balance',
      tag: 'Accounts',
      summary: 'The trial balance of your accounts at a past time',
      description:
        'What each ledger account of yours stood at. The answer for a time never changes. An account without a posting by then has no row.',
      query: trialBalanceQuery,
      answer: {
        status: 200,
        description: 'The trial balance.',
        body: { 'application/json': trialBalanceSchema },
      },
      problems: ['trial_balance_not_past'],
    },
  ],
};

function routes({ database }: SettlementContext): Router {
  const router = Router();
  router.get('/v1/trial-balance', async (request, response) => {
    const { at, currency } = readQuery(request, trialBalanceQuery);
    const partnerId = partnerOf(request).id;
    const found = await readTrialBalance(database, at, { partnerId, currency });
    if (!found) throw problem('trial_balance_not_past', `${at} is not past.`);
    response.json(toAnswer(found));
  });
  return router;
}

function toAnswer({ at, lastPosting, rows }: TrialBalance): TrialBalanceAnswer {
  const sides = ({ currency, debit, credit }: { currency: string; debit: bigint; credit: bigint }) => ({
    debit: { currency, value: formatMoney({ currency, units: debit }) },
    credit: { currency, value: formatMoney({ currency, units: credit }) },
  });
  return {
    at,
    lastPosting: lastPosting ? { number: Number(lastPosting.number), seal: lastPosting.seal } : null,
    rows: rows.map(({ accountId, kind, ...row }) => ({ accountId, kind, ...sides(row) })),
    totals: totalsOf(rows).map((total) => ({ currency: total.currency, ...sides(total) })),
  };
}
