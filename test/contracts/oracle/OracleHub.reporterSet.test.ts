import { expect } from 'chai';
import type { Wallet } from 'ethers';
import { DELAY_SECONDS, EUR_USD, openChain, PRICE_CONFIG, RATE } from './fixture.ts';
import { agree, reporterWallets, signPrices } from './reporters.ts';

const { oracle, now, mineAt, report, reporters, priceRound, ethers, networkHelpers, accounts } =
  await openChain();
const { stranger } = accounts;

const FOUR = reporterWallets(4, 'of four');
const THIRTY_ONE = reporterWallets(31, 'of thirty-one');
const DELAY = BigInt(DELAY_SECONDS);
const addresses = (wallets: readonly Wallet[]) => wallets.map(({ address }) => address);

type Deployed = Awaited<ReturnType<typeof oracle>>;
type Hub = Deployed['hub'];

/** Reports a round of EUR/USD as that set. */
async function reportAs(
  hub: Hub,
  setVersion: number,
  wallets: readonly Wallet[],
  round: number,
  count: number,
) {
  const observed = await priceRound(round, RATE, { setVersion, rows: agree(count, [RATE]) });
  const signed = await signPrices(hub, wallets, observed);
  await mineAt(observed.observedAt);
  return await hub.report(...signed);
}

async function withScheduled() {
  const deployed = await oracle();
  await deployed.admined.scheduleReporterSet(FOUR);
  return { ...deployed, effectiveAt: (await now()) + DELAY };
}

describe('OracleHub, newly deployed', () => {
  it('has its first set at once, and says so', async () => {
    const { hub } = await oracle();
    expect(await hub.reporterSet()).to.deep.equal([1n, addresses(reporters)]);
    expect(await hub.scheduledReporterSet()).to.deep.equal([0n, 0n, []]);
    expect(await hub.reporterSetDelaySeconds()).to.equal(DELAY);
  });

  it('tells of its first set', async () => {
    const { manager } = await oracle();
    const hub = (await ethers.deployContract('OracleHub', [manager, 5, reporters])) as unknown as Hub;
    const receipt = await hub.deploymentTransaction()?.wait();
    const events = receipt?.logs.map((log) => hub.interface.parseLog(log)).filter((event) => event !== null);
    const time = await now();
    const [scheduled, activated] = (events ?? []).slice(-2);
    expect([scheduled?.name, scheduled?.args.toArray()]).to.deep.equal([
      'ReporterSetScheduled',
      [1n, addresses(reporters), time],
    ]);
    expect([activated?.name, activated?.args.toArray()]).to.deep.equal(['ReporterSetActivated', [1n]]);
  });

  it('refuses a first set that is none', async () => {
    const { manager, hub } = await oracle();
    await expect(ethers.deployContract('OracleHub', [manager, 0, addresses(reporters).slice(0, 5)]))
      .to.be.revertedWithCustomError(hub, 'SignerCountInvalid')
      .withArgs(5n, 4n, 31n);
  });

  it('works with the smallest and the largest set, from their quorums on', async () => {
    const { manager } = await oracle();
    for (const [wallets, quorum] of [
      [FOUR, 3],
      [THIRTY_ONE, 21],
    ] as const) {
      const deployed = await ethers.deployContract('OracleHub', [manager, 0, wallets]);
      const hub = deployed as unknown as Hub;
      await hub.addFeed(EUR_USD, PRICE_CONFIG);
      expect(await hub.reporterSet()).to.deep.equal([1n, addresses(wallets)]);
      await expect(reportAs(hub, 1, wallets, 1, quorum - 1))
        .to.be.revertedWithCustomError(hub, 'QuorumNotReached')
        .withArgs(quorum - 1, quorum);
      await expect(reportAs(hub, 1, wallets, 1, quorum)).to.emit(hub, 'PriceHeld');
    }
  });

  it('keeps bounds apart from reporters, also when all 31 sign', async () => {
    const { manager } = await oracle();
    const deployed = await ethers.deployContract('OracleHub', [manager, 0, THIRTY_ONE]);
    const hub = deployed as unknown as Hub;
    await hub.addFeed(EUR_USD, PRICE_CONFIG);
    const rows = Object.fromEntries(THIRTY_ONE.map((_, i) => [i, [BigInt((i * 7) % 31)]]));
    const observed = await priceRound(1, 0n, { rows });
    const signed = await signPrices(hub, THIRTY_ONE, observed);
    await mineAt(observed.observedAt);
    await expect(hub.report(...signed))
      .to.emit(hub, 'PriceHeld')
      .withArgs(EUR_USD, 1n, 15n, observed.observedAt);
    expect((await hub.feedOf(EUR_USD)).maxValue).to.equal(PRICE_CONFIG.maxValue);
  });
});

