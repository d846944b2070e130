/** Changes of a message that may or may not leave it valid. */
import type { XmlAttribute, XmlElement } from '../../services/core/iso20022/xml.ts';
import { type MessageBuilder, type Place, particlesOf, ruleNamed, valueRule } from './build.ts';
import type { Random } from './random.ts';
import { edgeValues } from './values.ts';

const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
const XML = 'http://www.w3.org/XML/1998/namespace';

/** Every systematic change of one place: each child left out, doubled, beyond its number, out of order; each value. */
export function* systematicChanges(
  build: () => Place,
  builder: MessageBuilder,
  random: Random,
): Generator<{ root: XmlElement; change: string }> {
  const { rule } = build();
  yield { ...build(), change: 'none' };
  if ('base' in rule || 'text' in rule) {
    for (const value of edgeValues('base' in rule ? rule : valueRule(rule.text), random)) {
      const { root, element } = build();
      element.text = value;
      yield { root, change: `text ${JSON.stringify(value)}` };
    }
    if ('text' in rule) yield* attributeChanges(build, rule.attribute, random);
  }
  const list = particlesOf(rule);
  for (const particle of list) {
    const counts = [0, 1, 2, particle.max, particle.max + 1].filter((count) => count < 20);
    for (const count of new Set(counts)) {
      const { root, element } = build();
      const added = builder.repeated(particle, count);
      const order = list.map(({ name }) => name);
      const before = element.children.filter(
        ({ name }) => order.indexOf(name) < order.indexOf(particle.name),
      );
      const after = element.children.filter(({ name }) => order.indexOf(name) > order.indexOf(particle.name));
      element.children = 'choice' in rule ? added : [...before, ...added, ...after];
      yield { root, change: `${count} x ${particle.name}` };
      if (count !== 1) continue;
      const other = random.pick(list);
      const beside = build();
      beside.element.children = [...added, ...builder.repeated(other, 1)];
      yield { root: beside.root, change: `${particle.name} then ${other.name}` };
      const last = build();
      last.element.children = [...before, ...after, ...added];
      yield { root: last.root, change: `${particle.name} last` };
    }
  }
  for (const { name, change } of placeChanges) {
    const place = build();
    Object.assign(place.element, change(place.element, place.root, random));
    yield { root: place.root, change: name };
  }
}

function* attributeChanges(build: () => Place, declared: string, random: Random) {
  const [name = '', type = ''] = declared.split(':');
  for (const value of edgeValues(valueRule(type), random)) {
    const { root, element } = build();
    element.attributes = [{ namespace: '', name, value }];
    yield { root, change: `@${name} ${JSON.stringify(value)}` };
  }
}

/** One random change somewhere in the message; what was changed, in words. */
export function randomChange(root: XmlElement, random: Random): string {
  const places = all(root);
  const element = random.pick(places);
  const { name, change } = random.pick([...placeChanges, ...contentChanges]);
  Object.assign(element, change(element, root, random));
  return `${name} at ${element.name}`;
}

/** One random change of the written text, such as breaks a tag, an entity or a namespace. */
export function textChange(xml: string, random: Random): string {
  const at = random.below(xml.length);
  const end = at + random.below(4);
  const inserted = random.pick([
    ...[
      '',
      '<',
      '>',
      '</',
      '/>',
      '&',
      '&amp;',
      '&#0;',
      '&#x41;',
      '&lt',
      '&eacute;',
      '"',
      "'",
      '=',
      ' ',
      '\n',
      ':',
      'x',
    ],
    ...[
      ']]>',
      '<!--',
      '-->',
      '--',
      '<?x?>',
      '<?xml version="1.0"?>',
      '<![CDATA[',
      'xmlns=""',
      '\u0085',
      '\u00B7',
      '１',
    ],
  ]);
  return (xml.slice(0, at) + inserted + xml.slice(end)).toWellFormed();
}

/** Gives what is different afterwards. */
type Change = (element: XmlElement, root: XmlElement, random: Random) => Partial<XmlElement>;

