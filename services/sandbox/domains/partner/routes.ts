import { createHash } from 'node:crypto';
import { type RequestHandler, Router, raw } from 'express';
import { Problem } from '../../../platform/http/problem.ts';
import { signedFetch } from '../../../platform/http/signedFetch.ts';
import type { PartnerCredentialFile } from './credential.ts';

interface PartnerParts {
  /** Origin of the settlement API. */
  settlementUrl: string;
  credential: PartnerCredentialFile;
}

/** What the back office shows, and where the settlement API has it. */
const paths: Record<string, string> = {
  '/partner/payments': '/v1/payments',
  '/partner/payments/:id': '/v1/payments/:id',
  '/partner/authorized-payments/:id': '/v1/authorized-payments/:id',
  '/partner/payment-batches/:id': '/v1/payment-batches/:id',
  '/partner/payment-batches/:id/pain.002': '/v1/payment-batches/:id/pain.002',
  '/partner/accounts': '/v1/accounts',
  '/partner/accounts/:id': '/v1/accounts/:id',
  '/partner/accounts/:id/statement': '/v1/accounts/:id/statement',
  '/partner/reconciliation': '/v1/reconciliation',
  '/partner/webhook-deliveries': '/v1/webhook-deliveries',
};

/**
 * The demo partner's back office: each request is signed with the partner's key and asked of the settlement
 * API, and the answer is handed on as it is. Nothing of it moves the partner's money. What a page in the browser can hand in is a
 * payment that a wallet signed: it moves that wallet's money, once, and Corridor pays the network's fee.
 */
export function partnerRoutes({ settlementUrl, credential }: PartnerParts): Router {
  const router = Router();
  for (const [path, target] of Object.entries(paths)) router.get(path, forward('GET', target));
  router.post(
    '/partner/authorized-payments',
    raw({ type: 'application/json', limit: '16kb' }),
    forward('POST', '/v1/authorized-payments'),
  );
  return router;

  function forward(method: 'GET' | 'POST', target: string): RequestHandler {
    return async (request, response) => {
      const partner = await credential.load();
      if (!partner) {
        throw new Problem(503, 'partner_key_missing', `There is no partner key at ${credential.path} yet.`);
      }
      const url = new URL(
        target.replace(':id', encodeURIComponent(String(request.params.id))),
        settlementUrl,
      );
      url.search = new URL(request.originalUrl, settlementUrl).search;
      const options = method === 'POST' ? bodyOf(request.body) : {};
      const answer = await signedFetch(partner, method, url.href, options).catch((cause: unknown) => {
        throw new Problem(502, 'settlement_unreachable', `The settlement API does not answer: ${cause}.`);
      });
      response.status(answer.status);
      for (const name of ['content-type', 'content-disposition', 'retry-after']) {
        const value = answer.headers.get(name);
        if (value) response.set(name, value);
      }
      response.send(Buffer.from(await answer.arrayBuffer()));
    };
  }
}

/** The same body is the same intent: who had no answer may send it again. */
function bodyOf(received: unknown) {
  const body = Buffer.isBuffer(received) ? received : Buffer.alloc(0);
  return { body, idempotencyKey: createHash('sha256').update(body).digest('hex') };
}
