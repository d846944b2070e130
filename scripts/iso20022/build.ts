/** Builds messages that fit the rules: random ones, and for every type the smallest message that holds it. */
import { documents, types } from '../../services/core/iso20022/rules.generated.ts';
import {
  type MessageName,
  messageNamespace,
  type Particle,
  particles,
  type TypeRule,
  type ValueRule,
} from '../../services/core/iso20022/rules.ts';
import type { XmlElement } from '../../services/core/iso20022/xml.ts';
import type { Random } from './random.ts';
import { fittingValue } from './values.ts';

/** An element in its message, with the rule it is held to. */
export interface Place {
  root: XmlElement;
  element: XmlElement;
  rule: TypeRule;
}

export class MessageBuilder {
  readonly message: MessageName;
  readonly #random: Random;

  constructor(message: MessageName, random: Random) {
    this.message = message;
    this.#random = random;
  }

  /** A message in which each optional element stands with the given probability, less so further inside. */
  whole(probability: number): XmlElement {
    return this.element('Document', documents[this.message], probability);
  }

  element(name: string, rule: TypeRule, probability = 0): XmlElement {
    const element = this.#empty(name);
    if ('base' in rule) element.text = fittingValue(rule, this.#random);
    else if ('text' in rule) {
      const [attribute = '', type = ''] = rule.attribute.split(':');
      element.text = fittingValue(valueRule(rule.text), this.#random);
      element.attributes = [
        { namespace: '', name: attribute, value: fittingValue(valueRule(type), this.#random) },
      ];
    } else if ('any' in rule)
      element.children = [{ ...this.#empty('Anything'), namespace: 'urn:example:any' }];
    else if ('choice' in rule) {
      element.children = this.repeated(this.#random.pick(particles(rule.choice)), 1, probability);
    } else {
      element.children = particles(rule.sequence).flatMap((particle) => {
        const wanted = particle.min > 0 || this.#random.chance(probability);
        const more = probability > 0 && particle.max > 1 && this.#random.chance(0.3) ? 2 : 1;
        return wanted ? this.repeated(particle, more, probability * 0.8) : [];
      });
    }
    return element;
  }

  repeated({ name, type }: Particle, count: number, probability = 0): XmlElement[] {
    return Array.from({ length: count }, () => this.element(name, ruleNamed(type), probability));
  }

  /** For every type of the message the smallest message with an element of that type in it. */
  *everyType(): Generator<{ type: string; build: () => Place }> {
    const ways = new Map<string, { name: string; type: string }[]>([['Document', []]]);
    for (const [type, way] of ways) {
      yield { type, build: () => this.#along(way) };
      for (const { name, type: inner } of particlesOf(ruleOfDocumentOr(this.message, type))) {
        if (!ways.has(inner)) ways.set(inner, [...way, { name, type: inner }]);
      }
    }
  }

  #along(way: { name: string; type: string }[]): Place {
    let rule: TypeRule = documents[this.message];
    const root = this.element('Document', rule);
    let element = root;
    for (const { name, type } of way) {
      const inner = this.element(name, ruleNamed(type));
      if ('choice' in rule) element.children = [inner];
      else {
        const order = particlesOf(rule).map((particle) => particle.name);
        const others = element.children.filter((child) => child.name !== name);
        const after = others.filter((child) => order.indexOf(child.name) > order.indexOf(name));
        element.children = [...others.slice(0, others.length - after.length), inner, ...after];
      }
      element = inner;
      rule = ruleNamed(type);
    }
    return { root, element, rule };
  }

  #empty(name: string): XmlElement {
    const namespace = messageNamespace(this.message);
    return { namespace, name, attributes: [], children: [], text: '', line: 0 };
  }
}

export function particlesOf(rule: TypeRule): Particle[] {
  if ('sequence' in rule) return particles(rule.sequence);
  return 'choice' in rule ? particles(rule.choice) : [];
}

export function ruleNamed(type: string): TypeRule {
  const rule = types[type];
  if (rule === undefined) throw new Error(`No type ${type}`);
  return rule;
}

/** @throws when the type is not one of a value */
export function valueRule(type: string): ValueRule {
  const rule = ruleNamed(type);
  if (!('base' in rule)) throw new Error(`${type} is no type of a value`);
  return rule;
}

function ruleOfDocumentOr(message: MessageName, type: string): TypeRule {
  return type === 'Document' ? documents[message] : ruleNamed(type);
}
