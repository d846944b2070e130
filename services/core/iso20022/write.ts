import type { InputError } from '../inputError.ts';
import { isXmlText } from '../xmlText.ts';
import { type MessageName, messageNamespace } from './rules.ts';
import { validateMessage } from './validate.ts';
import type { XmlElement } from './xml.ts';

/** A message that Corridor was about to write breaks its own schema or XML: a mistake of the caller, told by place. */
export class MessageInvalid extends Error {
  override readonly name = 'MessageInvalid';
  readonly code = 'message_invalid';
  readonly errors: InputError[];

  constructor(message: MessageName, errors: InputError[]) {
    const [first] = errors;
    super(`${message} not written: ${first?.xpath}: ${first?.detail}; expected ${first?.expected}`);
    this.errors = errors;
  }
}

type Part = XmlElement | undefined;

/** Builds the elements of one message; what is undefined is left out. */
export interface MessageWriter {
  /** An element of elements; undefined when none of them is there. */
  group(name: string, ...parts: (Part | Part[])[]): Part;
  /** An element with a value. */
  leaf(name: string, value: string | number | bigint | undefined): Part;
  /** An amount with its currency. */
  amount(name: string, amount: { currency: string; value: string } | undefined): Part;
  /**
   * The whole message as UTF-8 text, checked against its rules first.
   * @throws MessageInvalid with every fault, also for a character that XML 1.0 has no way to write.
   */
  document(body: Part): string;
}

export function messageWriter(message: MessageName): MessageWriter {
  const namespace = messageNamespace(message);
  const element = (name: string, text: string, children: XmlElement[], currency?: string): XmlElement => ({
    namespace,
    name,
    attributes: currency === undefined ? [] : [{ namespace: '', name: 'Ccy', value: currency }],
    children,
    text,
    line: 0,
  });
  return {
    group(name, ...parts) {
      const children = parts.flat().filter((part) => part !== undefined);
      return children.length > 0 ? element(name, '', children) : undefined;
    },
    leaf: (name, value) => (value === undefined ? undefined : element(name, String(value), [])),
    amount: (name, amount) => amount && element(name, amount.value, [], amount.currency),
    document(body) {
      const root = element('Document', '', body ? [body] : []);
      const errors = validateMessage(message, root);
      if (errors.length > 0) throw new MessageInvalid(message, errors);
      const lines = ['<?xml version="1.0" encoding="UTF-8"?>'];
      writeLines(root, '', ` xmlns="${namespace}"`, lines, (name, text) => {
        throw new MessageInvalid(message, [
          {
            code: 'character_not_allowed',
            detail: `${name} is ${JSON.stringify(text)}`,
            expected: 'characters of XML 1.0',
            xpath: `//${name}`,
          },
        ]);
      });
      return `${lines.join('\n')}\n`;
    },
  };
}

/** Cuts a text into pieces that fit an element of limited length; counts characters, not UTF-16 units. */
export function pieces(text: string, length: number): string[] {
  const characters = [...text];
  const count = Math.ceil(characters.length / length);
  return Array.from({ length: count }, (_, index) =>
    characters.slice(index * length, (index + 1) * length).join(''),
  );
}

function writeLines(
  element: XmlElement,
  indent: string,
  attributes: string,
  lines: string[],
  refuse: (name: string, text: string) => never,
): void {
  const { name, children, text } = element;
  if (children.length === 0) {
    if (!isXmlText(text)) refuse(name, text);
    lines.push(`${indent}<${name}${attributes}>${escapeXml(text)}</${name}>`);
    return;
  }
  lines.push(`${indent}<${name}${attributes}>`);
  for (const child of children) {
    const own = child.attributes
      .map((attribute) => ` ${attribute.name}="${escapeXml(attribute.value)}"`)
      .join('');
    writeLines(child, `${indent}  `, own, lines, refuse);
  }
  lines.push(`${indent}</${name}>`);
}

function escapeXml(text: string): string {
  const escapes: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    '\r': '&#xD;',
  };
  return text.replace(/[&<>"\r]/g, (character) => escapes[character] ?? character);
}
