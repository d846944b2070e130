import { createHash } from 'node:crypto';
import { type Request, type RequestHandler, Router, raw } from 'express';
import { z } from 'zod';
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
  '/partner/policies': '/v1/policies',
  '/partner/policies/:id': '/v1/policies/:id',
  '/partner/policies/:id/document': '/v1/policies/:id/document',
  '/partner/insurance/pool': '/v1/insurance/pool',
  '/partner/insurance/products': '/v1/insurance/products',
  '/partner/escrows': '/v1/escrows',
  '/partner/escrows/:id': '/v1/escrows/:id',
  '/partner/accounts': '/v1/accounts',
  '/partner/accounts/:id': '/v1/accounts/:id',
  '/partner/accounts/:id/statement': '/v1/accounts/:id/statement',
  '/partner/reconciliation': '/v1/reconciliation',
  '/partner/webhook-deliveries': '/v1/webhook-deliveries',
};

/**
 * The demo partner's back office: each request is signed with the partner's key and asked of the settlement
 * API, and the answer is handed on as it is. Nothing of it moves the partner's money. What a page in the browser can hand in is what
 * a wallet signed, a payment or an action of an escrow: it moves that wallet's money, once, and Corridor pays the network's fee. The
 * partner's own orders for an escrow are not given here.
 */
export function partnerRoutes({ settlementUrl, credential }: PartnerParts): Router {
  const router = Router();
  for (const [path, target] of Object.entries(paths)) router.get(path, forward('GET', target));
  const body = raw({ type: 'application/json', limit: '16kb' });
  router.post('/partner/authorized-payments', body, forward('POST', '/v1/authorized-payments'));
  router.post('/partner/escrows/:id/actions', body, signedOnly, forward('POST', '/v1/escrows/:id/actions'));
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
      const options = method === 'POST' ? handedIn(request) : {};
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

const signedActionSchema = z.union([
  z.object({ action: z.literal('release') }),
  // Not out of the partner's account, for which nobody signs.
  z.object({
    action: z.literal('authorize'),
    way: z.enum(['signature', 'eip3009']).optional(),
    signature: z.string(),
  }),
]);

/** Of an escrow's actions those that the parties' signatures decide. */
const signedOnly: RequestHandler = (request, _, next) => {
  let asked: unknown;
  try {
    asked = JSON.parse(String(request.body));
  } catch {
    asked = undefined; // what is no JSON is no such action either
  }
  if (!signedActionSchema.safeParse(asked).success) {
    const detail =
      'From here only "authorize" with a signature and "release" are handed on, which parties sign; others are the partner\'s.';
    throw new Problem(403, 'not_signed', detail);
  }
  next();
};

/** The same body at the same address is the same intent: who had no answer may send it again. */
function handedIn({ body: received, originalUrl }: Request) {
  const body = Buffer.isBuffer(received) ? received : Buffer.alloc(0);
  const idempotencyKey = createHash('sha256').update(`${originalUrl}\n`).update(body).digest('hex');
  return { body, idempotencyKey };
}
