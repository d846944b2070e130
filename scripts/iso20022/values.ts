/** Values for a rule: some that fit, and many at and past its limits. */
import fc from 'fast-check';
import type { ValueRule } from '../../services/core/iso20022/rules.ts';
import type { Random } from './random.ts';

const samplesByPattern = new Map<string, string[]>();

const usual: Record<Exclude<ValueRule['base'], 'string'>, string[]> = {
  decimal: ['0', '1', '7', '0.5', '3.25'],
  boolean: ['true', 'false', '1', '0'],
  date: ['2026-11-20', '2024-02-29', '2026-11-20Z'],
  dateTime: ['2026-11-20T09:30:00Z', '2026-11-20T09:30:00.123+08:00', '2026-11-20T09:30:00'],
  time: ['09:30:00', '23:59:59.5Z'],
  gYearMonth: ['2026-11', '2026-11Z'],
};

const edges: Record<Exclude<ValueRule['base'], 'string'>, string[]> = {
  decimal: [
    ...[
      '',
      ' ',
      '-0',
      '+0',
      '+1',
      '-1',
      '.5',
      '5.',
      '.',
      '-.',
      '+',
      '1e3',
      '1E3',
      'INF',
      'NaN',
      '0x1',
      '1,5',
      '1 2',
    ],
    ...[
      '--1',
      '1.2.3',
      '１',
      '٣',
      '00001',
      '1.50000',
      '-0.01',
      '-0.00',
      '0.1',
      ' 12.5 ',
      '\n1\t',
      '12\u00A0',
    ],
  ],
  boolean: ['', 'TRUE', 'True', ' true ', '\ttrue', 'yes', '2', '01', '-1', 'tru e'],
  date: [
    ...['', '2026-11-31', '2026-02-29', '2024-02-30', '1900-02-29', '2000-02-29', '2026-13-01', '2026-00-10'],
    ...[
      '2026-01-00',
      '2026-1-1',
      '26-11-20',
      '02026-11-20',
      '12026-11-20',
      '-2026-11-20',
      '0000-01-01',
      '0001-01-01',
    ],
    ...[
      '-0001-01-01',
      '2026-11-20+14:00',
      '2026-11-20+14:01',
      '2026-11-20-14:00',
      '2026-11-20+13:59',
      '2026-11-20+15:00',
    ],
    ...[
      '2026-11-20z',
      '2026-11-20+1:00',
      '2026-11-20+0100',
      '2026-11-20T00:00:00',
      ' 2026-11-20 ',
      '2026/11/20',
      '20261120',
    ],
    ...[
      '2026-11-20+05:60',
      '+2026-11-20',
      '2026-11-20 ',
      ' 2026-11-20',
      '2026-11-20Z ',
      '-0004-02-29',
      '-0005-02-29',
      '20000-02-29',
      '10000-01-01Z',
    ],
  ],
  dateTime: [
    ...[
      '',
      '2026-11-20',
      '2026-11-20T24:00:00',
      '2026-11-20T24:00:01',
      '2026-11-20T24:00:00.0',
      '2026-11-20T24:00:00.1',
    ],
    ...[
      '2026-11-20T23:59:60',
      '2026-11-20T25:00:00',
      '2026-11-20T09:60:00',
      '2026-11-20T9:30:00',
      '2026-11-20T09:30',
    ],
    ...[
      '2026-11-20 09:30:00',
      '2026-11-20t09:30:00',
      '2026-11-20T09:30:00.',
      '2026-11-20T09:30:00.123456789012',
    ],
    ...[
      '2026-11-20T09:30:00-00:00',
      '2026-11-20T09:30:00+14:00',
      '2026-11-20T09:30:00+14:01',
      ' 2026-11-20T09:30:00Z ',
    ],
    ...[
      '2026-02-30T09:30:00',
      '2026-11-20T09:30:00Z \n',
      '2026-11-20T09:30:00+08:00 ',
      '2026-11-20T09:30:00 ',
      '\t2026-11-20T09:30:00Z',
      '0000-01-01T00:00:00',
      '-0001-01-01T00:00:00Z',
      '2026-11-20T09:30:00ZZ',
      '2026-11-20T24:01:00',
    ],
  ],
  time: [
    '',
    '09:30:00 ',
    '09:30:00Z\n',
    '\n09:30:00Z',
    '24:00:00',
    '24:00:01',
    '9:30:00',
    '09:30',
    '09:30:60',
    '09:30:00.',
    '09:30:00+14:00',
    '09:30:00+14:01',
    ' 09:30:00',
  ],
  gYearMonth: [
    '',
    '2026-13',
    '2026-00',
    '2026-1',
    '26-11',
    '-2026-11',
    '0000-01',
    '2026-11+14:00',
    '2026-11-20',
    '12026-11',
    '2026',
  ],
};

