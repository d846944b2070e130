import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from './log.ts';

const RECONNECT_MS = 1_000;

/**
 * Calls `onNotification` for each PostgreSQL NOTIFY on `channel`, over a connection of its own that is opened again
 * when it breaks. Notifications sent meanwhile are lost: they only hurry a worker that also polls.
 * @param url PostgreSQL connection string
 */
export function listenForNotifications(
  url: string,
  channel: string,
  log: Logger,
  onNotification: (payload: string) => void,
): { stop(): Promise<void> } {
  const stopped = new AbortController();
  let isTold = false;
  const onOpen = () => {
    if (isTold) log.info({ channel }, 'the connection for notifications is back');
    isTold = false;
  };
  const finished = (async () => {
    while (!stopped.signal.aborted) {
      try {
        await listenUntilBroken(url, channel, stopped.signal, onOpen, onNotification);
      } catch (error) {
        if (!isTold)
          log.warn({ err: error, channel }, 'the connection for notifications broke; it is opened again');
        isTold = true;
      }
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

async function listenUntilBroken(
  url: string,
  channel: string,
  signal: AbortSignal,
  onOpen: () => void,
  onNotification: (payload: string) => void,
): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: `listen ${channel}` });
  const broken = new Promise<void>((resolve, reject) => {
    client.on('error', reject);
    client.on('end', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  broken.catch(() => undefined); // when it breaks before that is waited for, what runs then tells
  client.on('notification', ({ payload }) => onNotification(payload ?? ''));
  try {
    await client.connect();
    await client.query(`listen ${pg.escapeIdentifier(channel)}`);
    onOpen();
    await broken;
  } finally {
    await client.end();
  }
}
