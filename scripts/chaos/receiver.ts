/** A partner's webhook receiver, and how it can fail its own side. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ReceivedWebhook, startWebhookReceiver } from '../../test/support/webhookReceiver.ts';

/** Longer than the services wait for an answer. */
const TOO_LATE_MS = 1_500;

export type ReceiverMood =
  | 'well'
  | 'receiver-down'
  | 'receiver-slow'
  | 'receiver-twice'
  | 'receiver-redirects';

export interface Receiver {
  readonly url: string;
  /** What came in full and was taken, whatever was answered. */
  readonly taken: ReceivedWebhook[];
  setMood(mood: ReceiverMood): void;
  /** Throws when the signature is not that of the secret. */
  open(webhook: ReceivedWebhook, secret: string): unknown;
  forget(): void;
  stop(): Promise<void>;
}

/** @param inside An address that a redirect leads to and nobody may follow. */
export async function startReceiver(inside: string): Promise<Receiver> {
  const receiver = await startWebhookReceiver();
  const taken: ReceivedWebhook[] = [];
  let mood: ReceiverMood = 'well';
  receiver.answer = (_request: IncomingMessage, response: ServerResponse, nth: number) => {
    const webhook = receiver.received[nth - 1] as ReceivedWebhook;
    const take = (status: number) => {
      taken.push(webhook);
      response.writeHead(status).end();
    };
    switch (mood) {
      case 'well':
        return take(204);
      case 'receiver-twice':
        return take(500);
      case 'receiver-down':
        return void response.destroy();
      case 'receiver-slow':
        return void setTimeout(take, TOO_LATE_MS, 204);
      case 'receiver-redirects':
        return void response.writeHead(302, { location: inside }).end();
    }
  };
  return {
    url: receiver.url,
    taken,
    setMood(next) {
      mood = next;
    },
    open: receiver.open,
    forget() {
      taken.length = 0;
      receiver.received.length = 0;
    },
    stop: receiver.stop,
  };
}
