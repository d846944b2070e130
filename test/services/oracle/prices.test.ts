import { expect } from 'chai';
import type { Address } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { localAccounts } from '../../../scripts/deploy/local.ts';
import { oracleHubAbi } from '../../../services/core/abi/oracleHub.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import {
  beginRound,
  completeRound,
  eurUsd,
  metric,
  priceOf,
  rates,
  reporterAddress,
  startNetwork,
  startTestSource,
  untilHolds,
} from './reporting.ts';

const FEED = 'EUR/USD';

describe('oracle: prices, from sources to the chain', () => {
  let chain: TestChain;

  before(async () => {
    chain = await startTestChain();
    await chain.request('evm_setAutomine', [false]);
  });

  after(() => chain?.stop());

  const hasValue = (units: bigint) => async () => (await priceOf(chain, FEED)).units === units;

  it('given four reporters with a source each, puts one of the two values in the middle on chain', async () => {
    await using parts = new AsyncDisposableStack();
    const source = parts.use(
      await startTestSource(chain, {
        '/0': rates('1.0837'),
        '/1': rates('1.08371'),
        '/2': rates('1.08372'),
        '/3': rates('1.08373'),
      }),
    );
    const network = parts.use(
      await startNetwork(chain, (index) => ({ feeds: [eurUsd(`${source.url}/${index}`)] })),
    );
    // Of any three of the four it is the second.
    await untilHolds('a value', chain, network, async () =>
      [108_371_000n, 108_372_000n].includes((await priceOf(chain, FEED)).units),
    );
    const { observedAt, round } = await priceOf(chain, FEED);
    expect(observedAt).to.equal(round);
  });

  it('when the value moves by the deviation, reports it before the heartbeat, and not when it moves less', async () => {
    await using parts = new AsyncDisposableStack();
    const source = parts.use(await startTestSource(chain, { '/': rates('1.0900') }));
    const feed = eurUsd(`${source.url}/`, { heartbeatSeconds: 100_000, deviationBps: 10 });
    const network = parts.use(await startNetwork(chain, () => ({ feeds: [feed] })));
    const isObserved = (units: bigint) => async () => {
      const own = await Promise.all(
        network.origins.map((origin) => metric(origin, 'oracle_observed_value', { feed: FEED })),
      );
      return own.every((value) => BigInt(value) === units);
    };
    await untilHolds('the first value', chain, network, hasValue(109_000_000n));
    const { round } = await priceOf(chain, FEED);

    source.answers = { '/': rates('1.0905') }; // less than 10 bps of 1.09
    await untilHolds('the small move to be observed', chain, network, isObserved(109_050_000n));
    await beginRound(chain, network);
    expect(await Promise.all(network.origins.map((origin) => proposals(origin)))).to.deep.equal([0, 0, 0, 0]);
    expect((await priceOf(chain, FEED)).round).to.equal(round);

    source.answers = { '/': rates('1.0912') };
    await untilHolds('the great move on chain', chain, network, hasValue(109_120_000n));
  });

  it('given an ECB file, a rate API and a list of pairs, takes the median of the three and leaves out the liar', async () => {
    await using parts = new AsyncDisposableStack();
    const day = (now: number) => new Date((now - 86_400) * 1_000).toISOString().slice(0, 10);
    const source = parts.use(
      await startTestSource(chain, {
        '/rates': rates('1.0900'),
        '/ecb': (now) =>
          '<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">' +
          `<Cube><Cube time='${day(now)}'><Cube currency='USD' rate='1.0902'/></Cube></Cube></gesmes:Envelope>`,
        '/pairs': (now) =>
          `[{"pair":"EUR/USD","bid":"1.1990","ask":1.1992,"time":"${new Date(now * 1_000).toISOString()}"}]`,
      }),
    );
    const one = { base: 'EUR', quote: 'USD', everySeconds: 0.05, maxAgeSeconds: 300_000 };
    const feed = eurUsd('', {
      minimumSources: 2,
      sources: [
        { ...one, name: 'ecb', format: 'ecb-rates', url: `${source.url}/ecb` },
        { ...one, name: 'rates', format: 'fx-rates', url: `${source.url}/rates` },
        { ...one, name: 'pairs', format: 'fx-pairs', url: `${source.url}/pairs` },
      ],
    });
    const network = parts.use(await startNetwork(chain, () => ({ feeds: [feed] })));
    await untilHolds('the value of the two that agree', chain, network, hasValue(109_000_000n));
    const outlier = { source: 'pairs', feed: FEED, code: 'source_outlier' };
    expect(await metric(network.origins[0] as string, 'oracle_source_refused_total', outlier)).to.be.above(0);
  });

  it('counts no value that is older than its source may be, or of a time to come, and takes it once it is of now', async () => {
    await using parts = new AsyncDisposableStack();
    const dated = (seconds: number) => (now: number) => rates('1.0930')(now + seconds);
    const source = parts.use(await startTestSource(chain, { '/': dated(-3_700) }));
    const network = parts.use(await startNetwork(chain, () => ({ feeds: [eurUsd(`${source.url}/`)] })));
    const { round } = await priceOf(chain, FEED);
    for (const [seconds, code] of [
      [-3_700, 'source_stale'],
      [3_600, 'source_future'],
    ] as const) {
      source.answers = { '/': dated(seconds) };
      await untilHolds(code, chain, network, async () => {
        const counts = network.origins.map((origin) =>
          metric(origin, 'oracle_source_refused_total', { feed: FEED, code }),
        );
        return (await Promise.all(counts)).every((count) => count > 0);
      });
    }
    expect((await priceOf(chain, FEED)).round).to.equal(round);
    source.answers = { '/': dated(0) };
    await untilHolds('the value of now', chain, network, hasValue(109_300_000n));
  });

  it('sends each report once: the leader of the round transmits, nobody else', async () => {
    await using parts = new AsyncDisposableStack();
    const source = parts.use(await startTestSource(chain, { '/': rates('1.0910') }));
    const network = parts.use(await startNetwork(chain, () => ({ feeds: [eurUsd(`${source.url}/`)] })));
    await untilHolds('the value', chain, network, hasValue(109_100_000n));
    const sent = () =>
      Promise.all(
        network.origins.map((origin) => metric(origin, 'oracle_reports_total', { outcome: 'sent' })),
      );
    const before = await sent();
    for (let done = 0; done < 8; done++) await completeRound(chain, network, FEED);
    const after = await sent();
    expect(after.map((count, at) => count - (before[at] ?? 0))).to.deep.equal([2, 2, 2, 2]);
  });

  it('goes on under another set of reporters as soon as it has taken over, and leaves out who is not of it', async () => {
    await using parts = new AsyncDisposableStack();
    const source = parts.use(await startTestSource(chain, { '/': rates('1.0920') }));
    const network = parts.use(await startNetwork(chain, () => ({ feeds: [eurUsd(`${source.url}/`)] })));
    await untilHolds('the value', chain, network, hasValue(109_200_000n));
    const schedule = async (indices: number[], stranger: Address) => {
      await chain.wallet(localAccounts.admin).writeContract({
        address: chain.deployment.oracleHub,
        abi: oracleHubAbi,
        functionName: 'scheduleReporterSet',
        args: [[...indices.map(reporterAddress), stranger]],
        gas: 2_000_000n,
      });
      await chain.request('evm_mine');
    };
    await schedule([2, 1, 0], privateKeyToAccount(generatePrivateKey()).address);
    source.answers = { '/': rates('1.0925') };
    await untilHolds('the new set to report', chain, network, hasValue(109_250_000n));
    const isReporter = await Promise.all(
      network.origins.map((origin) => metric(origin, 'oracle_is_reporter')),
    );
    expect(isReporter).to.deep.equal([1, 1, 1, 0]);
    await schedule([0, 1, 2], reporterAddress(3));
  });

  it('when one of four is dead, misses no round: the next one transmits in its place', async () => {
    await using parts = new AsyncDisposableStack();
    const source = parts.use(await startTestSource(chain, { '/': rates('1.0915') }));
    const network = parts.use(await startNetwork(chain, () => ({ feeds: [eurUsd(`${source.url}/`)] })));
    await untilHolds('the value', chain, network, hasValue(109_150_000n));
    await network.stop(2);
    for (let done = 0; done < 8; done++) {
      const round = await completeRound(chain, network, FEED);
      expect((await priceOf(chain, FEED)).round).to.equal(round);
    }
  });
});

/** Lists that a reporter proposes in the rounds that it knows of. */
async function proposals(origin: string): Promise<number> {
  const { rows } = (await (await fetch(`${origin}/rows`)).json()) as { rows: { proposal?: string }[] };
  return rows.filter(({ proposal }) => proposal).length;
}
