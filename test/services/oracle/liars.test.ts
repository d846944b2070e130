/** f of 3f + 1 reporters that lie in every way that they find, and f + 1 that are dead. */
import { expect } from 'chai';
import {
  type BaseError,
  ContractFunctionRevertedError,
  decodeFunctionData,
  type Hex,
  parseEventLogs,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { localAccounts } from '../../../scripts/deploy/local.ts';
import { seededRandom } from '../../../scripts/iso20022/random.ts';
import { oracleHubAbi } from '../../../services/core/abi/oracleHub.ts';
import { stablecoinAbi } from '../../../services/core/abi/stablecoin.ts';
import { toBytes32 } from '../../../services/core/oracleReport.ts';
import { composeReport } from '../../../services/oracle/domains/rounds/report.ts';
import { type Row, readRow, signRow, writeRow } from '../../../services/oracle/domains/rounds/row.ts';
import { createSigner } from '../../../services/platform/signer.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { startTestSandbox } from '../sandbox/sandboxing.ts';
import {
  beginRound,
  chainTime,
  eurUsd,
  finishRound,
  lastRound,
  type Network,
  priceOf,
  rates,
  reporterAddress,
  reporterKey,
  startNetwork,
  startTestSource,
  untilHolds,
} from './reporting.ts';

const FEED = 'EUR/USD';
const HONEST = [0, 1, 2];
const liar = privateKeyToAccount(reporterKey(3));
const SEEDS = Array.from({ length: 8 }, (_, at) => at + 1);
const ROUNDS = 6;
const EXTREMES = [-(2n ** 95n), 2n ** 95n - 1n, 0n, 1n, 10n ** 15n, 10n ** 15n + 1n];

describe('oracle: reporters that lie', () => {
  let chain: TestChain;

  before(async () => {
    chain = await startTestChain();
    await chain.request('evm_setAutomine', [false]);
  });

  after(() => chain.stop());

  const rowsAt = async (origin: string): Promise<Row[]> => {
    const { rows } = (await (await fetch(`${origin}/rows`)).json()) as { rows: unknown[] };
    return rows.map(readRow);
  };
  const post = async (origin: string, rows: readonly Row[]) => {
    const answer = await fetch(`${origin}/rows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rows: rows.map(writeRow) }),
    });
    await answer.body?.cancel();
  };
  const signLie = (round: number, value: bigint, isProposal: boolean) =>
    signRow(
      {
        about: { kind: 'prices', items: [FEED] },
        setVersion: 1,
        round,
        values: [value],
        isProposal,
      },
      { chainId: chain.deployment.chainId, address: chain.deployment.oracleHub },
      createSigner(reporterKey(3)),
    );
  /** Transmits with the rows of its choice; what the hub refuses is not sent. */
  async function transmit(round: number, rows: readonly Row[]): Promise<void> {
    const about = { kind: 'prices' as const, items: [FEED] };
    const list = { about, rows: new Map(rows.map((row) => [row.reporter, row])) };
    const set = { version: 1, reporters: [0, 1, 2, 3].map(reporterAddress) };
    const report = composeReport(list, round, set);
    if (!report) return;
    const call = { to: chain.deployment.oracleHub, data: report.data, gas: 500_000n };
    const nonce = await chain.client.getTransactionCount({ address: liar.address, blockTag: 'pending' });
    const price = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 11n }; // before everybody else
    const { chainId } = chain.deployment;
    const raw = await liar.signTransaction({ type: 'eip1559', chainId, nonce, ...call, ...price });
    await chain.client.sendRawTransaction({ serializedTransaction: raw as Hex });
  }

  /** What honest reporters signed, by round. */
  async function noteHonest(network: Network, signed: Map<number, bigint[]>): Promise<void> {
    for (const { origin, index } of network.running.values())
      for (const row of await rowsAt(origin))
        if (row.reporter === reporterAddress(index) && row.about.items.includes(FEED as never)) {
          const values = signed.get(row.round) ?? [];
          signed.set(row.round, [...values, row.values[row.about.items.indexOf(FEED as never)] as bigint]);
        }
  }

  /** Reports of which the hub took the liar's row among others'. */
  let withLies = 0;

  for (const seed of SEEDS)
    it(`no feed leaves the range of the honest, and no round is missed (seed ${seed})`, async () => {
      const { below, pick } = seededRandom(seed);
      await using parts = new AsyncDisposableStack();
      const walk = [10_900_000, 10_901_000, 10_902_000];
      const source = parts.use(await startTestSource(chain));
      const move = () => {
        for (const index of HONEST) {
          walk[index] = Math.round((walk[index] as number) * (1 + (below(41) - 20) / 20_000));
          source.answers[`/${index}`] = rates(`1.${String(walk[index]).slice(1)}`);
        }
      };
      move();
      const network = parts.use(
        await startNetwork(chain, (index) => ({ feeds: [eurUsd(`${source.url}/${index}`)] }), HONEST),
      );
      const startedAt = (await chain.client.getBlockNumber()) + 1n;
      const before = await lastRound(chain, FEED);
      await untilHolds('a first report', chain, network, async () => (await lastRound(chain, FEED)) > before);
      const signed = new Map<number, bigint[]>();
      const recorded: Row[] = [];
      const honestOrigins = HONEST.map((index) => network.origins[index] as string);
      await noteHonest(network, signed);
      const firstRound = await chainTime(chain);

      for (let done = 0; done < ROUNDS; done++) {
        move();
        const round = await beginRound(chain, network);
        const seen = (await rowsAt(honestOrigins[0] as string)).filter((row) => row.round === round);
        const honest = seen.flatMap(({ values, reporter }) => (reporter === liar.address ? [] : values));
        const edge = honest[0] ?? 0n;
        const lies = [...EXTREMES, edge - 1n, edge + 1n, edge * 2n, (edge * 98n) / 100n];
        // Another value to each peer, to some of them none, to some two, and what was recorded in rounds before.
        const own: Row[] = [];
        for (const origin of honestOrigins) {
          const rows = await Promise.all(
            Array.from({ length: below(3) }, () => signLie(round, pick(lies), pick([true, false]))),
          );
          own.push(...rows);
          const sent = [...rows, ...recorded.filter(() => below(3) === 0).slice(-6)];
          if (sent.length > 0) await post(origin, sent);
        }
        if (below(3) > 0) {
          // The worst median that it can choose: its own row with the lowest, or the highest, of the honest rows.
          const all = new Map(
            (await Promise.all(honestOrigins.map(rowsAt))).flat().map((row) => [row.reporter, row]),
          );
          const others = [...all.values()]
            .filter((row) => row.reporter !== liar.address && row.round === round)
            .sort((a, b) => ((a.values[0] as bigint) < (b.values[0] as bigint) ? -1 : 1));
          const chosen = pick([others.slice(0, 2), others.slice(-2)]);
          const lie = own[0] ?? (await signLie(round, pick(lies), true));
          await transmit(round, [lie, ...chosen]);
          if (below(2) === 0) await transmit(round, [...chosen, lie, ...others]); // and once more, or late
        }
        if (below(4) === 0 && recorded.length > 2)
          await transmit(recorded[0]?.round as number, recorded.slice(0, 3));
        await finishRound(chain, network, FEED, round);
        expect(await lastRound(chain, FEED)).to.equal(round);
        await noteHonest(network, signed);
        recorded.push(...own, ...(await rowsAt(honestOrigins[1] as string)));
      }

      const logs = parseEventLogs({
        abi: oracleHubAbi,
        eventName: ['PriceAccepted', 'PriceHeld'],
        logs: await chain.client.getLogs({ address: chain.deployment.oracleHub, fromBlock: startedAt }),
      }).filter(({ args }) => args.feed === toBytes32(FEED) && Number(args.round) >= firstRound - 10);
      expect(logs.length).to.be.at.least(ROUNDS);
      for (const { args, transactionHash } of logs) {
        const { input } = await chain.client.getTransaction({ hash: transactionHash });
        const call = decodeFunctionData({ abi: oracleHubAbi, data: input });
        if (call.functionName === 'report' && (call.args[2].reporters & 8) !== 0) withLies += 1;
        const values = signed.get(Number(args.round)) ?? [];
        expect(values.length, `honest rows of round ${args.round}`).to.be.at.least(2);
        expect(
          values.some((value) => value <= args.value) && values.some((value) => value >= args.value),
        ).to.equal(true);
      }
    });

  it('and the lies were on chain: they stood in reports that the hub took', () =>
    expect(withLies).to.be.above(SEEDS.length));
});

describe('oracle: reporters that are dead', () => {
  let chain: TestChain;

  before(async () => {
    chain = await startTestChain();
    await chain.request('evm_setAutomine', [false]);
  });

  after(() => chain.stop());

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

  it('with more than f dead, feeds go stale and consumers refuse; when they are back, it recovers by itself', async () => {
    await using parts = new AsyncDisposableStack();
    const sandbox = parts.use(await startTestSandbox(chain, 'http://127.0.0.1:9'));
    const source = (provider: string, rest: object) => ({ name: provider, everySeconds: 0.1, ...rest });
    const feeds = [
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
    await later(37 * 3_600);
    await beginRound(chain, network);
    await beginRound(chain, network);
    expect([await readFeed(FEED), await readFeed('cUSD/reserve'), await mint()]).to.deep.equal([
      'ValueIsStale',
      'ValueIsStale',
      'ValueIsStale',
    ]);
    const { round } = await priceOf(chain, FEED);

    await network.start(1);
    await untilHolds('both feeds again', chain, network, fresh);
    expect((await priceOf(chain, FEED)).round).to.be.above(round);
    expect(await mint()).to.equal(undefined);
    const again = (await priceOf(chain, FEED)).round;
    await later(60);
    await untilHolds(
      'the next heartbeat',
      chain,
      network,
      async () => (await priceOf(chain, FEED)).round > again,
    );
  });

  async function later(seconds: number): Promise<void> {
    await chain.request('evm_increaseTime', [seconds]);
    await chain.request('evm_mine');
  }
});
