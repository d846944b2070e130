/** f of 3f + 1 reporters that lie about windows in every way that they find, while the honest ones come to know them at other times. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { parseEventLogs } from 'viem';
import { type Random, seededRandom } from '../../../scripts/iso20022/random.ts';
import { oracleHubAbi } from '../../../services/core/abi/oracleHub.ts';
import { type ObservationWindow, toBytes32 } from '../../../services/core/oracleReport.ts';
import { type Items, itemKey, MOST_ITEMS, type Row } from '../../../services/oracle/domains/rounds/row.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { until } from '../../support/until.ts';
import { EXTREMES, type Liar, liarOf, post, rowsAt, seedsOf } from './lying.ts';
import {
  beginRound,
  chainTime,
  enlargeSet,
  hourlyAnswer,
  hourlyRate,
  hourlyRates,
  mineNext,
  mineWhatWaits,
  type Network,
  observationOf,
  reporterAddress,
  startNetwork,
  startTestSource,
} from './reporting.ts';

type Window = ReturnType<typeof hourlyRate>;

const WINDOWS = 5;
const PARTLY_KNOWN = 2;
/** Rounds are run until all is recorded, however slow the machine. */
const LIMIT_MS = 300_000;
/** By then each honest reporter knows every window. */
const KNOWN_AFTER_ROUNDS = 4;
const TRUTH = 9_900n;

const itemOf = (window: Window): ObservationWindow => ({
  ...window,
  feed: toBytes32(window.feed),
  subject: toBytes32(window.subject),
});

/** A list as rows have it: in ascending order, each once. */
function listOf(windows: readonly Window[]): Items {
  const items = new Map(
    windows.map((window): [string, ObservationWindow] => [itemKey(itemOf(window)), itemOf(window)]),
  );
  return {
    kind: 'observations',
    items: [...items].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item),
  };
}

