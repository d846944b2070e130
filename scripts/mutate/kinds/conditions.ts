import { type Node, spanOf } from '../ast.ts';
import type { Kind } from '../kind.ts';

const NEGATED_BY_OTHERS = ['==', '!=', '<', '<=', '>', '>=', '!'];

/** Conditions of `if`, `?:`, `require` and loops forced true, forced false and negated. */
export const conditions: Kind = {
  name: 'condition',
  changes(node, { text }) {
    const condition = conditionOf(node);
    if (!condition) return [];
    const texts = ['false'];
    if (!['ForStatement', 'WhileStatement', 'DoWhileStatement'].includes(node.nodeType)) texts.push('true');
    if (!NEGATED_BY_OTHERS.includes(condition.operator ?? '')) texts.push(`!(${text(spanOf(condition))})`);
    return texts.map((text) => ({ ...spanOf(condition), text }));
  },
};

function conditionOf(node: Node): Node | undefined {
  if (node.nodeType.startsWith('Yul')) return undefined;
  if (node.nodeType !== 'FunctionCall') return node.condition;
  const { name } = node.expression ?? {};
  return name === 'require' || name === 'assert' ? node.arguments?.[0] : undefined;
}
