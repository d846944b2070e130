import { Router } from 'express';
import type { DomainApi, SettlementContext } from '../../context.ts';
import { partnerOf } from '../../http/partner.ts';
import { problemsOf } from '../../http/problems.ts';
import { pageOf, pageQuery, pageSchema, readQuery } from '../../http/requests.ts';
import { accountProblems } from './errors.ts';
import { accountSchema, statementQuery } from './schema.ts';
import { statementOf } from './statement.ts';
import { findAccount, listAccounts, toAccount } from './store.ts';

const problem = problemsOf(accountProblems);

/** `/v1/accounts` */
export const accountApi: DomainApi = {
  routes,
  problems: accountProblems,
  operations: [
    {
      method: 'get',
      path: '/v1/accounts',
      tag: 'Accounts',
      summary: 'List accounts with their balances, newest first',
      query: pageQuery,
      answer: {
        status: 200,
        description: 'A page of accounts.',
        body: { 'application/json': pageSchema(accountSchema) },
      },
    },
    {
      method: 'get',
      path: '/v1/accounts/{id}',
      tag: 'Accounts',
      summary: 'Show an account with its balance',
      answer: { status: 200, description: 'The account.', body: { 'application/json': accountSchema } },
      problems: ['account_not_found'],
    },
    {
      method: 'get',
      path: '/v1/accounts/{id}/statement',
      tag: 'Accounts',
      summary: 'The statement of a day',
      description: 'Balances and entries of one day in UTC; of today, as far as now.',
      query: statementQuery,
      answer: {
        status: 200,
        description: 'The statement.',
        body: { 'application/xml': 'ISO 20022 camt.053.001.08.' },
      },
      problems: ['account_not_found', 'statement_date_invalid'],
    },
  ],
};

function routes({ database }: SettlementContext): Router {
  const router = Router();

  const account = async (partnerId: string, id: string) => {
    const row = await findAccount(database, partnerId, id);
    if (!row) throw problem('account_not_found', `There is no account ${id}.`);
    return row;
  };

  router.get('/v1/accounts', async (request, response) => {
    const { limit, cursor } = readQuery(request, pageQuery);
    const rows = await listAccounts(database, partnerOf(request).id, { cursor, limit: limit + 1 });
    response.json(pageOf(rows.map(toAccount), limit));
  });

  router.get('/v1/accounts/:id', async (request, response) => {
    response.json(toAccount(await account(partnerOf(request).id, request.params.id)));
  });

  router.get('/v1/accounts/:id/statement', async (request, response) => {
    const row = await account(partnerOf(request).id, request.params.id);
    const { date } = readQuery(request, statementQuery);
    const [opened, today] = [row.created_at, new Date()].map((time) => time.toISOString().slice(0, 10));
    if (date < (opened as string) || date > (today as string))
      throw problem('statement_date_invalid', `${date} is not between ${opened} and ${today}.`);
    response.type('application/xml').send(await statementOf(database, row, date));
  });

  return router;
}