describe('OracleHub scheduleReporterSet', () => {
  it('lets the set take over after the delay; until then the old one signs', async () => {
    const { hub, admined } = await oracle();
    await admined.scheduleReporterSet.staticCall(FOUR).then((version) => expect(version).to.equal(2n));
    const time = (await now()) + 5n;
    await mineAt(time);
    await expect(admined.scheduleReporterSet(FOUR))
      .to.emit(hub, 'ReporterSetScheduled')
      .withArgs(2n, addresses(FOUR), time + DELAY);
    expect(await hub.reporterSet()).to.deep.equal([1n, addresses(reporters)]);
    expect(await hub.scheduledReporterSet()).to.deep.equal([2n, time + DELAY, addresses(FOUR)]);

    await expect(reportAs(hub, 2, FOUR, 1, 3))
      .to.be.revertedWithCustomError(hub, 'ReporterSetNotActive')
      .withArgs(2n, 1n);
    await expect(report(hub, 1, RATE)).to.emit(hub, 'PriceHeld');
  });

  it('takes effect at its second, not before', async () => {
    const { hub, effectiveAt } = await withScheduled();
    const older = await signPrices(
      hub,
      reporters,
      await priceRound(1, RATE, { observedAt: effectiveAt - 2n }),
    );
    const newer = await signPrices(
      hub,
      FOUR,
      await priceRound(1, RATE, { observedAt: effectiveAt - 2n, setVersion: 2, rows: agree(3, [RATE]) }),
    );
    await networkHelpers.time.increaseTo(effectiveAt - 2n);
    expect((await hub.reporterSet()).version).to.equal(1n);
    await mineAt(effectiveAt - 1n);
    await expect(hub.report(...newer))
      .to.be.revertedWithCustomError(hub, 'ReporterSetNotActive')
      .withArgs(2n, 1n);
    await mineAt(effectiveAt);
    await expect(hub.report(...older))
      .to.be.revertedWithCustomError(hub, 'ReporterSetNotActive')
      .withArgs(1n, 2n);
    const taken = hub.report(...newer);
    await expect(taken).to.emit(hub, 'ReporterSetActivated').withArgs(2n);
    await expect(taken).to.emit(hub, 'PriceHeld');
  });

  it('says who signs as soon as the time has come', async () => {
    const { hub, effectiveAt } = await withScheduled();
    await networkHelpers.time.increaseTo(effectiveAt - 1n);
    expect((await hub.reporterSet()).version).to.equal(1n);
    expect((await hub.scheduledReporterSet()).version).to.equal(2n);
    await networkHelpers.time.increaseTo(effectiveAt);
    expect(await hub.reporterSet()).to.deep.equal([2n, addresses(FOUR)]);
    expect(await hub.scheduledReporterSet()).to.deep.equal([0n, 0n, []]);
    await reportAs(hub, 2, FOUR, 1, 3);
    expect(await hub.reporterSet()).to.deep.equal([2n, addresses(FOUR)]);
    expect(await hub.scheduledReporterSet()).to.deep.equal([0n, 0n, []]);
  });

  it('activates once, and leaves feeds, bounds and values as they are', async () => {
    const { hub, admined, effectiveAt } = await withScheduled();
    await report(hub, 1, RATE);
    await report(hub, 2, RATE);
    const price = await hub.priceOf(EUR_USD);
    const before = await hub.feedOf(EUR_USD);
    await networkHelpers.time.increaseTo(effectiveAt);
    await expect(reportAs(hub, 2, FOUR, 2, 4)).to.emit(hub, 'PriceSkipped');
    await expect(reportAs(hub, 2, FOUR, 3, 3)).to.not.emit(hub, 'ReporterSetActivated');
    expect((await hub.priceOf(EUR_USD)).round).to.equal(3n);
    expect(price.round).to.equal(2n);
    expect(await hub.feedOf(EUR_USD)).to.deep.equal(before);
    await admined.updateFeed(EUR_USD, 1, 1, 1, 1);
    expect((await hub.feedOf(EUR_USD)).maxValue).to.equal(1n);
    expect((await hub.reporterSet()).reporters).to.deep.equal(addresses(FOUR));
  });

  it('keeps feeds that are added while it waits', async () => {
    const { hub, admined, effectiveAt } = await withScheduled();
    const gold = ethers.encodeBytes32String('XAU/USD');
    await admined.addFeed(gold, { ...PRICE_CONFIG, maxValue: 77n });
    await networkHelpers.time.increaseTo(effectiveAt);
    await reportAs(hub, 2, FOUR, 1, 3);
    expect((await hub.feedOf(gold)).maxValue).to.equal(77n);
  });

  it('refuses signatures of the old set, under either number', async () => {
    const { hub, effectiveAt } = await withScheduled();
    await networkHelpers.time.increaseTo(effectiveAt);
    await expect(reportAs(hub, 1, reporters, 1, 5))
      .to.be.revertedWithCustomError(hub, 'ReporterSetNotActive')
      .withArgs(1n, 2n);
    await expect(reportAs(hub, 2, reporters, 1, 3))
      .to.be.revertedWithCustomError(hub, 'QuorumSignatureInvalid')
      .withArgs(FOUR[0]?.address, (digest: string) => digest.length === 66);
  });

  it('refuses a second one while one waits, and takes it afterwards', async () => {
    const { hub, admined, effectiveAt } = await withScheduled();
    await mineAt(effectiveAt - 1n);
    await expect(admined.scheduleReporterSet(reporters))
      .to.be.revertedWithCustomError(hub, 'ReporterSetAlreadyScheduled')
      .withArgs(2n, effectiveAt);
    await mineAt(effectiveAt);
    const next = admined.scheduleReporterSet(reporters);
    await expect(next).to.emit(hub, 'ReporterSetActivated').withArgs(2n);
    await expect(next)
      .to.emit(hub, 'ReporterSetScheduled')
      .withArgs(3n, addresses(reporters), effectiveAt + DELAY);
    expect((await hub.reporterSet()).version).to.equal(2n);
    await networkHelpers.time.increaseTo(effectiveAt + DELAY);
    await expect(reportAs(hub, 3, reporters, 1, 5)).to.emit(hub, 'PriceHeld');
  });

  it('refuses sets that are not of 3f + 1', async () => {
    const { hub, admined } = await oracle();
    const many = addresses(reporterWallets(34));
    for (const count of [0, 1, 2, 3, 5, 6, 8, 9, 30, 32, 33, 34]) {
      await expect(admined.scheduleReporterSet(many.slice(0, count)))
        .to.be.revertedWithCustomError(hub, 'SignerCountInvalid')
        .withArgs(count, 4n, 31n);
    }
  });

  it('refuses nobody as a reporter, and one twice', async () => {
    const { hub, admined } = await oracle();
    const [a, b, c, d] = addresses(FOUR) as [string, string, string, string];
    for (const index of [0, 3]) {
      const set = [a, b, c, d].with(index, ethers.ZeroAddress);
      await expect(admined.scheduleReporterSet(set))
        .to.be.revertedWithCustomError(hub, 'SignerIsZero')
        .withArgs(index);
    }
    for (const [set, twice] of [
      [[a, a, b, c], a],
      [[a, b, c, a], a],
      [[a, b, c, c], c],
    ] as const) {
      await expect(admined.scheduleReporterSet([...set]))
        .to.be.revertedWithCustomError(hub, 'SignerRepeated')
        .withArgs(twice);
    }
  });

  it('and cancelReporterSet are restricted', async () => {
    const { hub } = await withScheduled();
    const strange = hub.connect(stranger) as Hub;
    for (const attempt of [
      async () => await strange.scheduleReporterSet(FOUR),
      async () => await strange.cancelReporterSet(2),
    ]) {
      await expect(attempt())
        .to.be.revertedWithCustomError(hub, 'AccessManagedUnauthorized')
        .withArgs(stranger);
    }
  });
});

