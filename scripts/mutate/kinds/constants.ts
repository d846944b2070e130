import { spanOf } from '../ast.ts';
import type { Kind } from '../kind.ts';

const ADDRESS_DIGITS = 40;

/** Numbers one more, one less and 0; the other truth; the empty string. */
export const constants: Kind = {
  name: 'constant',
  changes(node, { text }) {
    const span = spanOf(node);
    if (node.nodeType !== 'Literal') return [];
    if (node.kind === 'bool') return [{ ...span, text: node.value === 'true' ? 'false' : 'true' }];
    if (node.kind === 'string') return node.value === '' ? [] : [{ ...span, text: '""' }];
    if (node.kind !== 'number') return [];
    const [number = '', unit] = text(span).split(/\s+/);
    return otherNumbers(number).map((other) => ({ ...span, text: unit ? `${other} ${unit}` : other }));
  },
};

/** One more, one less and 0, written alike: a hexadecimal number keeps its digits, which may make its type. */
export function otherNumbers(written: string): string[] {
  const plain = written.replaceAll('_', '');
  if (/^0x/i.test(plain)) {
    const digits = plain.length - 2;
    if (digits === ADDRESS_DIGITS) return []; // an address, which would need its checksum
    return neighbours(BigInt(plain))
      .map((value) => `0x${value.toString(16).padStart(digits, '0')}`)
      .filter((hex) => hex.length === plain.length);
  }
  if (/^\d+$/.test(plain)) return neighbours(BigInt(plain)).map(String);
  return [`(${written} + 1)`, `(${written} - 1)`, '0']; // such as 1e18
}

function neighbours(value: bigint): bigint[] {
  return [...new Set(value === 0n ? [1n] : [value + 1n, value - 1n, 0n])];
}
