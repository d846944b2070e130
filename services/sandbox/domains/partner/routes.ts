import { type RequestHandler, Router } from 'express';
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
 * API, and the answer is handed on as it is. Reading only, so a page in the browser can move no money by it.
 */
export function partnerRoutes({ settlementUrl, credential }: PartnerParts): Router {
  const router = Router();
  for (const [path, target] of Object.entries(paths)) router.get(path, forward(target));
  return router;

  function forward(target: string): RequestHandler {
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
      const answer = await signedFetch(partner, 'GET', url.href).catch((cause: unknown) => {
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
