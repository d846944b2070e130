import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { expect } from 'chai';
import { freePort } from '../../scripts/free-port.ts';
import { type Ports, reservePorts } from '../../scripts/start/ports.ts';
import { ConfigError } from '../../services/platform/config.ts';

describe('scripts: ports of npm start', () => {
  let other: Server;
  let taken: number;
  before(async () => {
    other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    taken = (other.address() as { port: number }).port;
  });
  after(() => other?.close());

  it('takes the port that a variable sets', async () => {
    const port = await freePort();
    const { ports, release } = await reservePorts({ WEB_PORT: port });
    expect(ports.WEB_PORT).to.equal(port);
    await release('WEB_PORT');
  });

  it('keeps a port from others until the process that it is meant for starts', async () => {
    const port = await freePort();
    const first = await reservePorts({ WEB_PORT: port });
    await reservePorts({ WEB_PORT: port }).then(
      () => expect.fail('must reject'),
      (reason: Error) => expect(reason).to.be.instanceOf(ConfigError),
    );
    await first.release('WEB_PORT');
    const second = await reservePorts({ WEB_PORT: port });
    expect(second.ports.WEB_PORT).to.equal(port);
    await second.release('WEB_PORT');
  });

  it('refuses a taken port that a variable sets, and names both', async () => {
    const error = await reservePorts({ WEB_PORT: taken }).then(
      () => expect.fail('must reject'),
      (reason: Error) => reason,
    );
    expect(error).to.be.instanceOf(ConfigError);
    expect(error.message).to.include(String(taken)).and.to.include('WEB_PORT');
  });

  it('takes the next free one, and says so, where the usual one is taken', async () => {
    const { ports, remarks } = await reservePorts({}, [], usual(taken));
    expect(ports.WEB_PORT).to.be.greaterThan(taken);
    expect(remarks.join()).to.include('WEB_PORT').and.to.include(String(ports.WEB_PORT));
  });

  it('gives no port twice', async () => {
    const port = await freePort();
    const { ports } = await reservePorts({ SETTLEMENT_PORT: port }, [], usual(port));
    expect(ports.SETTLEMENT_PORT).to.equal(port);
    expect(new Set(Object.values(ports)).size).to.equal(Object.keys(ports).length);
  });
});

describe('scripts: a free port', () => {
  it('is given once, and is none of those that systems give to clients', async () => {
    const ports = await Promise.all(Array.from({ length: 200 }, freePort));
    expect(new Set(ports).size).to.equal(ports.length);
    expect(Math.max(...ports)).to.be.below(32_768);
  });
});

/** The same usual port for every process. */
function usual(port: number) {
  const variables = [
    'CHAIN_PORT',
    'DATABASE_PORT',
    'SETTLEMENT_PORT',
    'INDEXER_PORT',
    'SANDBOX_PORT',
    'ORACLE_PORT',
    'WEB_PORT',
  ];
  return Object.fromEntries(variables.map((name) => [name, port])) as Ports;
}
