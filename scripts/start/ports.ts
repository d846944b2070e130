import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { ConfigError } from '../../services/platform/config.ts';

/** Where each process listens unless its variable says otherwise. */
const usualPorts = {
  CHAIN_PORT: 8545,
  DATABASE_PORT: 54_329,
  SETTLEMENT_PORT: 8080,
  INDEXER_PORT: 8081,
  SANDBOX_PORT: 8082,
  ORACLE_PORT: 8090,
  WEB_PORT: 5173,
} as const;

export type PortVariable = keyof typeof usualPorts;
export type Ports = Record<PortVariable, number>;

export interface ReservedPorts {
  ports: Ports;
  /** A sentence for each port that is not the usual one. */
  remarks: string[];
  /** Frees a port for the process that it is meant for; until then nobody else gets it. */
  release(variable: PortVariable): Promise<void>;
}

/**
 * Reserves a port for each process: the one that its variable sets, else the usual one, else the next free one above.
 * @throws ConfigError when a port that was set explicitly is taken.
 */
export async function reservePorts(
  asked: Partial<Record<PortVariable, number | undefined>>,
  notNeeded: readonly PortVariable[] = [],
  usual: Ports = usualPorts,
): Promise<ReservedPorts> {
  const reserved = new Map<PortVariable, { port: number; server: Server }>();
  const remarks: string[] = [];
  const variables = (Object.keys(usual) as PortVariable[]).filter((name) => !notNeeded.includes(name));
  for (const variable of variables) {
    const port = asked[variable];
    if (port === undefined) continue;
    const server = await reserve(port);
    if (!server)
      throw new ConfigError(`Port ${port} is taken. Set ${variable} to another one, or leave it out.`);
    reserved.set(variable, { port, server });
  }
  for (const variable of variables) {
    if (reserved.has(variable)) continue;
    let port = usual[variable];
    let server = await reserve(port);
    while (!server) server = await reserve(++port);
    if (port !== usual[variable])
      remarks.push(`Port ${usual[variable]} is taken: ${variable} is ${port} this time.`);
    reserved.set(variable, { port, server });
  }
  return {
    ports: { ...usual, ...Object.fromEntries([...reserved].map(([name, { port }]) => [name, port])) },
    remarks,
    async release(variable) {
      const server = reserved.get(variable)?.server;
      if (!server?.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

/** Listens on a port, which nobody else can then; undefined when it is taken. */
async function reserve(port: number): Promise<Server | undefined> {
  // What listens on all interfaces leaves the loopback interface free, and would answer in our place.
  const everywhere = await listen(port, '0.0.0.0');
  if (!everywhere) return undefined;
  everywhere.close();
  await once(everywhere, 'close');
  return listen(port, '127.0.0.1');
}

async function listen(port: number, host: string): Promise<Server | undefined> {
  const server = createServer().unref();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return server;
  } catch (error) {
    if (['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
