import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { startPostgres, stopOrphan, untilReady } from '../../scripts/postgres.ts';

describe('scripts: the embedded PostgreSQL', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'corridor-'));
  });

  after(async () => rm(folder, { recursive: true, force: true }));

  it('stops the server that a killed start left on the folder, so that its port is free again', async () => {
    const dataDir = path.join(folder, 'postgres');
    const left = await startPostgres({ dataDir, detached: true, fsync: false });
    const exited = once(left.process, 'exit');
    await stopOrphan(dataDir);
    await exited;
    const next = await startPostgres({ dataDir, port: left.port, fsync: false });
    expect(next.port).to.equal(left.port);
    await next.stop();
  });

  it('stops nothing where no server was left', async () => {
    const other = await startPostgres({ dataDir: path.join(folder, 'other'), fsync: false });
    await stopOrphan(path.join(folder, 'none'));
    expect(other.process.exitCode).to.equal(null);
    await other.stop();
  });

  /** Prints what a PostgreSQL prints that recovers while so many clients ask for a connection. */
  const recovering = (clients: number, end: string) =>
    spawn(process.execPath, [
      '-e',
      `console.error('FATAL:  the database system is starting up\\n'.repeat(${clients}) + '${end}')`,
    ]);

  it('sees that a server is ready, however many clients it turned away before', () =>
    untilReady(recovering(10_000, 'LOG:  database system is ready to accept connections')));

  it('says why one ended before it was ready, whoever it turned away', async () => {
    const error = await untilReady(recovering(10_000, 'FATAL:  no space')).catch((caught: Error) => caught);
    expect(error).to.be.instanceOf(Error);
    expect((error as Error).message).to.equal(
      'PostgreSQL did not start: it ended with code 0. It printed: FATAL:  no space',
    );
  });
});