describe('OracleHub cancelReporterSet', () => {
  it('gives the set up; its number is not used again', async () => {
    const { hub, admined, effectiveAt } = await withScheduled();
    await mineAt(effectiveAt - 1n);
    await expect(admined.cancelReporterSet(2)).to.emit(hub, 'ReporterSetCancelled').withArgs(2n);
    expect(await hub.scheduledReporterSet()).to.deep.equal([0n, 0n, []]);
    await networkHelpers.time.increaseTo(effectiveAt + 1n);
    expect(await hub.reporterSet()).to.deep.equal([1n, addresses(reporters)]);
    await expect(reportAs(hub, 2, FOUR, 1, 3))
      .to.be.revertedWithCustomError(hub, 'ReporterSetNotActive')
      .withArgs(2n, 1n);
    await expect(report(hub, 1, RATE)).to.emit(hub, 'PriceHeld');
    await expect(admined.scheduleReporterSet(FOUR))
      .to.emit(hub, 'ReporterSetScheduled')
      .withArgs(3n, addresses(FOUR), (time: bigint) => time > effectiveAt);
  });

  it('of a set that does not wait reverts', async () => {
    const { hub, admined, effectiveAt } = await withScheduled();
    for (const version of [0, 1, 3]) {
      await expect(admined.cancelReporterSet(version))
        .to.be.revertedWithCustomError(hub, 'ReporterSetNotScheduled')
        .withArgs(version, 2n);
    }
    await networkHelpers.time.increaseTo(effectiveAt);
    await expect(admined.cancelReporterSet(2))
      .to.be.revertedWithCustomError(hub, 'ReporterSetNotScheduled')
      .withArgs(2n, 0n);
    expect((await hub.reporterSet()).version).to.equal(2n);
  });

  it('when none waits reverts for every number', async () => {
    const { hub, admined } = await oracle();
    for (const version of [0, 1, 2]) {
      await expect(admined.cancelReporterSet(version))
        .to.be.revertedWithCustomError(hub, 'ReporterSetNotScheduled')
        .withArgs(version, 0n);
    }
  });
});

describe('OracleHub, given a set that turned hostile was replaced', () => {
  it('takes the reports of the next set, whatever rounds the hostile one signed', async () => {
    const { hub, admined } = await oracle();
    const last = 2 ** 32 - 1;
    await expect(reportAs(hub, 1, reporters, last, 5))
      .to.be.revertedWithCustomError(hub, 'RoundInFuture')
      .withArgs(last, (time: bigint) => time < last);
    const latest = Number(await now()) + 60; // when the next block is mined
    await reportAs(hub, 1, reporters, latest, 5);
    await admined.scheduleReporterSet(FOUR);
    await networkHelpers.time.increase(DELAY);
    const next = Number(await now());
    await expect(reportAs(hub, 2, FOUR, next, 3))
      .to.emit(hub, 'PriceAccepted')
      .withArgs(EUR_USD, next, RATE);
  });
});
