/**
 * Writes what is derived from the contracts: `services/core/abi/*.ts` for services and the browser, `typechain-types/`
 * for tests and scripts. Run it after a change of a contract: `node scripts/generate.ts`.
 *
 * `node scripts/generate.ts --check` does the same and fails when a file was not what the contracts say.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import hre from 'hardhat';
import { readOptions, runCommandLine } from './cli.ts';

const root = path.resolve(import.meta.dirname, '..');
const abiFolder = path.join(root, 'services/core/abi');
const typesFolder = path.join(root, 'typechain-types');

/** Contracts whose ABI the services and the browser know. Name of the constant by name of the contract. */
const published = {
  AccessManager: 'accessManager',
  CoverPool: 'coverPool',
  Escrow: 'escrow',
  LedgerAnchor: 'ledgerAnchor',
  OracleHub: 'oracleHub',
  ParametricCover: 'parametricCover',
  PaymentRouter: 'paymentRouter',
  Stablecoin: 'stablecoin',
} as const;

await runCommandLine(generate);

async function generate(): Promise<void> {
  const { check } = readOptions('npm run generate [-- --check]', { check: { type: 'boolean' } });
  const before = await contents(abiFolder, typesFolder);
  // Whatever belongs to a contract that is gone must go too.
  await rm(typesFolder, { recursive: true, force: true });
  await hre.tasks.getTask('build').run({ force: false });
  await writeAbis();
  const after = await contents(abiFolder, typesFolder);

  const drifted = [...new Set([...before.keys(), ...after.keys()])]
    .filter((file) => before.get(file) !== after.get(file))
    .map((file) => path.relative(root, file));
  if (check && drifted.length > 0) {
    console.error(`These generated files were not what the contracts say:\n  ${drifted.join('\n  ')}`);
    console.error('They have been written anew: look at the difference and commit it.');
    process.exitCode = 1;
  } else {
    console.log(
      drifted.length === 0 ? 'Generated files are up to date.' : `Written: ${drifted.length} files.`,
    );
  }
}

async function writeAbis(): Promise<void> {
  await mkdir(abiFolder, { recursive: true });
  for (const [contract, name] of Object.entries(published)) {
    const { abi, sourceName } = await hre.artifacts.readArtifact(contract);
    const text = [
      `// Generated from ${sourceName} by scripts/generate.ts. Do not edit.`,
      `export const ${name}Abi = ${JSON.stringify(abi, null, 2)} as const;`,
      '',
    ].join('\n');
    await writeFile(path.join(abiFolder, `${name}.ts`), text);
  }
}

async function contents(...folders: string[]): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const folder of folders) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    for (const entry of entries.filter((entry) => entry.isFile())) {
      const file = path.join(entry.parentPath, entry.name);
      files.set(file, await readFile(file, 'utf8'));
    }
  }
  return files;
}
