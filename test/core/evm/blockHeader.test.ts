import { expect } from 'chai';
import fc from 'fast-check';
import hre from 'hardhat';
import type { Hex } from 'viem';
import { blockHash, type RpcHeader } from '../../../services/core/evm/blockHeader.ts';

const zeros = (bytes: number): Hex => `0x${'00'.repeat(bytes)}`;
const emptyTrie = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421';

const mainnetGenesis: RpcHeader = {
  parentHash: zeros(32),
  sha3Uncles: '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347',
  miner: zeros(20),
  stateRoot: '0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544',
  transactionsRoot: emptyTrie,
  receiptsRoot: emptyTrie,
  logsBloom: zeros(256),
  difficulty: '0x400000000',
  number: '0x0',
  gasLimit: '0x1388',
  gasUsed: '0x0',
  timestamp: '0x0',
  extraData: '0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa',
  mixHash: zeros(32),
  nonce: '0x0000000000000042',
};

describe('EVM: the hash of a block', () => {
  it('is that of the first blocks of Ethereum', () => {
    const genesisHash = '0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3';
    expect(blockHash(mainnetGenesis)).to.equal(genesisHash);
    const first: RpcHeader = {
      ...mainnetGenesis,
      parentHash: genesisHash,
      miner: '0x05a56e2d52c817161883f50c441c3228cfe54d9f',
      stateRoot: '0xd67e4d450343046425ae4271474353857ab860dbc0a1dde64b41b5cd3a532bf3',
      difficulty: '0x3ff800000',
      number: '0x1',
      timestamp: '0x55ba4224',
      extraData: '0x476574682f76312e302e302f6c696e75782f676f312e342e32',
      mixHash: '0x969b900de27b6ac6a67742365dd65f55a0526c41fd18e1b16f1a1215c2e66f59',
      nonce: '0x539bd4979fef1ec4',
    };
    expect(blockHash(first)).to.equal('0x88e96d4537bea4d9c05d12549907b32561d3bf31f45aae734cdc119f13406cb6');
  });

  const forks = {
    istanbul: 15,
    london: 16,
    shanghai: 17,
    cancun: 20,
    prague: 21,
    osaka: 21,
  } as const;
  for (const [hardfork, fields] of Object.entries(forks))
    describe(`given a chain at ${hardfork}`, () => {
      let block: RpcHeader & { hash: Hex };
      before(async () => {
        const network = await hre.network.create({ override: { hardfork } });
        const request = (method: string, params: unknown[]) => network.provider.request({ method, params });
        try {
          const [from] = (await request('eth_accounts', [])) as [Hex];
          await request('eth_sendTransaction', [{ from, to: from, value: '0x1' }]);
          block = (await request('eth_getBlockByNumber', ['latest', false])) as typeof block;
        } finally {
          await network.close();
        }
      });
      const names = () =>
        [
          ...Object.keys(mainnetGenesis),
          'baseFeePerGas',
          'withdrawalsRoot',
          'blobGasUsed',
          'excessBlobGas',
          'parentBeaconBlockRoot',
          'requestsHash',
        ].slice(0, fields) as (keyof RpcHeader)[];

      it('is what the node says', () => {
        expect(block).to.include.all.keys(names());
        expect(blockHash(block)).to.equal(block.hash);
      });

      it('is another when any digit of any field is another, or a field is left out', () => {
        for (const name of names()) {
          const value = block[name] as Hex;
          fc.assert(
            fc.property(
              fc.nat(Math.max(0, value.length - 3)),
              fc.integer({ min: 1, max: 15 }),
              (at, step) => {
                const digit = value.length > 2 ? Number.parseInt(value.charAt(2 + at), 16) : 0;
                const other = ((digit + step) % 16).toString(16);
                const changed =
                  value.length > 2 ? value.slice(0, 2 + at) + other + value.slice(3 + at) : '0x01';
                expect(blockHash({ ...block, [name]: changed })).not.to.equal(block.hash);
              },
            ),
            { numRuns: 20 },
          );
          const { [name]: _, ...without } = block;
          if (name === names().at(-1) && fields > 15)
            expect(blockHash(without as typeof block)).not.to.equal(block.hash);
          else expect(() => blockHash(without as typeof block)).to.throw(TypeError);
        }
      });
    });

  it('is that of a header that says null for what its fork does not have', () => {
    const withNull = { ...mainnetGenesis, baseFeePerGas: null } as unknown as RpcHeader;
    expect(blockHash(withNull)).to.equal(blockHash(mainnetGenesis));
  });

  it('is none of a header that is not hex', () => {
    for (const wrong of ['0xzz', '12', '0x123', '', '0x12é4'])
      expect(() => blockHash({ ...mainnetGenesis, extraData: wrong as Hex }), wrong).to.throw(TypeError);
    for (const wrong of ['0xg', '12', '', '-0x1'])
      expect(() => blockHash({ ...mainnetGenesis, gasUsed: wrong as Hex }), wrong).to.throw(TypeError);
    // What was written of a header that was refused is no part of the next.
    expect(blockHash(mainnetGenesis)).to.match(/^0xd4e56740/);
  });
});
