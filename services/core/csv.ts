/** The text is no CSV; `row` is where that shows. */
export class CsvMalformed extends Error {
  override readonly name = 'CsvMalformed';
  readonly row: number;

  constructor(row: number, detail: string) {
    super(detail);
    this.row = row;
  }
}

/** More fields in a row than this is no table of payments, and would cost memory. */
const MAX_FIELDS = 100;

/**
 * Reads CSV as RFC 4180 has it, row by row: commas, line ends LF or CRLF, quotes doubled inside quotes. Strict, so that
 * no cell slips into its neighbour, and written here because the library at hand takes minutes for ten million empty
 * rows, which is a file that anybody can send.
 * @throws CsvMalformed at the row in which a quote or a line end stands wrong
 */
export function* readCsv(text: string): Generator<string[], void> {
  const plain = /[^",\r\n]*/y;
  let at = 0;
  for (let row = 1; at < text.length; row += 1) {
    const fields: string[] = [];
    for (let inRow = true; inRow; ) {
      if (text[at] === '"') {
        const field = readQuoted(text, at, row);
        fields.push(field.value);
        at = field.end;
      } else {
        plain.lastIndex = at;
        const value = plain.exec(text)?.[0] ?? '';
        fields.push(value);
        at += value.length;
      }
      if (fields.length > MAX_FIELDS) throw new CsvMalformed(row, `More than ${MAX_FIELDS} fields`);
      if (text[at] === ',') at += 1;
      else {
        at += lineEnd(text, at, row);
        inRow = false;
      }
    }
    yield fields;
  }
}

function readQuoted(text: string, start: number, row: number): { value: string; end: number } {
  let value = '';
  for (let from = start + 1; ; ) {
    const quote = text.indexOf('"', from);
    if (quote < 0) throw new CsvMalformed(row, 'A quote is not closed');
    value += text.slice(from, quote);
    if (text[quote + 1] !== '"') return { value, end: quote + 1 };
    value += '"';
    from = quote + 2;
  }
}

function lineEnd(text: string, at: number, row: number): number {
  if (at === text.length) return 0;
  if (text[at] === '\n') return 1;
  if (text[at] === '\r' && text[at + 1] === '\n') return 2;
  const found = text[at] === '\r' ? 'A carriage return alone' : `${text[at]} beside a quoted text`;
  throw new CsvMalformed(row, text[at] === '"' ? 'A quote inside a text that is not quoted' : found);
}
