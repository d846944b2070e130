/**
 * One thing that is wrong in something a partner sent, and where. A file is refused whole with all of them.
 * `code` is stable; `detail` says what was observed, `expected` what would have been right.
 */
export interface InputError {
  code: string;
  detail: string;
  expected: string;
  /** XML: absolute path with positions, such as `/Document/CstmrCdtTrfInitn/PmtInf[2]/PmtInfId`. */
  xpath?: string;
  /** XML: line, counted from 1, on which the element starts. */
  line?: number;
  /** CSV: row, counted from 1 with the header row as row 1. */
  row?: number;
  /** CSV: name of the column. */
  column?: string;
  /** JSON: pointer of RFC 6901. */
  pointer?: string;
  /** JSON that cannot be read: characters before the place, in the whole text. */
  offset?: number;
}

/** Either what was read, or every reason (at most {@link MAX_INPUT_ERRORS}) why it was refused. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; errors: InputError[] };

/** More errors than this in one file tell nobody more. */
export const MAX_INPUT_ERRORS = 100;

/** A text as `detail` shows it: in quotes, at most 40 characters. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
