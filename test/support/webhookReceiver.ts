import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';

export interface ReceivedWebhook {
  headers: Record<string, string>;
  body: string;
  at: number;
}

/** A partner's receiver: real HTTP on a free port. It answers what `answer` says, 204 when it says nothing. */
export async function startWebhookReceiver() {
  const received: ReceivedWebhook[] = [];
  const receiver = {
    received,
    answer: (_request: IncomingMessage, response: ServerResponse, _nth: number): void => {
      response.writeHead(204).end();
    },
    url: '',
    /** Verifies a message as the specification's library does, and gives its content. */
    open: ({ headers, body }: ReceivedWebhook, secret: string) => new Webhook(secret).verify(body, headers),
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
      received.push({ headers: request.headers as Record<string, string>, body, at: performance.now() });
      receiver.answer(request, response, received.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  receiver.url = `http://127.0.0.1:${(server.address() as { port: number }).port}/hooks`;
  return receiver;
}
