import { expect } from 'chai';
import fc from 'fast-check';
import { JsonMalformed, readJsonText } from '../../services/core/json.ts';

const faultOf = (text: string) => {
  try {
    readJsonText(text);
  } catch (error) {
    if (error instanceof JsonMalformed) return error.error;
    throw error;
  }
  return undefined;
};
const repeatedIn = (text: string) => readJsonText(text).repeated.map(({ pointer }) => pointer);

describe('JSON', () => {
  it('is taken and refused as JSON.parse does, whatever the text', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"a"',
      '"\\u0061"',
      '"\\x"',
      '"',
      '\\',
      '1',
      '-0.5e+3',
      '01',
    ];
    const piece = fc.constantFrom(
      ...pieces,
      '1.',
      'true',
      'null',
      'nul',
      ' ',
      '\n',
      '\u0001',
      '\u007f',
      '"é\u2028😀"',
    );
    const taken = (read: () => unknown) => {
      try {
        return { value: read() };
      } catch {
        return undefined;
      }
    };
    const same = (text: string) =>
      expect(
        taken(() => readJsonText(text).value),
        text,
      ).to.deep.equal(taken(() => JSON.parse(text)));
    fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), (parts) => void same(parts.join(''))));
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.nat(), fc.constantFrom(...pieces, ''), (text, at, put) => {
        same(text);
        const cut = at % (text.length + 1);
        same(text.slice(0, cut) + put + text.slice(cut + 1));
      }),
    );
  });

  it('is refused with the place of its first fault', () => {
    for (const [text, line, offset] of [
      ['', 1, 0],
      ['{', 1, 1],
      ['{"a":1,}', 1, 7],
      ['[1,\n  x]', 2, 6],
      ['{"a" 1}', 1, 5],
      ['"open', 1, 5],
      ['"tab\t"', 1, 4],
      ['[1] 2', 1, 4],
    ] as const)
      expect(faultOf(text), text).to.include({ code: 'json_syntax', line, offset });
  });

  it('is refused when nested deeper than 32 levels, at whatever length', () => {
    expect(faultOf('['.repeat(32) + ']'.repeat(32))).to.equal(undefined);
    expect(faultOf(`{"a":${'['.repeat(32)}`)).to.include({ code: 'json_depth', offset: 36 });
    expect(faultOf('['.repeat(1_000_000))?.code).to.equal('json_depth');
  });

  it('tells members that stand twice in one object, however they are escaped', () => {
    expect(repeatedIn('{"a":1,"b":{"a":2},"c":[{"a":3},{"a":"\\"a\\":"}]}')).to.deep.equal([]);
    expect(repeatedIn('{"value":"1.00","value":"2.00"}')).to.deep.equal(['/value']);
    expect(repeatedIn('{"x":[0,{"a/b~":1,"a\\u002fb~":2}]}')).to.deep.equal(['/x/1/a~1b~0']);
    expect(repeatedIn('{"__proto__":1,"__proto__":2,"constructor":3}')).to.deep.equal(['/__proto__']);
    expect(repeatedIn(`{${Array(300).fill('"a":1').join()}}`)).to.have.length(100);
  });
});
