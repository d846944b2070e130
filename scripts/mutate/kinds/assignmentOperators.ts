import { operatorKind } from '../kind.ts';

export const assignmentOperators = operatorKind('assignment operator', 'Assignment', {
  '+=': ['-=', '='],
  '-=': ['+=', '='],
  '*=': ['/=', '='],
  '/=': ['*=', '='],
  '%=': ['*=', '='],
  '&=': ['|=', '='],
  '|=': ['&=', '='],
  '^=': ['&=', '='],
  '<<=': ['>>='],
  '>>=': ['<<='],
});
