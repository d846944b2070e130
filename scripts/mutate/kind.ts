import { type Node, type Span, spanOf } from './ast.ts';

/** One replacement in a source. */
export interface Change extends Span {
  text: string;
}

/** Where a node stands. */
export interface Place {
  /** The nodes that it lies in, outermost first. */
  ancestors: readonly Node[];
  /** The source between two bytes. */
  text(span: Span): string;
}

/** A way to break a contract. */
export interface Kind {
  name: string;
  /** Its changes of this very node: none for most nodes. */
  changes(node: Node, place: Place): Change[];
}

/** A kind that puts other operators in the place of a binary one. */
export function operatorKind(
  name: string,
  nodeType: 'BinaryOperation' | 'Assignment',
  replacements: Record<string, string[]>,
): Kind {
  return {
    name,
    changes(node, place) {
      const texts = node.nodeType === nodeType ? replacements[node.operator ?? ''] : undefined;
      return texts?.map((text) => ({ ...operatorOf(node, place), text })) ?? [];
    },
  };
}

/** Where the operator stands between its two sides. */
function operatorOf(node: Node, { text }: Place): Span {
  const [left, right] = [
    node.leftExpression ?? node.leftHandSide,
    node.rightExpression ?? node.rightHandSide,
  ];
  if (!left || !right || !node.operator) throw new Error(`No operator in ${node.nodeType} ${node.src}`);
  const between = { start: spanOf(left).end, end: spanOf(right).start };
  const start = between.start + text(between).indexOf(node.operator);
  return { start, end: start + node.operator.length };
}
