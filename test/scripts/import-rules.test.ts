import { expect } from 'chai';
import { findViolations } from '../../scripts/import-rules.ts';

describe('scripts: import rules', () => {
  const forbidden: [rule: string, file: string, text: string][] = [
    ['ethers in a service', 'services/indexer/main.ts', `import { Contract } from 'ethers';`],
    [
      'TypeChain bindings in the browser',
      'frontend/src/lib/chain.ts',
      `import type { A } from '../../../typechain-types/index.ts';`,
    ],
    ['a Node API in core', 'services/core/money.ts', `import { createHash } from 'node:crypto';`],
    ['a database driver in core', 'services/core/money.ts', `import pg from 'pg';`],
    [
      'platform code in core',
      'services/core/money.ts',
      `import { loadConfig } from '../platform/config.ts';`,
    ],
    ['a process in platform', 'services/platform/log.ts', `import { x } from '../indexer/follow.ts';`],
    ['another process', 'services/settlement/main.ts', `export { x } from '../indexer/follow.ts';`],
    [
      'another process, when it is needed',
      'services/settlement/main.ts',
      `const x = await import('../indexer/follow.ts');`,
    ],
    [
      'another domain',
      'services/settlement/domains/payments/service.ts',
      `import { x } from '../accounts/store.ts';`,
    ],
    [
      'its process from a domain',
      'services/settlement/domains/payments/service.ts',
      `import { x } from '../../main.ts';`,
    ],
    ['a service in the browser', 'frontend/src/lib/chain.ts', `import '../../../services/platform/log.ts';`],
    [
      'another feature',
      'frontend/src/features/payments/Pay.tsx',
      `import {\n  a,\n} from '../partner/List.tsx';`,
    ],
    [
      'the app from a feature',
      'frontend/src/features/payments/Pay.tsx',
      `import { a } from '../../app/App.tsx';`,
    ],
    ['a feature from ui', 'frontend/src/ui/Button.tsx', `import { a } from '../features/payments/Pay.tsx';`],
    ['a script', 'services/settlement/main.ts', `import { startPostgres } from '../../scripts/postgres.ts';`],
    ['the environment', 'services/settlement/main.ts', `const port = process.env.PORT;`],
  ];
  for (const [what, file, text] of forbidden)
    it(`refuses ${what} (${file})`, () => expect(findViolations(file, text)).to.have.length(1));

  const allowed: [what: string, file: string, text: string][] = [
    [
      'core and platform to a domain',
      'services/settlement/domains/payments/service.ts',
      `import { a } from '../../../core/money.ts';\nimport { b } from '../../../platform/database.ts';`,
    ],
    [
      'the type of another domain that is handed in',
      'services/settlement/domains/payments/service.ts',
      `import type { Accounts } from '../accounts/service.ts';`,
    ],
    [
      'its domains to a process',
      'services/settlement/main.ts',
      `import { a } from './domains/payments/routes.ts';`,
    ],
    [
      'core to the browser',
      'frontend/src/lib/chain.ts',
      `import { a } from '../../../services/core/abi/stablecoin.ts';`,
    ],
    [
      'anything to a script',
      'scripts/deploy/deploy.ts',
      `import { ethers } from 'ethers';\nimport '../../services/settlement/main.ts';`,
    ],
    ['the environment to the configuration', 'services/platform/config.ts', `const source = process.env;`],
  ];
  for (const [what, file, text] of allowed)
    it(`allows ${what}`, () => expect(findViolations(file, text)).to.deep.equal([]));

  it('names the line', () => {
    const text = `// first\n\nimport { a } from './a.ts';\nimport { b } from 'ethers';\n`;
    expect(findViolations('services/indexer/main.ts', text).map(({ line }) => line)).to.deep.equal([4]);
  });
});
