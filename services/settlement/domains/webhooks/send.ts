import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { Webhook } from 'standardwebhooks';
import type { AttemptOutcome, ClaimedDelivery } from './queue.ts';

/** More of an answer than this nobody reads. */
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_ERROR_LENGTH = 300;

export interface SenderOptions {
  /** Lets requests go to loopback and private addresses. */
  allowPrivate: boolean;
  timeoutMs: number;
}

/** Sends one webhook. Never rejects: whatever goes wrong is the outcome. */
export type Sender = (delivery: ClaimedDelivery, stop: AbortSignal) => Promise<AttemptOutcome>;

/**
 * Makes a sender with its own connections. Each address that a name resolves to is checked when the connection is made,
 * so neither DNS rebinding nor an address in the URL reaches inside; redirects are not followed and count as failures.
 * Signed by Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`, one signature a secret.
 */
export function createSender({ allowPrivate, timeoutMs }: SenderOptions): Sender {
  const options = { keepAlive: true, maxFreeSockets: 64, allowPrivateIPAddress: allowPrivate };
  const agents = {
    'http:': new RequestFilteringHttpAgent(options),
    'https:': new RequestFilteringHttpsAgent(options),
  };

  return async (delivery, stop) => {
    const started = performance.now();
    const ended = (outcome: Omit<AttemptOutcome, 'durationMs'>) => ({
      ...outcome,
      durationMs: Math.round(performance.now() - started),
    });
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const url = new URL(delivery.url);
      const secure = url.protocol === 'https:';
      const outgoing = (secure ? httpsRequest : httpRequest)(url, {
        method: 'POST',
        agent: agents[secure ? 'https:' : 'http:'],
        headers: headersFor(delivery, new Date()),
        signal: AbortSignal.any([timeout, stop]),
      });
      const status = await answered(outgoing, delivery.body);
      const delivered = status >= 200 && status < 300;
      return ended({ delivered, status, error: delivered ? null : describeStatus(status) });
    } catch (error) {
      const reason = timeout.aborted ? `No answer within ${timeoutMs} ms.` : (error as Error).message;
      return ended({ delivered: false, status: null, error: reason.slice(0, MAX_ERROR_LENGTH) });
    }
  };
}

function headersFor(
  { messageId, body, secrets }: ClaimedDelivery,
  now: Date,
): Record<string, string | number> {
  return {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'Corridor-Webhooks/1',
    'webhook-id': messageId,
    'webhook-timestamp': Math.floor(now.getTime() / 1000),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(messageId, now, body)).join(' '),
  };
}

/** Resolves with the status as soon as it is there; the rest of the answer is read up to the limit and dropped. */
function answered(outgoing: ClientRequest, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', (answer: IncomingMessage) => {
      let received = 0;
      answer.on('data', (chunk: Buffer) => {
        received += chunk.length;
        if (received > MAX_ANSWER_BYTES) answer.destroy();
      });
      answer.on('error', () => undefined); // the status counted already; the connection is closed either way
      resolve(answer.statusCode ?? 0);
    });
    outgoing.end(body);
  });
}

function describeStatus(status: number): string {
  if (status >= 300 && status < 400) return `Answered ${status}: redirects are not followed.`;
  return `Answered ${status}, expected 200 to 299.`;
}