const placeChanges: { name: string; change: Change }[] = [
  {
    name: 'unknown child',
    change: (element) => ({ children: [...element.children, bare('Unknown', element)] }),
  },
  { name: 'text', change: (element) => ({ text: `${element.text} x ` }) },
  { name: 'white space', change: (element) => ({ text: ` \n${element.text}\t` }) },
  { name: 'no-break space', change: (element) => ({ text: `${element.text}\u00A0` }) },
  { name: 'no children', change: () => ({ children: [] }) },
  { name: 'no attributes', change: () => ({ attributes: [] }) },
  attribute({ namespace: '', name: 'Ccy', value: 'EUR' }),
  attribute({ namespace: '', name: 'id', value: '1' }),
  attribute({ namespace: XML, name: 'lang', value: 'en' }),
  attribute({ namespace: XML, name: 'space', value: 'preserve' }),
  attribute({ namespace: XSI, name: 'nil', value: 'true' }),
  attribute({ namespace: XSI, name: 'nil', value: 'false' }),
  attribute({ namespace: XSI, name: 'noNamespaceSchemaLocation', value: 'none.xsd' }),
  attribute({ namespace: XSI, name: 'schemaLocation', value: 'urn:none none.xsd' }),
  attribute({ namespace: XSI, name: 'other', value: 'x' }),
  attribute({ namespace: XSI, name: 'type', value: 'Max35Text' }),
  attribute({ namespace: 'urn:other', name: 'Ccy', value: 'EUR' }),
  { name: 'other namespace', change: () => ({ namespace: 'urn:other' }) },
  { name: 'no namespace', change: () => ({ namespace: '' }) },
  {
    name: 'older version',
    change: (element) => ({ namespace: element.namespace.replace(/\d\d$/, '03') }),
  },
  { name: 'other case', change: (element) => ({ name: element.name.toLowerCase() }) },
];

const contentChanges: { name: string; change: Change }[] = [
  {
    name: 'leave out',
    change: (element, _, random) => ({
      children: element.children.toSpliced(random.below(element.children.length + 1), 1),
    }),
  },
  {
    name: 'double',
    change: ({ children }, _, random) => {
      const at = random.below(children.length + 1);
      return { children: children.toSpliced(at, 0, ...structuredClone(children.slice(at, at + 1))) };
    },
  },
  {
    name: 'swap',
    change: ({ children }, _, random) => {
      const at = random.below(children.length + 1);
      return { children: children.toSpliced(at, 2, ...children.slice(at, at + 2).reverse()) };
    },
  },
  {
    name: 'move here',
    change: (element, root, random) => ({
      children: [...element.children, structuredClone(random.pick(all(root).slice(0, 200)))],
    }),
  },
  {
    name: 'rename',
    change: (_, root, random) => ({ name: random.pick(all(root)).name }),
  },
  {
    name: 'text of another',
    change: (_, root, random) => ({ text: random.pick(all(root)).text }),
  },
  {
    name: 'edge value',
    change: (_element, _root, random) => {
      const type = random.pick([
        'Max35Text',
        'ISODate',
        'ISODateTime',
        'DecimalNumber',
        'BatchBookingIndicator',
      ]);
      const rule = ruleNamed(type);
      return 'base' in rule ? { text: random.pick(edgeValues(rule, random)) } : {};
    },
  },
  {
    name: 'control character',
    change: (element, _, random) => {
      const characters = ['\u0001', '\u001F', '\u007F', '\uFFFE', '\u0000', '\r', '\uFEFF'];
      return { text: element.text + random.pick(characters) };
    },
  },
  {
    name: 'message inside',
    change: (_, root) => ({ children: [structuredClone(root)] }),
  },
];

function attribute(added: XmlAttribute): { name: string; change: Change } {
  return {
    name: `@${added.name} in ${added.namespace || 'no namespace'}`,
    change: ({ attributes }) => ({
      attributes: [...attributes.filter(({ name }) => name !== added.name), added],
    }),
  };
}

function all(element: XmlElement): XmlElement[] {
  return [element, ...element.children.flatMap(all)];
}

function bare(name: string, { namespace }: XmlElement): XmlElement {
  return { namespace, name, attributes: [], children: [], text: '', line: 0 };
}
