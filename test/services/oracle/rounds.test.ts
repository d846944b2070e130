/** One reporter in its round, with the chain, the peers and the observing of values played by the test. */
import { expect } from 'chai';
import { decodeFunctionData, type Hex } from 'viem';
import { oracleHubAbi } from '../../../services/core/abi/oracleHub.ts';
import { type ObservationWindow, toBytes32 } from '../../../services/core/oracleReport.ts';
import { createProposer, MOST_ALONE } from '../../../services/oracle/domains/rounds/proposing.ts';
import { Rounds, type RoundsParts } from '../../../services/oracle/domains/rounds/rounds.ts';
import {
  type Items,
  itemKey,
  itemsKey,
  MOST_ITEMS,
  type Row,
  signRow,
} from '../../../services/oracle/domains/rounds/row.ts';
import type { Hub, Moment } from '../../../services/oracle/hub.ts';
import { createOracleMetrics } from '../../../services/oracle/metrics.ts';
import { createLogger } from '../../../services/platform/log.ts';
import { Registry } from '../../../services/platform/metrics.ts';
import { createSigner, SignerError } from '../../../services/platform/signer.ts';
import { until } from '../../support/until.ts';
import { ROUND_SECONDS, reporterAddress, reporterKey } from './reporting.ts';

const OWN = 0;
const [FIRST, ROUND] = [999 * ROUND_SECONDS, 1_000 * ROUND_SECONDS]; // the second of which it leads
const FEEDS = ['AUD/USD', 'EUR/USD', 'GBP/USD', 'NZD/USD'];
/** On chain, of each feed. */
const NOTHING = { units: 0n, observedAt: 0, round: 0, isHeld: false };
const hub = { chainId: 1, address: '0x00000000000000000000000000000000000000aa' as const };

const prices = (...items: string[]): Items => ({ kind: 'prices', items });
const WINDOWS = Array.from({ length: 200 }, (_, at) => ({
  feed: toBytes32('rainfall-mm'),
  subject: toBytes32(`N${String(at).padStart(3, '0')}`),
  windowStart: 1,
  windowEnd: 2,
}));
const windows = (...items: ObservationWindow[]): Items => ({ kind: 'observations', items });

function rowOf(index: number, about: Items, { isProposal = false, round = ROUND } = {}): Promise<Row> {
  const unsigned = { about, setVersion: 1, round, values: about.items.map(() => 100n), isProposal };
  return signRow(unsigned, hub, createSigner(reporterKey(index)));
}

const refuse = () => Promise.reject(new Error('not expected here'));
const hubOf = (): Hub => ({
  ...hub,
  reporterSet: async () => ({ version: 1, reporters: [0, 1, 2, 3].map(reporterAddress) }),
  pricesOf: async (feeds) => feeds.map(() => NOTHING),
  areRecorded: async (windows) => windows.map(() => false),
  rulesOf: refuse,
  openRisks: refuse,
});

