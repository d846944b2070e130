import { type Node, spanOf } from '../ast.ts';
import type { Change, Kind } from '../kind.ts';

const OTHERS: Record<string, string> = {
  add: 'sub',
  sub: 'add',
  mul: 'div',
  div: 'mul',
  mod: 'mul',
  lt: 'gt',
  gt: 'lt',
  slt: 'sgt',
  sgt: 'slt',
  and: 'or',
  or: 'and',
  xor: 'and',
  shl: 'shr',
  shr: 'shl',
};
/** `a <= b` is what `a > b` is not. */
const BOUNDARIES: Record<string, string> = { lt: 'gt', gt: 'lt', slt: 'sgt', sgt: 'slt' };
const SWAPPED = new Set(['sub', 'div', 'mod', 'shl', 'shr', 'sstore', 'mstore']);

/** What `operators` and `swapped arguments` are in Solidity, in Yul. */
export const assemblyOperators: Kind = {
  name: 'assembly operator',
  changes(node, { text }) {
    if (node.nodeType !== 'YulFunctionCall' || !node.functionName) return [];
    const [name, [first, second]] = [node.functionName.name ?? '', node.arguments ?? []];
    const whole = (replacement: string): Change => ({ ...spanOf(node), text: replacement });
    const argument = (of: Node | undefined) => (of ? text(spanOf(of)) : '');
    const both = `${argument(first)}, ${argument(second)}`;
    const changes: Change[] = [];
    if (OTHERS[name]) changes.push({ ...spanOf(node.functionName), text: OTHERS[name] });
    if (BOUNDARIES[name]) changes.push(whole(`iszero(${BOUNDARIES[name]}(${both}))`));
    if (name === 'eq') changes.push(whole(`iszero(eq(${both}))`));
    if (name === 'iszero') changes.push(whole(argument(first)));
    if (SWAPPED.has(name)) changes.push(whole(`${name}(${argument(second)}, ${argument(first)})`));
    return changes;
  },
};
