import { type Request, type RequestHandler, Router, raw } from 'express';
import { Problem } from '../../../platform/http/problem.ts';
import type { Logger } from '../../../platform/log.ts';
import type { PartnerCredentialFile } from '../partner/credential.ts';
import type { WebhookInbox } from './inbox.ts';

interface WebhookParts {
  inbox: WebhookInbox;
  credential: PartnerCredentialFile;
  log: Logger;
}

/**
 * `POST /webhooks` receives; `GET /webhooks?paymentId=&limit=` answers `{webhooks, refused}`, newest first.
 * The signature is over the raw bytes, so the body is parsed only after it was verified.
 */
export function webhookRoutes({ inbox, credential, log }: WebhookParts): Router {
  const receive: RequestHandler = async (request, response) => {
    const secret = (await credential.load())?.webhookSecret;
    if (!secret) {
      throw new Problem(
        503,
        'webhook_secret_missing',
        `There is no webhook secret at ${credential.path} yet.`,
      );
    }
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const webhook = inbox.receive(body, signatureHeaders(request), secret);
    log.info({ webhookId: webhook.id, type: webhook.type, attempts: webhook.attempts }, 'webhook verified');
    response.status(200).json({ id: webhook.id, attempts: webhook.attempts });
  };

  const list: RequestHandler = (request, response) => {
    const { paymentId, limit } = request.query;
    const webhooks = inbox
      .list()
      .filter(({ data }) => paymentId === undefined || (data as { id?: unknown } | null)?.id === paymentId)
      .slice(0, limit === undefined ? undefined : Number(limit));
    response.json({ webhooks, refused: inbox.refused });
  };

  const router = Router();
  router.post('/webhooks', raw({ type: () => true, limit: '256kb' }), receive);
  router.get('/webhooks', list);
  return router;
}

function signatureHeaders(request: Request): Record<string, string> {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
  return Object.fromEntries(names.map((name) => [name, request.get(name) ?? '']));
}
