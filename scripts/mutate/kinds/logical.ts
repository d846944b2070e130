import { spanOf } from '../ast.ts';
import { type Kind, operatorKind } from '../kind.ts';

const swap = operatorKind('logical operator', 'BinaryOperation', { '&&': ['||'], '||': ['&&'] });

/** The other operator, and each side alone. */
export const logical: Kind = {
  name: swap.name,
  changes(node, place) {
    const swapped = swap.changes(node, place);
    const { leftExpression, rightExpression } = node;
    if (swapped.length === 0 || !leftExpression || !rightExpression) return swapped;
    const sides = [leftExpression, rightExpression].map((side) => place.text(spanOf(side)));
    return [...swapped, ...sides.map((text) => ({ ...spanOf(node), text }))];
  },
};
