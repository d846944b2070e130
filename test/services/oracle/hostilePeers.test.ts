import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { toBytes32 } from '../../../services/core/oracleReport.ts';
import { MOST_ALONE } from '../../../services/oracle/domains/rounds/proposing.ts';
import { type Row, signRow, writeRow } from '../../../services/oracle/domains/rounds/row.ts';
import { createSigner } from '../../../services/platform/signer.ts';
import { startTestChain, type TestChain } from '../../support/chain.ts';
import { until } from '../../support/until.ts';
import {
  beginRound,
  completeRound,
  eurUsd,
  metric,
  type Network,
  priceOf,
  ROUND_SECONDS,
  rates,
  reporterAddress,
  reporterKey,
  startNetwork,
  startTestSource,
  type TestSource,
  untilHolds,
} from './reporting.ts';

const FEED = 'EUR/USD';
const LIAR = 3;

describe('oracle: what hostile peers send', () => {
  let chain: TestChain;
  let source: TestSource;
  let network: Network;

  before(async () => {
    chain = await startTestChain();
    await chain.request('evm_setAutomine', [false]);
    source = await startTestSource(chain, { '/': rates('1.0900') });
    // Reporter 3 is the liar: it has its key, and runs none of this code.
    network = await startNetwork(chain, () => ({ feeds: [eurUsd(`${source.url}/`)] }), [0, 1, 2]);
    const hasValue = async () => (await priceOf(chain, FEED)).units === 109_000_000n;
    await untilHolds('the value', chain, network, hasValue);
  });

  after(async () => {
    await network?.[Symbol.asyncDispose]();
    await source?.[Symbol.asyncDispose]();
    await chain?.stop();
  });

  const hub = () => ({ chainId: chain.deployment.chainId, address: chain.deployment.oracleHub });
  /** A row of the liar's for a round. */
  async function liarsRow(round: number, changes: Partial<Row> = {}, key = reporterKey(LIAR)): Promise<Row> {
    const unsigned = {
      about: { kind: 'prices' as const, items: [FEED] },
      setVersion: 1,
      round,
      values: [1n],
      isProposal: true,
      ...changes,
    };
    return signRow(unsigned, hub(), createSigner(key));
  }
  const send = (rows: unknown, origin = network.origins[0]) =>
    fetch(`${origin}/rows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof rows === 'string' ? rows : JSON.stringify({ rows }),
    });
  const outcomesOf = async (...rows: Row[]) =>
    ((await (await send(rows.map(writeRow))).json()) as { outcomes: string[] }).outcomes;

  it('takes a row of the round that runs, once; the second time it is a repetition', async () => {
    const round = await beginRound(chain, network);
    const row = await liarsRow(round);
    expect(await outcomesOf(row, row)).to.deep.equal(['taken', 'repeated']);
  });

  it('notices that a reporter signed two values, and keeps the first', async () => {
    const round = await beginRound(chain, network);
    const [first, second] = [await liarsRow(round), await liarsRow(round, { values: [2n] })];
    expect(await outcomesOf(first, second, second)).to.deep.equal(['taken', 'equivocation', 'repeated']);
    const { rows } = (await (await fetch(`${network.origins[0]}/rows`)).json()) as {
      rows: { reporter: string; round: number; values: string[] }[];
    };
    const kept = rows.filter((row) => row.reporter === first.reporter && row.round === round);
    expect(kept.map(({ values }) => values)).to.deep.equal([['1']]);
  });

  it('takes no row of another round, another set, a stranger, an unknown feed, or with a foreign signature', async () => {
    const round = await beginRound(chain, network);
    const stranger = await liarsRow(round, {}, generatePrivateKey());
    const honest = network.running.get(1)?.index ?? 1;
    const forged = { ...(await liarsRow(round)), reporter: privateKeyToAccount(reporterKey(honest)).address };
    const old = await liarsRow(round - ROUND_SECONDS);
    const future = await liarsRow(round + 100 * ROUND_SECONDS);
    const unheard = await liarsRow(round, { about: { kind: 'prices', items: ['XAU/USD'] } });
    const otherSet = await liarsRow(round, { setVersion: 2 });
    const altered = { ...(await liarsRow(round)), values: [3n] };
    expect(await outcomesOf(stranger, old, future, unheard, otherSet, altered)).to.deep.equal([
      'not_a_reporter',
      'other_round',
      'other_round',
      'unknown_item',
      'other_set',
      'signature_invalid',
    ]);
    // Whether the honest one's own row is there already or not, the forged one does not count.
    expect(['signature_invalid', 'repeated']).to.include((await outcomesOf(forged))[0]);
  });

  describe('given what one reporter signed, passed on by another', () => {
    /** Of a feed that nobody else finds due, or everybody would have signed the list already. */
    const proposalOf = async (round: number, index: number, isProposal = true) => {
      const about = { kind: 'prices' as const, items: ['EUR/USD', 'GBP/USD'] };
      const row = await liarsRow(round, { about, values: [1n, 1n] }, reporterKey(index));
      return isProposal ? row : { ...row, proposal: undefined };
    };
    const hasAnswered = (origin: string, round: number, index: number) => async () => {
      const { rows } = (await (await fetch(`${origin}/rows`)).json()) as {
        rows: { reporter: string; round: number; feeds: string[] }[];
      };
      return rows.some(
        (row) => row.reporter === reporterAddress(index) && row.round === round && row.feeds.length === 2,
      );
    };
    const withTwoFeeds = async (parts: AsyncDisposableStack) => {
      const quiet = (feed: string) => eurUsd(`${source.url}/`, { feed, heartbeatSeconds: 100_000 });
      const file = { feeds: [quiet('EUR/USD'), quiet('GBP/USD')] };
      const one = parts.use(await startNetwork(chain, () => file, [0]));
      const has = (feed: string) => metric(one.origins[0] as string, 'oracle_observed', { feed });
      await untilHolds(
        'both values',
        chain,
        one,
        async () => (await has('EUR/USD')) + (await has('GBP/USD')) === 2,
      );
      return one;
    };

    it('signs a proposal though it came first without being one', async () => {
      await using parts = new AsyncDisposableStack();
      const one = await withTwoFeeds(parts);
      const [origin = ''] = one.origins;
      const round = await beginRound(chain, one);
      const row = await proposalOf(round, 1);
      const stripped = { ...row, proposal: undefined };
      const sent = await send([stripped, row, row].map(writeRow), origin);
      expect(((await sent.json()) as { outcomes: string[] }).outcomes).to.deep.equal([
        'taken',
        'taken',
        'repeated',
      ]);
      await until('the answer', hasAnswered(origin, round, 0));
    });

    it('takes nothing for a proposal that its reporter did not sign as one', async () => {
      await using parts = new AsyncDisposableStack();
      const one = await withTwoFeeds(parts);
      const [origin = ''] = one.origins;
      const round = await beginRound(chain, one);
      const plain = await proposalOf(round, 1, false);
      const forged = { ...plain, proposal: plain.signature };
      const sent = await send([forged, forged].map(writeRow), origin);
      expect(((await sent.json()) as { outcomes: string[] }).outcomes).to.deep.equal([
        'taken',
        'signature_invalid',
      ]);
      expect(await hasAnswered(origin, round, 0)()).to.equal(false);
      await send([await proposalOf(round, 1)].map(writeRow), origin);
      await until('the answer', hasAnswered(origin, round, 0));
    });
  });

  it('refuses rubbish with 400, what is too large with 413', async () => {
    const row = writeRow(await liarsRow(await beginRound(chain, network))) as Record<string, unknown>;
    for (const rubbish of [
      'no JSON',
      '[]',
      '{"rows":[]}',
      { nothing: true },
      [null],
      [{ ...row, values: ['1', '2'] }],
      [{ ...row, values: [1] }],
      [{ ...row, values: [String(2n ** 95n)] }],
      [{ ...row, feeds: [FEED, FEED], values: ['1', '1'] }],
      [{ ...row, feeds: ['EUR/USD', 'AUD/USD'], values: ['1', '1'] }],
      [{ ...row, kind: 'observations' }],
      [{ ...row, signature: '0x' }],
      [{ ...row, more: 1 }],
      Array.from({ length: 17 }, () => row),
    ])
      expect((await send(rubbish)).status, JSON.stringify(rubbish).slice(0, 80)).to.equal(400);
    expect((await send('x'.repeat(1_000_000))).status).to.equal(413);
  });

  it('keeps no more rows of a reporter than an honest one has', async () => {
    // Lists can differ only by windows that nobody knows, so these are of an observation feed.
    await using parts = new AsyncDisposableStack();
    const feed = {
      kind: 'observation',
      feed: 'rainfall-mm',
      sources: [{ name: 'none', format: 'station-observations', url: `${source.url}/none` }],
    };
    const other = parts.use(await startNetwork(chain, () => ({ feeds: [feed] }), [0]));
    const round = await beginRound(chain, other);
    const window = (at: number) => ({
      feed: toBytes32('rainfall-mm'),
      subject: `0x${String(at).padStart(64, '0')}` as const,
      windowStart: 1,
      windowEnd: 2,
    });
    const outcomesAbout = async (lists: readonly ReturnType<typeof window>[][]) => {
      const outcomes: string[] = [];
      for (let at = 0; at < lists.length; at += 16) {
        const rows = await Promise.all(
          lists.slice(at, at + 16).map((items) => {
            const about = { kind: 'observations' as const, items };
            return liarsRow(round, { about, values: items.map(() => 1n) });
          }),
        );
        const answer = await send(rows.map(writeRow), other.origins[0]);
        outcomes.push(...((await answer.json()) as { outcomes: string[] }).outcomes);
      }
      return outcomes;
    };
    const places = Array.from({ length: 140 }, (_, at) => at);
    // Of several windows one list of each reporter, its own included.
    const lists = await outcomesAbout(places.slice(0, 12).map((at) => [window(at), window(100)]));
    expect(lists.lastIndexOf('taken')).to.equal(3);
    expect(new Set(lists.slice(4))).to.deep.equal(new Set(['too_many']));
    // Of one window each as many as it signs alone, its own and others', and a list of each reporter, which may be of one window too.
    const alone = await outcomesAbout(places.map((at) => [window(at)]));
    expect(alone.lastIndexOf('taken')).to.equal(2 * MOST_ALONE + 3);
    expect(new Set(alone.slice(2 * MOST_ALONE + 4))).to.deep.equal(new Set(['too_many']));
  });

  it('goes on reporting while a peer sends its request a byte at a time and another never ends', async () => {
    const { port } = new URL(network.origins[0] as string);
    const sockets = Array.from({ length: 20 }, () => connect(Number(port), '127.0.0.1'));
    for (const socket of sockets) socket.on('error', () => socket.destroy());
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    for (const socket of sockets)
      socket.write(
        'POST /rows HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{',
      );
    const dripping = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write(' ');
    }, 50);
    try {
      for (let done = 0; done < 4; done++) await completeRound(chain, network, FEED);
      await until(
        'the slow requests to be cut off',
        () => sockets.every(({ destroyed }) => destroyed),
        120_000,
      );
    } finally {
      clearInterval(dripping);
      for (const socket of sockets) socket.destroy();
    }
  });

  it('counts what came and from whom', async () => {
    const liar = privateKeyToAccount(reporterKey(LIAR)).address;
    const count = (outcome: string, reporter: string) =>
      metric(network.origins[0] as string, 'oracle_rows_total', { outcome, reporter });
    const row = await liarsRow(await beginRound(chain, network));
    const before = await count('repeated', liar);
    await outcomesOf(row, row);
    expect(await count('repeated', liar)).to.equal(before + 1);
    expect(await count('not_a_reporter', 'nobody')).to.be.above(0);
  });
});
