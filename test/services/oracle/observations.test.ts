import { expect } from 'chai';
import { localAccounts } from '../../../scripts/deploy/local.ts';
import { oracleHubAbi } from '../../../services/core/abi/oracleHub.ts';
import { parametricCoverAbi } from '../../../services/core/abi/parametricCover.ts';
import { toBytes32 } from '../../../services/core/oracleReport.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { until } from '../../support/until.ts';
import { type Sandboxing, startTestSandbox } from '../sandbox/sandboxing.ts';
import { beginRound, chainTime, metric, startNetwork, startTestSource, untilHolds } from './reporting.ts';

const PROVIDERS = ['atlas', 'borealis', 'cirrus', 'delta'];

interface Window {
  feed: string;
  subject: string;
  windowStart: number;
  windowEnd: number;
}

describe('oracle: observations, from sources to the chain', () => {
  let chain: TestChain;
  let sandbox: Sandboxing;

  before(async () => {
    chain = await startTestChain();
    await chain.request('evm_setAutomine', [false]);
    sandbox = await startTestSandbox(chain, 'http://127.0.0.1:9');
  });

  after(async () => {
    await sandbox?.[Symbol.asyncDispose]();
    await chain?.stop();
  });

  /** A feed with three providers of the sandbox, the same for each reporter. */
  const feed = (name: string, format: string, path: string) => ({
    kind: 'observation',
    feed: name,
    minimumSources: 2,
    sources: PROVIDERS.slice(0, 3).map((provider) => ({
      name: provider,
      format,
      url: `${sandbox.url}/sources/${provider}/${path}`,
      everySeconds: 0.1,
      timeoutMs: 1_000,
    })),
  });
  const flights = () =>
    feed('flight-delay-minutes', 'flight-status', 'flights/{subject}?from={windowStart}&to={windowEnd}');
  const rain = () =>
    feed(
      'rainfall-mm',
      'station-observations',
      'stations/{subject}/observations?from={windowStart}&to={windowEnd}',
    );
  const coins = () =>
    feed('lowest-hourly-rate', 'rate-history', 'fx/history?pair={subject}&from={windowStart}&to={windowEnd}');
  const shipments = () => feed('shipment-delay-minutes', 'shipment-events', 'shipments/{subject}/events');

  const observationOf = async ({ feed: name, subject, windowStart, windowEnd }: Window) => {
    const [found, value, observedAt] = await chain.client.readContract({
      address: chain.deployment.oracleHub,
      abi: oracleHubAbi,
      functionName: 'tryReadObservation',
      args: [toBytes32(name), toBytes32(subject), BigInt(windowStart), BigInt(windowEnd)],
    });
    return found ? { value, observedAt: Number(observedAt) } : undefined;
  };
  const observed = (windows: readonly Window[]) => async () =>
    (await Promise.all(windows.map(observationOf))).every((one) => one !== undefined);
  const setFault = (provider: string, fault: string) =>
    fetch(`${sandbox.url}/sources/${provider}/switch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ fault }),
    });

  it('given a flight that landed, a day of rain and a shipment that came, records each once its window is over', async () => {
    const now = await chainTime(chain);
    const midnight = now - (now % 86_400);
    const windows: Window[] = [
      {
        feed: 'flight-delay-minutes',
        subject: 'FRA:LH400',
        windowStart: midnight - 3 * 86_400,
        windowEnd: midnight - 2 * 86_400 - 1,
      },
      { feed: 'rainfall-mm', subject: 'ZSPD', windowStart: midnight - 86_400, windowEnd: midnight },
      {
        feed: 'shipment-delay-minutes',
        subject: '095201234567892225',
        windowStart: now - 4_300 * 60,
        windowEnd: now - 60,
      },
    ];
    await using network = await startNetwork(chain, () => ({
      feeds: [flights(), rain(), shipments()],
      windows,
    }));
    await untilHolds('all three', chain, network, observed(windows));
    const values = await Promise.all(windows.map(observationOf));
    for (const [at, value] of values.entries())
      expect(value?.observedAt).to.be.at.least(windows[at]?.windowEnd as number);
    const day = new Date((midnight - 3 * 86_400) * 1_000).getUTCDay();
    expect(values[0]?.value).to.equal([12n, -8n, 47n, 0n, 190n, -15n, 25n][day]);
    expect(values[1]?.value).to.equal(await rainOf('ZSPD', midnight - 86_400, midnight));
    expect(Math.abs(Number(values[2]?.value) - 40)).to.be.at.most(1); // received 4,260 minutes before the sandbox began
  });

  it('given stablecoins of which one lost its peg for a weekend of four weeks, records the lowest rate of each', async () => {
    const now = await chainTime(chain);
    const windows = ['USDC/USD', 'USDT/USD'].map((subject) => ({
      ...{ feed: 'lowest-hourly-rate', subject },
      ...{ windowStart: now - 60 - 28 * 86_400, windowEnd: now - 60 },
    }));
    await using network = await startNetwork(chain, () => ({ feeds: [coins()], windows }));
    await untilHolds('both', chain, network, observed(windows));
    const [lost, kept] = await Promise.all(windows.map(observationOf));
    expect(lost?.value).to.equal(8_789n);
    expect(Number(kept?.value)).to.be.within(9_990, 10_000);
  });

  it('observes what release rules of escrows wait for, once, whatever else stands in the list', async () => {
    const now = await chainTime(chain);
    const window: Window = {
      ...{ feed: 'shipment-delay-minutes', subject: '095201234567892225' },
      ...{ windowStart: now - 4_500 * 60, windowEnd: now - 60 },
    };
    const named = (over: object = {}) => ({
      ...{ ...window, feed: toBytes32(window.feed), subject: toBytes32(window.subject) },
      ...over,
    });
    const rubbish = [
      ...[null, 'x', {}, named({ windowStart: -1 }), named({ windowEnd: now - 9_000 * 60 })],
      ...[named({ feed: '0x' }), named({ feed: toBytes32('snow') }), named({ windowEnd: 2 ** 40 })],
    ];
    await using source = await startTestSource(chain, {
      '/awaited-observations': JSON.stringify({ windows: [...rubbish, named()] }),
      '/garbage': '[',
    });
    const paths = ['awaited-observations', 'garbage', 'nowhere'];
    await using network = await startNetwork(chain, () => ({
      feeds: [shipments()],
      windowsFrom: paths.map((path) => `${source.url}/${path}`),
    }));
    await untilHolds('the window', chain, network, observed([window]));
    expect(source.asked.get('/garbage')).to.be.above(0);
  });

  it('records nothing before the window is over, however sure the sources are', async () => {
    const now = await chainTime(chain);
    const window = {
      feed: 'shipment-delay-minutes',
      subject: '095201234567892225',
      windowStart: now - 4_400 * 60,
      windowEnd: now + 40,
    };
    await using network = await startNetwork(chain, () => ({ feeds: [shipments()], windows: [window] }));
    await untilHolds('it to be recorded', chain, network, observed([window]));
    expect((await observationOf(window))?.observedAt).to.be.at.least(window.windowEnd);
  });

  for (const [fault, code] of [
    ['lie', 'source_outlier'],
    ['timeout', 'source_timeout'],
    ['wrong_unit', 'source_wrong_unit'],
    ['garbage', 'source_garbage'],
    ['future', 'source_future'],
  ] as const)
    it(`given one of three sources at fault (${fault}), records what the others say, and counts ${code}`, async () => {
      const now = await chainTime(chain);
      const midnight = now - (now % 86_400);
      const ago = 4 + ['lie', 'timeout', 'wrong_unit', 'garbage', 'future'].indexOf(fault);
      const window = {
        feed: 'flight-delay-minutes',
        subject: 'FRA:LH720',
        windowStart: midnight - ago * 86_400,
        windowEnd: midnight - ago * 86_400 + 86_399,
      };
      const faulty = flights();
      await setFault('borealis', fault);
      try {
        await using network = await startNetwork(chain, () => ({ feeds: [faulty], windows: [window] }));
        // The first round, which they began with, made them ask; nothing can be recorded before the next.
        const name = fault === 'lie' ? 'oracle_source_answers_total' : 'oracle_source_refused_total';
        const labels = { source: 'borealis', ...(fault !== 'lie' && { code }) };
        const others = ['atlas', 'cirrus'].map(
          (source) => ['oracle_source_answers_total', { source }] as const,
        );
        await until('every reporter to have heard every source', async () => {
          const counts = network.origins.flatMap((origin) =>
            [[name, labels] as const, ...others].map(([counter, of]) => metric(origin, counter, of)),
          );
          return (await Promise.all(counts)).every((count) => count > 0);
        });
        await untilHolds('it to be recorded', chain, network, observed([window]));
        const day = new Date(window.windowStart * 1_000).getUTCDay();
        expect((await observationOf(window))?.value).to.equal([5n, 65n, -3n, 18n, 0n, -11n, 140n][day]);
        const refused = { source: 'borealis', code };
        expect(
          await metric(network.origins[0] as string, 'oracle_source_refused_total', refused),
        ).to.be.above(0);
      } finally {
        await setFault('borealis', 'none');
      }
    });

  it('counts a source that has two values for one hour of a window, and takes neither', async () => {
    const now = await chainTime(chain);
    const hour = (at: number, usd: number) => `{"base":"USDC","timestamp":${at},"rates":{"USD":${usd}}}`;
    await using source = await startTestSource(chain, {
      '/history': `[${hour(now - 3_600, 1)},${hour(now - 3_600, 0.9)}]`,
    });
    const { sources: _, ...one } = coins();
    const file = {
      feeds: [
        {
          ...{ ...one, minimumSources: 1 },
          sources: [
            { name: 'twofold', format: 'rate-history', url: `${source.url}/history`, everySeconds: 0.1 },
          ],
        },
      ],
      windows: [
        {
          ...{ feed: 'lowest-hourly-rate', subject: 'USDC/USD' },
          ...{ windowStart: now - 5_400, windowEnd: now - 3_000 },
        },
      ],
    };
    await using network = await startNetwork(chain, () => file);
    const refused = { source: 'twofold', feed: 'lowest-hourly-rate', code: 'source_duplicate_window' };
    await untilHolds('it to be counted', chain, network, async () => {
      const counts = network.origins.map((origin) => metric(origin, 'oracle_source_refused_total', refused));
      return (await Promise.all(counts)).every((count) => count > 1);
    });
    expect(await observationOf(file.windows[0] as Window)).to.equal(undefined);
  });

  it('given two of three sources at fault, records nothing, and does when they have recovered', async () => {
    const now = await chainTime(chain);
    const midnight = now - (now % 86_400);
    const window = {
      feed: 'rainfall-mm',
      subject: 'EDDF',
      windowStart: midnight - 86_400,
      windowEnd: midnight,
    };
    await setFault('atlas', 'garbage');
    await setFault('borealis', 'lie');
    await using network = await startNetwork(chain, () => ({ feeds: [rain()], windows: [window] }));
    await untilHolds('the fault to be noticed', chain, network, async () => {
      const code = 'source_garbage';
      return (await metric(network.origins[0] as string, 'oracle_source_refused_total', { code })) > 2;
    });
    expect(await observationOf(window)).to.equal(undefined);
    await setFault('atlas', 'none');
    await setFault('borealis', 'none');
    await untilHolds('it to be recorded', chain, network, observed([window]));
    expect((await observationOf(window))?.value).to.equal(await rainOf('EDDF', midnight - 86_400, midnight));
  });

  it('records again what a reorganisation undid, though every reporter had seen it there', async () => {
    const now = await chainTime(chain);
    const midnight = now - (now % 86_400);
    const window = {
      feed: 'rainfall-mm',
      subject: 'WSSS',
      windowStart: midnight - 86_400,
      windowEnd: midnight,
    };
    await using network = await startNetwork(chain, () => ({ feeds: [rain()], windows: [window] }));
    const fork = await chain.request<string>('evm_snapshot');
    await untilHolds('it to be recorded', chain, network, observed([window]));
    await beginRound(chain, network);
    await chain.request('evm_revert', [fork]);
    expect(await observationOf(window)).to.equal(undefined);
    await untilHolds('it to be recorded again', chain, network, observed([window]));
  });

  it('observes what the cover has at risk, without being told of it, so that anybody can settle the risk', async () => {
    const DAY = 86_400;
    const cover = { address: chain.deployment.parametricCover, abi: parametricCoverAbi } as const;
    const admin = chain.wallet(localAccounts.admin);
    const now = await chainTime(chain);
    const windowStart = now - (now % DAY) + 3 * DAY;
    const windowEnd = windowStart + DAY - 1;
    const terms = {
      feed: toBytes32('flight-delay-minutes'),
      clusterMask: `0xffffff${'00'.repeat(29)}`,
      operator: 0, // at least
      waitingPeriodSeconds: DAY,
      minWindowSeconds: 3_600,
      maxWindowSeconds: 2 * DAY,
      maxLeadSeconds: 30 * DAY,
      graceSeconds: 2 * DAY,
      expectedLossPpm: 30_000,
      loadPpm: 200_000,
      capitalChargePpmPerYear: 100_000,
      maxInsuredPerRisk: 10n ** 9n,
      maxInsuredPerCluster: 10n ** 9n,
    } as const;
    const tiers = [{ threshold: 60, payoutBps: 10_000 }];
    const gas = 3_000_000n;
    await admin.writeContract({ ...cover, functionName: 'createProduct', args: [terms, tiers], gas });
    await chain.request('evm_mine');
    const risk = [1n, toBytes32('SIN:SQ322'), BigInt(windowStart), BigInt(windowEnd)] as const;
    await admin.writeContract({ ...cover, functionName: 'openRisk', args: risk, gas });
    await chain.request('evm_mine');

    await using network = await startNetwork(chain, () => ({ feeds: [flights()] }));
    // It departs late in the day, and arrives the day after.
    await chain.request('evm_increaseTime', [windowEnd + DAY - now]);
    await chain.request('evm_mine');
    const window = { feed: 'flight-delay-minutes', subject: 'SIN:SQ322', windowStart, windowEnd };
    await untilHolds('it to be recorded', chain, network, observed([window]));

    await chain.wallet(9).writeContract({ ...cover, functionName: 'settleRisk', args: [1n], gas });
    await chain.request('evm_mine');
    const { state, payoutBps } = await chain.client.readContract({
      ...cover,
      functionName: 'riskOf',
      args: [1n],
    });
    const late = (await observationOf(window))?.value ?? 0n;
    expect([state, payoutBps]).to.deep.equal([1, late >= 60n ? 10_000 : 0]);
  });

  /** In tenths of a millimetre, as the sandbox's station tells it. */
  async function rainOf(station: string, from: number, to: number): Promise<bigint> {
    const answer = await fetch(
      `${sandbox.url}/sources/delta/stations/${station}/observations?from=${from}&to=${to}`,
    );
    const { features } = (await answer.json()) as {
      features: { properties: { precipitationLastHour: { value: number } } }[];
    };
    expect(features.length).to.equal((to - from) / 3_600);
    return features.reduce(
      (sum, { properties }) => sum + BigInt(Math.round(properties.precipitationLastHour.value * 10)),
      0n,
    );
  }
});
