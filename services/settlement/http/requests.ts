/** Reading of requests: JSON bodies and query parameters by zod schema, with every fault at once and its place. */
import type { Request } from 'express';
import { z } from 'zod';
import { MAX_INPUT_ERRORS } from '../../core/inputError.ts';
import type { Fault } from '../../platform/http/problem.ts';
import { problemsOf } from './problems.ts';

export const requestProblems = {
  media_type_unsupported: {
    status: 415,
    meaning: 'The path does not take a body of this Content-Type.',
    next: 'Send one of the media types that the description of the path names.',
  },
  json_malformed: {
    status: 400,
    meaning: 'The body is not JSON (RFC 8259) in UTF-8, or is nested deeper than allowed.',
    next: 'Correct the body at the place that the detail names.',
  },
  request_invalid: {
    status: 400,
    meaning: 'The body or a query parameter does not have the form that the API description gives.',
    next: 'Correct what `errors` lists, each with its pointer or parameter, and send the request again.',
  },
} as const;

const problem = problemsOf(requestProblems);

const MAX_JSON_DEPTH = 32;

/** The media type of a request without its parameters, in lower case; empty when there is none. */
export function mediaTypeOf(request: Request): string {
  return (request.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/**
 * Reads the raw body as JSON of the given form. Unknown members are the schema's matter (use z.strictObject).
 * @throws Problem `media_type_unsupported`, `json_malformed` or `request_invalid` with JSON pointers
 */
export function readJson<Schema extends z.ZodType>(request: Request, schema: Schema): z.output<Schema> {
  if (mediaTypeOf(request) !== 'application/json') {
    throw problem(
      'media_type_unsupported',
      `The Content-Type is ${mediaTypeOf(request) || 'missing'}, expected application/json.`,
    );
  }
  const result = schema.safeParse(parseJson(request.body as Buffer));
  if (result.success) return result.data;
  throw invalid(result.error, (path) => ({ pointer: toPointer(path) }));
}

/** Reads query parameters. @throws Problem `request_invalid` naming each wrong parameter */
export function readQuery<Schema extends z.ZodObject>(request: Request, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(request.query);
  if (result.success) return result.data;
  throw invalid(result.error, (path) => ({ parameter: path.join('.') }));
}

/** Parses JSON bytes: strict UTF-8, at most 32 levels deep. */
export function parseJson(bytes: Buffer): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    refuseDeep(text);
    return JSON.parse(text);
  } catch (error) {
    throw problem('json_malformed', `The body is not JSON: ${(error as Error).message}.`);
  }
}

/** Counted before parsing, so that a deep body costs neither stack nor memory. */
function refuseDeep(text: string): void {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    if (depth > MAX_JSON_DEPTH) throw new SyntaxError(`it is nested deeper than ${MAX_JSON_DEPTH} levels`);
  }
}

function invalid(error: z.ZodError, place: (path: PropertyKey[]) => Partial<Fault>) {
  const faults = error.issues.slice(0, MAX_INPUT_ERRORS).flatMap((issue): Fault[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        ...place([...issue.path, key]),
        code: 'unknown_member',
        detail: `${key} is not known here.`,
      }));
    }
    return [{ ...place(issue.path), code: issue.code, detail: issue.message }];
  });
  return problem('request_invalid', `The request has ${faults.length} fault(s).`, faults);
}

function toPointer(path: PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** `limit` and `cursor` of every list: newest first, `cursor` is the id after which to go on. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^[a-z]{3}_[0-9a-f]{32}$/, 'must be the nextCursor of an earlier answer')
    .optional(),
});

/** The schema of a page of `item`. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    items: z.array(item),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: 'Give it as `cursor` to get the next page; null on the last.' }),
  });
}

/** A page: the items, and the cursor of the next page when there is one. `rows` holds up to `limit` + 1 items. */
export function pageOf<Item extends { id: string }>(rows: Item[], limit: number) {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? last.id : null };
}
