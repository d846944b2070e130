/** The project's contracts as the compiler takes them, and which tests are theirs. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../command.ts';
import { type Node, walk } from './ast.ts';
import { type CompilerInput, parse } from './compiler.ts';
import { type Mutant, mutantsOf } from './mutants.ts';

const BUILD_INFOS = 'cache/mutation/artifacts/build-info/*.json';
/** How Hardhat names the project's sources to the compiler. */
const PREFIX = 'project/';

export interface Project extends CompilerInput {
  mutants: Mutant[];
  /** Every source that a source needs, itself included. */
  needs: Map<string, ReadonlySet<string>>;
}

/**
 * Reads what was built last for `npm run mutate`. Solidity tests are left out. A build that is left from before an edit may
 * name a source too: what counts is what the file says now.
 */
export function readProject(): Project {
  const input: CompilerInput = { sources: {}, settings: {} };
  for (const file of globSync(BUILD_INFOS, { cwd: root }).filter((file) => !file.endsWith('.output.json'))) {
    const info = JSON.parse(readFileSync(path.join(root, file), 'utf8')) as { input: CompilerInput };
    for (const [name, source] of Object.entries(info.input.sources)) {
      const isOurs = name.startsWith(PREFIX);
      const ours = path.join(root, pathOf(name));
      if (name.endsWith('.t.sol') || (isOurs && !existsSync(ours))) continue;
      input.sources[name] = isOurs ? { content: readFileSync(ours, 'utf8') } : source;
    }
    input.settings = info.input.settings;
  }
  return projectOf(input);
}

export function projectOf(input: CompilerInput): Project {
  const trees = parse(input);
  const mutants = Object.entries(trees)
    .filter(([name]) => name.startsWith(`${PREFIX}contracts/`))
    .flatMap(([name, tree]) => mutantsOf(name, input.sources[name]?.content ?? '', tree));
  return { ...input, mutants, needs: needsOf(trees) };
}

function needsOf(trees: Record<string, Node>): Map<string, ReadonlySet<string>> {
  const imports = new Map(
    Object.entries(trees).map(([name, tree]) => [
      name,
      [...walk(tree)].flatMap(([node]) =>
        node.nodeType === 'ImportDirective' ? [node.absolutePath ?? ''] : [],
      ),
    ]),
  );
  const reach = (name: string, reached: Set<string>): ReadonlySet<string> => {
    if (reached.has(name)) return reached;
    reached.add(name);
    for (const imported of imports.get(name) ?? []) reach(imported, reached);
    return reached;
  };
  return new Map([...imports.keys()].map((name) => [name, reach(name, new Set())]));
}

/** The path of a source in the repository. */
export function pathOf(source: string): string {
  return source.startsWith(PREFIX) ? source.slice(PREFIX.length) : source;
}

/**
 * The test files of a source's domain: those of contracts/<domain> lie in test/contracts/<domain>. A source of contracts/lib
 * belongs to every domain with a contract that needs it.
 */
export function testFilesOf(source: string, { needs }: Pick<Project, 'needs'>): string[] {
  const own = domainOf(source);
  const users = [...needs].filter(([, needed]) => needed.has(source)).map(([user]) => domainOf(user));
  const domains = own === 'lib' ? new Set(users) : new Set([own]);
  return [...domains]
    .filter((domain) => domain !== undefined)
    .flatMap((domain) => globSync(`test/contracts/${domain}/**/*.test.ts`, { cwd: root }))
    .sort();
}

function domainOf(source: string): string | undefined {
  return /^project\/contracts\/([^/]+)\//.exec(source)?.[1];
}
