import { expect } from 'chai';
import fc from 'fast-check';
import { portableKeccak } from '../../services/core/evm/keccak.ts';
import { fastKeccak } from '../../services/platform/keccak.ts';

describe('the fast Keccak-256', () => {
  it('is Keccak-256, whatever the bytes, and keeps what it gave', () => {
    const kept: [Uint8Array, Uint8Array][] = [];
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 500 }),
      // Around the size of a block, and longer than what is passed to WebAssembly at once.
      fc
        .constantFrom(135, 136, 137, 271, 272, 273, 16_384, 20_000)
        .map((size) => new Uint8Array(size).fill(size)),
    );
    fc.assert(
      fc.property(bytes, (value) => {
        kept.push([fastKeccak(value), portableKeccak(value)]);
      }),
    );
    for (const [fast, portable] of kept) expect(fast).to.deep.equal(portable);
  });
});
