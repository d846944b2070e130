/** Honest reporters that do not know the same, or not at the same time: all that enough of them know gets on chain. */
import { expect } from 'chai';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { liarOf, post } from './lying.ts';
import {
  type Answers,
  beginRound,
  chainTime,
  eurUsd,
  finishRound,
  hourlyAnswer,
  hourlyRate,
  hourlyRates,
  lastRound,
  metric,
  observationOf,
  rates,
  startNetwork,
  startTestSource,
  untilHolds,
} from './reporting.ts';

const VALUE = 9_912n;
/** The fourth is silent: all three must sign whatever is reported. */
const HONEST = [0, 1, 2];
/** Each wait has a limit of its own; together they may take so long on a slow machine. */
const LIMIT_MS = 300_000;

describe('oracle: honest reporters that know different things', () => {
  let chain: TestChain;
  let hourEnd: number;

  before(async () => {
    chain = await startTestChain();
    await chain.request('evm_setAutomine', [false]);
  });

  beforeEach(async () => {
    const now = await chainTime(chain);
    hourEnd = now - (now % 3_600);
  });

  after(() => chain?.stop());

  const answersOf = (windows: readonly ReturnType<typeof hourlyRate>[]): Answers =>
    Object.assign({}, ...windows.map((window) => hourlyAnswer(window, VALUE)));
  const areObserved = async (windows: readonly ReturnType<typeof hourlyRate>[]) =>
    (await Promise.all(windows.map((window) => observationOf(chain, window)))).map(
      (value) => value === VALUE,
    );

  it('given windows of which each reporter misses another, records the one that all of them know', async () => {
    await using parts = new AsyncDisposableStack();
    const common = hourlyRate('ALL', hourEnd);
    const missed = HONEST.map((index) => hourlyRate(`NOT${index}`, hourEnd));
    const sources = await Promise.all(
      HONEST.map(async (index) =>
        parts.use(
          await startTestSource(chain, answersOf([common, ...missed.filter((_, at) => at !== index)])),
        ),
      ),
    );
    const network = parts.use(
      await startNetwork(
        chain,
        (index) => ({ feeds: [hourlyRates(sources[index]?.url ?? '')], windows: [common, ...missed] }),
        HONEST,
      ),
    );
    await untilHolds('the window', chain, network, async () => (await areObserved([common]))[0] ?? false);
    expect(await areObserved(missed)).to.deep.equal([false, false, false]);
    for (const [index, source] of sources.entries())
      source.answers = { ...source.answers, ...answersOf(missed.filter((_, at) => at === index)) };
    await untilHolds('the others', chain, network, async () => !(await areObserved(missed)).includes(false));
  }).timeout(LIMIT_MS);

  it('given so many windows that one reporter alone knows that no list holds them, records the one that all know', async () => {
    await using parts = new AsyncDisposableStack();
    const common = hourlyRate('EACH', hourEnd);
    // A day older, so that they come first.
    const own = HONEST.map((index) =>
      Array.from({ length: 150 }, (_, at) => hourlyRate(`OWN${index}N${at}`, hourEnd - 86_400)),
    );
    const sources = await Promise.all(
      HONEST.map(async (index) =>
        parts.use(await startTestSource(chain, answersOf([common, ...(own[index] ?? [])]))),
      ),
    );
    const network = parts.use(
      await startNetwork(
        chain,
        (index) => ({
          feeds: [hourlyRates(sources[index]?.url ?? '')],
          windows: [common, ...(own[index] ?? [])],
        }),
        HONEST,
      ),
    );
    // A dozen rounds with hundreds of signatures each.
    const isRecorded = async () => (await areObserved([common]))[0] ?? false;
    await untilHolds('the window', chain, network, isRecorded, LIMIT_MS);
  }).timeout(LIMIT_MS + 60_000);

  /** Reporters that all have EUR/USD, and of the feeds named those that they do not miss. */
  async function networkOf(parts: AsyncDisposableStack, missing: readonly (readonly [string, number])[]) {
    const source = parts.use(await startTestSource(chain, { '/': rates('1.0900') }));
    const pair = (feed: string, path: string) => eurUsd(`${source.url}${path}`, { feed });
    const fileOf = (index: number) => ({
      feeds: [
        pair('EUR/USD', '/'),
        ...missing.map(([name, missedBy]) => pair(name, missedBy === index ? '/none' : '/')),
      ],
    });
    return parts.use(await startNetwork(chain, fileOf, HONEST));
  }

  it('given price feeds of which each reporter misses another, reports the one that all of them have', async () => {
    await using parts = new AsyncDisposableStack();
    const names = ['GBP/USD', 'USD/CNY', 'cUSD/reserve'];
    const network = await networkOf(
      parts,
      names.map((name, at) => [name, at]),
    );
    const roundsOf = (feeds: readonly string[]) => Promise.all(feeds.map((feed) => lastRound(chain, feed)));
    const before = await roundsOf(['EUR/USD', ...names]);
    await untilHolds(
      'a report',
      chain,
      network,
      async () => (await lastRound(chain, 'EUR/USD')) > (before[0] ?? 0),
    );
    expect(await roundsOf(names)).to.deep.equal(before.slice(1));
  });

  it('given a liar that signs what only some of them have, reports the one that all have round by round', async () => {
    await using parts = new AsyncDisposableStack();
    const missing: readonly (readonly [string, number])[] = [
      ['GBP/USD', 2],
      ['USD/CNY', 0],
    ];
    const network = await networkOf(parts, missing);
    const isObserved = (index: number, feed: string) =>
      metric(network.origins[index] as string, 'oracle_observed', { feed });
    await untilHolds('what each has', chain, network, async () => {
      const observed = HONEST.flatMap((index) =>
        ['EUR/USD', ...missing.flatMap(([name, missedBy]) => (missedBy === index ? [] : name))].map((feed) =>
          isObserved(index, feed),
        ),
      );
      return !(await Promise.all(observed)).includes(0);
    });
    // After two rounds in vain, what one of them misses is asked for alone.
    for (let inVain = 0; inVain < 2; inVain++) await beginRound(chain, network);
    const liar = liarOf(chain, 3, { version: 1, size: 4 });
    for (let done = 0; done < 6; done++) {
      const round = await beginRound(chain, network);
      // Both are signed by 2f + 1 then, though in no list that a report could take.
      const row = await liar.sign(round, { kind: 'prices', items: ['GBP/USD', 'USD/CNY'] }, [1n, 1n], false);
      for (const index of HONEST) await post(network.origins[index] as string, [row]);
      await finishRound(chain, network, 'EUR/USD', round);
      expect(await lastRound(chain, 'EUR/USD')).to.equal(round);
    }
  }).timeout(LIMIT_MS);
});
