/** A suite that leaves something open ends all the same, and counts as failed. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { root, runCommand } from '../../scripts/command.ts';

const LIMIT_SECONDS = 50;

describe('a suite whose tests all pass', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'corridor-left-open-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Runs mocha over one test, with a server that is never closed or without. */
  const run = async (name: string, graceSeconds: number, isOpen: boolean) => {
    const hooks = path.join(folder, `${name}.hooks.mjs`);
    const test = path.join(folder, `${name}.test.mjs`);
    const support = pathToFileURL(path.join(root, 'test/support/leftOpen.ts')).href;
    await writeFile(
      hooks,
      `import { failIfOpen } from '${support}';
       export const mochaGlobalTeardown = () => failIfOpen(${graceSeconds});`,
    );
    await writeFile(
      test,
      `import { createServer } from 'node:net';
       it('passes', () => { ${isOpen ? "createServer().listen(0, '127.0.0.1');" : ''} });`,
    );
    const args = ['--no-config', '--require', hooks, test];
    return runCommand('mocha', args, { limitSeconds: LIMIT_SECONDS });
  };

  it('fails when one of them left a server open, and names what is open', async () => {
    const { code, output } = await run('open', 0, true);
    expect(code).to.equal(1);
    expect(output)
      .to.include('1 passing')
      .and.to.include('TCPServerWrap')
      .and.not.to.include('did not end within');
  });

  it('passes when nothing is open, without waiting for that', async () => {
    const { code, output } = await run('closed', LIMIT_SECONDS, false);
    expect([code, output.includes('left open')]).to.deep.equal([0, false]);
  });
});
