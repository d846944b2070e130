import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';

export interface ReceivedWebhook {
  headers: Record<string, string>;
  body: string;
  arrivedAt: Date;
}

/** Of the specification: a message is not taken that was signed longer ago than this when it arrives. */
const TOLERANCE_MS = 300_000;

/** A partner's receiver: real HTTP on a free port. It answers what `answer` says, 204 when it says nothing. */
export async function startWebhookReceiver() {
  const received: ReceivedWebhook[] = [];
  const receiver = {
    received,
    answer: (_request: IncomingMessage, response: ServerResponse, _nth: number): void => {
      response.writeHead(204).end();
    },
    url: '',
    /**
     * Verifies a message by the specification's library, and gives its content. Its age is that of its arrival: it may be looked at
     * when the test or the run is over.
     */
    open({ headers, body, arrivedAt }: ReceivedWebhook, secret: string): unknown {
      const sentAt = new Date(Number(headers['webhook-timestamp']) * 1_000);
      if (Math.abs(arrivedAt.getTime() - sentAt.getTime()) > TOLERANCE_MS)
        throw new Error(`The webhook came at ${arrivedAt.toISOString()}, and says ${sentAt.toISOString()}.`);
      const signature = new Webhook(secret).sign(headers['webhook-id'] ?? '', sentAt, body);
      if (!headers['webhook-signature']?.split(' ').includes(signature))
        throw new Error('The webhook has no signature of this secret.');
      return JSON.parse(body);
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      received.push({ headers: request.headers as Record<string, string>, body, arrivedAt: new Date() });
      receiver.answer(request, response, received.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  receiver.url = `http://127.0.0.1:${(server.address() as { port: number }).port}/hooks`;
  return receiver;
}
