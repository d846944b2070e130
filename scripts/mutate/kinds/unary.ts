import { spanOf } from '../ast.ts';
import type { Kind } from '../kind.ts';

/** `!`, `~` and `-` left out; `++` and `--` turned round. */
export const unary: Kind = {
  name: 'unary operator',
  changes(node, { text }) {
    if (node.nodeType !== 'UnaryOperation' || !node.subExpression) return [];
    const operand = text(spanOf(node.subExpression));
    if (node.operator === '++' || node.operator === '--') {
      const turned = node.operator === '++' ? '--' : '++';
      return [{ ...spanOf(node), text: node.prefix ? turned + operand : operand + turned }];
    }
    return ['!', '~', '-'].includes(node.operator ?? '') ? [{ ...spanOf(node), text: operand }] : [];
  },
};
