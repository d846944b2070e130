/** Writes any tree as XML, also one that is not valid, in one of several ways that mean the same. */
import type { XmlElement } from '../../services/core/iso20022/xml.ts';
import type { Random } from './random.ts';

const PREFIXES: Record<string, string> = {
  'http://www.w3.org/2001/XMLSchema-instance': 'xsi',
  'http://www.w3.org/XML/1998/namespace': 'xml',
};

export function serialize(root: XmlElement, random: Random): string {
  const declaration = random.pick(['', '<?xml version="1.0" encoding="UTF-8"?>\n', "<?xml version='1.0'?>"]);
  return declaration + element(root, undefined, random);
}

function element(node: XmlElement, parentNamespace: string | undefined, random: Random): string {
  const prefixed = node.namespace !== '' && random.chance(0.05);
  const name = prefixed ? `p:${node.name}` : node.name;
  const defaultNamespace = prefixed ? (parentNamespace ?? '') : node.namespace;
  let head = name;
  if (prefixed) head += ` xmlns:p="${escaped(node.namespace)}"`;
  if (defaultNamespace !== (parentNamespace ?? '')) head += ` xmlns="${escaped(defaultNamespace)}"`;
  for (const [index, attribute] of node.attributes.entries()) {
    if (attribute.namespace === '') head += ` ${attribute.name}="${escaped(attribute.value)}"`;
    else {
      const prefix = PREFIXES[attribute.namespace] ?? `a${index}`;
      if (prefix !== 'xml') head += ` xmlns:${prefix}="${escaped(attribute.namespace)}"`;
      head += ` ${prefix}:${attribute.name}="${escaped(attribute.value)}"`;
    }
  }
  if (node.text === '' && node.children.length === 0 && random.chance(0.5)) return `<${head}/>`;
  const inside = node.children.map((child) => element(child, defaultNamespace, random)).join('');
  const noise = random.chance(0.03) ? random.pick(['<!-- note -->', '<?note?>']) : '';
  return `<${head}>${text(node.text, random)}${noise}${inside}</${name}>`;
}

function text(value: string, random: Random): string {
  if (value === '') return '';
  if (random.chance(0.04) && !value.includes(']]>') && !value.includes('\r')) return `<![CDATA[${value}]]>`;
  if (random.chance(0.04)) {
    const half = [...value].length >> 1;
    const characters = [...value];
    return `${escaped(characters.slice(0, half).join(''))}<!-- -->${escaped(characters.slice(half).join(''))}`;
  }
  return escaped(value);
}

function escaped(value: string): string {
  return value.replace(/[&<>"\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
