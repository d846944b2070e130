import { operatorKind } from '../kind.ts';

export const arithmetic = operatorKind('arithmetic operator', 'BinaryOperation', {
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '**': ['*'],
});
