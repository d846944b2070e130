/** f of 3f + 1 reporters that lie about prices in every way that they find. */
import { expect } from 'chai';
import { decodeFunctionData, parseEventLogs } from 'viem';
import { seededRandom } from '../../../scripts/iso20022/random.ts';
import { oracleHubAbi } from '../../../services/core/abi/oracleHub.ts';
import { toBytes32 } from '../../../services/core/oracleReport.ts';
import type { Row } from '../../../services/oracle/domains/rounds/row.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { until } from '../../support/until.ts';
import { EXTREMES, type Liar, liarOf, post, rowsAt, seedsOf } from './lying.ts';
import {
  beginRound,
  chainTime,
  eurUsd,
  finishRound,
  lastRound,
  mineNext,
  type Network,
  ROUND_SECONDS,
  rates,
  reporterAddress,
  startNetwork,
  startTestSource,
  TURN_BLOCKS,
  untilHolds,
} from './reporting.ts';

const FEED = 'EUR/USD';
const HONEST = [0, 1, 2];
const LIAR = 3;
const SEEDS = seedsOf(8);
const ROUNDS = 6;
/** Each wait has a limit of its own; together they may take so long on a slow machine. */
const LIMIT_MS = 300_000;

describe('oracle: reporters that lie', () => {
  let chain: TestChain;
  let liar: Liar;

  before(async () => {
    chain = await startTestChain();
    await chain.request('evm_setAutomine', [false]);
    liar = liarOf(chain, LIAR, { version: 1, size: 4 });
  });

  after(() => chain?.stop());

  const about = { kind: 'prices' as const, items: [FEED] };
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
            Array.from({ length: below(3) }, () =>
              liar.sign(round, about, [pick(lies)], pick([true, false])),
            ),
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
          const lie = own[0] ?? (await liar.sign(round, about, [pick(lies)]));
          await liar.transmit(round, about, [lie, ...chosen]);
          if (below(2) === 0) await liar.transmit(round, about, [...chosen, lie, ...others]); // and once more, or late
        }
        if (below(4) === 0 && recorded.length > 2)
          await liar.transmit(recorded[0]?.round as number, about, recorded.slice(0, 3));
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

  it('given one that puts each report in the pool and takes it back, the others report all the same', async () => {
    await using parts = new AsyncDisposableStack();
    const source = parts.use(await startTestSource(chain, { '/': rates('1.0900') }));
    const network = parts.use(
      await startNetwork(chain, () => ({ feeds: [eurUsd(`${source.url}/`)] }), HONEST),
    );
    const before = await lastRound(chain, FEED);
    await untilHolds('a first report', chain, network, async () => (await lastRound(chain, FEED)) > before);
    let round = await beginRound(chain, network);
    while ((round / ROUND_SECONDS) % 4 !== LIAR) round = await beginRound(chain, network);
    const honest = await until('the rows of the honest', async () => {
      const rows = await rowsAt(network.origins[0] as string);
      const found = rows.filter((row) => row.round === round && row.about.items.includes(FEED as never));
      return found.length >= HONEST.length ? found : undefined;
    });
    // Its own turn, and the one in which the next looks at the pool.
    for (let block = 0; block < 2 * TURN_BLOCKS; block++) {
      await liar.transmit(round, about, honest);
      await liar.takeBack();
      await mineNext(chain);
    }
    await liar.transmit(round, about, honest);
    const addresses = HONEST.map((index) => reporterAddress(index).toLowerCase());
    await until('a report beside the one in the pool', async () => {
      const { transactions } = await chain.request<{ transactions: { from: string }[] }>(
        'eth_getBlockByNumber',
        ['pending', true],
      );
      const isSent = transactions.some(({ from }) => addresses.includes(from.toLowerCase()));
      return isSent || (await lastRound(chain, FEED)) === round;
    });
    await liar.takeBack();
    await mineNext(chain);
    expect(await lastRound(chain, FEED)).to.equal(round);
  }).timeout(LIMIT_MS);
});
