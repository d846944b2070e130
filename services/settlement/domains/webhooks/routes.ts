import { Router } from 'express';
import { withTransaction } from '../../../platform/database.ts';
import type { DomainApi, SettlementContext } from '../../context.ts';
import { idempotent } from '../../http/idempotency.ts';
import { partnerOf } from '../../http/partner.ts';
import { pageOf, readJson, readQuery } from '../../http/requests.ts';
import { findDelivery, listDeliveries, resendDelivery } from './deliveries.ts';
import { createEndpoint, deleteEndpoint, listEndpoints, rotateSecret } from './endpoints.ts';
import { webhookProblems } from './errors.ts';
import { webhookOperations } from './operations.ts';
import { deliveryQuery, newWebhookEndpoint } from './schema.ts';

/** `/v1/webhook-endpoints` and `/v1/webhook-deliveries` */
export const webhookApi: DomainApi = { routes, operations: webhookOperations, problems: webhookProblems };

function routes({ database, config }: SettlementContext): Router {
  const router = Router();
  const newEndpoint = newWebhookEndpoint(config.WEBHOOK_ALLOW_PRIVATE);

  router.post(
    '/v1/webhook-endpoints',
    idempotent(
      database,
      (request) => readJson(request, newEndpoint),
      async (tx, partner, { url }) => ({ status: 201, body: await createEndpoint(tx, partner.id, url) }),
    ),
  );

  router.get('/v1/webhook-endpoints', async (request, response) => {
    response.json({ items: await listEndpoints(database, partnerOf(request).id), nextCursor: null });
  });

  router.post(
    '/v1/webhook-endpoints/:id/rotate-secret',
    idempotent(
      database,
      ({ params }) => String(params.id),
      async (tx, partner, id) => ({ status: 200, body: await rotateSecret(tx, partner.id, id) }),
    ),
  );

  router.delete('/v1/webhook-endpoints/:id', async (request, response) => {
    await withTransaction(database, (tx) => deleteEndpoint(tx, partnerOf(request).id, request.params.id));
    response.status(204).end();
  });

  router.get('/v1/webhook-deliveries', async (request, response) => {
    const query = readQuery(request, deliveryQuery);
    const rows = await listDeliveries(database, partnerOf(request).id, { ...query, limit: query.limit + 1 });
    response.json(pageOf(rows, query.limit));
  });

  router.get('/v1/webhook-deliveries/:id', async (request, response) => {
    response.json(await findDelivery(database, partnerOf(request).id, request.params.id));
  });

  router.post(
    '/v1/webhook-deliveries/:id/resend',
    idempotent(
      database,
      ({ params }) => String(params.id),
      async (tx, partner, id) => ({ status: 202, body: await resendDelivery(tx, partner.id, id) }),
    ),
  );

  return router;
}
