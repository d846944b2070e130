import { expect } from 'chai';
import { apply } from '../../scripts/mutate/mutants.ts';
import { projectOf } from '../../scripts/mutate/project.ts';

const SOURCE = 'project/contracts/shop/Shop.sol';
const settings = { evmVersion: 'prague', optimizer: { enabled: true, runs: 200 } };

function contentOf(members: string): string {
  return `// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// Bytes are counted, not letters: “’”.
interface IShop {
    function price() external view returns (uint256);
}

contract Shop {
    error TooFew(uint256 observed, uint256 expected);
    event Sold(address indexed buyer, uint256 pieces, uint256 price);

    uint256 internal stock;
    bool internal closed;

    modifier whenOpen() {
        _;
    }

${members}
}
`;
}

function mutantsOf(members: string) {
  return projectOf({ sources: { [SOURCE]: { content: contentOf(members) } }, settings }).mutants;
}

/** `kind: what a statement became`, in the order of the source. */
function changesOf(statement: string, returned?: string): string[] {
  const head = `function sell(uint256 a, uint256 b) external ${returned ? `returns (${returned})` : ''}`;
  return mutantsOf(`    ${head} {\n${statement}\n}`).map(({ kind, mutated }) => `${kind}: ${mutated}`);
}

describe('mutate: the mutants of', () => {
  const cases: [
    what: string,
    statement: string,
    mutants: string[],
    parameters?: string,
    returned?: string,
  ][] = [
    [
      'an assignment with arithmetic',
      'stock = a + b;',
      ['removed statement: ', 'arithmetic operator: stock = a - b;'],
    ],
    [
      'an assignment with an operator',
      'stock -= a;',
      ['removed statement: ', 'assignment operator: stock += a;', 'assignment operator: stock = a;'],
    ],
    [
      'a variable’s first value',
      'uint256 c = a / b;',
      ['removed statement: uint256 c;', 'arithmetic operator: uint256 c = a * b;'],
    ],
    [
      'a condition that guards a revert',
      'if (a < b) revert TooFew(a, b);',
      [
        'condition: if (false) revert TooFew(a, b);',
        'condition: if (true) revert TooFew(a, b);',
        'comparison: if (a <= b) revert TooFew(a, b);',
        'comparison: if (a >= b) revert TooFew(a, b);',
        'swapped arguments: if (a < b) revert TooFew(b, a);',
      ],
    ],
    [
      'a condition of two',
      'if (closed && a == b) return; else stock = a;',
      [
        'condition: if (false) return; else stock = a;',
        'condition: if (true) return; else stock = a;',
        'condition: if (!(closed && a == b)) return; else stock = a;',
        'logical operator: if (closed) return; else stock = a;',
        'logical operator: if (a == b) return; else stock = a;',
        'logical operator: if (closed || a == b) return; else stock = a;',
        'comparison: if (closed && a != b) return; else stock = a;',
        'removed statement: if (closed && a == b) {} else stock = a;',
        'removed statement: if (closed && a == b) return; else {}',
      ],
    ],
    [
      'a requirement',
      'require(!closed);',
      [
        'removed statement: ',
        'condition: require(false);',
        'condition: require(true);',
        'unary operator: require(closed);',
      ],
    ],
    [
      'a loop',
      'for (uint256 i; i < a; ++i) --stock;',
      [
        'condition: for (uint256 i; false; ++i) --stock;',
        'comparison: for (uint256 i; i <= a; ++i) --stock;',
        'comparison: for (uint256 i; i >= a; ++i) --stock;',
        'removed statement: for (uint256 i; i < a; ) --stock;',
        'unary operator: for (uint256 i; i < a; --i) --stock;',
        'removed statement: for (uint256 i; i < a; ++i) {}',
        'unary operator: for (uint256 i; i < a; ++i) ++stock;',
      ],
    ],
    [
      'bits and shifts',
      'return ~a & b | (a << b);',
      [
        'removed statement: ',
        'unary operator: return a & b | (a << b);',
        'bitwise operator: return ~a | b | (a << b);',
        'bitwise operator: return ~a & b & (a << b);',
        'bitwise operator: return ~a & b | (a >> b);',
      ],
      'uint256',
    ],
    [
      'constants of every kind',
      'stock = 1_000 + 0xff + 2 hours + 0; closed = true;',
      [
        'arithmetic operator: stock = 1_000 - 0xff + 2 hours + 0; closed = true;',
        'constant: stock = 1001 + 0xff + 2 hours + 0; closed = true;',
        'constant: stock = 999 + 0xff + 2 hours + 0; closed = true;',
        'constant: stock = 0 + 0xff + 2 hours + 0; closed = true;',
        'constant: stock = 1_000 + 0xfe + 2 hours + 0; closed = true;',
        'constant: stock = 1_000 + 0x00 + 2 hours + 0; closed = true;',
        'arithmetic operator: stock = 1_000 + 0xff - 2 hours + 0; closed = true;',
        'constant: stock = 1_000 + 0xff + 3 hours + 0; closed = true;',
        'constant: stock = 1_000 + 0xff + 1 hours + 0; closed = true;',
        'constant: stock = 1_000 + 0xff + 0 hours + 0; closed = true;',
        'arithmetic operator: stock = 1_000 + 0xff + 2 hours - 0; closed = true;',
        'constant: stock = 1_000 + 0xff + 2 hours + 1; closed = true;',
        'removed statement: closed = true;',
        'constant: stock = 1_000 + 0xff + 2 hours + 0; closed = false;',
        'removed statement: stock = 1_000 + 0xff + 2 hours + 0;',
      ],
    ],
    [
      'an event, where only neighbours of one type are swapped',
      'emit Sold(msg.sender, a, b);',
      ['removed statement: ', 'swapped arguments: emit Sold(msg.sender, b, a);'],
    ],
    [
      'a choice of two, and a string',
      'return a > b ? "much" : "";',
      [
        'removed statement: ',
        'condition: return false ? "much" : "";',
        'condition: return true ? "much" : "";',
        'comparison: return a >= b ? "much" : "";',
        'comparison: return a <= b ? "much" : "";',
        'constant: return a > b ? "" : "";',
      ],
      'string memory',
    ],
    [
      'assembly',
      'assembly { let c := sub(a, 0x0f) if lt(c, b) { sstore(0, eq(a, iszero(b))) } }',
      [
        'assembly operator: assembly { let c := add(a, 0x0f) if lt(c, b) { sstore(0, eq(a, iszero(b))) } }',
        'assembly operator: assembly { let c := sub(0x0f, a) if lt(c, b) { sstore(0, eq(a, iszero(b))) } }',
        'assembly statement: assembly { let c := 0 if lt(c, b) { sstore(0, eq(a, iszero(b))) } }',
        'assembly constant: assembly { let c := sub(a, 0x10) if lt(c, b) { sstore(0, eq(a, iszero(b))) } }',
        'assembly constant: assembly { let c := sub(a, 0x0e) if lt(c, b) { sstore(0, eq(a, iszero(b))) } }',
        'assembly constant: assembly { let c := sub(a, 0x00) if lt(c, b) { sstore(0, eq(a, iszero(b))) } }',
        'assembly statement: assembly { let c := sub(a, 0x0f) if 0 { sstore(0, eq(a, iszero(b))) } }',
        'assembly statement: assembly { let c := sub(a, 0x0f) if 1 { sstore(0, eq(a, iszero(b))) } }',
        'assembly statement: assembly { let c := sub(a, 0x0f) if iszero(lt(c, b)) { sstore(0, eq(a, iszero(b))) } }',
        'assembly operator: assembly { let c := sub(a, 0x0f) if gt(c, b) { sstore(0, eq(a, iszero(b))) } }',
        'assembly operator: assembly { let c := sub(a, 0x0f) if iszero(gt(c, b)) { sstore(0, eq(a, iszero(b))) } }',
        'assembly statement: assembly { let c := sub(a, 0x0f) if lt(c, b) { } }',
        'assembly operator: assembly { let c := sub(a, 0x0f) if lt(c, b) { sstore(eq(a, iszero(b)), 0) } }',
        'assembly constant: assembly { let c := sub(a, 0x0f) if lt(c, b) { sstore(1, eq(a, iszero(b))) } }',
        'assembly operator: assembly { let c := sub(a, 0x0f) if lt(c, b) { sstore(0, iszero(eq(a, iszero(b)))) } }',
        'assembly operator: assembly { let c := sub(a, 0x0f) if lt(c, b) { sstore(0, eq(a, b)) } }',
      ],
    ],
  ];
  for (const [what, statement, mutants, returned] of cases) {
    it(what, () => {
      expect(changesOf(statement, returned)).to.have.members(mutants);
    });
  }

  it('a modifier, and not of a call to a parent’s constructor', () => {
    const mutants = mutantsOf('    function open() external whenOpen {}\n').map(({ kind, mutated }) => ({
      kind,
      mutated,
    }));
    expect(mutants).to.deep.equal([{ kind: 'removed modifier', mutated: 'function open() external {}' }]);
  });

  it('an interface, a comment and an address, which are none', () => {
    expect(
      mutantsOf('    address constant SELLER = 0xdAC17F958D2ee523a2206206994597C13D831ec7; // 1 + 1'),
    ).to.deep.equal([]);
  });

  it('a function and a constant of no contract belong to their file', () => {
    const content = `pragma solidity ^0.8.28;
type Stock is uint256;
using {sold} for Stock global;
uint256 constant PIECES = 1;
function sold(Stock stock, uint256 a) pure returns (uint256) { return Stock.unwrap(stock) - a; }
`;
    const source = 'project/contracts/shop/Stock.sol';
    const { mutants } = projectOf({ sources: { [source]: { content } }, settings });
    expect(mutants.map(({ contract, member, kind, line }) => [contract, member, kind, line])).to.deep.equal([
      ['Stock', 'PIECES', 'constant', 4],
      ['Stock', 'PIECES', 'constant', 4],
      ['Stock', 'sold', 'removed statement', 5],
      ['Stock', 'sold', 'arithmetic operator', 5],
    ]);
  });

  it('a line tell where they are, and change it alone', () => {
    const members = '    uint256 constant PIECES = 7;';
    const content = contentOf(members);
    const [mutant] = mutantsOf(members);
    expect(mutant).to.deep.include({
      source: SOURCE,
      contract: 'Shop',
      member: 'PIECES',
      line: content.split('\n').indexOf(members) + 1,
      original: 'uint256 constant PIECES = 7;',
      mutated: 'uint256 constant PIECES = 8;',
    });
    expect(mutant && apply(content, mutant.change)).to.equal(content.replace('PIECES = 7', 'PIECES = 8'));
  });
});