/** A value that fits the rule. */
export function fittingValue(rule: ValueRule, random: Random): string {
  if (rule.base !== 'string') return random.pick(usual[rule.base]);
  if (rule.oneOf !== undefined) return random.pick(rule.oneOf.split(' '));
  if (rule.pattern !== undefined) return random.pick(patternSamples(rule.pattern));
  const longest = Math.min(rule.maxLength ?? 20, 20);
  const length = (rule.minLength ?? 0) + random.below(longest - (rule.minLength ?? 0) + 1);
  return Array.from({ length }, () => random.pick([...'abcXYZ 0189-/.,é中😀'])).join('');
}

/** Values at the limits of the rule, on both sides of each. */
export function edgeValues(rule: ValueRule, random: Random): string[] {
  if (rule.base === 'decimal') return [...edges.decimal, ...decimalEdges(rule)];
  if (rule.base !== 'string') return edges[rule.base];
  const values = ['', ' ', '  x  ', '\n', 'é', '😀', '&<>"\'', ']]>', '中文', '\u0085', '\u2028', '\uFFFD'];
  for (const length of [rule.minLength, rule.maxLength]) {
    if (length === undefined) continue;
    for (const near of [length - 1, length, length + 1]) {
      if (near >= 0) values.push('x'.repeat(near), '😀'.repeat(near), ' '.repeat(near), 'é'.repeat(near));
    }
  }
  const seeds = [...(rule.oneOf?.split(' ') ?? []), ...(rule.pattern ? patternSamples(rule.pattern) : [])];
  for (const seed of seeds.slice(0, 12)) {
    const at = random.below(seed.length);
    values.push(
      ...[
        seed,
        seed.toLowerCase(),
        seed.toUpperCase(),
        ` ${seed}`,
        `${seed} `,
        `${seed}\n`,
        `${seed}0`,
        `${seed}A`,
      ],
      ...[
        seed.slice(1),
        seed.slice(0, -1),
        seed.slice(0, at) + random.pick([...'aZ5-é٣ +(']) + seed.slice(at + 1),
      ],
    );
  }
  return values;
}

function decimalEdges({ totalDigits = 30, fractionDigits = 30 }: ValueRule): string[] {
  const values: string[] = [];
  for (const fraction of [0, 1, fractionDigits - 1, fractionDigits, fractionDigits + 1]) {
    for (const total of [totalDigits - 1, totalDigits, totalDigits + 1]) {
      if (fraction < 0 || total < fraction) continue;
      const whole = '9'.repeat(total - fraction);
      const decimals = '9'.repeat(fraction);
      const value = `${whole}.${decimals}`;
      values.push(
        value,
        `-${value}`,
        `+000${value}`,
        `${value}000`,
        `${'0'.repeat(40)}${value}${'0'.repeat(40)}`,
      );
    }
  }
  return values;
}

function patternSamples(pattern: string): string[] {
  const known = samplesByPattern.get(pattern);
  if (known) return known;
  const samples = fc.sample(fc.stringMatching(new RegExp(`^(?:${pattern})$`)), { numRuns: 24, seed: 42 });
  samplesByPattern.set(pattern, samples);
  return samples;
}
