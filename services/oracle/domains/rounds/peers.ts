/** Hands this reporter's rows to the others. Each has a queue of its own, so that a slow one holds up nobody else. */
import type { Logger } from '../../../platform/log.ts';
import type { OracleMetrics } from '../../metrics.ts';
import { type Row, writeRow } from './row.ts';

/** Rows in one request. */
export const MOST_ROWS = 16;
/** More than a reporter signs in a round. */
const QUEUE_ROWS = 512;
const TIMEOUT_MS = 2_000;

export interface Peers {
  /** Sends a row to every peer; resolves at once. What a peer did not take in two tries is lost: the next round is sent. */
  push(row: Row): void;
  stop(): Promise<void>;
}

/** @param origins of the other reporters, such as `https://reporter-2.example.com` */
export function openPeers(origins: readonly string[], metrics: OracleMetrics, log: Logger): Peers {
  const stopping = new AbortController();
  const peers = origins.map((origin) => openPeer(origin, metrics, log, stopping.signal));
  return {
    push(row) {
      for (const peer of peers) peer.push(row);
    },
    async stop() {
      stopping.abort();
      await Promise.all(peers.map((peer) => peer.idle()));
    },
  };
}

function openPeer(origin: string, metrics: OracleMetrics, log: Logger, stopping: AbortSignal) {
  const url = new URL('/rows', origin).href;
  let queue: Row[] = [];
  let sending: Promise<void> | undefined;
  let isAway = false;

  const send = async (rows: readonly Row[]): Promise<void> => {
    const signal = AbortSignal.any([stopping, AbortSignal.timeout(TIMEOUT_MS)]);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rows: rows.map(writeRow) }),
      redirect: 'error',
      signal,
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
  };
  const drain = async (): Promise<void> => {
    while (queue.length > 0 && !stopping.aborted) {
      const rows = queue.splice(0, MOST_ROWS);
      try {
        await send(rows).catch((error: unknown) => {
          // fetch: the connection broke, as one does that the peer closed while it was idle. On another it may go.
          if (!(error instanceof TypeError) || stopping.aborted) throw error;
          return send(rows);
        });
        if (isAway) log.info({ peer: origin }, 'the peer takes rows again');
        isAway = false;
      } catch (error) {
        if (stopping.aborted) return;
        metrics.pushFailed(origin);
        if (!isAway) log.warn({ peer: origin, err: error }, 'the peer does not take rows');
        isAway = true;
      }
    }
  };
  return {
    push(row: Row) {
      queue = [...queue, row].slice(-QUEUE_ROWS); // the newest count
      sending ??= drain().finally(() => {
        sending = undefined;
      });
    },
    async idle() {
      await sending;
    },
  };
}
