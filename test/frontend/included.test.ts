/** Waiting for what the wallet has sent, on a real chain: it says that it is done only if it is. */
import { expect } from 'chai';
import { type Address, createPublicClient, custom, type Hash, parseGwei } from 'viem';
import { TransactionReplacedError, untilIncluded } from '../../frontend/src/lib/included.ts';
import { troubleOf } from '../../frontend/src/lib/trouble.ts';
import { startTestChain, type TestChain } from '../support/chain.ts';
import { until } from '../support/until.ts';

const SENDER = 12;

describe('web app: waiting until a transaction is in a block', () => {
  let chain: TestChain;
  before(async () => {
    chain = await startTestChain();
    await chain.request('evm_setAutomine', [false]);
  });
  after(() => chain?.stop());

  /** Sends some ETH to an account under the sender's next nonce, and again for a higher fee to another or the same. */
  async function replaced(second: { to: Address; value: bigint }) {
    const { promise: hasSeenFirst, resolve: seesFirst } = Promise.withResolvers<void>();
    const transport = custom({
      async request({ method, params }) {
        const answer = await chain.request(method, params);
        if (method === 'eth_getTransactionByHash' && answer) seesFirst();
        return answer;
      },
    });
    const client = createPublicClient({ transport, pollingInterval: 50 });
    const wallet = chain.wallet(SENDER);
    const nonce = await client.getTransactionCount({ address: wallet.account.address });
    const send = (to: Address, value: bigint, gwei: string) =>
      wallet.sendTransaction({
        ...{ to, value, nonce, gas: 100_000n },
        ...{ maxFeePerGas: parseGwei(gwei), maxPriorityFeePerGas: parseGwei(gwei) },
      });
    const first = await send(chain.accounts[0] as Address, 5n, '10');
    const waiting = untilIncluded(client, first).then(
      (hash): { hash?: Hash; error?: unknown } => ({ hash }),
      (error: unknown): { hash?: Hash; error?: unknown } => ({ error }),
    );
    await hasSeenFirst;
    const other = await send(second.to, second.value, '20');
    await until('the block with the second', async () => {
      await chain.request('evm_mine');
      return (await client.getTransactionReceipt({ hash: other }).catch(() => undefined)) !== undefined;
    });
    return { outcome: await waiting, other };
  }

  it('gives the hash of the same transaction for another fee', async () => {
    const { outcome, other } = await replaced({ to: chain.accounts[0] as Address, value: 5n });
    expect(outcome).to.deep.equal({ hash: other });
  });

  for (const [how, second] of [
    ['cancelled', () => ({ to: chain.wallet(SENDER).account.address, value: 0n })],
    ['replaced by another', () => ({ to: chain.accounts[1] as Address, value: 7n })],
  ] as const)
    it(`does not take it for done when the wallet has it ${how}`, async () => {
      const { outcome } = await replaced(second());
      expect(outcome.error).to.be.instanceOf(TransactionReplacedError);
      expect(troubleOf(outcome.error)).to.deep.equal({ kind: 'replaced' });
    });
});
