import path from 'node:path';
import { type Node, walk } from './ast.ts';
import type { Change, Kind } from './kind.ts';
import { argumentOrder } from './kinds/argumentOrder.ts';
import { arithmetic } from './kinds/arithmetic.ts';
import { assemblyConstants } from './kinds/assemblyConstants.ts';
import { assemblyOperators } from './kinds/assemblyOperators.ts';
import { assemblyStatements } from './kinds/assemblyStatements.ts';
import { assignmentOperators } from './kinds/assignmentOperators.ts';
import { bitwise } from './kinds/bitwise.ts';
import { comparison } from './kinds/comparison.ts';
import { conditions } from './kinds/conditions.ts';
import { constants } from './kinds/constants.ts';
import { logical } from './kinds/logical.ts';
import { modifiers } from './kinds/modifiers.ts';
import { statements } from './kinds/statements.ts';
import { unary } from './kinds/unary.ts';

const KINDS: Kind[] = [
  arithmetic,
  comparison,
  logical,
  bitwise,
  unary,
  assignmentOperators,
  constants,
  conditions,
  statements,
  modifiers,
  argumentOrder,
  assemblyOperators,
  assemblyConstants,
  assemblyStatements,
];

/** A contract with one change in it, or a file of functions outside of any. */
export interface Mutant {
  /** Name of the source, as the compiler knows it. */
  source: string;
  /** Outside of contracts, the file's name without its ending. */
  contract: string;
  /** The function, modifier or variable. */
  member: string;
  kind: string;
  change: Change;
  /** Counted from 1. */
  line: number;
  /** The lines of the change before and after it, with single spaces. */
  original: string;
  mutated: string;
}

/** Every mutant of a source, in its order and each once. Interfaces have none. */
export function mutantsOf(source: string, content: string, tree: Node): Mutant[] {
  const bytes = Buffer.from(content);
  const text = ({ start, end }: { start: number; end: number }) => bytes.toString('utf8', start, end);
  const mutants = new Map<string, Mutant>();
  for (const [node, ancestors] of walk(tree)) {
    const names = namesOf(source, [...ancestors, node]);
    if (!names) continue;
    for (const kind of KINDS) {
      for (const change of kind.changes(node, { ancestors, text })) {
        const key = `${change.start}-${change.end} ${change.text}`;
        if (mutants.has(key)) continue;
        mutants.set(key, { source, ...names, kind: kind.name, change, ...linesOf(bytes, change) });
      }
    }
  }
  return [...mutants.values()].sort((a, b) => a.change.start - b.change.start);
}

/** The source with the mutant's change in it. */
export function apply(content: string, { start, end, text }: Change): string {
  const bytes = Buffer.from(content);
  return bytes.toString('utf8', 0, start) + text + bytes.toString('utf8', end);
}

/** Undefined in interfaces. */
function namesOf(source: string, nodes: readonly Node[]): Pick<Mutant, 'contract' | 'member'> | undefined {
  const contract = nodes.find(({ nodeType }) => nodeType === 'ContractDefinition');
  if (contract?.contractKind === 'interface') return undefined;
  const member = nodes[contract ? nodes.indexOf(contract) + 1 : 1];
  return {
    contract: contract?.name ?? path.posix.basename(source, '.sol'),
    member: member?.name || member?.kind || '',
  };
}

function linesOf(bytes: Buffer, { start, end, text }: Change) {
  const from = bytes.lastIndexOf('\n', start - 1) + 1;
  const newline = bytes.indexOf('\n', end);
  const to = newline === -1 ? bytes.length : newline;
  const part = (first: number, last: number) => bytes.toString('utf8', first, last);
  const tidy = (lines: string) => lines.replaceAll(/\s+/g, ' ').trim();
  return {
    line: part(0, start).split('\n').length,
    original: tidy(part(from, to)),
    mutated: tidy(part(from, start) + text + part(end, to)),
  };
}