describe('oracle: one reporter in its round', () => {
  /** Reporter 0 of four in its second round, in which it signs. It proposes nothing, but has a value of each feed and window. */
  async function reporter(parts: Partial<RoundsParts> = {}) {
    const pushed: Row[] = [];
    const standing = { ...NOTHING, heartbeatSeconds: ROUND_SECONDS, deviationBps: 10 };
    const rounds = new Rounds({
      hub: hubOf(),
      feeds: new Map([
        ...FEEDS.map((feed) => [feed, { kind: 'price' } as never] as const),
        ['rainfall-mm', { kind: 'observation' } as never],
      ]),
      observe: async () => ({
        standings: new Map(FEEDS.map((feed) => [feed, standing])),
        values: new Map([...FEEDS, ...WINDOWS].map((item) => [itemKey(item), 100n])),
        due: [],
      }),
      propose: createProposer(ROUND_SECONDS),
      signer: createSigner(reporterKey(OWN)),
      peers: { push: (row) => pushed.push(row), stop: async () => undefined },
      transmitter: { send: refuse, settle: async () => undefined },
      roundSeconds: ROUND_SECONDS,
      turnBlocks: 2,
      metrics: createOracleMetrics(new Registry()),
      log: createLogger('oracle', 'fatal'),
      onRow: () => undefined,
      ...parts,
    });
    await rounds.onHead({ number: 1n, timestamp: FIRST });
    await rounds.onHead({ number: 2n, timestamp: ROUND });
    const hasSigned = (about: Items) => pushed.some((row) => itemsKey(row.about) === itemsKey(about));
    return { rounds, hasSigned, pushed };
  }

  it('signs a price alone once f + 1 others have signed it alone, whatever one of them signs', async () => {
    const { rounds, hasSigned } = await reporter();
    for (const feed of FEEDS) expect(await rounds.receive(await rowOf(3, prices(feed)))).to.equal('taken');
    await rounds.receive(await rowOf(1, prices('EUR/USD')));
    await until('the answer', () => hasSigned(prices('EUR/USD')));
    expect(FEEDS.filter((feed) => hasSigned(prices(feed)))).to.deep.equal(['EUR/USD']);
  });

  it('signs a window alone once f + 1 others have, as it may have older ones first; and no more than so many', async () => {
    const older = WINDOWS.slice(0, MOST_ITEMS);
    const { rounds, hasSigned } = await reporter({
      propose: () => ({ together: [windows(...older)], alone: [] }),
    });
    const asked = WINDOWS.slice(MOST_ITEMS).map((window) => windows(window));
    for (const index of [1, 3]) for (const about of asked) await rounds.receive(await rowOf(index, about));
    await until('the answers', () => asked.filter(hasSigned).length >= 2 * MOST_ALONE);
    expect(asked.map(hasSigned)).to.deep.equal(asked.map((_, at) => at < 2 * MOST_ALONE));
  });

  it('keeps a place for each window that it asks for alone, whatever others ask for while its signer takes its time', async () => {
    const signer = createSigner(reporterKey(OWN));
    const isHeld = Promise.withResolvers<void>();
    const signBytes = async (data: Hex) => {
      await isHeld.promise;
      return signer.signBytes(data);
    };
    const listsOf = (from: number, to: number) => WINDOWS.slice(from, to).map((window) => windows(window));
    const own = listsOf(0, MOST_ALONE);
    const asked = listsOf(MOST_ALONE, 2 * MOST_ALONE + 1);
    const next = ROUND + ROUND_SECONDS;
    const hasBegun = Promise.withResolvers<void>();
    const { rounds, pushed, hasSigned } = await reporter({
      signer: { ...signer, signBytes },
      propose: ({ round }) => {
        if (round === ROUND) return { together: [], alone: [] };
        hasBegun.resolve();
        return { together: [prices(...FEEDS)], alone: own };
      },
    });
    const begun = rounds.onHead({ number: 3n, timestamp: next });
    await hasBegun.promise;
    for (const index of [1, 3])
      for (const about of asked) await rounds.receive(await rowOf(index, about, { round: next }));
    isHeld.resolve();
    await begun;
    await until('all of its own, which go last', () => own.every(hasSigned));
    expect(asked.map(hasSigned)).to.deep.equal(asked.map((_, at) => at < MOST_ALONE));
    expect(pushed).to.have.length(1 + 2 * MOST_ALONE);
  });

  it('given a signer that takes its time, takes in rows and heads all the same', async () => {
    const signer = createSigner(reporterKey(OWN));
    const answered = Promise.withResolvers<void>();
    const signBytes = async (data: Hex) => {
      await answered.promise;
      return signer.signBytes(data);
    };
    const told: string[] = [];
    const { rounds, hasSigned } = await reporter({
      signer: { ...signer, signBytes },
      onRow: () => told.push('row'),
    });
    const about = prices('AUD/USD', 'EUR/USD');
    expect(await rounds.receive(await rowOf(3, about, { isProposal: true }))).to.equal('taken');
    await rounds.onHead({ number: 3n, timestamp: ROUND + 1 });
    const before = told.length;
    answered.resolve();
    await until('the answer', () => hasSigned(about));
    await until('to be told of its own row', () => told.length > before);
  });

  it('asks its signer for two rows at a time: its proposals, then answers, then what goes alone; nothing of a past round', async () => {
    const signer = createSigner(reporterKey(OWN));
    const asked: (() => void)[] = [];
    const signBytes = async (data: Hex) => {
      await new Promise<void>((resolve) => asked.push(resolve));
      return signer.signBytes(data);
    };
    const [proposed, answered] = [prices('AUD/USD', 'EUR/USD'), prices('GBP/USD', 'NZD/USD')];
    const alone = WINDOWS.slice(0, 5).map((window) => windows(window));
    const ofNext = windows(...WINDOWS.slice(5, 6));
    const round = ROUND + ROUND_SECONDS;
    const { rounds, pushed } = await reporter({
      signer: { ...signer, signBytes },
      propose: (asking) => {
        if (asking.round === round) return { together: [proposed], alone };
        return { together: [], alone: asking.round > round ? [ofNext] : [] };
      },
    });
    /** Lets the signer answer what it was asked for first. */
    const answer = async (...signed: (Items | undefined)[]) => {
      await until('two rows to be asked for', () => asked.length >= 2 || signed.includes(ofNext));
      expect(asked).to.have.length.at.most(2);
      asked.shift()?.();
      await until('the answer', () => pushed.length === signed.length);
      expect(pushed.map((row) => itemsKey(row.about))).to.deep.equal(
        signed.map((about) => about && itemsKey(about)),
      );
    };
    const begun = rounds.onHead({ number: 3n, timestamp: round });
    await until('the signer to be asked', () => asked.length > 0);
    await rounds.receive(await rowOf(3, answered, { isProposal: true, round }));
    await answer(); // that it is a proposal is signed as well
    await answer(alone[0]);
    await answer(alone[0], proposed);
    await answer(alone[0], proposed, answered);
    await begun;
    await until('two more', () => asked.length === 2);
    await rounds.onHead({ number: 4n, timestamp: round + ROUND_SECONDS });
    await answer(alone[0], proposed, answered, alone[1]);
    await answer(alone[0], proposed, answered, alone[1], alone[2]);
    await until('the last', () => asked.length === 1);
    await answer(alone[0], proposed, answered, alone[1], alone[2], ofNext);
    expect(asked).to.have.length(0);
  });

  it('tries again, a block each and three times in all, what its signer did not sign alone', async () => {
    const signer = createSigner(reporterKey(OWN));
    let [tries, failures] = [0, 1];
    const signBytes = async (data: Hex) => {
      tries += 1;
      if (tries <= failures) throw new SignerError('signer_unavailable', 'not now');
      return signer.signBytes(data);
    };
    const about = windows(...WINDOWS.slice(0, 1));
    const parts = { signer: { ...signer, signBytes }, propose: () => ({ together: [], alone: [about] }) };
    const mended = await reporter(parts);
    await mended.rounds.onHead({ number: 2n, timestamp: ROUND });
    expect(tries).to.equal(1);
    await mended.rounds.onHead({ number: 3n, timestamp: ROUND + 1 });
    await until('the row', () => mended.hasSigned(about));

    [tries, failures] = [0, Number.POSITIVE_INFINITY];
    const { rounds } = await reporter(parts);
    for (let after = 1; after < 8; after++)
      await rounds.onHead({ number: 2n + BigInt(after), timestamp: ROUND + after });
    expect(tries).to.equal(3);
  });

  it('asks the chain once for all that it could report and for each after the first again, and sends until no more can be under way', async () => {
    const asked: (readonly string[])[] = [];
    const sent: string[] = [];
    const { rounds } = await reporter({
      hub: {
        ...hubOf(),
        pricesOf: async (feeds) => {
          if (feeds.length > 0) asked.push(feeds);
          // Somebody else has reported the first.
          return feeds.map((feed) => ({ ...NOTHING, round: feed === FEEDS[0] ? ROUND : 0 }));
        },
      },
      transmitter: {
        send: async (kind) => {
          sent.push(kind);
          return sent.length > 1 ? 'full' : 'sent';
        },
        settle: async () => undefined,
      },
    });
    for (const feed of FEEDS)
      for (const index of [1, 2, 3]) await rounds.receive(await rowOf(index, prices(feed)));
    await rounds.onHead({ number: 2n, timestamp: ROUND });
    expect(asked.map((feeds) => feeds.toSorted())).to.deep.equal([FEEDS, FEEDS.slice(2, 3)]);
    expect(sent).to.deep.equal(['prices', 'prices']);
  });

  it('does not send what others have reported while it sent another', async () => {
    const sent: Hex[] = [];
    const { rounds } = await reporter({
      hub: {
        ...hubOf(),
        pricesOf: async (feeds) =>
          feeds.map((feed) => ({ ...NOTHING, round: sent.length > 0 && feed === FEEDS[1] ? ROUND : 0 })),
      },
      transmitter: {
        send: async (_kind, data) => {
          sent.push(data);
          return 'sent';
        },
        settle: async () => undefined,
      },
    });
    for (const feed of FEEDS)
      for (const index of [1, 2, 3]) await rounds.receive(await rowOf(index, prices(feed)));
    await rounds.onHead({ number: 2n, timestamp: ROUND });
    const calls = sent.map((data) => decodeFunctionData({ abi: oracleHubAbi, data }));
    const others = FEEDS.filter((_, at) => at !== 1).map((feed) => [toBytes32(feed)]);
    expect(calls.map(({ args }) => args?.[1])).to.deep.equal(others);
  });

  it('of reports with as much that is due makes the shortest', async () => {
    const sent: Hex[] = [];
    // Of these the first alone is due.
    const standing = { ...NOTHING, heartbeatSeconds: ROUND_SECONDS, deviationBps: 10 };
    const fresh = { ...standing, units: 100n, observedAt: ROUND - 1 };
    const { rounds } = await reporter({
      observe: async () => ({
        standings: new Map(FEEDS.map((feed, at) => [feed, at === 0 ? standing : fresh])),
        values: new Map(),
        due: [],
      }),
      transmitter: {
        send: async (_kind, data) => {
          sent.push(data);
          return 'full';
        },
        settle: async () => undefined,
      },
    });
    for (const about of [prices(...FEEDS), prices(...FEEDS.slice(0, 1)), prices(...FEEDS.slice(0, 2))])
      for (const index of [1, 2, 3]) await rounds.receive(await rowOf(index, about));
    await rounds.onHead({ number: 2n, timestamp: ROUND });
    const calls = sent.map((data) => decodeFunctionData({ abi: oracleHubAbi, data }));
    expect(calls.map(({ args }) => args?.[1])).to.deep.equal([[toBytes32(FEEDS[0] ?? '')]]);
  });

  it('of what could be reported makes first what has the most that the chain is still without', async () => {
    const sent: Hex[] = [];
    const { rounds } = await reporter({
      hub: {
        ...hubOf(),
        // Others have reported all but the last two.
        pricesOf: async (feeds) =>
          feeds.map((feed) => ({ ...NOTHING, round: FEEDS.indexOf(feed) < 2 ? ROUND : 0 })),
      },
      transmitter: {
        send: async (_kind, data) => {
          sent.push(data);
          return 'full';
        },
        settle: async () => undefined,
      },
    });
    for (const about of [prices(...FEEDS.slice(0, 3)), prices(...FEEDS.slice(2))])
      for (const index of [1, 2, 3]) await rounds.receive(await rowOf(index, about));
    await rounds.onHead({ number: 2n, timestamp: ROUND });
    const calls = sent.map((data) => decodeFunctionData({ abi: oracleHubAbi, data }));
    expect(calls.map(({ args }) => args?.[1])).to.deep.equal([FEEDS.slice(2).map(toBytes32)]);
  });

  it('given a report that waits in the pool, sends its own a turn later, if it still is in no block', async () => {
    const moments: Moment[] = [];
    let sent = 0;
    const { rounds } = await reporter({
      hub: {
        ...hubOf(),
        pricesOf: async (feeds, moment) => {
          if (feeds.length > 0) moments.push(moment);
          return feeds.map(() => ({ ...NOTHING, round: moment === 'pending' ? ROUND : 0 }));
        },
      },
      transmitter: {
        send: async () => {
          sent += 1;
          return 'sent';
        },
        settle: async () => undefined,
      },
    });
    for (const index of [1, 2, 3]) await rounds.receive(await rowOf(index, prices(...FEEDS)));
    for (const [number, expected] of [
      [2n, 0],
      [3n, 0],
      [4n, 1],
      [5n, 1],
    ] as const) {
      await rounds.onHead({ number, timestamp: ROUND + Number(number) - 2 });
      expect(sent, `block ${number}`).to.equal(expected);
    }
    expect(moments).to.deep.equal(['pending', 'pending', 'latest']);
  });
});
