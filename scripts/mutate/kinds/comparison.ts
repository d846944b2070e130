import { operatorKind } from '../kind.ts';

/** The boundary on the other side, and the opposite. */
export const comparison = operatorKind('comparison', 'BinaryOperation', {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '==': ['!='],
  '!=': ['=='],
});
