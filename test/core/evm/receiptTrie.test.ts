import { expect } from 'chai';
import { encodeFunctionData, type Hex, numberToHex } from 'viem';
import { stablecoinAbi } from '../../../services/core/abi/stablecoin.ts';
import { decodeReceipt, type RpcReceipt } from '../../../services/core/evm/receipt.ts';
import { receiptKey, receiptProof, receiptsRoot } from '../../../services/core/evm/receiptTrie.ts';
import { verifyTrieProof } from '../../../services/core/evm/trieProof.ts';
import { Activity, suppliers, treasury } from '../../services/indexer/activity.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';

interface Block {
  number: Hex;
  receiptsRoot: Hex;
  transactions: Hex[];
}

describe('EVM: the trie of receipts', () => {
  let chain: TestChain;
  before(async () => {
    chain = await startTestChain();
  });
  after(() => chain?.stop());

  const latestBlock = () => chain.request<Block>('eth_getBlockByNumber', ['latest', false]);
  const receiptsOf = ({ transactions }: Block) =>
    Promise.all(transactions.map((hash) => chain.request<RpcReceipt>('eth_getTransactionReceipt', [hash])));
  /** Transfers of all transaction types that differ in their receipts; one of each ten reverts. */
  const mineTransfers = async (count: number) => {
    const activity = new Activity(chain);
    await activity.inOneBlock(async () => {
      for (let sent = 0; sent < count; sent++) {
        const amount = sent % 10 === 9 ? 2n ** 90n : BigInt(sent);
        const args = [activity.account(suppliers[0] ?? 0), amount] as const;
        const data = encodeFunctionData({ abi: stablecoinAbi, functionName: 'transfer', args });
        const type = [
          { gasPrice: numberToHex(2n * 10n ** 9n) },
          { gasPrice: numberToHex(2n * 10n ** 9n), accessList: [] },
          {},
        ];
        await chain.request('eth_sendTransaction', [
          {
            from: activity.account(treasury),
            to: activity.token('USD'),
            gas: '0x15000',
            data,
            ...type[sent % 3],
          },
        ]);
      }
    });
  };

  it('is the root in the header of a block without transactions', async () => {
    await chain.request('evm_mine');
    expect(receiptsRoot([])).to.equal((await latestBlock()).receiptsRoot);
  });

  // From the 129th on the key of a receipt has two bytes.
  for (const count of [1, 2, 16, 17, 127, 128, 129, 270])
    it(`is the root in the header of a block with ${count} transactions`, async () => {
      await mineTransfers(count);
      const block = await latestBlock();
      expect(block.transactions).to.have.length(count);
      const receipts = await receiptsOf(block);
      if (count > 2) expect(new Set(receipts.map(({ type }) => type)).size).to.equal(3);
      expect(receiptsRoot(receipts)).to.equal(block.receiptsRoot);
      expect(receiptsRoot(receipts.slice(1))).not.to.equal(block.receiptsRoot);

      // What is proven of a receipt is what the node says of it.
      for (const index of [0, 1, 15, 16, 126, 127, 128, 255, 256, count - 1]) {
        const said = receipts[index];
        if (!said) continue;
        const proof = receiptProof(receipts, index);
        const proven = decodeReceipt(verifyTrieProof(block.receiptsRoot, receiptKey(index), proof));
        expect(proven.succeeded).to.equal(said.status === '0x1');
        expect(proven.logs).to.deep.equal(
          said.logs.map(({ address, topics, data }) => ({ address: address.toLowerCase(), topics, data })),
        );
      }
    });
});
