import { expect } from 'chai';
import { id } from 'ethers';
import { EUR_USD, FLIGHT_DELAY, flight, OBSERVATION_CONFIG, openChain, RATE, UNKNOWN } from './fixture.ts';
import { skipReason } from './model.ts';
import { agree, feedName, packMedians, signObservations } from './reporters.ts';

const { oracle, observe, report, now, mineAt, reporters, accounts } = await openChain();

const START = 1_700_000_000n;
const END = START + 86_400n;
const CX880 = flight('CX880', START, END);
const SUBJECT = id('CX880');

type Hub = Awaited<ReturnType<typeof oracle>>['hub'];
const found = async (hub: Hub, window = CX880) =>
  await hub.tryReadObservation(window.feed, window.subject, window.windowStart, window.windowEnd);

describe('OracleHub reportObservations', () => {
  it('records the median of each, whoever transmits', async () => {
    const { hub } = await oracle();
    const other = flight('LH400', START + 1n, END + 1n);
    const rows = { 0: [5n, -1n], 1: [200n, -2n], 3: [100n, -3n], 5: [150n, -4n], 6: [100_000n, -600n] };
    const transmission = observe(hub.connect(accounts.stranger) as Hub, {
      observedAt: END + 1n,
      windows: [CX880, other],
      rows,
    });
    await expect(transmission)
      .to.emit(hub, 'ObservationRecorded')
      .withArgs(FLIGHT_DELAY, SUBJECT, START, END, 150n, END + 1n);
    await expect(transmission)
      .to.emit(hub, 'ObservationRecorded')
      .withArgs(FLIGHT_DELAY, id('LH400'), START + 1n, END + 1n, -3n, END + 1n);
    expect(await found(hub)).to.deep.equal([true, 150n, END + 1n]);
    expect(await found(hub, other)).to.deep.equal([true, -3n, END + 1n]);
    expect(await hub.readObservation(FLIGHT_DELAY, SUBJECT, START, END)).to.deep.equal([150n, END + 1n]);
  });

  it('is found by exactly its feed, subject and window', async () => {
    const { hub } = await oracle();
    await observe(hub, { observedAt: END, windows: [CX880], rows: agree(5, [90n]) });
    expect((await found(hub)).found).to.equal(true);
    for (const [feed, subject, windowStart, windowEnd] of [
      [EUR_USD, SUBJECT, START, END],
      [FLIGHT_DELAY, id('CX881'), START, END],
      [FLIGHT_DELAY, SUBJECT, START + 1n, END],
      [FLIGHT_DELAY, SUBJECT, START, END + 1n],
      [FLIGHT_DELAY, SUBJECT, END, START],
      [FLIGHT_DELAY, SUBJECT, START + 2n ** 40n, END],
      [FLIGHT_DELAY, SUBJECT, START, END + 2n ** 40n],
    ] as const) {
      const missing = [feed, subject, windowStart, windowEnd] as const;
      expect(await hub.tryReadObservation(...missing)).to.deep.equal([false, 0n, 0n]);
      await expect(hub.readObservation(...missing))
        .to.be.revertedWithCustomError(hub, 'ObservationIsMissing')
        .withArgs(...missing);
    }
  });

  it('skips what was recorded, whatever it says now', async () => {
    const { hub } = await oracle();
    await observe(hub, { observedAt: END, windows: [CX880], rows: agree(5, [90n]) });
    const next = flight('CX881', START, END);
    const again = observe(hub, { observedAt: END + 5n, windows: [CX880, next], rows: agree(5, [91n, 92n]) });
    await expect(again)
      .to.emit(hub, 'ObservationSkipped')
      .withArgs(FLIGHT_DELAY, SUBJECT, START, END, 91n, skipReason('ALREADY_OBSERVED'));
    await expect(again).to.emit(hub, 'ObservationRecorded');
    expect(await found(hub)).to.deep.equal([true, 90n, END]);
    expect(await found(hub, next)).to.deep.equal([true, 92n, END + 5n]);
  });

  it('skips the second of two that are the same in one report', async () => {
    const { hub } = await oracle();
    await observe(hub, { observedAt: END, windows: [CX880, CX880], rows: agree(5, [1n, 2n]) });
    expect((await found(hub)).value).to.equal(1n);
  });

  it('records a 0 observed at 0 once, too', async () => {
    const { hub } = await oracle();
    const atZero = flight('CX880', 0n, 0n);
    await observe(hub, { observedAt: 0n, windows: [atZero], rows: agree(5, [0n]) });
    expect(await found(hub, atZero)).to.deep.equal([true, 0n, 0n]);
    await observe(hub, { observedAt: 1n, windows: [atZero], rows: agree(5, [1n]) });
    expect(await found(hub, atZero)).to.deep.equal([true, 0n, 0n]);
  });

  it('skips what is out of bounds, and records the bounds themselves', async () => {
    const { hub } = await oracle();
    const { minValue, maxValue } = OBSERVATION_CONFIG;
    for (const value of [minValue - 1n, maxValue + 1n]) {
      await expect(observe(hub, { observedAt: END, windows: [CX880], rows: agree(5, [value]) }))
        .to.emit(hub, 'ObservationSkipped')
        .withArgs(FLIGHT_DELAY, SUBJECT, START, END, value, skipReason('OUT_OF_BOUNDS'));
    }
    expect((await found(hub)).found).to.equal(false);
    const other = flight('LH400', START, END);
    await observe(hub, { observedAt: END, windows: [CX880, other], rows: agree(5, [minValue, maxValue]) });
    expect((await found(hub)).value).to.equal(minValue);
    expect((await found(hub, other)).value).to.equal(maxValue);
  });

  it('does not change with the bounds', async () => {
    const { hub, admined } = await oracle();
    await observe(hub, { observedAt: END, windows: [CX880], rows: agree(5, [90n]) });
    await admined.updateFeed(FLIGHT_DELAY, 0, 0, -1_000_000, 1_000_000);
    expect(await found(hub)).to.deep.equal([true, 90n, END]);
  });

  it('takes a window of one second, which ends as it is observed', async () => {
    const { hub } = await oracle();
    const second = flight('CX880', END, END);
    await observe(hub, { observedAt: END, windows: [second], rows: agree(5, [90n]) });
    expect((await found(hub, second)).found).to.equal(true);
  });

  it('refuses a window that is not over, or the wrong way round', async () => {
    const { hub } = await oracle();
    await expect(observe(hub, { observedAt: END - 1n, windows: [CX880], rows: agree(5, [90n]) }))
      .to.be.revertedWithCustomError(hub, 'WindowNotOver')
      .withArgs(END, END - 1n);
    const reversed = flight('CX880', START + 1n, START);
    await expect(observe(hub, { observedAt: END, windows: [reversed], rows: agree(5, [90n]) }))
      .to.be.revertedWithCustomError(hub, 'WindowInvalid')
      .withArgs(START + 1n, START);
  });

  it('refuses what was observed in the future, and a report of nothing', async () => {
    const { hub } = await oracle();
    const time = (await now()) + 100n;
    const signed = await signObservations(hub, reporters, {
      observedAt: time,
      windows: [CX880],
      rows: agree(5, [90n]),
    });
    await mineAt(time - 1n);
    await expect(hub.reportObservations(...signed))
      .to.be.revertedWithCustomError(hub, 'ObservedInFuture')
      .withArgs(time, time - 1n);
    await expect(
      observe(hub, { observedAt: END, windows: [], rows: agree(5, []) }),
    ).to.be.revertedWithCustomError(hub, 'ReportIsEmpty');
  });

  it('refuses feeds of prices and of nothing', async () => {
    const { hub } = await oracle();
    await expect(
      observe(hub, { observedAt: END, windows: [{ ...CX880, feed: UNKNOWN }], rows: agree(5, [90n]) }),
    )
      .to.be.revertedWithCustomError(hub, 'FeedNotFound')
      .withArgs(UNKNOWN);
    await expect(
      observe(hub, { observedAt: END, windows: [{ ...CX880, feed: EUR_USD }], rows: agree(5, [90n]) }),
    )
      .to.be.revertedWithCustomError(hub, 'FeedKindMismatch')
      .withArgs(EUR_USD, 1n, 2n);
  });

  it('refuses what a quorum did not sign: of each part of a window, the time, the values', async () => {
    const { hub } = await oracle();
    const observed = { observedAt: END + 1n, windows: [CX880], rows: agree(5, [90n]) };
    const [, signed] = await signObservations(hub, reporters, observed);
    const refused = async (windows: (typeof CX880)[], change: Partial<typeof signed> = {}) =>
      await expect(hub.reportObservations(windows, { ...signed, ...change }))
        .to.be.revertedWithCustomError(hub, 'QuorumSignatureInvalid')
        .withArgs(reporters[0]?.address, (digest: string) => digest.length === 66);
    await refused([{ ...CX880, feed: feedName('rain') }]);
    await refused([{ ...CX880, subject: id('CX881') }]);
    await refused([{ ...CX880, windowStart: START + 1n }]);
    await refused([{ ...CX880, windowEnd: END + 1n }]);
    await refused([CX880], { observedAt: END });
    await refused([CX880], {
      values: `${String(signed.values).slice(0, 24)}01${String(signed.values).slice(26)}`,
    });
    await expect(hub.reportObservations([CX880], { ...signed, medians: packMedians([0]) }))
      .to.be.revertedWithCustomError(hub, 'MedianInvalid')
      .withArgs(0n, 0n, 5n);
    await expect(hub.reportObservations([CX880, CX880], signed))
      .to.be.revertedWithCustomError(hub, 'MedianCountInvalid')
      .withArgs(1n, 2n);
    await expect(hub.reportObservations([CX880], signed)).to.emit(hub, 'ObservationRecorded');
  });

  it('refuses fewer than a quorum, and another set', async () => {
    const { hub } = await oracle();
    await expect(observe(hub, { observedAt: END, windows: [CX880], rows: agree(4, [90n]) }))
      .to.be.revertedWithCustomError(hub, 'QuorumNotReached')
      .withArgs(4n, 5n);
    await expect(observe(hub, { observedAt: END, windows: [CX880], rows: agree(5, [90n]), setVersion: 2 }))
      .to.be.revertedWithCustomError(hub, 'ReporterSetNotActive')
      .withArgs(2n, 1n);
  });

  it('has nothing to do with prices', async () => {
    const { hub } = await oracle();
    await observe(hub, { observedAt: END, windows: [CX880], rows: agree(5, [90n]) });
    await report(hub, 1, RATE);
    await report(hub, 2, RATE);
    expect((await hub.read(EUR_USD)).value).to.equal(RATE);
    expect(await found(hub)).to.deep.equal([true, 90n, END]);
  });
});
