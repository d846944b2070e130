import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { startPostgres, stopOrphan } from '../../scripts/postgres.ts';

describe('scripts: the embedded PostgreSQL', function () {
  this.timeout(60_000);
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
});
