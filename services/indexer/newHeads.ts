import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../platform/log.ts';

const RECONNECT_MS = 1_000;
const SUBSCRIBE = { jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] };

/**
 * Calls `onHead` for each head that the node tells of, over a WebSocket that is opened again when it breaks. What it says
 * is only a hint that hurries whoever also polls: nothing of it is believed, and a hint that is lost does no harm.
 * @param onState Told when the node begins and ceases to tell.
 */
export function followNewHeads(
  url: string,
  log: Logger,
  onHead: () => void,
  onState: (isTold: boolean) => void,
): { stop(): Promise<void> } {
  const stopped = new AbortController();
  let toldWhy: string | undefined;
  const onSubscribed = () => {
    onState(true);
    toldWhy = undefined;
  };
  const finished = (async () => {
    while (!stopped.signal.aborted) {
      const why = await untilBroken(url, stopped.signal, onHead, onSubscribed);
      onState(false);
      if (stopped.signal.aborted) return;
      if (why !== toldWhy)
        log.warn(
          { why },
          'the node does not tell of new heads: they are polled, and the subscription is tried again',
        );
      toldWhy = why;
      await delay(RECONNECT_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await finished;
    },
  };
}

/** Subscribes, and resolves with the reason when the connection has ended. */
function untilBroken(
  url: string,
  signal: AbortSignal,
  onHead: () => void,
  onSubscribed: () => void,
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = new WebSocket(url);
  const close = () => socket.close();
  signal.addEventListener('abort', close, { once: true });
  socket.addEventListener('open', () => socket.send(JSON.stringify(SUBSCRIBE)));
  socket.addEventListener('message', ({ data }) => {
    const message = readMessage(data);
    if (message?.method === 'eth_subscription') return onHead();
    if (message?.id !== SUBSCRIBE.id) return undefined;
    if (message.error === undefined) {
      onSubscribed();
      return onHead(); // what came before the subscription
    }
    resolve(`it refused the subscription: ${JSON.stringify(message.error)}`);
    return close();
  });
  socket.addEventListener('error', () => resolve('the connection failed'));
  socket.addEventListener('close', ({ code, reason }) =>
    resolve(`the connection was closed (${code} ${reason})`),
  );
  return promise.finally(() => {
    signal.removeEventListener('abort', close);
    close();
  });
}

function readMessage(data: unknown): { method?: string; id?: unknown; error?: unknown } | undefined {
  try {
    return JSON.parse(String(data)) ?? undefined;
  } catch {
    return undefined; // polling does not depend on it
  }
}
