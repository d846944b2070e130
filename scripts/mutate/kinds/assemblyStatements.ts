import { type Node, spanOf } from '../ast.ts';
import type { Kind } from '../kind.ts';

const REMOVABLE = new Set(['YulExpressionStatement', 'YulAssignment', 'YulContinue', 'YulBreak', 'YulLeave']);

/** Statements of Yul removed, variables 0, conditions forced and negated. */
export const assemblyStatements: Kind = {
  name: 'assembly statement',
  changes(node, { text }) {
    const condition = node.condition ? text(spanOf(node.condition)) : '';
    const replace = (part: Node, ...texts: string[]) => texts.map((text) => ({ ...spanOf(part), text }));
    if (REMOVABLE.has(node.nodeType)) return replace(node, '');
    if (node.nodeType === 'YulVariableDeclaration' && isNode(node.value)) return replace(node.value, '0');
    if (node.nodeType === 'YulIf' && node.condition) {
      return replace(node.condition, '0', '1', `iszero(${condition})`);
    }
    return node.nodeType === 'YulForLoop' && node.condition ? replace(node.condition, '0') : [];
  },
};

function isNode(value: Node['value']): value is Node {
  return typeof value === 'object' && value !== null;
}
