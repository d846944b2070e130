import { type Node, type Span, spanOf } from '../ast.ts';
import type { Change, Kind, Place } from '../kind.ts';

const REMOVABLE = new Set([
  'ExpressionStatement',
  'EmitStatement',
  'RevertStatement',
  'Return',
  'Break',
  'Continue',
  'TryStatement',
]);

/** Calls, assignments, events, reverts, returns and the first value of variables removed. */
export const statements: Kind = {
  name: 'removed statement',
  changes(node, place) {
    if (node.nodeType === 'VariableDeclarationStatement') return withoutValue(node);
    if (!REMOVABLE.has(node.nodeType)) return [];
    if (isWholeBody(node, place) || (node.nodeType === 'Return' && !mayEndWithout(place))) return [];
    const parent = place.ancestors.at(-1);
    if (parent?.nodeType.endsWith('Block')) return [{ ...withSemicolon(spanOf(node), place), text: '' }];
    const isHead = parent?.nodeType === 'ForStatement' && parent.body !== node;
    return [isHead ? { ...spanOf(node), text: '' } : { ...withSemicolon(spanOf(node), place), text: '{}' }];
  },
};

/** `if (a) revert B();`: the condition forced false is the same. */
function isWholeBody(node: Node, { ancestors }: Place): boolean {
  const [outer, inner] = [ancestors.at(-2), ancestors.at(-1)];
  const isOnly = inner?.nodeType === 'Block' && inner.statements?.length === 1;
  const branch = isOnly ? outer : inner;
  if (branch?.nodeType !== 'IfStatement' || branch.falseBody) return false;
  return branch.trueBody === (isOnly ? inner : node);
}

/** A function that returns a reference into storage or calldata does not compile without. */
function mayEndWithout({ ancestors }: Place): boolean {
  const returned = ancestors.findLast(({ nodeType }) => nodeType === 'FunctionDefinition')?.returnParameters;
  return returned?.parameters?.every(isValue) ?? true;
}

function isValue({ storageLocation }: Node): boolean {
  return storageLocation === 'default' || storageLocation === 'memory';
}

function withoutValue(node: Node): Change[] {
  const [declaration, ...more] = node.declarations ?? [];
  if (!node.initialValue || !declaration || more.length > 0 || !isValue(declaration)) return [];
  if (['0', 'false'].includes(String(node.initialValue.value))) return []; // which it has anyway
  return [{ start: spanOf(declaration).end, end: spanOf(node.initialValue).end, text: '' }];
}

function withSemicolon(span: Span, { text }: Place): Span {
  const [found] = /^\s*;/.exec(text({ start: span.end, end: span.end + 100 })) ?? [''];
  return { start: span.start, end: span.end + found.length };
}
