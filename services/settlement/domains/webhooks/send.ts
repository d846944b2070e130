import dns from 'node:dns';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { BlockList, isIPv6, type LookupFunction } from 'node:net';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { Webhook } from 'standardwebhooks';
import type { AttemptOutcome, ClaimedDelivery } from './queue.ts';

/** More of an answer than this nobody reads. */
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_ERROR_LENGTH = 300;
/** One text for all: it must not tell what a name inside resolves to, nor whether it does. */
const NOT_PUBLIC = 'The host has no public address, or not only public ones.';
/** IPv4-compatible addresses (RFC 4291, 2.5.5.1), which the agents take for public ones. */
const ipv4Compatible = new BlockList();
ipv4Compatible.addSubnet('::', 96, 'ipv6');

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
      if (!allowPrivate) refuseCompatible(url.hostname.replace(/^\[|\]$/g, ''));
      const secure = url.protocol === 'https:';
      const outgoing = (secure ? httpsRequest : httpRequest)(url, {
        method: 'POST',
        agent: agents[secure ? 'https:' : 'http:'],
        ...(!allowPrivate && { lookup }),
        headers: headersFor(delivery),
        signal: AbortSignal.any([timeout, stop]),
      });
      const status = await answered(outgoing, delivery.body);
      const delivered = status >= 200 && status < 300;
      return ended({ delivered, status, error: delivered ? null : describeStatus(status) });
    } catch (error) {
      const reason = timeout.aborted ? `No answer within ${timeoutMs} ms.` : describeError(error as Error);
      return ended({ delivered: false, status: null, error: reason.slice(0, MAX_ERROR_LENGTH) });
    }
  };
}

function headersFor({
  messageId,
  body,
  secrets,
  claimedAt,
}: ClaimedDelivery): Record<string, string | number> {
  return {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'Corridor-Webhooks/1',
    'webhook-id': messageId,
    'webhook-timestamp': Math.floor(claimedAt.getTime() / 1000),
    'webhook-signature': secrets
      .map((secret) => new Webhook(secret).sign(messageId, claimedAt, body))
      .join(' '),
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

/** The operating system's look-up, without IPv4-compatible addresses; the agents check what it gives. */
const lookup: LookupFunction = (hostname, options, answer) => {
  dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
    try {
      if (error) throw error;
      for (const { address } of addresses) refuseCompatible(address);
      const [first] = addresses;
      if (options.all || !first) answer(null, addresses);
      else answer(null, first.address, first.family);
    } catch (refusal) {
      answer(refusal as Error, '');
    }
  });
};

function refuseCompatible(host: string): void {
  if (isIPv6(host) && ipv4Compatible.check(host, 'ipv6')) throw new Error(`${host} is not allowed.`);
}

function describeError({ message, code }: NodeJS.ErrnoException): string {
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || / is not allowed\./.test(message)) return NOT_PUBLIC;
  return message;
}

function describeStatus(status: number): string {
  if (status >= 300 && status < 400) return `Answered ${status}: redirects are not followed.`;
  return `Answered ${status}, expected 200 to 299.`;
}
