import { expect } from 'chai';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { outcome, type Sandboxing, startTestSandbox } from './sandboxing.ts';

describe('sandbox: sources', () => {
  let chain: TestChain;
  let sandbox: Sandboxing;

  before(async () => {
    chain = await startTestChain();
    sandbox = await startTestSandbox(chain, 'http://127.0.0.1:9');
  });

  after(async () => {
    await sandbox?.[Symbol.asyncDispose]();
    await chain?.stop();
  });

  const ask = (path: string) =>
    fetch(`${sandbox.url}/sources/${path}`, { signal: AbortSignal.timeout(30_000) });
  const read = async <Body>(path: string) => (await (await ask(path)).json()) as Body;
  const setFault = (provider: string, fault: string) =>
    fetch(`${sandbox.url}/sources/${provider}/switch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ fault }),
    });
  const now = async () => Number((await chain.client.getBlock()).timestamp);

  interface Rates {
    base: string;
    timestamp: number;
    rates: Record<string, number>;
  }

  it('serves the same rates in each format, of the time of the chain', async () => {
    const { base, timestamp, rates } = await read<Rates>('atlas/fx/rates?base=EUR');
    expect([base, timestamp]).to.deep.equal(['EUR', await now()]);
    const pairs = await read<{ pair: string; bid: string; ask: string }[]>('borealis/fx/pairs');
    const eur = pairs.find(({ pair }) => pair === 'EUR/USD');
    expect(Number(eur?.bid)).to.be.below(rates.USD as number);
    expect(Number(eur?.ask)).to.be.above(rates.USD as number);
    const ecb = await (await ask('cirrus/ecb/eurofxref-daily.xml')).text();
    expect(ecb).to.include(`currency='USD' rate='${rates.USD?.toFixed(5)}'`);
  });

  it('plays on with the chain, and the reference rates are never of a Saturday, a Sunday or the future', async () => {
    const dates = new Set<string>();
    for (let day = 0; day < 8; day++) {
      const date =
        /time='([^']+)'/.exec(await (await ask('atlas/ecb/eurofxref-daily.xml')).text())?.[1] ?? '';
      dates.add(date);
      expect([0, 6]).not.to.include(new Date(date).getUTCDay());
      expect(Date.parse(date)).to.be.below((await now()) * 1_000);
      await chain.request('evm_increaseTime', [86_400]);
      await chain.request('evm_mine');
    }
    expect(dates.size).to.be.within(5, 6);
  });

  it('has a stablecoin that lost its peg for a weekend, and one that did not', async () => {
    const HOUR = 3_600;
    const to = (await now()) - ((await now()) % HOUR);
    const history = async (coin: string) => {
      const query = `pair=${coin}/USD&from=${to - 28 * 24 * HOUR}&to=${to + 7 * HOUR}`;
      const hours = await read<Rates[]>(`equinox/fx/history?${query}`);
      expect(hours.map(({ base }) => base)).to.deep.equal(Array(28 * 24).fill(coin));
      expect(hours.map(({ timestamp }) => timestamp)).to.deep.equal(
        hours.map((_, at) => to - (28 * 24 - 1 - at) * HOUR),
      );
      return hours.map(({ timestamp, rates: { USD } }) => ({ timestamp, usd: USD as number }));
    };
    const [lost, kept] = await Promise.all([history('USDC'), history('USDT')]);
    expect(Math.min(...lost.map(({ usd }) => usd))).to.be.within(0.87, 0.89);
    const below = lost.filter(({ usd }) => usd < 0.97);
    expect(new Set(below.map(({ timestamp }) => new Date(timestamp * 1_000).getUTCDay()))).to.deep.equal(
      new Set([6, 0]),
    );
    for (const { usd } of kept) expect(usd).to.be.within(0.999, 1.02);
    expect((await ask('equinox/fx/history?pair=USDC/EUR&from=0&to=9')).status).to.equal(404);
  });

  it('has a fault for one provider alone, until it is switched back', async () => {
    const honest = await read<Rates>('delta/fx/rates?base=EUR');
    for (const [fault, check] of Object.entries<(rates: Rates) => boolean>({
      lie: ({ rates }) => (rates.USD as number) > 1.05 * (honest.rates.USD as number),
      wrong_unit: ({ base }) => base === 'USD',
      future: ({ timestamp }) => timestamp > honest.timestamp + 80_000,
    })) {
      await setFault('atlas', fault);
      expect(check(await read<Rates>('atlas/fx/rates?base=EUR')), fault).to.equal(true);
      expect((await read<Rates>('delta/fx/rates?base=EUR')).base).to.equal('EUR');
    }
    await setFault('atlas', 'garbage');
    expect(await (await ask('atlas/fx/rates?base=EUR')).text()).to.include('<html>');
    await setFault('atlas', 'stall');
    const stalled = await read<Rates>('atlas/fx/rates?base=EUR');
    await chain.request('evm_increaseTime', [600]);
    await chain.request('evm_mine');
    expect(await read<Rates>('atlas/fx/rates?base=EUR')).to.deep.equal(stalled);
    await setFault('atlas', 'timeout');
    const silent = fetch(`${sandbox.url}/sources/atlas/fx/pairs`, { signal: AbortSignal.timeout(300) });
    expect(
      await silent.then(
        () => 'answered',
        ({ name }: Error) => name,
      ),
    ).to.equal('TimeoutError');
    await setFault('atlas', 'none');
    expect(await read<Rates>('atlas/fx/rates?base=EUR')).to.deep.equal(
      await read<Rates>('delta/fx/rates?base=EUR'),
    );
  });

  it('refuses what it does not know', async () => {
    expect(await outcome(await ask('nobody/fx/pairs'))).to.deep.equal({
      status: 404,
      code: 'provider_unknown',
    });
    expect(await outcome(await ask('atlas/shipments/1/events'))).to.deep.equal({
      status: 404,
      code: 'source_unknown',
    });
    expect(await outcome(await setFault('atlas', 'sulk'))).to.deep.equal({
      status: 422,
      code: 'fault_unknown',
    });
  });
});
