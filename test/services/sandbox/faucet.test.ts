import { expect } from 'chai';
import { type Address, parseEther } from 'viem';
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts';
import { localAccounts } from '../../../scripts/deploy/local.ts';
import { stablecoinAbi } from '../../../services/core/abi/stablecoin.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { outcome, type Sandboxing, startTestSandbox } from './sandboxing.ts';

describe('sandbox: faucet', () => {
  let chain: TestChain;
  let sandbox: Sandboxing;

  before(async () => {
    chain = await startTestChain({ blockIntervalMs: 200 });
    sandbox = await startTestSandbox(chain, 'http://127.0.0.1:9');
  });
  after(async () => {
    await sandbox?.[Symbol.asyncDispose]();
    await chain?.stop();
  });

  const newAddress = () => privateKeyToAddress(generatePrivateKey());
  const ask = (body: unknown) =>
    fetch(`${sandbox.url}/faucet`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const balances = (owner: Address) =>
    Promise.all(
      Object.values(chain.deployment.stablecoins).map(({ address }) =>
        chain.client.readContract({ abi: stablecoinAbi, address, functionName: 'balanceOf', args: [owner] }),
      ),
    );

  it('gives 1,000 of each coin and gas to pay with', async () => {
    const address = newAddress();
    const answer = await ask({ address });
    expect(answer.status).to.equal(201);
    expect(await balances(address)).to.deep.equal([1_000_000_000n, 1_000_000_000n, 1_000_000_000n]);
    expect(await chain.client.getBalance({ address })).to.equal(parseEther('1'));
  });

  it('serves many at once, one after the other', async () => {
    const addresses = [newAddress(), newAddress(), newAddress()];
    const answers = await Promise.all(addresses.map((address) => ask({ address })));
    expect(answers.map(({ status }) => status)).to.deep.equal([201, 201, 201]);
    for (const address of addresses) expect((await balances(address))[0]).to.equal(1_000_000_000n);
  });

  it('makes an address wait a minute before it asks again, however it is spelt', async () => {
    const address = newAddress();
    await ask({ address });
    const answer = await ask({ address: address.toLowerCase() });
    expect(Number(answer.headers.get('retry-after'))).to.be.within(1, 60);
    expect(await outcome(answer)).to.deep.equal({ status: 429, code: 'faucet_too_soon' });
  });

  it('says that an account is frozen, and lets it ask again at once', async () => {
    const frozen = { status: 409, code: 'faucet_refused' };
    const address = chain.accounts[localAccounts.frozenSupplier];
    expect(await outcome(await ask({ address }))).to.deep.equal(frozen);
    expect(await outcome(await ask({ address }))).to.deep.equal(frozen);
  });

  it('goes on with the right nonce after a drip that failed', async () => {
    expect((await ask({ address: newAddress() })).status).to.equal(201);
  });

  for (const address of [undefined, 7, '0x12', `0x${'0'.repeat(40)}`]) {
    it(`refuses ${address} as an address`, async () => {
      expect(await outcome(await ask({ address }))).to.deep.equal({ status: 422, code: 'address_invalid' });
    });
  }
});
