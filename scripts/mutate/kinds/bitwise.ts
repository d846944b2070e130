import { operatorKind } from '../kind.ts';

export const bitwise = operatorKind('bitwise operator', 'BinaryOperation', {
  '&': ['|'],
  '|': ['&'],
  '^': ['&'],
  '<<': ['>>'],
  '>>': ['<<'],
});
