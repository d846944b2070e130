import type { Express } from 'express';
import { addErrorAnswers, createApp } from '../platform/http/server.ts';
import type { DomainApi, SettlementContext } from './context.ts';
import { authorizedPaymentSchema } from './domains/authorizedPayments/schema.ts';
import { beneficiaryApi } from './domains/beneficiaries/routes.ts';
import { escrowSchema } from './domains/escrow/schema.ts';
import { policySchema } from './domains/insurance/schema.ts';
import { partnerKeys } from './domains/partners/keys.ts';
import { paymentSchema } from './domains/payments/schema.ts';
import {
  authorizedPaymentWebhooks,
  escrowWebhooks,
  paymentWebhooks,
  policyWebhooks,
} from './domains/webhooks/outbox.ts';
import { webhookApi } from './domains/webhooks/routes.ts';
import { engineApis } from './engine.ts';
import { authenticate } from './http/authenticate.ts';
import { authenticationProblems } from './http/authenticationProblems.ts';
import { chainProblems } from './http/chainAsked.ts';
import { commonProblems } from './http/commonProblems.ts';
import { docsRoutes } from './http/docs.ts';
import { idempotencyProblems } from './http/idempotency.ts';
import { describeApi } from './http/openapi.ts';
import type { Operation } from './http/operation.ts';
import { limitPosts } from './http/postLimit.ts';
import type { ProblemCatalogue } from './http/problems.ts';
import { requestProblems } from './http/requests.ts';
import { targetProblems } from './http/targetUri.ts';
import { proofProblems } from './proofs/receipts.ts';

/** The domains of the API, in the order of /docs. */
export const domains: readonly DomainApi[] = [...engineApis, beneficiaryApi, webhookApi];

/** Every problem code of the API. */
export function allProblems(apis: readonly DomainApi[]): ProblemCatalogue {
  return Object.assign(
    {},
    authenticationProblems,
    targetProblems,
    idempotencyProblems,
    requestProblems,
    commonProblems,
    chainProblems,
    proofProblems,
    ...apis.map((api) => api.problems),
  );
}

/** The API description of these domains. */
export function apiDescription(apis: readonly DomainApi[]) {
  const operations = apis.flatMap((api) => api.operations);
  return describeApi(operations, allProblems(apis), edgeProblems, [
    { types: paymentWebhooks, data: paymentSchema },
    { types: authorizedPaymentWebhooks, data: authorizedPaymentSchema },
    { types: policyWebhooks, data: policySchema },
    { types: escrowWebhooks, data: escrowSchema },
  ]);
}

/** What the edge may answer before the domain is asked. */
function edgeProblems({ isOpen, method, query, request }: Operation): string[] {
  return [
    ...(isOpen ? [] : Object.keys(authenticationProblems)),
    'malformed_request',
    'internal_error',
    'service_unavailable',
    ...(method === 'post' ? [...Object.keys(idempotencyProblems), 'too_many_requests'] : []),
    ...(request ? ['media_type_unsupported', 'body_too_large'] : []),
    ...(request?.['application/json'] ? ['json_malformed'] : []),
    ...(query || request ? ['request_invalid'] : []),
  ];
}

/**
 * The HTTP API: open are health, metrics and documentation, everything under /v1 needs a partner's signature.
 * @param ready resolves when the service can do its work
 */
export function createSettlementApp(
  context: SettlementContext,
  ready: () => Promise<void>,
  apis: readonly DomainApi[] = domains,
): Express {
  const { database, config, log, metrics } = context;
  const app = createApp({ log, metrics, ready });
  app.use(docsRoutes(apiDescription(apis), allProblems(apis)));
  // What a partner is told belongs in nobody's cache.
  app.use('/v1', (_request, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });
  app.use('/v1', authenticate(partnerKeys(database), config.SETTLEMENT_ORIGIN), limitPosts());
  for (const api of apis) app.use(api.routes(context));
  addErrorAnswers(app, { log, metrics });
  return app;
}
