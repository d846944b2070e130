/** Errors of the HTTP edge as problem documents (RFC 9457). */

/** One fault of a request. `pointer`, `xpath` or `row`/`column` say where it is. */
export interface Fault {
  code: string;
  detail: string;
  /** RFC 6901 pointer into a JSON body. */
  pointer?: string | undefined;
  /** Place in JSON that cannot be read, with `line`: characters before it. */
  offset?: number | undefined;
  /** Name of a header, query or path parameter. */
  parameter?: string | undefined;
  /** Place in an XML file. */
  xpath?: string | undefined;
  line?: number | undefined;
  /** Place in a CSV file; the header is row 1. */
  row?: number | undefined;
  column?: string | undefined;
  expected?: string | undefined;
}

/** An answer that is not a success. Thrown anywhere behind a route; the edge writes it as `application/problem+json`. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  /** Stable, for programs. */
  readonly code: string;
  readonly faults: Fault[];
  readonly headers: Record<string, string>;

  constructor(
    status: number,
    code: string,
    detail: string,
    faults: Fault[] = [],
    headers: Record<string, string> = {},
  ) {
    super(detail);
    this.status = status;
    this.code = code;
    this.faults = faults;
    this.headers = headers;
  }

  /** The document as RFC 9457 has it, with the members `code` and `errors` of our own. */
  toDocument(): Record<string, unknown> {
    return {
      type: `/docs/errors#${this.code}`,
      title: this.code.replaceAll('_', ' '),
      status: this.status,
      code: this.code,
      detail: this.message,
      ...(this.faults.length > 0 && { errors: this.faults }),
    };
  }
}
