import { type InputError, MAX_INPUT_ERRORS } from '../inputError.ts';
import { documents, types } from './rules.generated.ts';
import { type MessageName, messageNamespace, type Particle, particles, type TypeRule } from './rules.ts';
import { valueFault } from './value.ts';
import type { XmlElement } from './xml.ts';

const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
const parsedLists = new Map<string, Particle[]>();

/**
 * Checks a message against the rules of its schema: names, order, number and choice of elements, attributes, values.
 * Gives every fault, at most 100, in the order of the document; none means that the official schema accepts it too
 * (`npm run check:iso20022` proves the two equal). The one thing refused beyond the schema is `xsi:type`.
 */
export function validateMessage(message: MessageName, root: XmlElement): InputError[] {
  const check = new Check(messageNamespace(message), documents[message]);
  check.root(root);
  return check.errors;
}

class Check {
  readonly errors: InputError[] = [];
  readonly #namespace: string;
  readonly #document: TypeRule;

  constructor(namespace: string, document: TypeRule) {
    this.#namespace = namespace;
    this.#document = document;
  }

  root(root: XmlElement): void {
    if (root.namespace !== this.#namespace || root.name !== 'Document') {
      const found = `The root element is ${excerpt(`{${root.namespace}}${root.name}`)}`;
      this.#report(root, () => `/${root.name}`, 'message_unknown', found, `{${this.#namespace}}Document`);
      return;
    }
    this.#element(root, this.#document, () => '/Document');
  }

