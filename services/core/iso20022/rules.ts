/**
 * The rule of one type of a message. Element lists are written as in a document type, `name:type` with `?`, `*`, `+`
 * or `{min,max}` behind it: `GrpHdr:GroupHeader85 PmtInf:PaymentInstruction30+ SplmtryData:SupplementaryData1*`.
 */
export type TypeRule =
  /** Child elements in this order. */
  | { sequence: string }
  /** Exactly one of these child elements, as often as it may be. */
  | { choice: string }
  /** Exactly one element of any name; a Document of the message's own namespace inside is checked. */
  | { any: true }
  /** A value of the type `text` with one mandatory attribute, `name:type`. */
  | { text: string; attribute: string }
  | ValueRule;

/** The rule of a value. Lengths count Unicode characters; patterns are anchored at both ends. */
export interface ValueRule {
  base: 'string' | 'decimal' | 'boolean' | 'date' | 'dateTime' | 'time' | 'gYearMonth';
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  /** The values allowed, separated by spaces. */
  oneOf?: string;
  totalDigits?: number;
  fractionDigits?: number;
  minInclusive?: number;
}

/** The messages that Corridor reads or writes. */
export type MessageName = 'pain.001.001.09' | 'pain.002.001.10' | 'camt.053.001.08';

export function messageNamespace(message: MessageName): string {
  return `urn:iso:std:iso:20022:tech:xsd:${message}`;
}

/** One entry of an element list. */
export interface Particle {
  name: string;
  type: string;
  min: number;
  max: number;
}

/** Reads an element list; see {@link TypeRule}. */
export function particles(list: string): Particle[] {
  return list.split(' ').map((entry) => {
    const [, name, type, mark, min, max] = /^(\w+):(\w+)(?:([?*+])|\{(\d+),(\d+)\})?$/.exec(entry) ?? [];
    if (name === undefined || type === undefined) throw new Error(`No element list entry: ${entry}`);
    if (min !== undefined) return { name, type, min: Number(min), max: Number(max) };
    return {
      name,
      type,
      min: mark === '?' || mark === '*' ? 0 : 1,
      max: mark === '*' || mark === '+' ? Number.POSITIVE_INFINITY : 1,
    };
  });
}
