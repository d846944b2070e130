import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { runCommand } from '../../scripts/command.ts';

const stopAndGoOn = (file: string) => `
  import { runCommand, stopCommands } from './scripts/command.ts';
  await stopCommands();
  void runCommand('touch', ['${file}']);`;

describe('scripts: commands', () => {
  it('starts nothing more when it is being stopped', async () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'corridor-')), 'touched');
    const { code, output } = await runCommand('node', ['--input-type=module', '-e', stopAndGoOn(file)]);
    expect(code, output).to.equal(0);
    expect(existsSync(file)).to.equal(false);
  });
});
