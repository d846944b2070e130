import { expect } from 'chai';
import fc from 'fast-check';
import { bytesToHex, type Hex, hexToBytes, keccak256, numberToHex, toRlp } from 'viem';
import { decodeReceipt, type RpcReceipt } from '../../../services/core/evm/receipt.ts';
import { receiptKey, receiptProof, receiptsRoot } from '../../../services/core/evm/receiptTrie.ts';
import { verifyTrieProof } from '../../../services/core/evm/trieProof.ts';

const bytes = (minLength: number, maxLength = minLength) =>
  fc.uint8Array({ minLength, maxLength }).map((value) => bytesToHex(value));

const receipt: fc.Arbitrary<RpcReceipt> = fc.record({
  type: fc.constantFrom<Hex>('0x0', '0x1', '0x2', '0x3', '0x4'),
  status: fc.constantFrom<Hex>('0x0', '0x1'),
  cumulativeGasUsed: fc.nat().map((gas) => numberToHex(gas)),
  logsBloom: bytes(256),
  logs: fc.array(
    fc.record({ address: bytes(20), topics: fc.array(bytes(32), { maxLength: 4 }), data: bytes(0, 200) }),
    { maxLength: 3 },
  ),
});

/** Any number of receipts, all different, made of a few: more would take long to invent. */
const block = fc
  .record({
    kinds: fc.array(receipt, { minLength: 1, maxLength: 5 }),
    count: fc.integer({ min: 1, max: 300 }),
    place: fc.nat(),
  })
  .map(({ kinds, count, place }) => ({
    receipts: Array.from({ length: count }, (_, index) => ({
      ...(kinds[index % kinds.length] as RpcReceipt),
      cumulativeGasUsed: numberToHex(21_000 * (index + 1)),
    })),
    index: place % count,
  }));

const proofOf = ({ receipts, index }: { receipts: RpcReceipt[]; index: number }) => ({
  root: receiptsRoot(receipts),
  nodes: receiptProof(receipts, index),
});
const verify = (root: Hex, index: number, nodes: readonly Hex[]) =>
  verifyTrieProof(root, receiptKey(index), nodes);

describe('EVM: the proof of a receipt', () => {
  it('leads to the receipt, whichever of however many it is', () => {
    fc.assert(
      fc.property(block, ({ receipts, index }) => {
        const { root, nodes } = proofOf({ receipts, index });
        const { status, logs } = receipts[index] as RpcReceipt;
        expect(decodeReceipt(verify(root, index, nodes))).to.deep.equal({
          succeeded: status === '0x1',
          logs,
        });
      }),
    );
  });

  it('is none for another index, and none under another root', () => {
    fc.assert(
      fc.property(block, fc.nat(300), bytes(32), ({ receipts, index }, other, otherRoot) => {
        const { root, nodes } = proofOf({ receipts, index });
        fc.pre(other !== index);
        expect(() => verify(root, other, nodes)).to.throw();
        expect(() => verify(otherRoot, index, nodes)).to.throw();
      }),
    );
  });

  it('is none when any byte of it is another', () => {
    fc.assert(
      fc.property(block, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), (of, node, place, change) => {
        const { root, nodes } = proofOf(of);
        const changed = nodes.map((text, position) => {
          if (position !== node % nodes.length) return text;
          const content = hexToBytes(text);
          const at = place % content.length;
          content[at] = (content[at] as number) ^ change;
          return bytesToHex(content);
        });
        expect(() => verify(root, of.index, changed)).to.throw();
      }),
    );
  });

  it('is none with a node too few, twice, too many or out of its place', () => {
    fc.assert(
      fc.property(block, fc.nat(), fc.nat(), bytes(1, 600), (of, node, place, surplus) => {
        const { root, nodes } = proofOf(of);
        const [at, to] = [node % nodes.length, place % (nodes.length + 1)];
        const wrong = [
          nodes.toSpliced(at, 1),
          nodes.toSpliced(at, 0, nodes[at] as Hex),
          nodes.toSpliced(to, 0, surplus),
          ...(nodes.length > 1 ? [nodes.toReversed()] : []),
        ];
        for (const proof of wrong) expect(() => verify(root, of.index, proof)).to.throw();
      }),
    );
  });

  it('is not given for a receipt that is not there', () => {
    expect(() => receiptProof([], 0)).to.throw(RangeError);
    const receipts = fc.sample(receipt, 3);
    for (const index of [-1, receipts.length, 0.5])
      expect(() => receiptProof(receipts, index)).to.throw(RangeError);
  });

  // A receipt is longer than a hash, so that no node of its trie stands within another. Other tries have such nodes.
  describe('given a trie with short nodes within others', () => {
    const leaf = (path: Hex, value: Hex) => [path, value];
    const nothing = Array.from<Hex>({ length: 17 }).fill('0x');
    const branch = (children: Record<number, unknown>) =>
      nothing.map((none, nibble) => children[nibble] ?? none) as Hex[];
    // An extension (1) to a branch (2, 3), whose 2 leads through an extension (2) to a branch (0, 5), all three in one.
    const lower = branch({ 0: leaf('0x20', '0xaa'), 5: leaf('0x20', '0xbb') });
    const upper = toRlp(branch({ 2: ['0x12', lower], 3: leaf('0x2070', '0xcc') }));
    const root = toRlp(['0x11', keccak256(upper)]);
    const at = (key: Hex) => bytesToHex(verifyTrieProof(keccak256(root), hexToBytes(key), [root, upper]));

    it('finds what they lead to', () => {
      expect(at('0x1220')).to.equal('0xaa');
      expect(at('0x1225')).to.equal('0xbb');
      expect(at('0x1370')).to.equal('0xcc');
    });

    it('finds nothing under other keys, however near', () => {
      for (const key of ['0x', '0x12', '0x1221', '0x122000', '0x13', '0x1371', '0x14', '0x22'] as Hex[])
        expect(() => at(key), key).to.throw();
    });
  });

  it('is none where the trie is of something else, however well it hashes', () => {
    for (const node of ['0x80', '0xc0', '0xc3010203', '0xc28120', '0xc2c0c0', '0xff', '0x'] as Hex[])
      expect(() => verifyTrieProof(keccak256(node), receiptKey(0), [node]), node).to.throw();
  });
});
