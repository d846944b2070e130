import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that systems give to clients, which may be taken between the look at a port and the start of who listens there. */
const [FIRST, PORTS] = [20_000, 12_000];
const given = new Set<number>();

/** A TCP port of the loopback interface that nobody listens on now, and that this process gives to nobody else. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * PORTS);
    if (given.has(port)) continue;
    given.add(port);
    const probe = createServer().listen(port, '127.0.0.1');
    const isFree = await once(probe, 'listening').then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error;
        return false;
      },
    );
    if (!isFree) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
