import { type Node, spanOf } from '../ast.ts';
import type { Change, Kind, Place } from '../kind.ts';

/** Where the order means nothing. */
const SYMMETRIC = new Set(['min', 'max']);

/** Two neighbours of one type swapped, in calls, events, errors, structs and tuples. */
export const argumentOrder: Kind = {
  name: 'swapped arguments',
  changes(node, place) {
    if (node.nodeType === 'TupleExpression') return swaps(node.components ?? [], place);
    if (node.nodeType !== 'FunctionCall' || node.kind === 'typeConversion') return [];
    if (SYMMETRIC.has(memberName(node, place))) return [];
    return swaps(node.arguments ?? [], place);
  },
};

function memberName({ expression }: Node, { text }: Place): string {
  return expression ? (text(spanOf(expression)).split('.').at(-1) ?? '') : '';
}

function swaps(nodes: (Node | null)[], { text }: Place): Change[] {
  return nodes.flatMap((first, index) => {
    const second = nodes.slice(index + 1).find((other) => other && first && typeOf(other) === typeOf(first));
    if (!first || !second) return [];
    const [a, b] = [spanOf(first), spanOf(second)];
    if (text(a) === text(b)) return [];
    return [{ start: a.start, end: b.end, text: text(b) + text({ start: a.end, end: b.start }) + text(a) }];
  });
}

/** Literals count as what they may become. */
function typeOf({ typeDescriptions }: Node): string {
  const type = typeDescriptions?.typeString ?? '';
  return type.startsWith('int_const') ? 'uint256' : type;
}
