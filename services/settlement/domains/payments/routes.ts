import { Router } from 'express';
import { z } from 'zod';
import { paymentProofSchema } from '../../../core/evm/paymentProofFile.ts';
import type { SettlementContext } from '../../context.ts';
import { idempotent, idempotentTogether } from '../../http/idempotency.ts';
import type { Operation } from '../../http/operation.ts';
import { partnerOf } from '../../http/partner.ts';
import { problemsOf } from '../../http/problems.ts';
import { pageOf, pageQuery, pageSchema, readJson, readQuery } from '../../http/requests.ts';
import { createProver } from '../../proofs/receipts.ts';
import { paymentProblems } from './errors.ts';
import { provePayment } from './proof.ts';
import { toInstruction } from './requests.ts';
import { paymentRequestSchema, paymentSchema } from './schema.ts';
import type { PaymentService } from './service.ts';
import { partnerStatuses } from './states.ts';
import { findPayment, listPayments, readEvents } from './store.ts';
import { toPayment } from './view.ts';

const problem = problemsOf(paymentProblems);

const listQuery = pageQuery.extend({
  paymentBatchId: z
    .string()
    .regex(/^bat_[0-9a-f]{32}$/, 'the id of a batch')
    .optional(),
  status: z.enum(partnerStatuses).optional(),
});

const paymentAnswer = { 'application/json': paymentSchema };

export const paymentOperations: Operation[] = [
  {
    method: 'post',
    path: '/v1/payments',
    tag: 'Payments',
    summary: 'Instruct a payment',
    description:
      'Answers 201 also for a payment that breaks a business rule: its status is then failed, with the ISO 20022 reason.',
    request: { 'application/json': paymentRequestSchema },
    answer: { status: 201, description: 'The payment, accepted or failed.', body: paymentAnswer },
  },
  {
    method: 'get',
    path: '/v1/payments',
    tag: 'Payments',
    summary: 'List payments, newest first',
    query: listQuery,
    answer: {
      status: 200,
      description: 'A page of payments.',
      body: { 'application/json': pageSchema(paymentSchema) },
    },
  },
  {
    method: 'get',
    path: '/v1/payments/{id}',
    tag: 'Payments',
    summary: 'Show a payment with its timeline',
    answer: { status: 200, description: 'The payment.', body: paymentAnswer },
    problems: ['payment_not_found'],
  },
  {
    method: 'get',
    path: '/v1/payments/{id}/proof',
    tag: 'Payments',
    summary: 'Prove a payment',
    description:
      'Block header, receipt and Merkle-Patricia proof, for `npm run verify:proof`: it needs no trust in this service.',
    answer: {
      status: 200,
      description: 'The proof, verified by this service.',
      body: { 'application/json': paymentProofSchema },
    },
    problems: ['payment_not_found', 'payment_not_settled', 'proof_not_obtainable'],
  },
  {
    method: 'post',
    path: '/v1/payments/{id}/cancel',
    tag: 'Payments',
    summary: 'Cancel a payment that is not batched yet',
    answer: { status: 200, description: 'The cancelled payment.', body: paymentAnswer },
    problems: ['payment_not_found', 'payment_not_cancellable'],
  },
];

/** `/v1/payments` */
export function paymentRoutes(
  { database, config, deployment, log }: SettlementContext,
  payments: PaymentService,
): Router {
  const router = Router();
  const prover = createProver({ rpcUrl: config.RPC_URL, log });

  router.post(
    '/v1/payments',
    idempotentTogether(
      database,
      (request) => toInstruction(readJson(request, paymentRequestSchema), ''),
      ({ endToEndId }) => endToEndId,
      async (tx, partner, instructions) => {
        const begun = await payments.accept(tx, partner.id, instructions);
        return begun.map(({ row, events }) => ({ status: 201, body: toPayment(row, events) }));
      },
    ),
  );

  router.get('/v1/payments', async (request, response) => {
    const filter = readQuery(request, listQuery);
    const rows = await listPayments(database, partnerOf(request).id, filter);
    response.json(
      pageOf(
        rows.map((row) => toPayment(row)),
        filter.limit,
      ),
    );
  });

  router.get('/v1/payments/:id', async (request, response) => {
    const row = await findPayment(database, partnerOf(request).id, request.params.id);
    if (!row) throw problem('payment_not_found', `There is no payment ${request.params.id}.`);
    response.json(toPayment(row, await readEvents(database, row.id)));
  });

  router.get('/v1/payments/:id/proof', async (request, response) => {
    const { id } = request.params;
    const row = await findPayment(database, partnerOf(request).id, id);
    if (!row) throw problem('payment_not_found', `There is no payment ${id}.`);
    response.json(await provePayment({ database, prover, router: deployment.paymentRouter }, row));
  });

  router.post(
    '/v1/payments/:id/cancel',
    idempotent(
      database,
      ({ params }) => String(params.id),
      async (tx, partner, id) => {
        const row = await payments.cancel(tx, partner.id, id);
        return { status: 200, body: toPayment(row, await readEvents(tx, row.id)) };
      },
    ),
  );

  return router;
}
