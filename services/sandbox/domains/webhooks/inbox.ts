import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { Problem } from '../../../platform/http/problem.ts';

/** A webhook whose signature was verified. Times are RFC 3339 UTC. */
export interface VerifiedWebhook {
  /** `webhook-id`: the same for every attempt to deliver one message. */
  id: string;
  type: string;
  /** When the sender says that it happened. */
  timestamp: string;
  /** When the first attempt arrived here. */
  receivedAt: string;
  /** Attempts received so far; all but the first had no effect. */
  attempts: number;
  data: unknown;
}

interface Entry {
  webhook: VerifiedWebhook;
  body: string;
  /** `timestamp + signature` of each attempt: the very same bytes again are a replay, not a retry. */
  seen: Set<string>;
}

/**
 * Receives webhooks by the Standard Webhooks specification and keeps the newest `capacity` of them in
 * memory, which a sandbox may lose on restart. A retry (same id and body, signed anew) is acknowledged
 * without effect; a recorded request sent again, or an id that comes back with another body, is refused.
 */
export class WebhookInbox {
  readonly #entries = new Map<string, Entry>();
  readonly #capacity: number;
  #refused = 0;

  constructor(capacity = 2_000) {
    this.#capacity = capacity;
  }

  /** Messages refused since the start. */
  get refused(): number {
    return this.#refused;
  }

  /** Newest first. */
  list(): VerifiedWebhook[] {
    return [...this.#entries.values()].reverse().map((entry) => entry.webhook);
  }

  /**
   * Verifies one message over its raw body and stores it.
   * @param secret the endpoint's secret, `whsec_` + base64
   * @throws Problem `webhook_signature_invalid`, `webhook_replayed` or `webhook_malformed`
   */
  receive(rawBody: Buffer, headers: Record<string, string>, secret: string): VerifiedWebhook {
    try {
      return this.#receive(rawBody, headers, secret);
    } catch (error) {
      this.#refused += 1;
      throw error;
    }
  }

  #receive(rawBody: Buffer, headers: Record<string, string>, secret: string): VerifiedWebhook {
    const body = rawBody.toString('utf8');
    verify(body, headers, secret);
    const id = headers['webhook-id'] as string;
    const attempt = `${headers['webhook-timestamp']} ${headers['webhook-signature']}`;

    const known = this.#entries.get(id);
    if (!known) {
      const webhook = { id, ...parse(body), receivedAt: new Date().toISOString(), attempts: 1 };
      this.#entries.set(id, { webhook, body, seen: new Set([attempt]) });
      this.#forgetOldest();
      return webhook;
    }
    if (known.body !== body) {
      throw new Problem(409, 'webhook_replayed', `The id ${id} came before with another body.`);
    }
    if (known.seen.has(attempt)) {
      throw new Problem(409, 'webhook_replayed', `The message ${id} came before, to the last byte.`);
    }
    known.seen.add(attempt);
    known.webhook.attempts += 1;
    return known.webhook;
  }

  #forgetOldest(): void {
    if (this.#entries.size <= this.#capacity) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}

/** Signature and age (five minutes either way), as the specification's own library checks them. */
function verify(body: string, headers: Record<string, string>, secret: string): void {
  try {
    new Webhook(secret).verify(body, headers, { jsonParse: false });
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    throw new Problem(401, 'webhook_signature_invalid', `${error.message}.`);
  }
}

function parse(body: string): { type: string; timestamp: string; data: unknown } {
  const expected = 'Expected a JSON object with "type", "timestamp" and "data".';
  let message: { type?: unknown; timestamp?: unknown; data?: unknown } | null;
  try {
    message = JSON.parse(body) as typeof message;
  } catch (error) {
    throw new Problem(400, 'webhook_malformed', `${(error as SyntaxError).message}. ${expected}`);
  }
  if (typeof message?.type !== 'string' || typeof message.timestamp !== 'string') {
    throw new Problem(400, 'webhook_malformed', expected);
  }
  return { type: message.type, timestamp: message.timestamp, data: message.data };
}
