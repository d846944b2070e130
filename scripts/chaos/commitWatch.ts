/** A way to the database that sees each COMMIT of one process pass, and can stop it on either side. */
import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';

/** The simple query `commit` in PostgreSQL's frontend protocol, as `pg` sends it. */
const COMMIT = Buffer.from('Q\0\0\0\x0bcommit\0', 'latin1');

export interface CommitWatch {
  readonly port: number;
  /**
   * Calls `strike` at the n-th commit from now on: when it has left the process and the database has not got it, or when
   * the database has done it and the process does not know. Nothing more of that connection passes.
   */
  strikeAt(nth: number, moment: 'before' | 'after', strike: () => void): void;
  /** Takes back what has not struck yet. */
  disarm(): void;
  stop(): Promise<void>;
}

/** @param databasePort Where PostgreSQL listens on 127.0.0.1. */
export async function startCommitWatch(databasePort: number): Promise<CommitWatch> {
  let armed: { left: number; moment: 'before' | 'after'; strike: () => void } | undefined;
  const sockets = new Set<Socket>();

  const server = createServer((client) => {
    const upstream = createConnection(databasePort, '127.0.0.1');
    const cut = () => {
      client.destroy();
      upstream.destroy();
    };
    let struck: (() => void) | undefined;
    for (const socket of [client, upstream]) {
      sockets.add(socket.setNoDelay());
      socket.on('error', cut);
      socket.on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    client.on('data', (chunk) => {
      if (struck) return;
      if (armed && chunk.includes(COMMIT) && --armed.left === 0) {
        const { moment, strike } = armed;
        armed = undefined;
        if (moment === 'before') {
          strike();
          return cut();
        }
        struck = strike;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (!struck) return client.write(chunk);
      struck();
      cut();
      return undefined;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    strikeAt(left, moment, strike) {
      armed = { left, moment, strike };
    },
    disarm() {
      armed = undefined;
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
