import { type InputError, MAX_INPUT_ERRORS, quoted } from './inputError.ts';

/** The text is no JSON, or nested too deep; `error` says where: `json_syntax` or `json_depth`. */
export class JsonMalformed extends Error {
  override readonly name = 'JsonMalformed';
  readonly error: InputError;

  constructor(error: InputError) {
    super(`${error.detail}; expected ${error.expected}`);
    this.error = error;
  }
}

/** `repeated`: members that stand twice in their object (`json_duplicate_member`), of which the value has the last. */
export interface JsonText {
  value: unknown;
  repeated: InputError[];
}

const MAX_DEPTH = 32;

/**
 * Reads JSON (RFC 8259). What JSON.parse keeps to itself is found by going through the text before: where it is
 * malformed, and which members are repeated, so that nobody signs one amount and another is paid.
 * @throws JsonMalformed at the first place that is no JSON, or deeper than 32 levels
 */
export function readJsonText(text: string): JsonText {
  const { repeated } = new Scan(text);
  return { value: JSON.parse(text), repeated };
}

/** The JSON pointer (RFC 6901) of a path of member names and positions. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

const space = /[ \t\n\r]*/y;
/** What stands for itself in a string: everything but quote, backslash and what comes before the space. */
const plain = /[ !#-[\]-\uffff]*/y;
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

class Scan {
  readonly repeated: InputError[] = [];
  readonly #text: string;
  readonly #path: (string | number)[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#value();
    this.#take(space);
    if (this.#at < text.length) this.#refuse('the end of the text');
  }

  #value(): void {
    this.#take(space);
    const first = this.#text[this.#at];
    if (first === '{') this.#object();
    else if (first === '[') this.#array();
    else if (first === '"') this.#string();
    else if (!this.#take(scalar)) this.#refuse('a value');
  }

  #object(): void {
    this.#open();
    if (this.#next('}')) return;
    const names = new Set<string>();
    do {
      this.#take(space);
      if (this.#text[this.#at] !== '"') this.#refuse('a member name in double quotes');
      const name = this.#string();
      this.#path.push(name);
      if (names.has(name)) this.#repeat(name);
      names.add(name);
      if (!this.#next(':')) this.#refuse('a colon');
      this.#value();
      this.#path.pop();
    } while (this.#next(','));
    if (!this.#next('}')) this.#refuse('a comma or }');
  }

  #array(): void {
    this.#open();
    if (this.#next(']')) return;
    let position = 0;
    do {
      this.#path.push(position);
      this.#value();
      this.#path.pop();
      position += 1;
    } while (this.#next(','));
    if (!this.#next(']')) this.#refuse('a comma or ]');
  }

  /** Goes behind the string; gives what it stands for, as one name can be escaped in many ways. */
  #string(): string {
    const start = this.#at;
    this.#at += 1;
    do this.#take(plain);
    while (this.#take(escaped));
    if (this.#text[this.#at] !== '"') this.#refuse('text without control characters, and a closing quote');
    this.#at += 1;
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  #open(): void {
    if (this.#path.length === MAX_DEPTH) this.#refuse(`at most ${MAX_DEPTH} levels`, 'json_depth');
    this.#at += 1;
  }

  #next(character: string): boolean {
    this.#take(space);
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  #repeat(name: string): void {
    if (this.repeated.length === MAX_INPUT_ERRORS) return;
    const detail = `${quoted(name)} stands twice in its object`;
    const pointer = jsonPointer(this.#path);
    this.repeated.push({ code: 'json_duplicate_member', detail, expected: 'each member once', pointer });
  }

  #refuse(expected: string, code = 'json_syntax'): never {
    const before = this.#text.slice(0, this.#at);
    const line = before.split('\n').length;
    const position = this.#at - before.lastIndexOf('\n');
    const character = this.#text.codePointAt(this.#at);
    const found = character === undefined ? 'The text ends' : quoted(String.fromCodePoint(character));
    const detail = `${found} at character ${position} of line ${line}`;
    throw new JsonMalformed({ code, detail, expected, line, offset: this.#at });
  }
}
