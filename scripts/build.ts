/** Builds what needs building: contracts with their ABIs, and the web app. `npm run build` runs it. */
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readOptions, runCommandLine } from './cli.ts';
import { root, runCommand } from './command.ts';

interface Product {
  name: string;
  /** Glob patterns of everything that the result depends on. */
  sources: string[];
  /** Folder of the result; the stamp with the hash of the sources lies in it. */
  folder: string;
  command: [string, ...string[]];
}

const products: Record<'contracts' | 'frontend', Product> = {
  contracts: {
    name: 'contracts',
    sources: ['contracts/**/*.sol', 'hardhat.config.ts', 'scripts/generate.ts', 'package-lock.json'],
    folder: 'artifacts',
    command: ['node', 'scripts/generate.ts'],
  },
  frontend: {
    name: 'web app',
    sources: ['frontend/{src,public}/**/*', 'frontend/*.*', 'services/core/**/*.ts', 'package-lock.json'],
    folder: 'frontend/dist',
    command: ['vite', 'build', 'frontend', '--logLevel', 'warn'],
  },
};

/**
 * Builds a product unless its sources are those of the last build.
 * @returns whether there was anything to do.
 * @throws with the tool's output when it fails.
 */
export async function build(which: keyof typeof products): Promise<boolean> {
  const { name, sources, folder, command } = products[which];
  const stamp = path.join(root, folder, '.built-from');
  const hash = sourceHash(sources);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return false;
  const [program, ...args] = command;
  const { code, output } = await runCommand(program, args, { limitSeconds: 300 });
  if (code !== 0) throw new Error(`Building the ${name} failed (${command.join(' ')}):\n${output.trimEnd()}`);
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
  return true;
}

function sourceHash(patterns: string[]): string {
  const hash = createHash('sha256');
  for (const file of globSync(patterns, { cwd: root }).sort()) {
    if (!statSync(path.join(root, file)).isFile()) continue;
    hash.update(`${file}\0`).update(readFileSync(path.join(root, file)));
  }
  return hash.digest('hex');
}

if (import.meta.main) await runCommandLine(buildAll);

async function buildAll(): Promise<void> {
  readOptions('npm run build', {});
  for (const which of ['contracts', 'frontend'] as const) {
    const startedAt = Date.now();
    const built = await build(which);
    const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    console.log(
      built ? `${products[which].name}: built in ${seconds} s` : `${products[which].name}: up to date`,
    );
  }
}
