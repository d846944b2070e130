/** Who may import whom (docs/architecture.md), as a check. `npm run check` runs it over every source file. */
import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { root } from './command.ts';

export interface Violation {
  file: string;
  line: number;
  rule: string;
}

interface Import {
  specifier: string;
  /** Path from the root for a relative import, the package's name otherwise. */
  target: string;
  isRelative: boolean;
  isTypeOnly: boolean;
  line: number;
}

/** Packages that reach the network, the disk or a database: not for words that the browser shares. */
const ioPackages = ['pg', 'express', 'helmet', 'pino', 'prom-client', 'request-filtering-agent'];

/** The environment is read by one file; the others only hand theirs to the processes they start. */
const environmentReaders = [
  'services/platform/config.ts',
  'scripts/command.ts',
  'scripts/run.mjs',
  'scripts/postgres.ts',
];

/** Checks one file, given by its path from the root and its text. */
export function findViolations(file: string, text: string): Violation[] {
  const violations: Violation[] = [];
  for (const found of importsOf(file, text)) {
    const rule = brokenRule(file, found);
    if (rule) violations.push({ file, line: found.line, rule: `${rule} (imports '${found.specifier}')` });
  }
  if (/^(services|frontend|scripts)\//.test(file) && !environmentReaders.includes(file)) {
    const at = text.search(/\bprocess\.env\b|\bimport\.meta\.env\b/);
    if (at >= 0)
      violations.push({
        file,
        line: lineAt(text, at),
        rule: 'only services/platform/config.ts reads the environment',
      });
  }
  return violations;
}

function brokenRule(file: string, found: Import): string | undefined {
  const [tree = '', process = '', layer = '', domain = ''] = file.split('/');
  const { target, isRelative } = found;
  if (!['services', 'frontend'].includes(tree)) return undefined;

  if (
    target === 'ethers' ||
    target.startsWith('typechain-types/') ||
    /^@nomicfoundation\/|^hardhat$/.test(target)
  )
    return 'ethers, Hardhat and typechain-types stay in test/ and scripts/';
  if (isRelative && /^(scripts|test|bench)\//.test(target))
    return 'what runs does not import what builds or tests it';

  if (tree === 'frontend') return isRelative ? brokenFrontendRule(file, found) : browserRule(target);
  if (process === 'core') {
    if (isRelative && !target.startsWith('services/core/')) return 'services/core imports nothing but itself';
    if (!isRelative && (isBuiltin(target) || ioPackages.includes(target)))
      return 'services/core has no I/O and no Node API: the browser shares it';
    return undefined;
  }
  if (!isRelative) return undefined;
  if (!target.startsWith('services/')) return 'a service imports services/ only';
  if (process === 'platform')
    return /^services\/(core|platform)\//.test(target)
      ? undefined
      : 'services/platform imports services/core only';
  if (!new RegExp(`^services/(core|platform|${process})/`).test(target))
    return 'processes never import each other: they meet in the database and on the chain';
  if (layer !== 'domains') return undefined;
  const [, , targetLayer = '', targetDomain = ''] = target.split('/');
  if (['main.ts', 'app.ts'].includes(targetLayer))
    return 'a domain does not import what puts the domains together';
  if (targetLayer === 'domains' && targetDomain !== domain && !found.isTypeOnly)
    return `a domain never reaches into another domain's files: it is handed that domain's service`;
  return undefined;
}

function brokenFrontendRule(file: string, { target }: Import): string | undefined {
  const [, , layer = '', feature = ''] = file.split('/');
  if (target.startsWith('services/'))
    return target.startsWith('services/core/')
      ? undefined
      : 'the browser imports nothing of services/ but core';
  if (!target.startsWith('frontend/')) return 'the browser imports frontend/ and services/core only';
  const [, , targetLayer = '', targetFeature = ''] = target.split('/');
  if (layer === 'features') {
    if (targetLayer === 'app') return 'a feature does not import the app';
    if (targetLayer === 'features' && targetFeature !== feature)
      return 'a feature does not import another feature';
  }
  if ((layer === 'ui' || layer === 'lib') && !['ui', 'lib'].includes(targetLayer))
    return `frontend/${layer} imports ui, lib and services/core only`;
  return undefined;
}

function browserRule(target: string): string | undefined {
  return isBuiltin(target) ? 'the browser has no Node API' : undefined;
}

function isBuiltin(target: string): boolean {
  return target.startsWith('node:') || builtinModules.includes(target);
}

const importPattern =
  /^[ \t]*(?:import|export)\s+(?<type>type\s)?(?:[^'"();]*?\sfrom\s*)?['"](?<from>[^'"]+)['"]|\bimport\(\s*['"](?<dynamic>[^'"]+)['"]/gm;

function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(importPattern)].map((match) => {
    const specifier = match.groups?.from ?? match.groups?.dynamic ?? '';
    const isRelative = specifier.startsWith('.');
    return {
      specifier,
      isRelative,
      target: isRelative ? path.posix.join(path.posix.dirname(file), specifier) : packageName(specifier),
      isTypeOnly: match.groups?.type !== undefined,
      line: lineAt(text, match.index + match[0].search(/\S/)),
    };
  });
}

function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** Every source file that the rules speak of. */
export function sourceFiles(): string[] {
  return globSync(['services/**/*.ts', 'frontend/src/**/*.{ts,tsx}', 'scripts/**/*.{ts,mjs}'], {
    cwd: root,
  }).sort();
}

if (import.meta.main) {
  const files = sourceFiles();
  const violations = files.flatMap((file) =>
    findViolations(file, readFileSync(path.join(root, file), 'utf8')),
  );
  for (const { file, line, rule } of violations) console.error(`${file}:${line}: ${rule}`);
  if (violations.length > 0) process.exitCode = 1;
  else console.log(`${files.length} files keep the import rules.`);
}
