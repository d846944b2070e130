/** Faults of JSON bodies and queries, from what their zod schemas found: our own codes, what was observed and expected. */
import type { z } from 'zod';
import { quoted } from '../../core/inputError.ts';
import type { Fault } from '../../platform/http/problem.ts';

/** What a place of the input is called, in codes and sentences. */
export type Place = 'member' | 'parameter';

/**
 * A rule of ours in a schema, for `refine` and `addIssue`: its stable code, and what would be right.
 * @param detail what was observed; left out, it is the value
 */
export function rule(code: string, expected: string, detail?: string) {
  return { code: 'custom', params: { code, expected, detail } } as const;
}

/**
 * The faults of an input. Codes: `member_missing`, `member_unknown` (in a query `parameter_...`), `value_type`,
 * `value_length`, `value_range`, `value_form`, `value_not_listed`, and those that schemas give with {@link rule}.
 * @param locate gives the fault's place in the input
 */
export function faultsOf(
  error: z.ZodError | undefined,
  input: unknown,
  place: Place,
  locate: (path: PropertyKey[]) => Partial<Fault>,
): Fault[] {
  return (error?.issues ?? []).flatMap((issue): Fault[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        ...locate([...issue.path, key]),
        code: `${place}_unknown`,
        detail: `${quoted(key)} is not known here`,
        expected: `only a ${place} that the API description names`,
      }));
    }
    const value = valueAt(input, issue.path);
    const [code, expected] = codeAndExpected(issue);
    if (value === undefined) {
      const detail = `${quoted(String(issue.path.at(-1)))} is missing`;
      return [{ ...locate(issue.path), code: `${place}_missing`, detail, expected }];
    }
    return [{ ...locate(issue.path), code, detail: observed(issue, value), expected }];
  });
}

type Issue = z.core.$ZodIssue;

function codeAndExpected(issue: Issue): [code: string, expected: string] {
  switch (issue.code) {
    case 'invalid_type':
      return ['value_type', typeNames[issue.expected] ?? issue.expected];
    case 'too_small':
      return sizeRule(issue.origin, `at least ${issue.minimum}`);
    case 'too_big':
      return sizeRule(issue.origin, `at most ${issue.maximum}`);
    case 'invalid_value':
      return ['value_not_listed', `one of ${issue.values.map(String).join(', ')}`];
    case 'custom':
      return [ruleOf(issue).code ?? 'value_form', ruleOf(issue).expected ?? issue.message];
    default:
      return ['value_form', issue.message];
  }
}

/** What {@link rule} put into an issue; empty for one of zod's own. */
function ruleOf(issue: Issue): Partial<Pick<Fault, 'code' | 'detail' | 'expected'>> {
  return issue.code === 'custom' ? (issue.params ?? {}) : {};
}

const typeNames: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'an object',
};

const sizeUnits: Record<string, string> = { string: ' characters', array: ' items' };

function sizeRule(origin: string, limit: string): [code: string, expected: string] {
  const unit = sizeUnits[origin];
  return unit ? ['value_length', limit + unit] : ['value_range', limit];
}

function observed(issue: Issue, value: unknown): string {
  const { detail } = ruleOf(issue);
  if (detail) return detail;
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    if (typeof value === 'string' && issue.origin === 'string') return `${value.length} characters`;
    if (Array.isArray(value)) return `${value.length} items`;
  }
  return `The value is ${shown(value)}`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((value: unknown, step) => (value as Record<PropertyKey, unknown> | null)?.[step], input);
}