  #element(element: XmlElement, rule: TypeRule, path: Path): void {
    if (this.#full()) return;
    this.#attributes(element, 'attribute' in rule ? rule.attribute : undefined, path);
    if ('base' in rule || 'text' in rule) {
      for (const child of element.children) {
        const childPath = pathOf(element, child, path);
        this.#report(child, childPath, 'element_not_allowed', `${child.name} inside a value`, 'text only');
      }
      this.#value(element, 'text' in rule ? rule.text : rule, element.text, path);
      return;
    }
    if (element.cdata === true || /[^\t\n\r ]/.test(element.text)) {
      this.#report(
        element,
        path,
        'text_not_allowed',
        `Text ${excerpt(element.text.trim())}`,
        'elements only',
      );
    }
    if ('sequence' in rule) this.#sequence(element, particlesOf(rule.sequence), path);
    else if ('choice' in rule) this.#choice(element, particlesOf(rule.choice), path);
    else this.#any(element, path);
  }

  /** Names are unique in a sequence, so going on behind a misplaced element finds the other faults too. */
  #sequence(element: XmlElement, list: Particle[], path: Path): void {
    const counts = new Map<string, number>();
    let reached = 0;
    for (const child of element.children) {
      const childPath = pathOf(element, child, path);
      const position = this.#positionIn(list, child, childPath, reached);
      const particle = list[position];
      if (particle === undefined) continue;
      const count = (counts.get(child.name) ?? 0) + 1;
      counts.set(child.name, count);
      if (position < reached) {
        const expected = `${child.name} before ${list[reached]?.name}`;
        this.#report(child, childPath, 'element_order', `${child.name} out of its order`, expected);
      } else if (count === particle.max + 1) {
        this.#report(child, childPath, 'element_repeated', `${child.name} too often`, times(particle));
      }
      reached = Math.max(reached, position);
      this.#element(child, ruleOf(particle.type), childPath);
    }
    for (const { name, min } of list) {
      if ((counts.get(name) ?? 0) < min) {
        this.#report(
          element,
          () => `${path()}/${name}`,
          'element_missing',
          `${name} is missing`,
          `${name} here`,
        );
      }
    }
  }

  #choice(element: XmlElement, list: Particle[], path: Path): void {
    let chosen: Particle | undefined;
    let count = 0;
    for (const child of element.children) {
      const childPath = pathOf(element, child, path);
      const particle = list[this.#positionIn(list, child, childPath, 0)];
      if (particle === undefined) continue;
      chosen ??= particle;
      count += 1;
      if (particle !== chosen) {
        const found = `${child.name} besides ${chosen.name}`;
        this.#report(child, childPath, 'choice_of_one', found, `one of ${names(list)}`);
      } else if (count === particle.max + 1) {
        this.#report(child, childPath, 'element_repeated', `${child.name} too often`, times(particle));
      }
      this.#element(child, ruleOf(particle.type), childPath);
    }
    if (chosen === undefined) {
      this.#report(element, path, 'element_missing', `Nothing in ${element.name}`, `one of ${names(list)}`);
    }
  }

  /** SplmtryData/Envlp holds one element of any kind (XML Schema: any, processed laxly). */
  #any(element: XmlElement, path: Path): void {
    if (element.children.length !== 1) {
      const found = `${element.children.length} elements in ${element.name}`;
      this.#report(element, path, 'element_missing', found, 'exactly one element');
    }
    this.#lax(element, path);
  }

  #lax(element: XmlElement, path: Path): void {
    for (const child of element.children) {
      const childPath = pathOf(element, child, path);
      if (child.namespace === this.#namespace && child.name === 'Document') {
        this.#element(child, this.#document, childPath);
      } else {
        this.#refuseTypeAttribute(child, childPath);
        this.#lax(child, childPath);
      }
    }
  }

  #positionIn(list: Particle[], child: XmlElement, childPath: Path, reached: number): number {
    const inNamespace = child.namespace === this.#namespace;
    const position = inNamespace ? list.findIndex(({ name }) => name === child.name) : -1;
    if (position < 0) {
      const found = inNamespace
        ? `Element ${child.name}`
        : `Element ${child.name} in the namespace ${excerpt(child.namespace)}`;
      this.#report(child, childPath, 'element_not_allowed', found, `one of ${names(list.slice(reached))}`);
    }
    return position;
  }

  #attributes(element: XmlElement, declared: string | undefined, path: Path): void {
    const [name, type] = declared?.split(':') ?? [];
    let present = false;
    for (const attribute of element.attributes) {
      const place = () => `${path()}/@${attribute.name}`;
      if (attribute.namespace === '' && attribute.name === name && type !== undefined) {
        present = true;
        this.#value(element, type, attribute.value, place);
      } else if (attribute.namespace === XSI && attribute.name === 'type') {
        this.#refuseTypeAttribute(element, path);
      } else if (attribute.namespace !== XSI || !/^(?:noNamespaceS|s)chemaLocation$/.test(attribute.name)) {
        this.#report(
          element,
          place,
          'attribute_not_allowed',
          `Attribute ${attribute.name}`,
          'no such attribute',
        );
      }
    }
    if (name !== undefined && !present) {
      this.#report(
        element,
        () => `${path()}/@${name}`,
        'attribute_missing',
        `${name} is missing`,
        `the attribute ${name}`,
      );
    }
  }

  #refuseTypeAttribute(element: XmlElement, path: Path): void {
    if (element.attributes.some(({ namespace, name }) => namespace === XSI && name === 'type')) {
      this.#report(
        element,
        () => `${path()}/@type`,
        'xsi_type',
        'xsi:type on an element',
        'no change of type',
      );
    }
  }

  #value(element: XmlElement, type: string | TypeRule, text: string, path: Path): void {
    const rule = typeof type === 'string' ? ruleOf(type) : type;
    if (!('base' in rule)) throw new Error(`${type} is no type of a value`);
    const fault = valueFault(rule, text);
    if (fault === undefined || this.#full()) return;
    const name = path()
      .replace(/^.*\//, '')
      .replace(/\[\d+\]$/, '');
    this.#report(element, path, fault.code, `${name} is ${excerpt(text)}`, fault.expected);
  }

  #report(element: XmlElement, path: Path, code: string, detail: string, expected: string): void {
    if (this.#full()) return;
    this.errors.push({
      code,
      detail,
      expected,
      xpath: path(),
      ...(element.line > 0 ? { line: element.line } : {}),
    });
  }

  #full(): boolean {
    return this.errors.length >= MAX_INPUT_ERRORS;
  }
}

/** The XPath of an element, put together only when there is something to report about it. */
export type Path = () => string;

/** The XPath of a child; a position is given where several have one name. */
export function pathOf(parent: XmlElement, child: XmlElement, parentPath: Path): Path {
  return () => {
    const same = parent.children.filter(({ name }) => name === child.name);
    const position = same.length === 1 ? '' : `[${same.indexOf(child) + 1}]`;
    return `${parentPath()}/${child.name}${position}`;
  };
}

function ruleOf(type: string): TypeRule {
  const rule = types[type];
  if (rule === undefined) throw new Error(`No rule for the type ${type}`);
  return rule;
}

function particlesOf(list: string): Particle[] {
  const parsed = parsedLists.get(list) ?? particles(list);
  parsedLists.set(list, parsed);
  return parsed;
}

function names(list: Particle[]): string {
  return list.map(({ name }) => name).join(', ');
}

function times({ name, max }: Particle): string {
  return `${name} at most ${max === 1 ? 'once' : `${max} times`}`;
}

function excerpt(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return short === '' ? 'nothing' : JSON.stringify(short);
}
