import { Router } from 'express';
import type { DomainApi, SettlementContext } from '../../context.ts';
import { idempotent } from '../../http/idempotency.ts';
import { partnerOf } from '../../http/partner.ts';
import { pageOf, pageQuery, pageSchema, readJson, readQuery } from '../../http/requests.ts';
import { beneficiaryProblems } from './errors.ts';
import { beneficiary, newBeneficiary } from './schema.ts';
import { deleteBeneficiary, findBeneficiary, listBeneficiaries, registerBeneficiary } from './service.ts';

/** `/v1/beneficiaries` */
export const beneficiaryApi: DomainApi = {
  routes,
  problems: beneficiaryProblems,
  operations: [
    {
      method: 'post',
      path: '/v1/beneficiaries',
      tag: 'Beneficiaries',
      summary: 'Register a beneficiary',
      description: 'From then on a payment may name the IBAN as its creditor account.',
      request: { 'application/json': newBeneficiary },
      answer: { status: 201, description: 'Registered.', body: { 'application/json': beneficiary } },
      problems: ['beneficiary_exists', 'wallet_unfit'],
    },
    {
      method: 'get',
      path: '/v1/beneficiaries',
      tag: 'Beneficiaries',
      summary: 'List beneficiaries, newest first',
      query: pageQuery,
      answer: {
        status: 200,
        description: 'A page of beneficiaries.',
        body: { 'application/json': pageSchema(beneficiary) },
      },
    },
    {
      method: 'get',
      path: '/v1/beneficiaries/{id}',
      tag: 'Beneficiaries',
      summary: 'Show a beneficiary',
      answer: { status: 200, description: 'The beneficiary.', body: { 'application/json': beneficiary } },
      problems: ['beneficiary_not_found'],
    },
    {
      method: 'delete',
      path: '/v1/beneficiaries/{id}',
      tag: 'Beneficiaries',
      summary: 'Delete a beneficiary',
      description: 'New payments to its IBAN are rejected (AC03); accepted ones go on.',
      answer: { status: 204, description: 'Deleted.' },
      problems: ['beneficiary_not_found'],
    },
  ],
};

function routes({ database, deployment }: SettlementContext): Router {
  const router = Router();

  router.post(
    '/v1/beneficiaries',
    idempotent(
      database,
      (request) => readJson(request, newBeneficiary),
      async (tx, partner, given) => ({
        status: 201,
        body: await registerBeneficiary(tx, partner.id, given, deployment),
      }),
    ),
  );

  router.get('/v1/beneficiaries', async (request, response) => {
    const { limit, cursor } = readQuery(request, pageQuery);
    const rows = await listBeneficiaries(database, partnerOf(request).id, { cursor, limit: limit + 1 });
    response.json(pageOf(rows, limit));
  });

  router.get('/v1/beneficiaries/:id', async (request, response) => {
    response.json(await findBeneficiary(database, partnerOf(request).id, request.params.id));
  });

  router.delete('/v1/beneficiaries/:id', async (request, response) => {
    await deleteBeneficiary(database, partnerOf(request).id, request.params.id);
    response.status(204).end();
  });

  return router;
}
