import { spanOf } from '../ast.ts';
import type { Kind } from '../kind.ts';
import { otherNumbers } from './constants.ts';

export const assemblyConstants: Kind = {
  name: 'assembly constant',
  changes(node, { text }) {
    if (node.nodeType !== 'YulLiteral' || node.kind !== 'number') return [];
    return otherNumbers(text(spanOf(node))).map((other) => ({ ...spanOf(node), text: other }));
  },
};
