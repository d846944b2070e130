import { createRequire } from 'node:module';
import type { Node } from './ast.ts';

/** What of a compilation's input and output is used here. */
export interface CompilerInput {
  sources: Record<string, { content: string }>;
  settings: Record<string, unknown>;
}

/** A contract by its source and its name. */
export interface Target {
  source: string;
  name: string;
}

/** The fields of an artifact that a mutant changes. */
export interface Bytecodes {
  bytecode: string;
  deployedBytecode: string;
  linkReferences: object;
  deployedLinkReferences: object;
  immutableReferences: object;
}

interface Code {
  object: string;
  linkReferences: object;
  immutableReferences?: object;
}

interface Output {
  errors?: { severity: string; formattedMessage: string }[];
  sources: Record<string, { ast: Node }>;
  contracts?: Record<string, Record<string, { evm: { bytecode: Code; deployedBytecode: Code } }>>;
}

/** No more of it: source maps and the like take the compiler a seventh of its time. */
const BYTECODES = [
  'evm.bytecode.object',
  'evm.bytecode.linkReferences',
  'evm.deployedBytecode.object',
  'evm.deployedBytecode.linkReferences',
  'evm.deployedBytecode.immutableReferences',
];

const solc = loadCompiler();

/** As a program of its own it would end the process at every promise that is rejected before somebody waits for it. */
function loadCompiler(): { compile(input: string): string } {
  const events = ['uncaughtException', 'unhandledRejection'];
  const before = events.map((event) => process.rawListeners(event));
  const compiler = createRequire(import.meta.url)('solc') as { compile(input: string): string };
  for (const [index, event] of events.entries()) {
    for (const listener of process.rawListeners(event)) {
      if (!before[index]?.includes(listener)) process.off(event, listener as () => void);
    }
  }
  return compiler;
}

/** The syntax trees of all sources, by name. @throws when they do not compile */
export function parse({ sources, settings }: CompilerInput): Record<string, Node> {
  const output = run(sources, settings, { '*': { '': ['ast'] } });
  const failure = errorOf(output);
  if (failure) throw new Error(failure);
  return Object.fromEntries(Object.entries(output.sources).map(([name, { ast }]) => [name, ast]));
}

/** The code of the targets, in their order, and of nothing else; undefined when the sources do not compile. */
export function compile(
  { sources, settings }: CompilerInput,
  targets: readonly Target[],
): Bytecodes[] | undefined {
  const selection: Record<string, Record<string, string[]>> = {};
  for (const { source, name } of targets) {
    selection[source] = { ...selection[source], [name]: BYTECODES };
  }
  const output = run(sources, settings, selection);
  if (errorOf(output)) return undefined;
  return targets.map(({ source, name }) => {
    const evm = output.contracts?.[source]?.[name]?.evm;
    if (!evm) throw new Error(`The compiler did not answer for ${name} of ${source}.`);
    return {
      bytecode: `0x${evm.bytecode.object}`,
      deployedBytecode: `0x${evm.deployedBytecode.object}`,
      linkReferences: evm.bytecode.linkReferences,
      deployedLinkReferences: evm.deployedBytecode.linkReferences,
      immutableReferences: evm.deployedBytecode.immutableReferences ?? {},
    };
  });
}

function run(sources: CompilerInput['sources'], settings: object, outputSelection: object): Output {
  const input = { language: 'Solidity', sources, settings: { ...settings, outputSelection } };
  return JSON.parse(solc.compile(JSON.stringify(input))) as Output;
}

function errorOf({ errors = [] }: Output): string | undefined {
  return errors.find(({ severity }) => severity === 'error')?.formattedMessage;
}