for (const [size, seeds] of [
  [4, seedsOf(3)],
  [7, seedsOf(2)],
] as const)
  describe(`oracle: reporters that lie about windows, ${(size - 1) / 3} of ${size}`, () => {
    const faulty = (size - 1) / 3;
    let chain: TestChain;
    let version = 1;

    before(async () => {
      chain = await startTestChain();
      await chain.request('evm_setAutomine', [false]);
      if (size > 4) version = await enlargeSet(chain, size);
    });

    after(() => chain?.stop());

    /** What the liars do in one round: lists of their own, other values to each peer, and what others signed, changed on the way. */
    async function lie(
      round: number,
      { windows, partly }: { windows: readonly Window[]; partly: readonly Window[] },
      peers: readonly string[],
      liars: Liar[],
      random: Random,
    ) {
      const { below, pick, chance } = random;
      const hourEnd = windows[0]?.windowEnd ?? 0;
      const invented = (count: number) =>
        Array.from({ length: count }, (_, at) => hourlyRate(`LIE${at + below(1_000)}`, hourEnd));
      const values = [...EXTREMES, TRUTH - 1n, TRUTH + 1n, TRUTH * 2n];
      const lists = () => {
        const some = windows.filter(() => chance(0.5));
        const over = some.map((window) => ({ ...window, windowStart: window.windowStart - 3_600 }));
        return [
          [pick(windows)],
          some,
          [...some, ...invented(1)],
          [...some, ...over],
          invented(MOST_ITEMS),
          [...windows],
          [pick(partly)],
          [...some, pick(partly)],
          [...windows, ...partly],
        ].filter((one) => one.length > 0);
      };
      const signed: Row[] = [];
      for (const peer of peers) {
        const seen = (await rowsAt(pick(peers))).filter((row) => row.about.kind === 'observations');
        const own = await Promise.all(
          liars.flatMap((liar) =>
            Array.from({ length: below(4) }, () => {
              const about = listOf(pick(lists()));
              return liar.sign(
                round,
                about,
                about.items.map(() => pick(values)),
                chance(0.7),
              );
            }),
          ),
        );
        // Of what the honest said, some without its being a proposal, some as a proposal that it was not.
        const changed = seen
          .filter(() => chance(0.3))
          .map((row) => ({ ...row, proposal: chance(0.5) ? undefined : (row.proposal ?? row.signature) }));
        signed.push(...own);
        const sent = [...own, ...changed].slice(0, 16);
        if (sent.length > 0) await post(peer, sent);
      }
      return signed;
    }

    /** Transmits the worst that it can: its own rows beside the lowest, or the highest, of the honest ones. */
    async function transmitWorst(round: number, peers: readonly string[], liars: Liar[], { pick }: Random) {
      const rows = (await Promise.all(peers.map(rowsAt))).flat().filter((row) => row.round === round);
      const lists = Map.groupBy(
        rows.filter(({ about }) => about.kind === 'observations'),
        ({ about }) => about.items.map(itemKey).join(),
      );
      const honest = [...lists.values()].map((list) => [
        ...new Map(
          list
            .filter((row) => liars.every(({ address }) => address !== row.reporter))
            .map((row) => [row.reporter, row]),
        ).values(),
      ]);
      const able = honest.filter((list) => list.length >= 2 * faulty + 1 - liars.length);
      if (able.length === 0) return;
      const list = pick(able).sort((a, b) => ((a.values[0] as bigint) < (b.values[0] as bigint) ? -1 : 1));
      const about = (list[0] as Row).about;
      const lies = await Promise.all(
        liars.map((liar) =>
          liar.sign(
            round,
            about,
            about.items.map(() => pick(EXTREMES)),
          ),
        ),
      );
      const wanted = 2 * faulty + 1 - lies.length;
      const chosen = pick([list.slice(0, wanted), list.slice(-wanted)]);
      await pick(liars).transmit(round, about, [...lies, ...chosen]);
    }

    for (const seed of seeds)
      it(`each window is recorded, with a value of the honest ones' range (seed ${seed})`, async () => {
        const random = seededRandom(seed * 31 + size);
        await using parts = new AsyncDisposableStack();
        const places = Array.from({ length: size }, (_, index) => index);
        const lying = places
          .map((index) => ({ index, rank: random.next() }))
          .sort((a, b) => a.rank - b.rank)
          .slice(0, faulty)
          .map(({ index }) => index);
        const honest = places.filter((index) => !lying.includes(index));
        const liars = lying.map((index) => liarOf(chain, index, { version, size }));
        const now = await chainTime(chain);
        const windows = Array.from({ length: WINDOWS }, (_, at) =>
          hourlyRate(`S${seed}N${at}`, now - (now % 3_600) - at * 3_600),
        );
        // Some of the honest, one at least and never all of them, come to know these, and the liars sign them with those.
        const partly = Array.from({ length: PARTLY_KNOWN }, (_, at) =>
          hourlyRate(`S${seed}P${at}`, now - (now % 3_600) - at * 3_600),
        );
        const all = [...windows, ...partly];
        // On every other window the honest ones agree; on the rest they differ.
        const said = all.map((_, at) =>
          honest.map(() => (at % 2 === 0 ? TRUTH : TRUTH + BigInt(random.below(80)))),
        );
        const knownFrom = all.map((window) => {
          const knowing = partly.includes(window) ? 1 + random.below(honest.length - 1) : honest.length;
          const first = random.below(honest.length);
          return honest.map((_, at) =>
            (at + first) % honest.length < knowing
              ? random.below(KNOWN_AFTER_ROUNDS)
              : Number.POSITIVE_INFINITY,
          );
        });
        const sources = await Promise.all(honest.map(async () => parts.use(await startTestSource(chain))));
        const network: Network = parts.use(
          await startNetwork(
            chain,
            (index) => ({ feeds: [hourlyRates(sources[honest.indexOf(index)]?.url ?? '')], windows: all }),
            honest,
            undefined,
            size,
          ),
        );
        const peers = honest.map((index) => network.origins[index] as string);
        const signed = new Set<string>();
        const keys = all.map((window) => itemKey(itemOf(window)));
        await mineWhatWaits(chain); // of the reporters of the seed before
        const startedAt = (await chain.client.getBlockNumber({ cacheTime: 0 })) + 1n;
        const open = async () => {
          const found = await Promise.all(windows.map((window) => observationOf(chain, window)));
          return windows.filter((_, at) => found[at] === undefined);
        };

        let rounds = 0;
        await until(
          'all windows',
          async () => {
            for (const [at, source] of sources.entries())
              source.answers = Object.assign(
                {},
                ...all.flatMap((window, which) =>
                  (knownFrom[which]?.[at] ?? 0) <= rounds
                    ? [hourlyAnswer(window, said[which]?.[at] as bigint)]
                    : [],
                ),
              );
            rounds += 1;
            const round = await beginRound(chain, network);
            const lies = await lie(round, { windows, partly }, peers, liars, random);
            for (const { about } of lies) for (const item of about.items) signed.add(itemKey(item));
            if (random.chance(0.5)) await transmitWorst(round, peers, liars, random);
            // Enough blocks for the turns of all that lie.
            for (let block = 0; block < 2 * (faulty + 2); block++) {
              for (let looks = 0; looks < 5; looks++) {
                await mineWhatWaits(chain);
                await delay(20);
              }
              await mineNext(chain);
            }
            return (await open()).length === 0;
          },
          LIMIT_MS,
        );
        expect(signed.size).to.be.above(all.length);
        // Nothing that liars alone know is ever recorded, and what else is, has a value between those of the honest that know it.
        const recorded = parseEventLogs({
          abi: oracleHubAbi,
          eventName: 'ObservationRecorded',
          logs: await chain.client.getLogs({ address: chain.deployment.oracleHub, fromBlock: startedAt }),
        });
        expect(recorded.length).to.be.at.least(windows.length);
        for (const { args } of recorded) {
          const [windowStart, windowEnd] = [Number(args.windowStart), Number(args.windowEnd)];
          const at = keys.indexOf(itemKey({ ...args, windowStart, windowEnd }));
          expect(at, `${args.subject} was recorded`).to.be.at.least(0);
          const values = (said[at] ?? []).filter((_, one) => (knownFrom[at]?.[one] ?? 0) < rounds);
          expect(
            values.some((one) => one <= args.value) && values.some((one) => one >= args.value),
            `${all[at]?.subject}: ${args.value} of ${values}`,
          ).to.equal(true);
        }
        expect(reporterAddress(lying[0] as number)).to.equal(liars[0]?.address);
      }).timeout(LIMIT_MS + 60_000);
  });
