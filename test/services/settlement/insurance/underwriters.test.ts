/** Underwriters by API: what a wallet has in the pool, and what it sends to put money in and take it out. */
import { expect } from 'chai';
import type { Hex } from 'viem';
import { stablecoinAbi } from '../../../../services/core/abi/stablecoin.ts';
import { type InsuranceStage, startInsuranceStage } from '../../../support/insuranceStage.ts';

const COIN = 1_000_000n;
const UNDERWRITER = 13;

interface Prepared {
  transactions: { call: string; chainId: number; from: string; to: Hex; data: Hex }[];
}

describe('insurance: underwriters', function () {
  this.timeout(240_000);
  let stage: InsuranceStage;
  before(async () => {
    stage = await startInsuranceStage();
    const { chain, localAccounts } = stage;
    await chain.wallet(localAccounts.treasury).writeContract({
      address: chain.deployment.stablecoins.USD.address,
      abi: stablecoinAbi,
      functionName: 'transfer',
      args: [stage.wallet(UNDERWRITER), 1_000n * COIN],
    });
    await stage.mine();
  });
  after(() => stage?.stop());

  const ask = async (path: string) => {
    const query = new URLSearchParams(path.split('?')[1]);
    query.set('wallet', stage.wallet(UNDERWRITER));
    const target = path.split('?')[0] ? `/${path.split('?')[0]}` : '';
    return stage.partner.call('GET', `/v1/insurance/pool/underwriter${target}?${query}`);
  };
  const position = async () => (await ask('')).body;
  const send = async (query: string) => {
    const { status, body } = await ask(`transactions?${query}`);
    expect(status, JSON.stringify(body)).to.equal(200);
    const { transactions } = body as Prepared;
    for (const { to, data, from, chainId } of transactions) {
      expect([from, chainId]).to.deep.equal([stage.wallet(UNDERWRITER).toLowerCase(), stage.chainId]);
      const sent = { to, data, gas: 1_000_000n } as never;
      const hash = await stage.chain.wallet(UNDERWRITER).sendTransaction(sent);
      await stage.mine();
      expect((await stage.chain.client.getTransactionReceipt({ hash })).status).to.equal('success');
    }
    return transactions.map(({ call }) => call);
  };
  const refused = async (query: string) => {
    const { status, body } = await ask(`transactions?${query}`);
    expect([status, body.code], JSON.stringify(body)).to.deep.equal([409, 'underwriting_refused']);
    return body.detail as string;
  };

  it('refuses what the pool would refuse, before anything is signed', async () => {
    expect(await position()).to.deep.include({ shares: '0', request: null });
    expect(await refused('action=deposit&amount=1000.01')).to.equal('The wallet has 1000.00.');
    expect(await refused('action=deposit')).to.include('needs `amount`');
    expect(await refused('action=request')).to.include('no shares');
    expect(await refused('action=take')).to.include('asked for nothing');
    expect(await refused('action=keep')).to.include('asked for nothing');
    for (const query of ['action=deposit&amount=0', 'action=steal', 'action=deposit&amount=1.005']) {
      const { status, body } = await ask(`transactions?${query}`);
      expect([status, body.code]).to.deep.equal([400, 'request_invalid']);
    }
  });

  it('deposits, asks for a part, and asks for the rest', async () => {
    expect(await send('action=deposit&amount=400.00')).to.deep.equal(['approve', 'deposit']);
    expect((await position()).worth).to.deep.equal({ currency: 'USD', value: '400.00' });
    expect(await send('action=request&amount=100.00')).to.deep.equal(['requestRedeem']);
    const { request, takeable } = await position();
    expect([request.state, request.worth.value, takeable.value]).to.deep.equal(['waiting', '100.00', '0.00']);
    expect(await refused('action=take')).to.include('waiting');
    await send('action=keep');
    expect((await position()).request).to.equal(null);
    await send('action=request');
    expect((await position()).request.worth.value).to.equal('400.00');
    expect(await refused('action=request')).to.include('no shares');
  });

  it('takes what was asked for once the cooldown is over, and what lapses no more', async () => {
    const { request } = await position();
    await stage.arrive(Date.parse(request.claimableAt) / 1_000);
    expect((await position()).takeable.value).to.equal('400.00');
    expect(await send('action=take')).to.deep.equal(['redeem']);
    expect(await position()).to.deep.include({ shares: '0', request: null });
    expect(await stage.balanceOf(stage.wallet(UNDERWRITER))).to.equal(1_000n * COIN);

    expect(await send('action=deposit&amount=50.00')).to.deep.equal(['approve', 'deposit']);
    await send('action=request');
    await stage.arrive(Date.parse((await position()).request.lapsesAt) / 1_000);
    expect((await position()).request.state).to.equal('lapsed');
    expect(await refused('action=take')).to.include('lapsed');
  });
});
