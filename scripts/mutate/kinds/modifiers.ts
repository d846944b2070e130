import { spanOf } from '../ast.ts';
import type { Kind } from '../kind.ts';

/** `restricted`, `nonReentrant` and the like taken off a function. */
export const modifiers: Kind = {
  name: 'removed modifier',
  changes(node) {
    const isModifier = node.nodeType === 'ModifierInvocation' && node.kind === 'modifierInvocation';
    return isModifier ? [{ ...spanOf(node), text: '' }] : [];
  },
};
