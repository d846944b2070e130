/** f of 3f + 1 reporters that are dead, and f + 1. */
import { expect } from 'chai';
import { type BaseError, ContractFunctionRevertedError, type Hex } from 'viem';
import { localAccounts } from '../../../scripts/deploy/local.ts';
import { oracleHubAbi } from '../../../services/core/abi/oracleHub.ts';
import { parametricCoverAbi } from '../../../services/core/abi/parametricCover.ts';
import { stablecoinAbi } from '../../../services/core/abi/stablecoin.ts';
import { toBytes32 } from '../../../services/core/oracleReport.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { startTestSandbox } from '../sandbox/sandboxing.ts';
import {
  beginRound,
  chainTime,
  completeRound,
  enlargeSet,
  eurUsd,
  hourlyAnswer,
  hourlyRate,
  hourlyRates,
  priceOf,
  rates,
  startNetwork,
  startTestSource,
  untilHolds,
} from './reporting.ts';

const FEED = 'EUR/USD';
const DAY = 86_400;
/** Each wait has a limit of its own; together they may take so long on a slow machine. */
const LIMIT_MS = 240_000;

describe('oracle: reporters that are dead', () => {
  let chain: TestChain;

  before(async () => {
    chain = await startTestChain();
    await chain.request('evm_setAutomine', [false]);
  });

  after(() => chain?.stop());

  /** The error by which the chain refuses a call; undefined when it does not. */
  async function refusal(call: Promise<unknown>): Promise<string | undefined> {
    try {
      await call;
      return undefined;
    } catch (error) {
      const cause = (error as BaseError).walk((one) => one instanceof ContractFunctionRevertedError);
      return (cause as ContractFunctionRevertedError).data?.errorName;
    }
  }
  const readFeed = (feed: string) =>
    refusal(
      chain.client.readContract({
        address: chain.deployment.oracleHub,
        abi: oracleHubAbi,
        functionName: 'read',
        args: [toBytes32(feed)],
      }),
    );
  const mint = () =>
    refusal(
      chain.client.simulateContract({
        address: chain.deployment.stablecoins.USD.address,
        abi: [...stablecoinAbi, ...oracleHubAbi.filter(({ type }) => type === 'error')],
        functionName: 'mint',
        args: [chain.accounts[5] as Hex, 1_000_000n],
        account: chain.accounts[localAccounts.minter] as Hex,
      }),
    );

  const cover = () => ({ address: chain.deployment.parametricCover, abi: parametricCoverAbi }) as const;
  const settle = () =>
    refusal(
      chain.client.simulateContract({
        ...cover(),
        functionName: 'settleRisk',
        args: [1n],
        account: chain.accounts[9] as Hex,
      }),
    );

  /** Opens a risk on the lowest rate of an hour in three days. */
  async function openRisk() {
    const terms = {
      feed: toBytes32('lowest-hourly-rate'),
      clusterMask: `0xffffff${'00'.repeat(29)}`,
      operator: 1, // at most
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
    const tiers = [{ threshold: 9_000, payoutBps: 10_000 }];
    const now = await chainTime(chain);
    const window = hourlyRate('DEAD', now - (now % DAY) + 3 * DAY);
    const { subject, windowStart, windowEnd } = window;
    const risk = [1n, toBytes32(subject), BigInt(windowStart), BigInt(windowEnd)] as const;
    const [admin, gas] = [chain.wallet(localAccounts.admin), 3_000_000n];
    await admin.writeContract({ ...cover(), functionName: 'createProduct', args: [terms, tiers], gas });
    await chain.request('evm_mine');
    await admin.writeContract({ ...cover(), functionName: 'openRisk', args: risk, gas });
    await chain.request('evm_mine');
    return window;
  }

  it('with more than f dead, feeds go stale and consumers refuse; when one is back, it recovers by itself', async () => {
    await using parts = new AsyncDisposableStack();
    const window = await openRisk();
    const history = parts.use(await startTestSource(chain, hourlyAnswer(window, 8_950n)));
    const sandbox = parts.use(await startTestSandbox(chain, 'http://127.0.0.1:9'));
    const source = (provider: string, rest: object) => ({ name: provider, everySeconds: 0.1, ...rest });
    const feeds = [
      hourlyRates(history.url),
      {
        kind: 'price',
        feed: FEED,
        heartbeatSeconds: 60,
        deviationBps: 20,
        sources: [
          source('atlas', {
            format: 'fx-rates',
            url: `${sandbox.url}/sources/atlas/fx/rates?base=EUR`,
            base: 'EUR',
            quote: 'USD',
            maxAgeSeconds: 60,
          }),
        ],
      },
      {
        kind: 'price',
        feed: 'cUSD/reserve',
        heartbeatSeconds: 3_600,
        deviationBps: 1,
        sources: [
          source('borealis', {
            format: 'bank-balance',
            url: `${sandbox.url}/sources/borealis/bank/RESERVE-USD/statement`,
            account: 'RESERVE-USD',
            currency: 'USD',
            maxAgeSeconds: 3 * 86_400,
          }),
        ],
      },
    ];
    const network = parts.use(await startNetwork(chain, () => ({ feeds })));
    const fresh = async () => !(await readFeed(FEED)) && !(await readFeed('cUSD/reserve'));
    await untilHolds('both feeds', chain, network, fresh);
    expect(await mint()).to.equal(undefined);

    await network.stop(1);
    await network.stop(2);
    await later(window.windowEnd + 60 - (await chainTime(chain)));
    await beginRound(chain, network);
    await beginRound(chain, network);
    expect([
      await readFeed(FEED),
      await readFeed('cUSD/reserve'),
      await mint(),
      await settle(),
    ]).to.deep.equal(['ValueIsStale', 'ValueIsStale', 'ValueIsStale', 'ObservationIsAwaited']);
    const { round } = await priceOf(chain, FEED);

    await network.start(1);
    await untilHolds('both feeds again', chain, network, fresh);
    expect((await priceOf(chain, FEED)).round).to.be.above(round);
    expect(await mint()).to.equal(undefined);
    await untilHolds('the risk to be settled', chain, network, async () => !(await settle()));
    const again = (await priceOf(chain, FEED)).round;
    await later(60);
    await untilHolds(
      'the next heartbeat',
      chain,
      network,
      async () => (await priceOf(chain, FEED)).round > again,
    );
  }).timeout(LIMIT_MS);

  it('with f of seven dead, misses no round: the next one transmits in their place', async () => {
    await enlargeSet(chain, 7);
    await using parts = new AsyncDisposableStack();
    const source = parts.use(await startTestSource(chain, { '/': rates('1.0915') }));
    const network = parts.use(
      await startNetwork(
        chain,
        () => ({ feeds: [eurUsd(`${source.url}/`)] }),
        [0, 1, 4, 5, 6], // the two that are dead follow one another
        undefined,
        7,
      ),
    );
    const { round: before } = await priceOf(chain, FEED);
    await untilHolds('a value', chain, network, async () => (await priceOf(chain, FEED)).round > before);
    for (let done = 0; done < 7; done++) {
      const round = await completeRound(chain, network, FEED);
      expect((await priceOf(chain, FEED)).round).to.equal(round);
    }
  }).timeout(LIMIT_MS);

  async function later(seconds: number): Promise<void> {
    await chain.request('evm_increaseTime', [seconds]);
    await chain.request('evm_mine');
  }
});
