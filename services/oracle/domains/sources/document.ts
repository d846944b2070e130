/** What formats share: bytes of a source become JSON whose numbers kept every digit, and times become Unix seconds. */
import { z } from 'zod';
import { JsonMalformed, readJsonText } from '../../../core/json.ts';
import { type Fraction, parseDecimal } from './fraction.ts';
import { SourceRefused } from './refusal.ts';

/**
 * Reads a JSON document by a schema in which every number is the text that stands in the file.
 * @throws SourceRefused `source_garbage` for what is no UTF-8, no JSON, has members twice, or is not of the schema
 */
export function readDocument<Schema extends z.ZodType>(bytes: Uint8Array, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(parse(bytes));
  if (result.success) return result.data;
  throw new SourceRefused('source_garbage', `The document is not of its format: ${issueOf(result.error)}`);
}

function parse(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const { repeated } = readJsonText(text); // depth and repeated members, before anything is built
    if (repeated[0]) throw new SourceRefused('source_garbage', repeated[0].detail);
    return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown);
  } catch (cause) {
    if (cause instanceof TypeError || cause instanceof JsonMalformed)
      throw new SourceRefused('source_garbage', `No JSON in UTF-8: ${cause.message}`, { cause });
    throw cause;
  }
}

/** A reviver is told the text of each number (ECMAScript 2026, "JSON.parse source text access"). */
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? (context?.source ?? String(value)) : value;
}

function issueOf({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join('.') || 'the whole'}: ${issue?.message}`;
}

/** A number of a document. */
export const decimal = z.string().transform((text, context): Fraction => {
  const number = parseDecimal(text);
  if (number) return number;
  context.addIssue({ code: 'custom', message: `${text.slice(0, 60)} is no decimal number` });
  return z.NEVER;
});

/** A time with its offset (RFC 3339), as Unix seconds, rounded down. */
export const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => Math.floor(Date.parse(text) / 1_000));
