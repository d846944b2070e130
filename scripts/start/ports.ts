import { once } from 'node:events';
import { createServer } from 'node:net';
import { ConfigError } from '../../services/platform/config.ts';

/** Where each process listens unless its variable says otherwise. */
const usualPorts = {
  CHAIN_PORT: 8545,
  DATABASE_PORT: 54_329,
  SETTLEMENT_PORT: 8080,
  INDEXER_PORT: 8081,
  SANDBOX_PORT: 8082,
  WEB_PORT: 5173,
} as const;

export type PortVariable = keyof typeof usualPorts;
export type Ports = Record<PortVariable, number>;

/**
 * A port for each process: the one that its variable sets, else the default, else the next free one above.
 * @returns the ports, and a sentence for each that is not the default.
 * @throws ConfigError when a port that was set explicitly is taken.
 */
export async function choosePorts(
  asked: Partial<Record<PortVariable, number | undefined>>,
  usual: Ports = usualPorts,
): Promise<{ ports: Ports; remarks: string[] }> {
  const ports: Partial<Ports> = {};
  const remarks: string[] = [];
  const isTaken = async (port: number) => Object.values(ports).includes(port) || !(await isFree(port));
  const variables = Object.keys(usual) as PortVariable[];
  for (const variable of variables) {
    const port = asked[variable];
    if (port === undefined) continue;
    if (await isTaken(port))
      throw new ConfigError(`Port ${port} is taken. Set ${variable} to another one, or leave it out.`);
    ports[variable] = port;
  }
  for (const variable of variables) {
    if (ports[variable] !== undefined) continue;
    let port = usual[variable];
    while (await isTaken(port)) port++;
    if (port !== usual[variable])
      remarks.push(`Port ${usual[variable]} is taken: ${variable} is ${port} this time.`);
    ports[variable] = port;
  }
  return { ports: ports as Ports, remarks };
}

async function isFree(port: number): Promise<boolean> {
  // Something that listens on all interfaces would answer in our place, so both are tried.
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    const probe = createServer();
    try {
      probe.listen(port, host);
      await once(probe, 'listening');
    } catch (error) {
      if (['EADDRINUSE', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    }
    probe.close();
    await once(probe, 'close');
  }
  return true;
}
