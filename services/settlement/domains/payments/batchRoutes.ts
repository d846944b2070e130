import { Router } from 'express';
import type { SettlementContext } from '../../context.ts';
import { idempotent } from '../../http/idempotency.ts';
import type { Operation } from '../../http/operation.ts';
import { partnerOf } from '../../http/partner.ts';
import { readBatch, takeBatch } from './batches.ts';
import { readBatchFile } from './batchFile.ts';
import { paymentBatchRequestSchema, paymentBatchSchema } from './schema.ts';
import type { PaymentService } from './service.ts';
import { statusReportOf } from './statusReport.ts';

export const paymentBatchOperations: Operation[] = [
  {
    method: 'post',
    path: '/v1/payment-batches',
    tag: 'Payment batches',
    summary: 'Hand in a file or list of payments',
    description:
      'A malformed file is refused whole, with every fault. In a well-formed one each payment stands alone: those that break a business rule are rejected with their reason, the others go on.',
    request: {
      'application/json': paymentBatchRequestSchema,
      'text/csv':
        'CSV (RFC 4180), UTF-8, with a header row: endToEndId, amount, currency, creditorName, creditorAccountScheme, creditorAccount, and if you like remittanceInformation, requestedExecutionDate, debtorAccount.',
      'application/xml': 'ISO 20022 pain.001.001.09.',
    },
    answer: {
      status: 201,
      description: 'The batch; its payments are at GET /v1/payments?paymentBatchId=.',
      body: { 'application/json': paymentBatchSchema },
    },
    problems: ['payment_file_invalid', 'message_id_reused'],
  },
  {
    method: 'get',
    path: '/v1/payment-batches/{id}',
    tag: 'Payment batches',
    summary: 'Show a batch with its group status',
    answer: { status: 200, description: 'The batch.', body: { 'application/json': paymentBatchSchema } },
    problems: ['payment_batch_not_found'],
  },
  {
    method: 'get',
    path: '/v1/payment-batches/{id}/pain.002',
    tag: 'Payment batches',
    summary: 'The status report of a batch',
    answer: {
      status: 200,
      description: 'The status of every payment as things stand now.',
      body: { 'application/xml': 'ISO 20022 pain.002.001.10.' },
    },
    problems: ['payment_batch_not_found'],
  },
];

/** `/v1/payment-batches` */
export function paymentBatchRoutes({ database }: SettlementContext, payments: PaymentService): Router {
  const router = Router();

  router.post(
    '/v1/payment-batches',
    idempotent(database, readBatchFile, async (tx, partner, file) => ({
      status: 201,
      body: await takeBatch(tx, payments, partner.id, file),
    })),
  );

  router.get('/v1/payment-batches/:id', async (request, response) => {
    response.json(await readBatch(database, partnerOf(request).id, request.params.id));
  });

  router.get('/v1/payment-batches/:id/pain.002', async (request, response) => {
    const report = await statusReportOf(database, partnerOf(request).id, request.params.id);
    response.type('application/xml').send(report);
  });

  return router;
}
