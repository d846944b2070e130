import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { runCommand } from '../../scripts/command.ts';

/** Nobody listens there: the port is reserved. */
const NOBODY = 'http://127.0.0.1:1';

describe('scripts: what is typed wrongly', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'corridor-'));
  const wrongParameters = path.join(folder, 'parameters.json');
  writeFileSync(wrongParameters, JSON.stringify({ admin: '0x1' }));

  for (const [name, [script, ...args], sentence] of [
    ['bench:gas with an unknown option', ['bench/gas/main.ts', '--foo'], /--foo.*Usage/],
    ['bench:indexer with an unknown option', ['bench/indexer/main.ts', '--foo'], /--foo.*Usage/],
    ['bench:oracle with too many payouts', ['bench/oracle/main.ts', '--payouts', '201'], /1 to 200/],
    ['bench:settlement with too few payments', ['bench/settlement/main.ts', '--payments', '7'], /800 to/],
    ['chaos with a fault that there is not', ['scripts/chaos.ts', '--only', 'zz'], /zz.*reorg-moved/],
    ['build with an argument', ['scripts/build.ts', 'zz'], /zz.*Usage/],
    ['generate with an argument', ['scripts/generate.ts', 'zz'], /zz.*Usage/],
    ['check with an argument', ['scripts/check.ts', 'zz'], /zz.*Usage/],
    ['verify:proof without a file', ['scripts/verify-proof.ts'], /Usage/],
    ['verify:proof with an unknown option', ['scripts/verify-proof.ts', 'x', '--foo'], /--foo.*Usage/],
    ['verify:proof of no file', ['scripts/verify-proof.ts', '/none.json'], /file_unreadable.*none/],
    ['verify:proof with no URL', ['scripts/verify-proof.ts', 'x', '--rpc', 'node'], /--rpc node.*Usage/],
    ['check:iso20022 of a folder that is not there', ['scripts/check-iso20022.ts', folder], /pain\.001/],
    ['verify:ledger with an unknown option', ['scripts/verify-ledger.ts', '--foo'], /--foo.*Usage/],
    [
      'verify:ledger of no database',
      ['scripts/verify-ledger.ts', '--database', 'postgres://127.0.0.1:1/none'],
      /database/,
    ],
    ['held with an unknown option', ['scripts/held.ts', '--foo'], /--foo.*Usage/],
    ['held of nothing to fail', ['scripts/held.ts', '--fail'], /one payment by its id.*Usage/],
    ['trace of nothing', ['scripts/trace.ts'], /Say which payment.*pay_/],
    ['trace of a name with a space, unquoted', ['scripts/trace.ts', 'INVOICE', '8'], /Say which.*quotes/],
    ['bank-statement with an unknown option', ['scripts/bank-statement.ts', '--foo'], /--foo.*Usage/],
    [
      'bank-statement of no reserve',
      ['scripts/bank-statement.ts', 'x.xml', '--currency', 'XAU'],
      /XAU.*USD.*Usage/,
    ],
    [
      'bank-statement of no file',
      ['scripts/bank-statement.ts', '/none.xml', '--currency', 'USD'],
      /file_unreadable.*none.*Usage/,
    ],
    [
      'bank-statement of another file',
      ['scripts/bank-statement.ts', wrongParameters, '--currency', 'USD'],
      /xml_malformed/,
    ],
    ['insurance:simulate with an unknown option', ['scripts/insurance-simulate.ts', '--foo'], /--foo.*Usage/],
    [
      'insurance:simulate of no products',
      ['scripts/insurance-simulate.ts', '--products', '/none.json'],
      /none\.json.*INSURANCE_PRODUCTS_FILE/,
    ],
    [
      'insurance:simulate of a sum that is none',
      ['scripts/insurance-simulate.ts', '--insured', '1.001'],
      /1\.001.*Usage/,
    ],
    ['deploy to nowhere', ['scripts/deploy/deploy.ts'], /--rpc-url/],
    ['deploy where no node answers', ['scripts/deploy/deploy.ts', '--rpc-url', NOBODY], /--rpc-url/],
    [
      'deploy by a file that is not there',
      ['scripts/deploy/deploy.ts', '--rpc-url', NOBODY, '--parameters', '/none.json'],
      /\/none\.json/,
    ],
    [
      'deploy by a wrong file',
      ['scripts/deploy/deploy.ts', '--rpc-url', NOBODY, '--parameters', wrongParameters],
      /admin: .*guardian: /,
    ],
  ] as const)
    it(`ends ${name} in one sentence, exit code 1`, async () => {
      const { code, output } = await runCommand('node', [script, ...args], { limitSeconds: 30 });
      expect(code).to.equal(1);
      expect(output).to.match(sentence);
      expect(output.trim().split('\n')).to.have.length(1);
    });
});
