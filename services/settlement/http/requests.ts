/** Reading of requests: JSON bodies and query parameters by zod schema, with every fault at once and its place. */
import type { Request } from 'express';
import { z } from 'zod';
import { type InputError, MAX_INPUT_ERRORS } from '../../core/inputError.ts';
import { JsonMalformed, type JsonText, jsonPointer, readJsonText } from '../../core/json.ts';
import type { Fault } from '../../platform/http/problem.ts';
import { faultsOf } from './faults.ts';
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
    next: 'Correct the body at the line and offset that `errors` names.',
  },
  request_invalid: {
    status: 400,
    meaning: 'The body or a query parameter does not have the form that the API description gives.',
    next: 'Correct what `errors` lists, each with its pointer or parameter, and send the request again.',
  },
} as const;

const problem = problemsOf(requestProblems);

/** The media type of a request without its parameters, in lower case; empty when there is none. */
export function mediaTypeOf(request: Request): string {
  return (request.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/**
 * Reads the raw body as JSON of the given form. Unknown members are the schema's matter (use z.strictObject).
 * @throws Problem `media_type_unsupported`, `json_malformed` with the place, or `request_invalid` with every fault
 */
export function readJson<Schema extends z.ZodType>(request: Request, schema: Schema): z.output<Schema> {
  if (mediaTypeOf(request) !== 'application/json') {
    throw problem(
      'media_type_unsupported',
      `The Content-Type is ${mediaTypeOf(request) || 'missing'}, expected application/json.`,
    );
  }
  const { value, repeated } = parseJson(request.body as Buffer);
  const result = schema.safeParse(value);
  if (result.success && repeated.length === 0) return result.data;
  const faults = faultsOf(result.error, value, 'member', (path) => ({ pointer: jsonPointer(path) }));
  throw invalid([...repeated, ...faults]);
}

/** Reads query parameters. @throws Problem `request_invalid` naming each wrong parameter */
export function readQuery<Schema extends z.ZodObject>(request: Request, schema: Schema): z.output<Schema> {
  const { query } = request;
  const result = schema.safeParse(query);
  if (result.success) return result.data;
  throw invalid(faultsOf(result.error, query, 'parameter', (path) => ({ parameter: path.join('.') })));
}

function parseJson(bytes: Buffer): JsonText {
  try {
    return readJsonText(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    if (cause instanceof JsonMalformed) throw malformed(cause.error);
    if (!(cause instanceof TypeError)) throw cause;
    throw malformed({ code: 'json_encoding', detail: 'The bytes are not UTF-8', expected: 'UTF-8' });
  }
}

function malformed(fault: InputError) {
  return problem('json_malformed', `The body is not JSON: ${fault.detail}.`, [fault]);
}

function invalid(faults: Fault[]) {
  const told = faults.slice(0, MAX_INPUT_ERRORS);
  return problem('request_invalid', `The request has ${told.length} fault(s).`, told);
}

/** `limit` and `cursor` of every list: newest first, `cursor` is the id after which to go on. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^[a-z]{3}_[0-9a-f]{32}$/, 'the nextCursor of an earlier answer')
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
