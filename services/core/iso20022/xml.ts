import { SaxesParser } from 'saxes';
import type { InputError } from '../inputError.ts';

/** An element as the rules see it: comments, processing instructions and namespace declarations are gone. */
export interface XmlElement {
  namespace: string;
  /** Local name. */
  name: string;
  attributes: readonly XmlAttribute[];
  children: XmlElement[];
  /** Character data directly inside, CDATA sections included. */
  text: string;
  /** True when a CDATA section stands directly inside, be it empty. */
  cdata?: boolean;
  /** Line of the end of the start tag, from 1; 0 for an element that was not read from a file. */
  line: number;
}

export interface XmlAttribute {
  namespace: string;
  name: string;
  value: string;
}

/** What is taken in at most; a file past a limit is refused before its content is looked at. */
export const xmlLimits = { bytes: 10 * 1024 * 1024, elements: 500_000, depth: 40, attributesPerElement: 16 };

const XMLNS = 'http://www.w3.org/2000/xmlns/';
const noAttributes: readonly XmlAttribute[] = [];

/** Thrown by {@link readXml}: the file is no XML that Corridor takes, so nothing more can be said about it. */
export class XmlRefused extends Error {
  override readonly name = 'XmlRefused';
  readonly error: InputError;

  constructor(code: string, detail: string, expected: string, line?: number) {
    super(detail);
    this.error = { code, detail, expected, ...(line === undefined ? {} : { line }) };
  }
}

/**
 * Reads a well-formed XML 1.0 document (with namespaces) in UTF-8. Refuses whatever a payment file has no need of
 * and an attacker has: DOCTYPE and with it every entity besides the five of XML, other encodings, great size or depth.
 * @throws XmlRefused with one of the codes `xml_encoding`, `xml_malformed`, `xml_doctype`, `xml_too_large`,
 * `xml_too_deep`.
 */
export function readXml(source: string | Uint8Array): XmlElement {
  const parser = new SaxesParser({ xmlns: true });
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  let attributesSeen = 0;

  parser.on('error', ({ message }) => {
    throw new XmlRefused('xml_malformed', firstLine(message), 'well-formed XML 1.0', parser.line);
  });
  parser.on('xmldecl', ({ version, encoding }) => {
    if (version !== undefined && version !== '1.0') {
      throw new XmlRefused('xml_malformed', `XML version ${version}`, 'XML version 1.0', parser.line);
    }
    if (encoding !== undefined && encoding.toLowerCase() !== 'utf-8') {
      throw new XmlRefused('xml_encoding', `encoding ${JSON.stringify(encoding)}`, 'UTF-8', parser.line);
    }
  });
  parser.on('doctype', () => {
    throw new XmlRefused('xml_doctype', 'The file has a DOCTYPE', 'a file without one', parser.line);
  });
  parser.on('opentagstart', () => {
    attributesSeen = 0;
  });
  parser.on('attribute', ({ name, value }) => {
    attributesSeen += 1;
    if (attributesSeen > xmlLimits.attributesPerElement) {
      const expected = `at most ${xmlLimits.attributesPerElement}`;
      throw new XmlRefused('xml_too_large', 'Too many attributes on one element', expected, parser.line);
    }
    if (/^xmlns(?::|$)/.test(name) && /[\t\n\r ]/.test(value)) {
      throw new XmlRefused('xml_malformed', 'A namespace with spaces', 'a namespace name', parser.line);
    }
  });
  parser.on('opentag', (tag) => {
    elements += 1;
    if (elements > xmlLimits.elements) {
      throw new XmlRefused(
        'xml_too_large',
        'Too many elements',
        `at most ${xmlLimits.elements}`,
        parser.line,
      );
    }
    if (open.length >= xmlLimits.depth) {
      throw new XmlRefused(
        'xml_too_deep',
        'Elements are nested too deep',
        `at most ${xmlLimits.depth} levels`,
        parser.line,
      );
    }
    const attributes = Object.values(tag.attributes)
      .filter(({ uri }) => uri !== XMLNS)
      .map(({ uri, local, value }) => ({ namespace: uri, name: local, value }));
    const element: XmlElement = {
      namespace: tag.uri,
      name: tag.local,
      attributes: attributes.length > 0 ? attributes : noAttributes,
      children: [],
      text: '',
      line: parser.line,
    };
    const parent = open.at(-1);
    if (parent) parent.children.push(element);
    else root = element;
    open.push(element);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  const addText = (text: string) => {
    const element = open.at(-1);
    if (element) element.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', (text) => {
    addText(text);
    const element = open.at(-1);
    if (element) element.cdata = true;
  });

  parser.write(decode(source)).close();
  if (root === undefined) throw new XmlRefused('xml_malformed', 'The file is empty', 'an XML document');
  return root;
}

/** The first element at a path of local names below `element`, such as `child(tx, 'PmtId', 'EndToEndId')`. */
export function child(element: XmlElement | undefined, ...path: string[]): XmlElement | undefined {
  let found = element;
  for (const step of path) found = found?.children.find(({ name }) => name === step);
  return found;
}

/** All child elements of one local name. */
export function children(element: XmlElement | undefined, name: string): XmlElement[] {
  return element?.children.filter((candidate) => candidate.name === name) ?? [];
}

function decode(source: string | Uint8Array): string {
  if (source.length > xmlLimits.bytes) {
    throw new XmlRefused(
      'xml_too_large',
      `The file has ${source.length} bytes`,
      `at most ${xmlLimits.bytes}`,
    );
  }
  if (typeof source === 'string') {
    if (source.isWellFormed()) return source;
    throw new XmlRefused('xml_encoding', 'The text has half of a surrogate pair', 'UTF-8');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(source);
  } catch (cause) {
    if (cause instanceof TypeError) throw new XmlRefused('xml_encoding', 'The bytes are not UTF-8', 'UTF-8');
    throw cause;
  }
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]?.slice(0, 300) ?? '';
}
